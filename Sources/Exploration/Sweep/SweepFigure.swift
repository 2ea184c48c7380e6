import Analysis

/// What points of a sweep are compared by: docs/output.md, "Figures".
public enum SweepFigure: String, Sendable, Hashable, CaseIterable {
  case cycles
  case milliseconds
  case framesPerSecond = "fps"
  case gops
  /// Of the MACs.
  case utilization
  case dspEfficiency = "dsp_efficiency"
  /// Bytes read from and written to DRAM.
  case dramBytes = "dram_bytes"
  case dsps = "dsp"
  case bram36
  case uram
  case luts = "lut"
  case flipFlops = "ff"
  case dspUtilization = "dsp_utilization"
  case gopsPerDSP = "gops_per_dsp"
  case framesPerSecondPerDSP = "fps_per_dsp"

  /// Whether a design is better with more of it.
  public var moreIsBetter: Bool {
    switch self {
    case .framesPerSecond, .gops, .utilization, .dspEfficiency, .gopsPerDSP, .framesPerSecondPerDSP: true
    case .cycles, .milliseconds, .dramBytes, .dsps, .bram36, .uram, .luts, .flipFlops, .dspUtilization: false
    }
  }

  /// Whether its values are whole numbers.
  public var isCount: Bool {
    switch self {
    case .cycles, .dramBytes, .dsps, .bram36, .uram, .luts, .flipFlops: true
    default: false
    }
  }

  /// The figure of one run; `nil` if it has none. What designs are compared by has one definition.
  public func value(of summary: Summary) -> Double? { ComparedFigure(rawValue: rawValue)?.value(of: summary) }
}

/// The figures of one design.
public struct SweepFigures: Sendable, Hashable {
  /// In the order of `SweepFigure.allCases`.
  private var values: [Double?]

  /// - Parameter value: a figure's value; `nil` if the design has none. What isn't finite is none.
  public init(_ value: (SweepFigure) throws -> Double?) rethrows {
    values = try SweepFigure.allCases.map { figure in try value(figure).flatMap { $0.isFinite ? $0 : nil } }
  }

  public init(_ summary: Summary) { self.init { $0.value(of: summary) } }

  /// `nil` for a figure that the design hasn't (rates by DSP without DSPs).
  public subscript(figure: SweepFigure) -> Double? {
    SweepFigure.allCases.firstIndex(of: figure).flatMap { values[$0] }
  }
}

/// What designs are compared by: docs/output.md, "Figures".
public enum DesignFigure: String, Sendable, Hashable, CaseIterable {
  case cycles
  case milliseconds
  case framesPerSecond = "fps"
  case gops
  /// Of the MACs.
  case utilization
  case dspEfficiency = "dsp_efficiency"
  /// Bytes read from and written to DRAM.
  case dramBytes = "dram_bytes"
  /// Bytes read from and written to all buffers.
  case bufferBytes = "buffer_bytes"
  case dsps = "dsp"
  case bram36, uram
  case luts = "lut"
  case flipFlops = "ff"
  case dspUtilization = "dsp_utilization"
  case gopsPerDSP = "gops_per_dsp"
  case framesPerSecondPerDSP = "fps_per_dsp"

  /// Whether a design is better with more of it.
  public var moreIsBetter: Bool {
    switch self {
    case .framesPerSecond, .gops, .utilization, .dspEfficiency, .gopsPerDSP, .framesPerSecondPerDSP: true
    default: false
    }
  }

  /// Whether its values are whole numbers.
  public var isCount: Bool {
    switch self {
    case .cycles, .dramBytes, .bufferBytes, .dsps, .bram36, .uram, .luts, .flipFlops: true
    default: false
    }
  }

  /// The figure of one run; `nil` if it has none.
  public func value(of summary: Summary) -> Double? {
    let total = summary.total
    // A single product isn't an image.
    let isModel = summary.model.image > 0
    return switch self {
    case .cycles: Double(total.cycles)
    case .milliseconds: total.metrics.milliseconds
    case .framesPerSecond: isModel ? summary.framesPerSecond : nil
    case .gops: total.metrics.gops
    case .utilization: total.metrics.utilization
    case .dspEfficiency: total.metrics.dspEfficiency
    case .dramBytes: Double(total.traffic.dramRead + total.traffic.dramWritten)
    case .bufferBytes: Double((total.traffic.bufferRead + total.traffic.bufferWritten).reduce(0, +))
    case .dsps: Double(summary.resources.dsps)
    case .bram36: Double(summary.resources.bram36)
    case .uram: Double(summary.resources.uram)
    // What isn't declared isn't known.
    case .luts: summary.resources.luts == 0 ? nil : Double(summary.resources.luts)
    case .flipFlops: summary.resources.flipFlops == 0 ? nil : Double(summary.resources.flipFlops)
    case .dspUtilization: summary.resourceUses.first { $0.key == "dsp" }?.share
    case .gopsPerDSP: total.metrics.gopsPerDSP
    case .framesPerSecondPerDSP: isModel ? summary.framesPerSecondPerDSP : nil
    }
  }
}

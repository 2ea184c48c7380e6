import Schedule

/// Several runs side by side, each held against the first.
///
/// ```swift
/// let comparison = DesignComparison([first, second])
/// print(comparison.ratio(.framesPerSecond, of: 1) ?? 0)
/// ```
public struct DesignComparison: Sendable, Hashable {
  public let designs: [Summary]

  /// - Parameter designs: the first is what the others are held against.
  public init(_ designs: [Summary]) { self.designs = designs }

  /// Whether all of them run the same model with the same image and batch.
  public var isOfOneModel: Bool { designs.allSatisfy { $0.model == designs.first?.model } }

  /// A figure of one design; `nil` if it has none.
  public func value(_ figure: ComparedFigure, of design: Int) -> Double? { figure.value(designs[design]) }

  /// A design's figure over the first one's; `nil` if one of them has none, or the first one's is 0.
  public func ratio(_ figure: ComparedFigure, of design: Int) -> Double? {
    guard let own = value(figure, of: design), let first = value(figure, of: 0), first != 0 else { return nil }
    return own / first
  }
}

/// What designs are compared by: docs/output.md, "Figures".
public enum ComparedFigure: String, Sendable, Hashable, CaseIterable {
  case cycles
  case milliseconds
  case framesPerSecond = "fps"
  case gops
  case dsps = "dsp"
  case gopsPerDSP = "gops_per_dsp"
  case framesPerSecondPerDSP = "fps_per_dsp"
  case dspUtilization = "dsp_utilization"

  fileprivate func value(_ summary: Summary) -> Double? {
    let metrics = summary.total.metrics
    // A single product isn't an image.
    let isModel = summary.model.image > 0
    return switch self {
    case .cycles: Double(summary.total.cycles)
    case .milliseconds: metrics.milliseconds
    case .framesPerSecond: isModel ? summary.framesPerSecond : nil
    case .gops: metrics.gops
    case .dsps: Double(summary.resources.dsps)
    case .gopsPerDSP: metrics.gopsPerDSP
    case .framesPerSecondPerDSP: isModel ? summary.framesPerSecondPerDSP : nil
    case .dspUtilization: summary.resourceUses.first { $0.key == "dsp" }?.share
    }
  }
}

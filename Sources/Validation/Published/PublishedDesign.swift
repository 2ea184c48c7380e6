import Hardware

/// What others published about a design, beside the description that the machine runs: the section `published` of a run
/// configuration (docs/designs.md).
public struct PublishedDesign: Sendable, Hashable {
  /// For people: `Huang et al.`
  public let name: String
  /// Where the figures are from.
  public let source: String
  public let quantities: [PublishedQuantity]
  /// Parameters that nobody published; every combination of their points is run.
  public let sweeps: [PublishedSweep]

  /// Every combination of the sweeps' points, as settings. One, without settings, where nothing is swept.
  var points: [[String]] {
    sweeps.reduce([[]]) { points, sweep in points.flatMap { point in sweep.points.map { point + $0 } } }
  }
}

/// A parameter that nobody published, and what it may be.
public struct PublishedSweep: Sendable, Hashable {
  public let name: String
  /// Each some `path=value` settings that go together. The description itself is one of them.
  public let points: [[String]]
  let mark: SourceMark
}

/// One published figure and what the machine executes for it.
public struct PublishedQuantity: Sendable, Hashable {
  public let name: String
  public let value: Double
  /// Decimals with which it was published.
  public let decimals: Int
  public let unit: PublishedUnit
  public let measure: PublishedMeasure
  /// Settings on top of the description, for this quantity alone.
  public let settings: [String]
  /// Numbers of docs/deviations.md that account for the difference: `D3`.
  public let deviations: [String]
  let mark: SourceMark
}

/// What a published figure counts.
public enum PublishedUnit: String, Sendable, Hashable, CaseIterable {
  case cycles
  case milliseconds = "ms"
  case microseconds = "us"
  case fps = "FPS"
  case gops = "GOPS"
  case gopsPerDSP = "GOPS/DSP"
  case fpsPerDSP = "FPS/DSP"
  /// This design's figure over another's.
  case ratio = "x"

  /// Figures of which the less is the better are times.
  var isTime: Bool { self == .cycles || self == .milliseconds || self == .microseconds }
}

/// What is executed for a published figure.
public enum PublishedMeasure: Sendable, Hashable {
  /// The run configuration's model, from the first cycle to the last.
  case model
  /// Matrix products, one after the other.
  case products([Product])
  /// A row-wise operation of the vector unit alone.
  case rows(VectorOperation, rows: Int, columns: Int)
  /// The slowest of other quantities, stages of a pipeline, and some cycles on top.
  case interval(of: [String], plus: Int)
  /// A figure of the model's run over the same of another design's.
  case ratio(over: String, of: PublishedUnit)
  /// The description can't give it, and why.
  case none(reason: String)

  public struct Product: Sendable, Hashable {
    public let m: Int
    public let k: Int
    public let n: Int
    /// The only engine there is for it; `nil`: those of the description.
    public let engine: String?
    /// Operands come from DRAM and results go back, instead of being on chip all the time.
    public let fromDRAM: Bool
  }
}

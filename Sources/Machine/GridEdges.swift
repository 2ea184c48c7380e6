/// What enters the edges of a stationary array (its first replica) in one cycle, before any skew; zero points are subtracted.
public struct GridEdges: Sendable, Hashable {
  /// Elements of a step, row by row (rows · macs-per-pe); nil if none enters.
  public var step: [Int16]?
  /// It is the first of a tile, with which the stationary operand is swapped.
  public var isFirst = false
  /// What the step's sums begin with, column by column.
  public var bias: [Int32] = []
  /// A row of the stationary operand (macs-per-pe · columns); nil if none enters.
  public var load: [Int16]?

  public init() {}
}

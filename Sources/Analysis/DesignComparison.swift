/// Several runs side by side, each held against the first.
///
/// ```swift
/// let comparison = DesignComparison([first, second])
/// print(comparison.ratio(.framesPerSecond, of: 1) ?? 0)
/// ```
public struct DesignComparison: Sendable, Hashable {
  public let designs: [ComparedDesign]

  /// - Parameter designs: the first is what the others are held against.
  public init(_ designs: [ComparedDesign]) { self.designs = designs }

  /// Whether all of them run the same model with the same image and batch.
  public var isOfOneModel: Bool { designs.allSatisfy { $0.summary.model == designs.first?.summary.model } }

  /// A figure of one design; `nil` if it has none.
  public func value(_ figure: DesignFigure, of design: Int) -> Double? { figure.value(of: designs[design].summary) }

  /// A design's figure over the first one's; `nil` if one of them has none, or the first one's is 0.
  public func ratio(_ figure: DesignFigure, of design: Int) -> Double? {
    guard let own = value(figure, of: design), let first = value(figure, of: 0), first != 0 else { return nil }
    return own / first
  }

  /// Layers of one name in every design; `nil` where a design has none. In the order of the first design, those that it hasn't behind.
  public var layers: [(pattern: String, ofDesign: [ComparedLayer?])] {
    var patterns: [String] = []
    for design in designs { patterns += design.layers.map(\.pattern).filter { !patterns.contains($0) } }
    return patterns.map { pattern in (pattern, designs.map { $0.layers.first { $0.pattern == pattern } }) }
  }

  /// Milliseconds of a design's layer.
  public func milliseconds(_ layer: ComparedLayer, of design: Int) -> Double {
    designs[design].milliseconds(layer.cycles)
  }

  /// Why `layer` of `design` takes another time than `first` of the first one.
  ///
  /// - Parameter threshold: `nil` if one takes less than so many times as long as the other.
  public func reason(
    _ layer: ComparedLayer, of design: Int, against first: ComparedLayer, threshold: Double
  ) -> DifferenceReason? {
    DifferenceReason(layer, designs[design], against: first, designs[0], threshold: threshold)
  }
}

/// One quantity of a row: what the table says, and what vitsim says.
public struct Comparison: Sendable, Hashable {
  public enum Figures: Sendable, Hashable {
    case integer(expected: Int, got: Int)
    /// `decimals`: how many the table prints.
    case real(expected: Double, got: Double, decimals: Int)
    case integers(expected: [Int], got: [Int])
  }

  /// Name of the quantity: a column of the table.
  public let quantity: String
  public let figures: Figures

  init(_ quantity: String, _ figures: Figures) {
    self.quantity = quantity
    self.figures = figures
  }

  /// Whether both are the same, real numbers in the decimals that the table prints.
  public var isExact: Bool {
    switch figures {
    case .integer(let expected, let got): return got == expected
    case .integers(let expected, let got): return got == expected
    case .real(let expected, let got, let decimals):
      var unit = 1.0
      for _ in 0..<decimals { unit /= 10 }
      // Half a unit of the last printed digit, and a little for the rounding of decimals to binary.
      return (got - expected).magnitude <= unit / 2 + 1e-12
    }
  }

  /// |got − expected| / |expected|; of several numbers the largest |got − expected| / the largest |expected|. Infinite where there is
  /// nothing to relate to: 0 was expected, or another count of numbers. 0 if both are the same.
  public var relativeDifference: Double {
    if isExact { return 0 }
    let (difference, whole): (Double, Double)
    switch figures {
    case .integer(let expected, let got):
      (difference, whole) = ((Double(got) - Double(expected)).magnitude, Double(expected).magnitude)
    case .real(let expected, let got, _): (difference, whole) = ((got - expected).magnitude, expected.magnitude)
    case .integers(let expected, let got):
      guard expected.count == got.count else { return .infinity }
      difference = zip(expected, got).reduce(0) { max($0, (Double($1.1) - Double($1.0)).magnitude) }
      whole = expected.reduce(0) { max($0, Double($1).magnitude) }
    }
    return whole > 0 && difference.isFinite ? difference / whole : .infinity
  }
}

/// Functions of I-BERT (Kim et al., arXiv 2101.01321), number by number as the authors' code has them.
public enum IBERT {
  /// e^x for x ≤ 0 by a polynomial of the second degree over (−ln 2, 0], and shifts.
  public struct Exponential<Number: Steps>: Sendable {
    /// −ln 2
    let unit: Number
    let linear: Number
    let constant: Number

    /// - Parameter scale: of the operands, well below 1.
    public init(scale: Double) {
      unit = Number(floor: -0.6931 / scale)
      linear = Number(floor: 0.96963238 / 0.35815147 / scale)
      constant = Number(floor: 1 / 0.35815147 / (scale * scale))
    }

    /// Scale of the results: 0.35815147 · scale² / 2³⁰.
    public func callAsFunction(_ x: Number) -> Number {
      let bits = 30
      let x = max(x, Number(floor: Double(bits)) * unit)
      let halvings = x.quotient(unit)
      let rest = x - unit * halvings
      return max(0, (rest * (rest + linear) + constant).scaled(bits - halvings.int))
    }
  }

  /// erf by a polynomial of the second degree, and a constant behind it: what GELU multiplies x by.
  public struct Gate<Number: Steps>: Sendable {
    let linear: Number
    let constant: Number
    let shift: Number
    /// Of the results: negative.
    public let scale: Double

    /// - Parameter scale: of the operands, well below 1.
    public init(scale: Double) {
      let scale = scale / 1.4142
      linear = Number(floor: -1.769 / scale)
      constant = Number(floor: 1 / -0.2888 / (scale * scale))
      let result = scale * scale * -0.2888 * 0x1p14
      shift = Number(floor: 1 / result)
      self.scale = result / 2
    }

    /// (erf(x/√2) + 1) / 2
    public func callAsFunction(_ x: Number) -> Number {
      let distance = min(abs(x), -linear) + linear
      let part = distance * distance + constant
      let erf = x < 0 ? -part : x > 0 ? part : 0
      return erf.scaled(-14) + shift
    }
  }

  /// GELU of each element: x · gate; scale of the results: `scale` · that of the gate.
  public static func gelu<Number: Steps>(_ row: [Number], scale: Double) -> [Number] {
    let gate = Gate<Number>(scale: scale)
    return row.map { $0 * gate($0) }
  }

  /// ⌊√x⌋ by Newton's iteration from above, until it no longer falls; 0 for x ≤ 0.
  public static func squareRoot(_ x: Int64) -> Int64 {
    guard x > 0 else { return 0 }
    var root = Int64(1) << Int64((65 - x.leadingZeroBitCount) / 2)
    while true {
      let next = (root + x / root) >> 1
      if next >= root { return root }
      root = next
    }
  }
}

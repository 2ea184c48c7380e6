/// Functions of I-ViT (Li and Gu, arXiv 2207.01405), number by number as the authors' code has them.
public enum IViT {
  /// e^x for x ≤ 0: x·log₂ e ≈ x + x/2 − x/16, whole powers of two by shifts, the rest by a straight line.
  public struct Exponential<Number: Steps>: Sendable {
    /// −1
    let unit: Number
    let bits: Int

    /// - Parameter scale: of the operands, well below 1. Powers below 2^−bits count as that.
    public init(scale: Double, bits: Int) {
      unit = Number(floor: -1 / scale)
      self.bits = bits
    }

    /// Scale of the results: `scale` / 2^bits.
    public func callAsFunction(_ x: Number) -> Number {
      let power = max(x + x.scaled(-1) - x.scaled(-4), Number(floor: Double(bits)) * unit)
      let halvings = power.quotient(unit)
      let rest = power - unit * halvings
      // (rest/2 − unit) · 2^(bits − halvings)
      return max(0, (rest - unit - unit).scaled(bits - 1 - halvings.int))
    }
  }

  /// Softmax of a row; scale of the results: 2⁻⁷.
  public static func shiftmax<Number: Steps>(_ row: [Number], scale: Double) -> [Number] {
    guard let largest = row.max() else { return [] }
    let exponential = Exponential<Number>(scale: scale, bits: 15)
    let powers = row.map { exponential($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { share($0, of: sum) }
  }

  /// GELU of each element as x · σ(1.702 x), against the largest of the row; scale of the results: `scale` · 2⁻⁷.
  public static func shiftGELU<Number: Steps>(_ row: [Number], scale: Double) -> [Number] {
    guard let largest = row.max() else { return [] }
    let exponential = Exponential<Number>(scale: scale * 1.702, bits: 23)
    let one = exponential(-largest)
    return row.map { x in
      let power = exponential(x - largest)
      return x * share(power, of: power + one)
    }
  }

  /// part / whole · 2⁷ by one division of 31 bits.
  private static func share<Number: Steps>(_ part: Number, of whole: Number) -> Number {
    let limit = Number(floor: 0x7fff_ffff)
    return (part * limit.quotient(min(whole, limit))).scaled(-24)
  }

  /// (x − mean) / √variance of a row of n numbers, without gain and bias; scale of the results: √n / 2³⁰.
  public static func layerNorm<Number: Steps>(_ row: [Number]) -> [Number] {
    guard !row.isEmpty else { return [] }
    let mean = row.reduce(0, +).nearest(Number(floor: Double(row.count)))
    let distances = row.map { $0 - mean }
    let factor = Number(floor: 0x7fff_ffff).quotient(squareRoot(distances.reduce(0) { $0 + $1 * $1 }))
    return distances.map { ($0 * factor).scaled(-1) }
  }

  /// Ten of Newton's iterations from 2¹⁶: ⌊√x⌋, or one more, for 2²⁰ ≤ x < 2³⁶.
  public static func squareRoot<Number: Steps>(_ x: Number) -> Number {
    var root = Number(floor: 0x1p16)
    for _ in 0..<10 { root = (root + x.quotient(root)).scaled(-1) }
    return root
  }
}

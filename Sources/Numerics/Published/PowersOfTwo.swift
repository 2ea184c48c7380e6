/// Softmax, GELU and requantization whose powers of two are shifts (Islamoglu et al., arXiv 2307.03493), number by number as the
/// authors' hardware has them.
public enum PowersOfTwo {
  /// acc·multiplier / 2^shift, halves up, plus `offset`, saturated.
  ///
  /// - Parameter shift: 0 … 62.
  public static func requantize(_ acc: Int32, multiplier: UInt8, shift: Int, offset: Int8 = 0) -> Int8 {
    let product = Int64(acc) * Int64(multiplier)
    return Int8(saturating: FixedPoint.round(product, shift: shift), zeroPoint: Int(offset))
  }

  /// Softmax to the base 2, an octave a step; scale of the results: 2⁻⁸.
  ///
  /// The row streams past in groups of 16; the sum is shifted whenever the maximum grows.
  public static func softmax(_ row: [Int8]) -> [UInt8] {
    var largest = -128
    var sum = 0
    for start in stride(from: 0, to: row.count, by: 16) {
      let group = row[start..<min(start + 16, row.count)].map { Int($0) }
      let raised = group.reduce(largest) { max($0, $1) }
      sum >>= raised - largest
      for x in group { sum += 256 >> (raised - x) }
      largest = raised
    }
    let inverse = sum > 0 ? 65280 / sum : 0
    return row.map { UInt8(clamping: inverse >> (largest - Int($0))) }
  }

  /// I-BERT's GELU of one number for operands of scale 1/32, before requantization.
  public static func gelu(_ x: Int8) -> Int32 {
    let distance = min(Int32(x).magnitude, 80)
    let part = (Int32(distance) - 80) * (Int32(distance) - 80) - 7091
    return Int32(x) * (Int32(x.signum()) * part - 7091)
  }
}

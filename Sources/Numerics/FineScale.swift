/// A scale so fine that the floors of published integer functions don't show: 2⁻¹³ ≤ `scale` < 2⁻¹².
///
/// Their authors feed them numbers of 16 or more bits; INT8 numbers of a coarse scale are counted in finer steps before.
struct FineScale {
  let scale: Double
  /// A number of the coarse scale is 2^exponent of the fine one; at most 25.
  let exponent: Int

  /// From 2¹² on all scales count as one: e^−4096 and erf(4096) are 0 and 1 already.
  init(_ coarse: Double) {
    let coarse = min(coarse, 0x1p12)
    scale = coarse.significand * 0x1p-13
    exponent = Int(coarse.exponent) + 13
  }

  /// ⌊x · 2^exponent⌋, for |x| < 2⁸ within ±2³³.
  func callAsFunction(_ x: Int64) -> Int64 { x.scaled(exponent) }
}

/// ⌊part / whole · 2³⁰⌋ of 0 ≤ part ≤ 2²⁸, part ≤ whole: one division a whole, one product of at most 2⁵⁸ a part.
struct Shares {
  /// ⌊2⁵⁸ / whole⌋
  let factor: Int64
  init(of whole: Int64) { factor = whole > 0 ? (1 << 58) / whole : 0 }
  func callAsFunction(_ part: Int64) -> Int64 { (part &* factor) >> 28 }
}

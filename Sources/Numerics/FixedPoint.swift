/// A positive factor as hardware holds it: `multiplier` / 2^`shift`.
///
/// ```swift
/// let quarter = FixedPoint(0.25)   // 2³⁰ / 2³²
/// quarter(10)                      // 2.5 → 3
/// quarter(-10)                     // −2.5 → −2
/// ```
public struct FixedPoint: Sendable, Hashable {
  /// 0 … 2³¹ − 1.
  public let multiplier: Int64
  /// 0 … 62.
  public let shift: Int

  /// `nil` unless `multiplier` ≥ 0 and `shift` is within 0 … 62.
  public init?(multiplier: Int32, shift: Int) {
    guard multiplier >= 0, 0...62 ~= shift else { return nil }
    (self.multiplier, self.shift) = (Int64(multiplier), shift)
  }

  /// The nearest to `factor` with 2³⁰ ≤ multiplier < 2³¹; with a smaller multiplier where the shift would pass 62, the largest
  /// there is from 2³¹ on, and 0 for what is no positive number.
  public init(_ factor: Double) {
    var shift = Self.shift(for: factor, bits: 31)
    var multiplier = Self.multiplier(for: factor, shift: shift)
    if multiplier == 1 << 31 { (multiplier, shift) = shift > 0 ? (1 << 30, shift - 1) : (1 << 31 - 1, 0) }
    (self.multiplier, self.shift) = (multiplier, shift)
  }

  /// ⌊(x·multiplier + 2^(shift−1)) / 2^shift⌋, for shift 0 the product itself: nearest, halves up.
  ///
  /// Exact for |x| ≤ 2³¹ + 2²⁹: then |x·multiplier| + 2⁶¹ < 2⁶³. Wraps beyond.
  public func callAsFunction(_ x: Int64) -> Int64 { Self.round(x &* multiplier, shift: shift) }

  /// ⌊(x + 2^(shift−1)) / 2^shift⌋; `x` itself for shift 0.
  static func round(_ x: Int64, shift: Int) -> Int64 { shift > 0 ? (x &+ 1 << Int64(shift - 1)) >> Int64(shift) : x }

  /// Shift within 0 … 62 by which `factor` becomes an integer of `bits` bits.
  static func shift(for factor: Double, bits: Int) -> Int {
    guard factor > 0, factor.isFinite else { return 0 }
    return max(0, min(62, bits - 1 - Int(factor.exponent)))
  }

  /// half even(`factor` · 2^`shift`), at most 2³¹ and at least 0.
  static func multiplier(for factor: Double, shift: Int) -> Int64 {
    let scaled = (factor * Double(sign: .plus, exponent: shift, significand: 1)).rounded(.toNearestOrEven)
    return scaled > 0 ? Int64(min(scaled, 0x1p31)) : 0
  }
}

extension Int8 {
  /// `steps` + `zeroPoint`, saturated.
  init(saturating steps: Int64, zeroPoint: Int) {
    self.init(clamping: Swift.max(-1024, Swift.min(1024, steps)) + Int64(zeroPoint))
  }
}

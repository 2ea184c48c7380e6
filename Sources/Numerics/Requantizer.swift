/// INT32 accumulators to INT8: multiplied by `multiplier` / 2^`shift`, rounded to the nearest, halves up, and saturated.
///
/// ```swift
/// let quarter = Requantizer(multiplier: 1, shift: 2)
/// quarter?(10)   // 2.5 → 3
/// quarter?(-10)  // −2.5 → −2
/// ```
public struct Requantizer: Sendable, Hashable {
  public let multiplier: Int32
  public let shift: Int

  /// `nil` unless `multiplier` ≥ 0 and `shift` is within 0...62.
  public init?(multiplier: Int32, shift: Int) {
    guard multiplier >= 0, 0...62 ~= shift else { return nil }
    self.multiplier = multiplier
    self.shift = shift
  }

  /// ⌊(x·multiplier + 2^(shift−1)) / 2^shift⌋ within −128...127; for shift 0 the product itself.
  ///
  /// Exact: |x·multiplier| ≤ 2⁶² and the rounding constant is at most 2⁶¹, so their sum fits 64 bits.
  public func callAsFunction(_ x: Int32) -> Int8 {
    let half: Int64 = shift > 0 ? 1 << Int64(shift - 1) : 0
    return Int8(clamping: (Int64(x) * Int64(multiplier) + half) >> Int64(shift))
  }
}

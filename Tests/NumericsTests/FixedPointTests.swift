import Numerics
import Testing

struct FixedPointTests {
  /// The definition in 128 bits: nearest, halves up, by division instead of shifts.
  private func expected(_ x: Int64, _ multiplier: Int64, _ shift: Int) -> Int64 {
    let divisor = Int128(1) << Int128(shift)
    // ⌊p/d + 1/2⌋ = ⌊(2p + d) / 2d⌋
    let (quotient, remainder) = (2 * Int128(x) * Int128(multiplier) + divisor)
      .quotientAndRemainder(dividingBy: 2 * divisor)
    return Int64(remainder < 0 ? quotient - 1 : quotient)
  }

  @Test func exhaustiveWhereSmall() throws {
    for shift in 0...8 {
      for multiplier: Int32 in [0, 1, 2, 3, 5, 127, 128, 255] {
        let factor = try #require(FixedPoint(multiplier: multiplier, shift: shift))
        var differ = 0
        for x: Int64 in -1030...1030 where factor(x) != expected(x, Int64(multiplier), shift) { differ += 1 }
        #expect(differ == 0, "multiplier \(multiplier), shift \(shift)")
      }
    }
  }

  @Test func edges() throws {
    let values: [Int32] = [.min, .min + 1, -65537, -129, -128, -1, 0, 1, 127, 128, 65535, .max - 1, .max]
    for shift in [0, 1, 2, 15, 30, 31, 32, 53, 54, 55, 61, 62] {
      for multiplier: Int32 in [0, 1, 3, 0x4000_0000, 0x4000_0001, .max - 1, .max] {
        let factor = try #require(FixedPoint(multiplier: multiplier, shift: shift))
        for x in values.map(Int64.init) {
          #expect(factor(x) == expected(x, Int64(multiplier), shift), "\(x)·\(multiplier) / 2^\(shift)")
        }
      }
    }
  }

  @Test func halvesGoUp() throws {
    let quarter = try #require(FixedPoint(multiplier: 1, shift: 2))
    #expect(
      [-10, -9, -7, -6, -5, -2, -1, 0, 1, 2, 5, 6, 7, 10].map { quarter($0) } == [
        -2, -2, -2, -1, -1, 0, 0, 0, 0, 1, 1, 2, 2, 3,
      ])
  }

  @Test func bounds() {
    #expect(FixedPoint(multiplier: -1, shift: 0) == nil)
    #expect(FixedPoint(multiplier: 1, shift: -1) == nil)
    #expect(FixedPoint(multiplier: 1, shift: 63) == nil)
    #expect(FixedPoint(multiplier: .max, shift: 62) != nil)
  }

  @Test func nearestToAFactor() {
    func parts(_ factor: Double) -> [Int64] { [FixedPoint(factor).multiplier, Int64(FixedPoint(factor).shift)] }
    #expect(parts(1) == [1 << 30, 30])
    #expect(parts(0.25) == [1 << 30, 32])
    #expect(parts(0.75) == [3 << 29, 31])
    // One step below 1 rounds up to 2³¹, which is 2³⁰ with a smaller shift.
    #expect(parts(1.0.nextDown) == [1 << 30, 30])
    #expect(parts(0x1p30) == [1 << 30, 0])
    // Beyond both ends.
    #expect(parts(0x1p-33) == [1 << 29, 62])
    #expect(parts(0x1.8p-62) == [2, 62])
    #expect(parts(.leastNonzeroMagnitude) == [0, 62])
    #expect(parts(0x1p31) == [1 << 31 - 1, 0])
    #expect(parts(.greatestFiniteMagnitude) == [1 << 31 - 1, 0])
    for wrong in [0, -1, .nan] { #expect(FixedPoint(wrong).multiplier == 0) }
  }
}

import Numerics
import Testing

struct RequantizerTests {
  /// The definition in 128 bits: nearest, halves up, by division instead of shifts.
  private func expected(_ x: Int32, _ multiplier: Int32, _ shift: Int) -> Int8 {
    let divisor = Int128(1) << Int128(shift)
    // ⌊p/d + 1/2⌋ = ⌊(2p + d) / 2d⌋
    let (quotient, remainder) = (2 * Int128(x) * Int128(multiplier) + divisor)
      .quotientAndRemainder(dividingBy: 2 * divisor)
    return Int8(clamping: remainder < 0 ? quotient - 1 : quotient)
  }

  @Test func exhaustiveWhereSmall() throws {
    for shift in 0...8 {
      for multiplier: Int32 in [0, 1, 2, 3, 5, 127, 128, 255] {
        let requantize = try #require(Requantizer(multiplier: multiplier, shift: shift))
        var differ = 0
        for x: Int32 in -1030...1030 where requantize(x) != expected(x, multiplier, shift) { differ += 1 }
        #expect(differ == 0, "multiplier \(multiplier), shift \(shift)")
      }
    }
  }

  @Test func edges() throws {
    let values: [Int32] = [.min, .min + 1, -65537, -129, -128, -1, 0, 1, 127, 128, 65535, .max - 1, .max]
    for shift in [0, 1, 2, 15, 30, 31, 32, 53, 54, 55, 61, 62] {
      for multiplier: Int32 in [0, 1, 3, 0x4000_0000, 0x4000_0001, .max - 1, .max] {
        let requantize = try #require(Requantizer(multiplier: multiplier, shift: shift))
        for x in values {
          #expect(requantize(x) == expected(x, multiplier, shift), "\(x)·\(multiplier) / 2^\(shift)")
        }
      }
    }
  }

  @Test func halvesGoUp() throws {
    let quarter = try #require(Requantizer(multiplier: 1, shift: 2))
    #expect(
      [-10, -9, -7, -6, -5, -2, -1, 0, 1, 2, 5, 6, 7, 10].map { quarter($0) } == [
        -2, -2, -2, -1, -1, 0, 0, 0, 0, 1, 1, 2, 2, 3,
      ])
    #expect(quarter(.max) == 127)
    #expect(quarter(.min) == -128)
  }

  @Test func bounds() {
    #expect(Requantizer(multiplier: -1, shift: 0) == nil)
    #expect(Requantizer(multiplier: 1, shift: -1) == nil)
    #expect(Requantizer(multiplier: 1, shift: 63) == nil)
    #expect(Requantizer(multiplier: .max, shift: 62) != nil)
  }
}

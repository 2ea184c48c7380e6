/// SplitMix64: the same numbers on every machine.
struct RandomBytes {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func word() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform within −127…127 (−127 twice as likely); root of the mean square: `RandomBytes.spread`.
  mutating func int8s(_ count: Int) -> [Int8] {
    [Int8](unsafeUninitializedCapacity: count) { bytes, initialized in
      while initialized < count {
        var word = word()
        for _ in 0..<min(8, count - initialized) {
          bytes[initialized] = max(-127, Int8(truncatingIfNeeded: word))
          word >>= 8
          initialized += 1
        }
      }
    }
  }

  static let spread: Float = 73.8

  /// Uniform within −1…1.
  mutating func unit() -> Float { Float(Int64(bitPattern: word()) >> 40) / 0x1p23 }
}

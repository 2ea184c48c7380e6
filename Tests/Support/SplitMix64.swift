/// A seeded generator of random numbers for tests: the same numbers on every machine.
public struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  public mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  /// One of `items`, which mustn't be empty; write an item several times to make it likelier.
  public mutating func pick<T>(_ items: [T]) -> T { items[int(0...items.count - 1)] }

  /// True in `percent` of 100 cases.
  public mutating func chance(_ percent: Int) -> Bool { int(1...100) <= percent }
}

/// The tiles in the array, as far as `tiles-in-flight` bounds them (rule M23).
struct Flight {
  private let most: Int
  /// DE of the last `most` tiles, by number modulo `most`.
  private var ends: [Int]
  private var next = 0

  /// - Parameter most: 0 for any number.
  init(most: Int) {
    self.most = most
    // No bound is one that is always met.
    ends = Array(repeating: -1, count: most)
  }

  /// The earliest array time of the next tile.
  var bound: Int { most == 0 ? 0 : ends[next] + 1 }

  /// A tile enters that is in the array until `end`, exclusive.
  mutating func enter(until end: Int) {
    if most == 0 { return }
    ends[next] = end
    next = next + 1 == most ? 0 : next + 1
  }
}

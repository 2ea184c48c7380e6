/// What is known of the bytes of one memory at a point of the execution.
///
/// A schedule is followed in windows. Within one, bytes that its footprints don't tell apart are one atom; between two, each byte's
/// state is that of its stretch. So a layer is cut by its own regions and by what it finds, not by those of all other layers.
package struct MemoryState {
  static let unwritten: Int32 = -1
  static let preloaded: Int32 = -2

  let queues: Int
  /// First bytes of stretches of one state each, in order; the first is below all.
  private(set) var starts: [Int] = [.min]
  /// By stretch: its state.
  private(set) var states: [Int32] = [0]
  /// By state: the last instruction that wrote the bytes.
  private var writers: [Int32] = [Self.unwritten]
  /// By state and queue: the position after the last instruction that has read them since.
  private var readers: [Int32]

  init(queues: Int) {
    self.queues = queues
    readers = Array(repeating: 0, count: queues)
  }

  /// Calls `body` with the bytes of each stretch that some footprint covers, and its writer and readers.
  package func forEachStretch(_ body: (_ bytes: Int, _ writer: Int32, _ readers: ArraySlice<Int32>) -> Void) {
    for stretch in starts.indices.dropLast() where stretch > 0 {
      let state = Int(states[stretch])
      body(
        starts[stretch + 1] - starts[stretch], writers[state], readers[state * queues..<(state + 1) * queues])
    }
  }

  /// The stretch that a byte is in.
  func stretch(of byte: Int) -> Int {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= byte { low = middle } else { high = middle }
    }
    return low
  }

  /// The first of some bytes that nothing has written.
  func firstUnwritten(_ bytes: Range<Int>) -> Int? {
    var stretch = stretch(of: bytes.lowerBound)
    while stretch < starts.count, starts[stretch] < bytes.upperBound {
      if writers[Int(states[stretch])] == Self.unwritten { return max(starts[stretch], bytes.lowerBound) }
      stretch += 1
    }
    return nil
  }

  /// Writers and readers of atoms, as they are now.
  func states(of atoms: ByteAtoms) -> (writers: [Int32], readers: [Int32]) {
    var found: [Int32] = []
    found.reserveCapacity(atoms.count * queues)
    for state in atoms.origin { found += readers[Int(state) * queues..<(Int(state) + 1) * queues] }
    return (atoms.origin.map { writers[Int($0)] }, found)
  }

  /// Takes over what a window has made of its atoms.
  mutating func absorb(_ atoms: ByteAtoms, writers newWriters: [Int32], readers newReaders: [Int32]) {
    guard let first = atoms.edges.first, let last = atoms.edges.last else { return }
    let base = Int32(writers.count)
    writers += newWriters
    readers += newReaders
    var pieces: (starts: [Int], states: [Int32]) = ([], [])
    for piece in atoms.edges.indices {
      let atom = atoms.atomOf[piece]
      let state = atom >= 0 ? base + atom : atoms.stateOf[piece]
      if let before = pieces.states.last, isSame(before, state) { continue }
      pieces.starts.append(atoms.edges[piece])
      pieces.states.append(state)
    }
    let from = starts[stretch(of: first)] == first ? stretch(of: first) : stretch(of: first) + 1
    let to = stretch(of: last) + 1
    starts.replaceSubrange(from..<to, with: pieces.starts)
    states.replaceSubrange(from..<to, with: pieces.states)
    if writers.count > 2 * starts.count + 4096 { forget() }
  }

  private func isSame(_ a: Int32, _ b: Int32) -> Bool {
    if a == b { return true }
    let (a, b) = (Int(a), Int(b))
    return writers[a] == writers[b] && (0..<queues).allSatisfy { readers[a * queues + $0] == readers[b * queues + $0] }
  }

  /// Drops states that no stretch has any more.
  private mutating func forget() {
    var number = [Int32](repeating: -1, count: writers.count)
    var kept: (writers: [Int32], readers: [Int32]) = ([], [])
    for stretch in states.indices {
      let state = Int(states[stretch])
      if number[state] < 0 {
        number[state] = Int32(kept.writers.count)
        kept.writers.append(writers[state])
        kept.readers += readers[state * queues..<(state + 1) * queues]
      }
      states[stretch] = number[state]
    }
    (writers, readers) = kept
  }
}

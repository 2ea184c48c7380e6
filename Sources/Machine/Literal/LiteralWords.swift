/// Words that transfers write into buffers from which an engine reads row by row, on their way to their banks (rule M28).
struct LiteralWords {
  private struct Word {
    var cycle: Int
    var banks: ClosedRange<Int>
  }

  /// Ports of each bank.
  private let ports: [Int]
  private var underway: [Word] = []
  /// Ports that words and rows take in this cycle.
  private var taken: [Int]
  /// Some of them may be taken.
  private var isTaken = false

  init(ports: [Int]) {
    self.ports = ports
    taken = Array(repeating: 0, count: ports.count)
  }

  /// A word that will be written in `cycle`.
  mutating func write(_ banks: ClosedRange<Int>, at cycle: Int) { underway.append(Word(cycle: cycle, banks: banks)) }

  /// Takes a port of each of `banks` in this cycle, if all have one left.
  mutating func take(_ banks: ClosedRange<Int>) -> Bool {
    for bank in banks where taken[bank] >= ports[bank] { return false }
    for bank in banks { taken[bank] += 1 }
    isTaken = true
    return true
  }

  func isFree(_ banks: ClosedRange<Int>) -> Bool { banks.allSatisfy { taken[$0] == 0 } }

  /// The edge before cycle `next`.
  @inline(__always)
  mutating func commit(next: Int) {
    // Most accelerators have none: nothing to do in any cycle.
    if !underway.isEmpty || isTaken { arrive(next) }
  }

  private mutating func arrive(_ next: Int) {
    for bank in taken.indices { taken[bank] = 0 }
    isTaken = false
    for word in underway where word.cycle == next {
      isTaken = true
      for bank in word.banks { taken[bank] += 1 }
    }
    underway.removeAll { $0.cycle <= next }
  }
}

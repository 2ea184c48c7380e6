import Hardware

/// Words that a channel's stores read one by one and gather to rows (rule D9).
struct LiteralGather {
  private let ahead: Int
  private let words: Int
  private let cycles: Int
  /// The transfer whose words are read next, words of it that have been; words read and gathered in all, and the cycles of the last
  /// ones gathered, newest last.
  private(set) var transfer = 0
  private var done = 0
  private var read = 0
  private var gathered = 0
  private var latest: [Int] = []
  /// When words that have been read get to their row.
  private var arrivals = LiteralFIFO<Int>()
  /// Words of the present row that are there.
  private var inRow = 0

  init(_ spec: DMAChannelSpec) { (ahead, words, cycles) = (spec.gatherAhead, spec.gatherWords, spec.gatherCycles) }

  /// Passes over transfers that read nothing word by word.
  mutating func skip() { transfer += 1 }

  var mayRead: Bool { ahead == 0 || read - gathered < ahead }

  /// Reads a word that gets to its row in cycle `arrival`; whether it is the last of `count`.
  mutating func readWord(of count: Int, arriving arrival: Int) -> Bool {
    arrivals.push(arrival)
    read += 1
    done += 1
    guard done == count else { return false }
    done = 0
    transfer += 1
    return true
  }

  /// The next word gets to the row that is sent next, of `count` words, if it can; whether the row is complete.
  mutating func gatherWord(of count: Int, _ now: Int) -> Bool {
    if inRow == count { return true }
    guard !arrivals.isEmpty, arrivals.first <= now else { return false }
    if words > 0, latest.count >= words, now < latest[latest.count - words] + cycles { return false }
    arrivals.pop()
    latest.append(now)
    if latest.count > max(1, words) { latest.removeFirst() }
    gathered += 1
    inRow += 1
    return inRow == count
  }

  /// The row begins to be sent.
  mutating func sendRow() { inRow = 0 }
}

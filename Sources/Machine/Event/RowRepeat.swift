/// A row of a load that is written again, word by word, for each further row in its place of DRAM (rule D11).
struct RowRepeat {
  /// Words left to write, and when the next one may be.
  private(set) var left: Int
  private(set) var next: Int
  let buffer: Int
  private let banks: ClosedRange<Int>
  private let path: Int?
  private let loadLatency: Int
  /// Cycles, in order, that words of other buffers keep free.
  private var kept: [Int] = []

  init(_ transfer: OpenTransfer, from cycle: Int) {
    left = (transfer.dram.rows - 1) * ((transfer.dram.rowBytes + transfer.wordBytes - 1) / transfer.wordBytes)
    next = cycle
    buffer = transfer.buffer
    banks = transfer.banks
    path = transfer.wordPath
    loadLatency = transfer.loadLatency
  }

  /// The last word of another buffer's row comes in `cycle`.
  mutating func yield(behind cycle: Int, loadLatency: Int) {
    kept.append(cycle + max(0, loadLatency - self.loadLatency))
  }

  /// Writes the next word, unless it has to wait for a cycle; when it was to be written.
  mutating func step(_ words: inout WordTable) -> (isWritten: Bool, cycle: Int) {
    let cycle = next
    next += 1
    kept.removeAll { $0 < cycle }
    if kept.contains(cycle) { return (false, cycle) }
    left -= 1
    if let path { words.write(banks, at: cycle + path) }
    return (true, cycle)
  }
}

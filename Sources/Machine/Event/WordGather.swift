import Hardware

/// Words that a channel's stores read one by one and gather to rows (rule D9).
struct WordGather {
  private struct Transfer {
    var instruction: Int
    var start: Int
    var banks: ClosedRange<Int>
    var rowWords: Int
    /// Words left to read.
    var left: Int
    /// From a word's read to its place in the row, at the bus.
    var latency: Int
    var landsWhenRead: Bool
  }
  /// A word that has been read: when it gets to the row, and where it stands there.
  private struct Word {
    var instruction: Int
    var arrival: Int
    var isFirst: Bool
    var isLast: Bool
  }

  private var transfers: [Transfer] = []
  private var words: [Word] = []
  private var rowPosition = 0
  /// The last cycle in which a word was to be read, and how many have been; Y of the last ones gathered, newest last, and how many have been.
  private var lastTried = -1
  private var read = 0
  private var gathered: [Int] = []
  private var gatheredCount = 0
  /// Y_0 of the next row is no sooner; `nil` until the row before has been sent.
  private var rowFree: Int?
  /// The instruction whose rows are sent next.
  private var sending = -1
  /// When the rows that wait to be sent were complete.
  private var rows: [Int] = []

  /// A transfer's words are read behind those of the ones before.
  mutating func add(_ transfer: OpenTransfer) {
    transfers.append(
      Transfer(
        instruction: transfer.instruction, start: transfer.start, banks: transfer.banks, rowWords: transfer.rowWords,
        left: transfer.rowWords * transfer.dram.rows, latency: max(0, transfer.first - transfer.start - 1),
        landsWhenRead: transfer.landsWhenRead))
  }

  /// When the next word can be read as far as words before it go; `nil` if that isn't known yet.
  func next(_ spec: DMAChannelSpec) -> Int? {
    guard let transfer = transfers.first else { return nil }
    var time = max(transfer.start + 1, lastTried + 1)
    if spec.gatherAhead > 0, read >= spec.gatherAhead {
      guard let before = gathered(read - spec.gatherAhead) else { return nil }
      time = max(time, before + 1)
    }
    return time
  }

  /// Y of word `number`, if it has been gathered and is among the last.
  private func gathered(_ number: Int) -> Int? {
    let place = number - (gatheredCount - gathered.count)
    return number < gatheredCount && place >= 0 ? gathered[place] : nil
  }

  /// Reads the next word in cycle `now` if nothing takes its port. Returns the instruction whose last word it is, if it lands then.
  mutating func read(at now: Int, results: inout WordTable, spec: DMAChannelSpec) -> (isRead: Bool, ended: Int?) {
    lastTried = now
    guard results.isFree(transfers[0].banks, at: now) else { return (false, nil) }
    read += 1
    rowPosition += 1
    let isLast = rowPosition == transfers[0].rowWords
    words.append(
      Word(
        instruction: transfers[0].instruction, arrival: now + transfers[0].latency, isFirst: rowPosition == 1,
        isLast: isLast))
    if isLast { rowPosition = 0 }
    transfers[0].left -= 1
    gather(spec)
    guard transfers[0].left == 0 else { return (true, nil) }
    let ended = transfers.removeFirst()
    return (true, ended.landsWhenRead ? ended.instruction : nil)
  }

  /// Puts words that have been read to their rows as far as rows before have been sent.
  private mutating func gather(_ spec: DMAChannelSpec) {
    while let word = words.first {
      var time = max(word.arrival, (gathered.last ?? -1) + 1)
      if word.isFirst {
        guard let free = rowFree, word.instruction == sending else { return }
        time = max(time, free)
        rowFree = nil
      }
      if spec.gatherWords > 0, let before = gathered(gatheredCount - spec.gatherWords) {
        time = max(time, before + spec.gatherCycles)
      }
      words.removeFirst()
      gathered.append(time)
      gatheredCount += 1
      if gathered.count > max(1, spec.gatherAhead, spec.gatherWords) { gathered.removeFirst() }
      if word.isLast { rows.append(time) }
    }
  }

  /// When the row that is sent next is complete, if it is.
  var rowComplete: Int? { rows.first }
  mutating func takeRow() { rows.removeFirst() }

  /// The rows of `instruction` are sent next, from `cycle` on.
  mutating func begin(_ instruction: Int, from cycle: Int, _ spec: DMAChannelSpec) {
    if sending == instruction { return }
    sending = instruction
    sent(cycle, spec)
  }

  /// The last beat of the row that was taken leaves in the cycle before `cycle`.
  mutating func sent(_ cycle: Int, _ spec: DMAChannelSpec) {
    rowFree = cycle
    gather(spec)
  }
}

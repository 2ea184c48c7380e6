/// Puts the beats of bursts together to words of a buffer (rule D4).
///
/// In each cycle `write` comes first and sees what was taken in earlier ones; then `take`, if there is a beat; then `close`.
struct LiteralAssembler {
  /// The transfer of the burst that is open.
  private(set) var transfer = 0
  private var isLast = false
  private var cut = LiteralCut(beats: 0, useless: 0, useful: 0, offset: 0)
  private var wordBytes = 1
  /// Of its buffer, which is `buffer`; whether it has the row's last byte, and how many words repeat those of the row.
  private var latency = 0
  private var buffer = 0
  private var endsRow = false
  private var repeats = 0
  private var repeatingBuffer = 0
  private var isOpen = false
  private var beatsTaken = 0
  private var bytesWritten = 0
  /// Whether all beats had been taken and all words written when the cycle began.
  private var wasTaken = false
  private var wasWritten = false
  /// Whether the beat that was taken last is the last thing that its transfer lacked.
  private(set) var beatEnds = false
  /// The transfers of which a word of a burst, and one that repeats its row, was written in this cycle.
  private(set) var carried: Int?
  private(set) var repeated: Int?
  /// A row that is written again (rule D11): its transfer, words left, whether the transfer has nothing else to come; cycles until words
  /// of other buffers that end a row keep one off, and the `load-latency` of its buffer.
  private var repeating = (transfer: 0, left: 0, isLast: false, latency: 0)
  private var blocks: [Int] = []
  private let beatBytes: Int

  init(beatBytes: Int) { self.beatBytes = beatBytes }

  /// The transfer of the row that is being written again.
  var repeater: Int? { repeating.left > 0 ? repeating.transfer : nil }

  /// Writes a word if one is complete, and one that repeats a row. Which of them is the last thing that its transfer lacks.
  mutating func write() -> (repeated: Bool, carried: Bool) {
    (carried, repeated) = (nil, nil)
    for index in blocks.indices { blocks[index] -= 1 }
    let before = repeater
    let carriedLast = writeCarried()
    // A row's last word lets it be repeated from the next cycle on.
    let repeatedLast = before != nil && writeRepeated()
    blocks.removeAll { $0 <= 0 }
    return (repeatedLast, carriedLast)
  }

  private mutating func writeRepeated() -> Bool {
    if blocks.contains(0) { return false }
    repeating.left -= 1
    repeated = repeating.transfer
    let isOpen = isOpen && transfer == repeating.transfer
    return repeating.left == 0 && repeating.isLast && !(isOpen && beatsTaken < cut.beats)
  }

  private mutating func writeCarried() -> Bool {
    guard isOpen else { return false }
    wasTaken = beatsTaken == cut.beats
    wasWritten = bytesWritten == cut.useful
    if wasWritten { return false }
    if repeating.left > 0, buffer == repeatingBuffer || repeats > 0 { return false }
    let rest = wordBytes - (cut.offset + bytesWritten) % wordBytes
    let end = min(bytesWritten + rest, cut.useful)
    if beatsTaken * beatBytes - cut.useless < end { return false }
    bytesWritten = end
    carried = transfer
    if end == cut.useful, endsRow {
      if repeating.left > 0 {
        blocks.append(max(0, latency - repeating.latency))
      } else if repeats > 0 {
        repeating = (transfer, repeats, isLast, latency)
        (repeatingBuffer, blocks) = (buffer, [])
      }
    }
    guard end == cut.useful, wasTaken else { return false }
    // The word closes the burst, so that the next one's first beat may be taken at once.
    isOpen = false
    return isLast && repeater != transfer
  }

  /// Takes a beat of the open burst, or the first one of `burst`; false if neither can be.
  ///
  /// - Parameters:
  ///   - number: Of its transfer.
  ///   - repeats: Words that repeat those of the row behind its last.
  mutating func take(
    _ burst: LiteralCut, of transfer: LiteralTransfer, number: Int, isLast: Bool, repeats: Int
  ) -> Bool {
    if isOpen {
      if beatsTaken == cut.beats { return false }
      beatsTaken += 1
      beatEnds = isLast && beatsTaken == cut.beats && bytesWritten == cut.useful && repeater != self.transfer
      // The beat closes the burst if all words were written before.
      if beatsTaken == cut.beats, wasWritten { isOpen = false }
      return true
    }
    beatEnds = false
    (self.transfer, self.isLast, wordBytes, cut, self.repeats) = (number, isLast, transfer.wordBytes, burst, repeats)
    (latency, buffer) = (transfer.loadLatency, transfer.buffer)
    endsRow = burst.offset + burst.useful == transfer.dram.rowBytes
    (isOpen, wasTaken, wasWritten, beatsTaken, bytesWritten) = (true, false, false, 1, 0)
    return true
  }

  /// A burst whose last beat and last word came in one cycle is closed in the next.
  mutating func close() {
    if isOpen, wasTaken, wasWritten { isOpen = false }
  }
}

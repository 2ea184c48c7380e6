/// Puts the beats of bursts together to words of a buffer (rule D4).
///
/// In each cycle `write` comes first and sees what was taken in earlier ones; then `take`, if there is a beat; then `close`.
struct LiteralAssembler {
  /// The transfer of the burst that is open.
  private(set) var transfer = 0
  private var isLast = false
  private var cut = LiteralCut(beats: 0, useless: 0, useful: 0, offset: 0)
  private var wordBytes = 1
  private var repeats = 0
  private var isOpen = false
  private var beatsTaken = 0
  private var bytesWritten = 0
  /// Whether all beats had been taken and all words written when the cycle began.
  private var wasTaken = false
  private var wasWritten = false
  /// Whether the beat that was taken last is the last thing that its transfer lacked.
  private(set) var beatEnds = false
  /// Whether a word was written in this cycle.
  private(set) var writes = false
  /// Its transfer.
  private(set) var written = 0
  /// Words left to write of rows that repeat the last one, whether the transfer has nothing else to come, and which it is.
  private var repeating = 0
  private var repeatsLast = false
  private let beatBytes: Int

  init(beatBytes: Int) { self.beatBytes = beatBytes }

  /// Writes a word if one is complete. Whether it is the last thing that its transfer lacks.
  mutating func write() -> Bool {
    writes = false
    if repeating > 0 {
      repeating -= 1
      writes = true
      return repeating == 0 && repeatsLast && !(isOpen && transfer == written && beatsTaken < cut.beats)
    }
    guard isOpen else { return false }
    wasTaken = beatsTaken == cut.beats
    wasWritten = bytesWritten == cut.useful
    if wasWritten { return false }
    let rest = wordBytes - (cut.offset + bytesWritten) % wordBytes
    let end = min(bytesWritten + rest, cut.useful)
    if beatsTaken * beatBytes - cut.useless < end { return false }
    bytesWritten = end
    writes = true
    written = transfer
    if end == cut.useful { (repeating, repeatsLast) = (repeats, isLast) }
    guard end == cut.useful, wasTaken else { return false }
    // The word closes the burst, so that the next one's first beat may be taken at once.
    isOpen = false
    return isLast && repeating == 0
  }

  /// Takes a beat of the open burst, or the first one of `burst`; false if neither can be.
  ///
  /// - Parameter repeats: Words that repeat those of the burst behind its last.
  mutating func take(_ burst: LiteralCut, of transfer: Int, isLast: Bool, wordBytes: Int, repeats: Int) -> Bool {
    if isOpen {
      if beatsTaken == cut.beats { return false }
      beatsTaken += 1
      beatEnds = isLast && beatsTaken == cut.beats && bytesWritten == cut.useful && repeating == 0
      // The beat closes the burst if all words were written before.
      if beatsTaken == cut.beats, wasWritten { isOpen = false }
      return true
    }
    beatEnds = false
    (self.transfer, self.isLast, self.wordBytes, cut, self.repeats) = (transfer, isLast, wordBytes, burst, repeats)
    (isOpen, wasTaken, wasWritten, beatsTaken, bytesWritten) = (true, false, false, 1, 0)
    return true
  }

  /// A burst whose last beat and last word came in one cycle is closed in the next.
  mutating func close() {
    if isOpen, wasTaken, wasWritten { isOpen = false }
  }
}

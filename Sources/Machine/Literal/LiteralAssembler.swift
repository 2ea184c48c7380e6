/// Puts the beats of bursts together to words of a buffer (rule D4).
///
/// In each cycle `write` comes first and sees what was taken in earlier ones; then `take`, if there is a beat; then `close`.
struct LiteralAssembler {
  /// The transfer of the burst that is open.
  private(set) var transfer = 0
  private var isLast = false
  private var cut = LiteralCut(beats: 0, useless: 0, useful: 0, offset: 0)
  private var wordBytes = 1
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
  private let beatBytes: Int

  init(beatBytes: Int) { self.beatBytes = beatBytes }

  /// Writes a word if one is complete. Whether it is the last thing that its transfer lacks.
  mutating func write() -> Bool {
    writes = false
    guard isOpen else { return false }
    wasTaken = beatsTaken == cut.beats
    wasWritten = bytesWritten == cut.useful
    if wasWritten { return false }
    let rest = wordBytes - (cut.offset + bytesWritten) % wordBytes
    let end = min(bytesWritten + rest, cut.useful)
    if beatsTaken * beatBytes - cut.useless < end { return false }
    bytesWritten = end
    writes = true
    guard end == cut.useful, wasTaken else { return false }
    // The word closes the burst, so that the next one's first beat may be taken at once.
    isOpen = false
    return isLast
  }

  /// Takes a beat of the open burst, or the first one of `burst`; false if neither can be.
  mutating func take(_ burst: LiteralCut, of transfer: Int, isLast: Bool, wordBytes: Int) -> Bool {
    if isOpen {
      if beatsTaken == cut.beats { return false }
      beatsTaken += 1
      beatEnds = isLast && beatsTaken == cut.beats && bytesWritten == cut.useful
      // The beat closes the burst if all words were written before.
      if beatsTaken == cut.beats, wasWritten { isOpen = false }
      return true
    }
    beatEnds = false
    (self.transfer, self.isLast, self.wordBytes, cut) = (transfer, isLast, wordBytes, burst)
    (isOpen, wasTaken, wasWritten, beatsTaken, bytesWritten) = (true, false, false, 1, 0)
    return true
  }

  /// A burst whose last beat and last word came in one cycle is closed in the next.
  mutating func close() {
    if isOpen, wasTaken, wasWritten { isOpen = false }
  }
}

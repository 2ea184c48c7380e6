/// The beats between a channel's row buffer and the way to memory (rule D12), one in each register at most.
struct LiteralSendPath {
  struct Beat {
    var entered: Int
    var transfer: Int
    /// Of its burst: number within the transfer, beats, and whether this is the last of them.
    var burst: Int
    var beats: Int
    var isLast: Bool
    /// The last of its transfer.
    var endsTransfer: Bool
  }

  let registers: Int
  private var beats = LiteralFIFO<Beat>()
  /// A burst is on the way, and not all of its beats have gone.
  private(set) var holdsWay = false

  init(registers: Int) { self.registers = registers }

  var isEmpty: Bool { beats.isEmpty && !holdsWay }
  var hasRoom: Bool { beats.count < registers }

  mutating func enter(_ beat: Beat) { beats.push(beat) }

  private func hasPassed(_ now: Int) -> Bool { !beats.isEmpty && now >= beats.first.entered + registers }

  /// Whether a burst asks for the way.
  func asks(_ now: Int) -> Bool { !holdsWay && hasPassed(now) }

  /// The burst that asks has the way.
  mutating func hold() -> Beat {
    holdsWay = true
    return beats.first
  }

  /// The beat that leaves in this cycle.
  mutating func leave(_ now: Int) -> Beat? {
    guard holdsWay, hasPassed(now) else { return nil }
    let beat = beats.pop()
    if beat.isLast { holdsWay = false }
    return beat
  }
}

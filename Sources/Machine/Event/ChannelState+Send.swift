// How written bursts leave a channel (rules D5, D8, D12).
extension ChannelState {
  /// Sends the beats of the burst that has begun as soon as the credit for all but the first is known (rule D8). Returns the cycle
  /// after the last.
  mutating func send() -> Int? {
    guard let burst = sending else { return nil }
    let cycles = open[requesting].beatCycles
    sentUntil = burst.start + cycles
    if burst.beats > 1 {
      guard let credit else { return nil }
      sentUntil = max(sentUntil, credit)
    }
    sentUntil += (burst.beats - 1) * cycles
    sending = nil
    bursts[(requested - 1) % spec.outstanding].arrival = sentUntil + burst.acknowledging
    sent(requesting, until: sentUntil, isLast: splitter.isEmpty)
    leftRowBuffer()
    return sentUntil
  }

  /// Rule D8: from when on further beats of a burst may leave, `nil` while that isn't known.
  var credit: Int? {
    if !spec.beatCredit { return 0 }
    return requested - served < spec.outstanding ? done[requested % spec.outstanding] + spec.slotReturn : nil
  }

  /// The last beat of a burst of transfer `index` has been sent.
  mutating func sent(_ index: Int, until time: Int, isLast: Bool) {
    guard isLast else { return }
    open[index].movedUntil = time
    if !open[index].landsWhenRead { land(open[index].instruction, at: time) }
  }

  /// The last beat of a written burst has left the row buffer.
  mutating func leftRowBuffer() {
    if open[requesting].gathers, !splitter.isEmpty, splitter.isAtRow { gather.sent(sentUntil, spec) }
    if splitter.isEmpty { requestedAll() }
  }

  /// Beats leave the row buffer and the path behind it as far as that is known (rule D12). Returns the first cycle in which the way is
  /// free again, if a burst has left it.
  mutating func advance(acknowledging: Int) -> Int? {
    guard spec.sendPath > 0 else { return nil }
    var free: Int?
    while true {
      let (moved, ended) = path.follow()
      if let ended { free = end(ended, acknowledging: acknowledging) }
      if !enterBeat(), !moved { return free }
    }
  }

  mutating func end(_ burst: SendPath.Burst, acknowledging: Int) -> Int {
    let until = path.lastBeat + 1
    bursts[burst.number % spec.outstanding].arrival = until + acknowledging
    if let index = open.firstIndex(where: { $0.instruction == burst.instruction }) {
      sent(index, until: until, isLast: burst.isLast)
    }
    return until
  }

  /// Whether a beat has left the row buffer.
  mutating func enterBeat() -> Bool {
    guard usesPath else { return false }
    if let burst = entering {
      guard let credit, let time = path.entry(max(burst.last + 1, credit)) else { return false }
      entering = (burst.left - 1, time)
    } else {
      guard let first = nextBurst, let time = path.entry(first) else { return false }
      let (number, position) = (requested, open[requesting].bursts)
      entering = (beginBurst() - 1, time)
      path.begin(
        SendPath.Burst(
          number: number, position: position, instruction: open[requesting].instruction, isLast: splitter.isEmpty))
    }
    guard let burst = entering else { return false }
    path.enter(at: burst.last, isLast: burst.left == 0)
    if burst.left == 0 {
      entering = nil
      sentUntil = burst.last + 1
      leftRowBuffer()
    }
    return true
  }
}

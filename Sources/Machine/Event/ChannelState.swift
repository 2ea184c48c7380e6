import Hardware
import Schedule

/// One DMA channel: the bursts it has requested, and the transfers that have begun (rules D1–D5).
///
/// What is asked for at every burst is inlined: a call would copy the state.
struct ChannelState {
  let spec: DMAChannelSpec
  let program: [Int]
  /// Position in `program` of the next transfer to start.
  var next = 0
  /// Transfers that have begun and not ended, oldest first.
  var open: [OpenTransfer] = []
  /// Position in `open` of the transfer that has bursts left to request; its count if none has. And of the one whose bursts are
  /// served: those before it wait for rows that are written again.
  private var requesting = 0
  private var serving = 0
  private var rowRepeat: RowRepeat?
  private var splitter = BurstSplitter()
  /// The last `outstanding` bursts requested, and `done` of those that were served, by number modulo `outstanding`.
  private var bursts: [Burst]
  private var done: [Int]
  private var requested = 0
  private var served = 0
  /// Cycle of the last request (read), or after the last beat sent (write).
  private var lastRequest = -1
  private var sentUntil = 0
  /// r of the last beat read; u of the last word put together, and the first cycle in which a burst's first beat is taken.
  private var lastBeat = -1
  private var lastWord = -1
  private var assemblerFree = 0
  /// End and mark of the last transfer that ended, and whether it was a write.
  private var previousEnd = 0
  private var mark = 0
  private var lastWasWrite: Bool?
  /// `transfers-in-flight`: start of the last transfer, and which haven't landed.
  private var lastStart = -1
  private var flight: TransferFlight
  var arrivals: [Arrival] = []
  /// A written burst whose first beat leaves in `start`, while it isn't known when the others do.
  private struct Sending {
    var start: Int
    var beats: Int
    var acknowledging: Int
  }
  private var sending: Sending?
  /// Of a channel with `send-path`: the beats that have left the row buffer, and the burst that is leaving it.
  private var path: SendPath
  private var entering: (left: Int, last: Int)?

  init(spec: DMAChannelSpec, program: [Int]) {
    self.spec = spec
    self.program = program
    bursts = Array(repeating: Burst(), count: spec.outstanding)
    done = Array(repeating: -spec.slotReturn, count: spec.outstanding)
    flight = TransferFlight(limit: spec.transfersInFlight)
    path = SendPath(registers: spec.sendPath)
  }

  var head: Int? { next < program.count ? program[next] : nil }

  // Rule D9: stores whose words are read one by one.
  var gather = WordGather()

  /// When the oldest burst that the DRAM has not served reaches it, or a word of a row is to be written again.
  var nextArrival: Int? {
    let repeated = rowRepeat?.next
    guard served < requested else { return repeated }
    return min(bursts[served % spec.outstanding].arrival, repeated ?? .max)
  }

  /// Rule D2 but for tokens and ports: the first cycle in which the channel is free for the next transfer.
  @inline(__always) func free(forWrite: Bool) -> Int? {
    if spec.transfersInFlight == 0, requesting < open.count || !path.isEmpty { return nil }
    guard let landing = flight.free(oldest: repeating) else { return nil }
    if let lastWasWrite, lastWasWrite != forWrite { return open.isEmpty ? previousEnd : nil }
    if spec.transfersInFlight > 0 { return max(spec.dispatch, lastStart + 1, landing) }
    return max(spec.dispatch, forWrite ? max(sentUntil, path.lastBeat + 1) : lastRequest + 1)
  }

  /// The transfer whose row is written again, and when it lands at the earliest.
  private var repeating: (instruction: Int, landing: Int)? {
    guard let row = rowRepeat, let transfer = open.first, transfer.isRepeating else { return nil }
    return (transfer.instruction, row.next + row.left - 1 + transfer.ending)
  }

  /// The next transfer starts.
  mutating func begin(_ transfer: OpenTransfer) {
    next += 1
    lastWasWrite = transfer.isWrite
    lastStart = transfer.start
    flight.begin(transfer.instruction)
    if requesting == open.count { splitter = BurstSplitter(transfer.dram, rows: transfer.fetchedRows, spec: spec) }
    open.append(transfer)
    if transfer.gathers { gather.add(transfer) }
    sendNext()
  }

  /// The first cycle in which the next burst may be requested, or its first beat sent, as far as the channel goes: rules D3, D5, D7
  /// to D9, D12. `nil` while that isn't known.
  @inline(__always) var nextRequest: Int? { usesPath ? path.next : nextBurst }

  @inline(__always) private var usesPath: Bool {
    spec.sendPath > 0 && (!path.isEmpty || requesting < open.count && open[requesting].isWrite)
  }

  /// The same where the row buffer's beats are on their way at once; else when the next one leaves it.
  @inline(__always) private var nextBurst: Int? {
    guard requesting < open.count, sending == nil, entering == nil, requested - served < spec.outstanding else {
      return nil
    }
    let transfer = open[requesting]
    let time = max(transfer.first, done[requested % spec.outstanding] + spec.slotReturn)
    guard transfer.isWrite else { return max(time, lastRequest + 1) }
    guard splitter.isAtRow else { return max(time, sentUntil) }
    if transfer.gathers { return gather.rowComplete.map { max(time, sentUntil, $0) } }
    return max(time, sentUntil, max(transfer.first, sentUntil) + furtherWords(transfer))
  }

  /// Words that a row takes to be gathered, but for its first (rule D7).
  @inline(__always) private func furtherWords(_ transfer: OpenTransfer) -> Int {
    spec.assembly && !transfer.gathers ? ceil(transfer.dram.rowBytes, transfer.wordBytes) - 1 : 0
  }

  /// Requests the next burst, or sends its first beat, in cycle `time`. Returns the first cycle in which nothing of it is sent;
  /// `.max` while that isn't known.
  ///
  /// - Parameters:
  ///   - latency: Of the DRAM.
  ///   - acknowledging: From a burst sent to its place in the order of responses, where they are in order (rule R5).
  mutating func request(at time: Int, latency: Int, acknowledging: Int, recorder: inout Recorder) -> Int {
    if usesPath {
      let (burst, isOver) = path.start(at: time)
      recorder.event(.request, burst.instruction, at: time, detail: burst.position)
      let free = isOver ? end(burst, acknowledging: acknowledging) : nil
      let later = advance(acknowledging: acknowledging)
      return free ?? later ?? .max
    }
    recorder.event(.request, open[requesting].instruction, at: time, detail: open[requesting].bursts)
    let beats = beginBurst()
    guard open[requesting].isWrite else {
      lastRequest = time
      bursts[(requested - 1) % spec.outstanding].arrival = time + latency
      if splitter.isEmpty { requestedAll() }
      return time + 1
    }
    sending = Sending(start: time, beats: beats, acknowledging: acknowledging)
    return send() ?? .max
  }

  /// Cuts the next burst, which takes a place among the outstanding ones. Returns its beats.
  private mutating func beginBurst() -> Int {
    if open[requesting].isWrite, splitter.isAtRow {
      if open[requesting].gathers {
        gather.takeRow()
      } else if spec.sendPath == 0 {
        open[requesting].assembling += furtherWords(open[requesting])
      }
    }
    let cut = splitter.next()
    bursts[requested % spec.outstanding] = Burst(arrival: .max, cut: cut)
    open[requesting].bursts += 1
    open[requesting].beats += cut.beats
    requested += 1
    return cut.beats
  }

  /// Sends the beats of the burst that has begun as soon as the credit for all but the first is known (rule D8). Returns the cycle
  /// after the last.
  private mutating func send() -> Int? {
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
  private var credit: Int? {
    if !spec.beatCredit { return 0 }
    return requested - served < spec.outstanding ? done[requested % spec.outstanding] + spec.slotReturn : nil
  }

  /// The last beat of a burst of transfer `index` has been sent.
  private mutating func sent(_ index: Int, until time: Int, isLast: Bool) {
    guard isLast else { return }
    open[index].movedUntil = time
    if !open[index].landsWhenRead { land(open[index].instruction, at: time) }
  }

  /// The last beat of a written burst has left the row buffer.
  private mutating func leftRowBuffer() {
    if open[requesting].gathers, !splitter.isEmpty, splitter.isAtRow { gather.sent(sentUntil, spec) }
    if splitter.isEmpty { requestedAll() }
  }

  // MARK: The path to memory

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

  private mutating func end(_ burst: SendPath.Burst, acknowledging: Int) -> Int {
    let until = path.lastBeat + 1
    bursts[burst.number % spec.outstanding].arrival = until + acknowledging
    if let index = open.firstIndex(where: { $0.instruction == burst.instruction }) {
      sent(index, until: until, isLast: burst.isLast)
    }
    return until
  }

  /// Whether a beat has left the row buffer.
  private mutating func enterBeat() -> Bool {
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

  /// The transfer that has been requested so far has no burst left: the next one that has begun goes on.
  private mutating func requestedAll() {
    requesting += 1
    if requesting < open.count {
      splitter = BurstSplitter(
        open[requesting].dram, rows: open[requesting].fetchedRows, spec: spec)
    }
    sendNext()
  }

  /// Rows of the transfer that is sent next may be gathered.
  private mutating func sendNext() {
    if requesting < open.count, open[requesting].gathers {
      gather.begin(open[requesting].instruction, from: sentUntil, spec)
    }
  }

  /// A transfer is no longer in flight, from `time` on.
  mutating func land(_ instruction: Int, at time: Int) { flight.land(instruction, at: time, early: false) }

  /// The DRAM serves the oldest burst (rules D4, D5, R2–R4), or a word of a row is written again (D11), in cycle `now`.
  ///
  /// - Parameter sent: The cycle after the last beat of a burst that has been waiting for this one's place; else unchanged.
  mutating func serve(
    at now: Int, bus: inout Bus, channel: Int, words: inout WordTable, sent: inout Int, recorder: inout Recorder
  ) {
    if let time = rowRepeat?.next, time <= now { return writeAgain(&words) }
    let burst = bursts[served % spec.outstanding]
    let beats = burst.cut.beats
    let finished: Int
    if open[serving].isWrite {
      let passed = bus.serve(arrival: burst.arrival, beats: beats, beatBytes: spec.beatBytes).last
      finished = bus.isInOrder ? passed : passed + (spec.acknowledgement ?? bus.latency)
      recorder.traffic.dramWritten[channel] += beats * spec.beatBytes
    } else {
      if spec.assembly { assemble(burst, bus: bus, words: &words) }
      let passed = bus.serve(arrival: burst.arrival, beats: beats, beatBytes: spec.beatBytes)
      if !spec.assembly {
        // Beats come at the pace of the slower of bus and channel: then only the last or the first beat can bind.
        let cycles = open[serving].beatCycles
        let paced =
          !bus.isIdeal && bus.paces(beatBytes: spec.beatBytes, beatCycles: cycles)
          ? passed.last + cycles - 1 : passed.first + beats * cycles - 1
        lastBeat = max(lastBeat + beats * cycles, paced)
        lastWord = lastBeat
      }
      finished = lastBeat
      recorder.traffic.dramRead[channel] += beats * spec.beatBytes
    }
    if bus.isInOrder { bus.respond(until: finished) }
    recorder.event(.burst, open[serving].instruction, at: finished, detail: open[serving].finished)
    done[served % spec.outstanding] = finished
    served += 1
    if let until = send() { sent = until }
    open[serving].finished += 1
    guard open[serving].finished == open[serving].bursts, requesting > serving else { return }
    if !open[serving].isWrite { open[serving].movedUntil = lastBeat + 1 }
    open[serving].last = open[serving].isWrite ? finished : max(lastBeat, lastWord)
    if serving > 0, !open[serving].isWrite, !open[serving].isRepeating {
      flight.land(open[serving].instruction, at: open[serving].last + open[serving].ending, early: true)
      open[serving].hasLanded = true
    }
    serving += 1
  }

  /// The next transfer whose end has become known.
  mutating func nextEnd(recorder: inout Recorder) -> (OpenTransfer, end: Int)? {
    guard serving > 0, !open[0].isRepeating else { return nil }
    let ended = open.removeFirst()
    requesting -= 1
    serving -= 1
    let end = max(previousEnd, ended.last + ended.ending)
    if !ended.isWrite, !ended.hasLanded { land(ended.instruction, at: end) }
    attribute(ended, end: end, recorder: &recorder)
    return (ended, end)
  }

  /// A word of the row that is written again.
  private mutating func writeAgain(_ words: inout WordTable) {
    guard let (isWritten, cycle) = rowRepeat?.step(&words), isWritten, rowRepeat?.left == 0 else { return }
    open[0].last = max(open[0].last, cycle)
    open[0].isRepeating = false
    rowRepeat = nil
  }

  /// Puts a burst's bytes together to words of the buffer, rule D6: finds `lastBeat` and `lastWord`.
  private mutating func assemble(_ burst: Burst, bus: Bus, words: inout WordTable) {
    let word = open[serving].wordBytes
    let endsRow = burst.cut.offset + burst.cut.bytes == open[serving].dram.rowBytes
    let repeats = endsRow && open[serving].repeats && open[serving].dram.rows > 1
    if let row = rowRepeat, repeats || row.buffer == open[serving].buffer {
      // Its words come behind those of the row.
      while rowRepeat != nil {
        lastWord = max(lastWord, rowRepeat?.next ?? 0)
        writeAgain(&words)
      }
    }
    let first = bus.passing(arrival: burst.arrival, beat: 0, beatBytes: spec.beatBytes)
    let ready = max(first, lastBeat + 1)
    lastBeat = max(ready, assemblerFree)
    open[serving].assembling += lastBeat - ready
    var written = 0
    for beat in 0..<burst.cut.beats {
      if beat > 0 {
        lastBeat = max(
          lastBeat + 1, bus.passing(arrival: burst.arrival, beat: beat, beatBytes: spec.beatBytes))
      }
      let here = min(burst.cut.bytes, (beat + 1) * spec.beatBytes - burst.cut.lead)
      // The end of the next word, which may have begun in an earlier burst of the row.
      while written < here {
        let offset = burst.cut.offset + written
        let end = min(burst.cut.bytes, written + word - offset % word)
        if end > here { break }
        written = end
        lastWord = max(lastWord, lastBeat) + 1
        if let path = open[serving].wordPath { words.write(open[serving].banks, at: lastWord + path) }
      }
    }
    assemblerFree = lastWord > lastBeat ? lastWord : lastWord == lastBeat ? lastBeat + 2 : lastBeat + 1
    if endsRow { rowRepeat?.yield(behind: lastWord, loadLatency: open[serving].loadLatency) }
    guard repeats else { return }
    rowRepeat = RowRepeat(open[serving], from: lastWord + 1)
    open[serving].isRepeating = true
  }

  /// "Where the cycles go", DMA channel.
  private mutating func attribute(_ transfer: OpenTransfer, end: Int, recorder: inout Recorder) {
    let index = transfer.instruction
    let until = transfer.movedUntil
    var cursor = mark
    recorder.spend(until: min(previousEnd, transfer.start), on: .drain, by: index, cursor: &cursor)
    recorder.spend(until: spec.dispatch, on: .setup, by: index, cursor: &cursor)
    recorder.wait(for: transfer.arrivals, by: index, cursor: &cursor)
    recorder.spend(until: transfer.start, on: .waitPort, by: index, cursor: &cursor)
    recorder.spend(until: transfer.first, on: .setup, by: index, cursor: &cursor)
    let narrow = transfer.beats * (transfer.beatCycles - 1) + transfer.assembling
    recorder.spend(transfer.beats, on: .busy, by: index)
    recorder.spend(narrow, on: .narrow, by: index)
    recorder.spend(until - cursor - transfer.beats - narrow, on: .waitDRAM, by: index)
    mark = until
    previousEnd = end
  }

  /// Acknowledgements still to come after the last beat: `drain` of the last transfer.
  func drain(unit: Int, into recorder: inout Recorder) {
    guard let last = program.last, previousEnd > mark else { return }
    recorder.spend(previousEnd - mark, on: .drain, by: last)
  }
}

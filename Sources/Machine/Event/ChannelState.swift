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
  var requesting = 0
  var serving = 0
  var rowRepeat: RowRepeat?
  var splitter = BurstSplitter()
  /// The last `outstanding` bursts requested, and `done` of those that were served, by number modulo `outstanding`.
  var bursts: [Burst]
  var done: [Int]
  var requested = 0
  var served = 0
  /// Cycle of the last request (read), or after the last beat sent (write).
  var lastRequest = -1
  var sentUntil = 0
  /// r of the last beat read; u of the last word put together, and the first cycle in which a burst's first beat is taken.
  var lastBeat = -1
  var lastWord = -1
  var assemblerFree = 0
  /// End and mark of the last transfer that ended, and whether it was a write.
  var previousEnd = 0
  var mark = 0
  var lastWasWrite: Bool?
  /// `transfers-in-flight`: start of the last transfer, and which haven't landed.
  var lastStart = -1
  var flight: TransferFlight
  var arrivals: [Arrival] = []
  /// A written burst whose first beat leaves in `start`, while it isn't known when the others do.
  struct Sending {
    var start: Int
    var beats: Int
    var acknowledging: Int
  }
  var sending: Sending?
  /// Of a channel with `send-path`: the beats that have left the row buffer, and the burst that is leaving it.
  var path: SendPath
  var entering: (left: Int, last: Int)?

  init(spec: DMAChannelSpec, program: [Int]) {
    self.spec = spec
    self.program = program
    bursts = Array(repeating: Burst(), count: spec.outstanding)
    done = Array(repeating: -spec.slotReturn, count: spec.outstanding)
    flight = TransferFlight(limit: spec.transfersInFlight)
    path = SendPath(registers: spec.sendPath)
  }

  var head: Int? { next < program.count ? program[next] : nil }

  /// Stores whose words are read one by one (rule D9).
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
    if let lastWasWrite, lastWasWrite != forWrite { return open.isEmpty ? max(previousEnd, landing) : nil }
    if spec.transfersInFlight > 0 { return max(spec.dispatch, lastStart + 1, landing) }
    return max(spec.dispatch, forWrite ? max(sentUntil, path.lastBeat + 1) : lastRequest + 1)
  }

  /// The transfer whose row is written again, and when at the earliest its last word comes and it lands.
  var repeating: (instruction: Int, last: Int, landing: Int)? {
    guard let row = rowRepeat, let transfer = open.first, transfer.isRepeating else { return nil }
    let last = row.next + row.left - 1
    return (transfer.instruction, last, last + transfer.ending)
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

  @inline(__always) var usesPath: Bool {
    spec.sendPath > 0 && (!path.isEmpty || requesting < open.count && open[requesting].isWrite)
  }

  /// The same where the row buffer's beats are on their way at once; else when the next one leaves it.
  @inline(__always) var nextBurst: Int? {
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
  @inline(__always) func furtherWords(_ transfer: OpenTransfer) -> Int {
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
  mutating func beginBurst() -> Int {
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

  /// The transfer that has been requested so far has no burst left: the next one that has begun goes on.
  mutating func requestedAll() {
    requesting += 1
    if requesting < open.count {
      splitter = BurstSplitter(
        open[requesting].dram, rows: open[requesting].fetchedRows, spec: spec)
    }
    sendNext()
  }

  /// Rows of the transfer that is sent next may be gathered.
  mutating func sendNext() {
    if requesting < open.count, open[requesting].gathers {
      gather.begin(open[requesting].instruction, from: sentUntil, spec)
    }
  }

  /// A store is no longer in flight, from `time` on.
  mutating func land(_ instruction: Int, at time: Int) { flight.land(instruction, at: time, last: 0) }
}

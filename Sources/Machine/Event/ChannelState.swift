import Hardware
import Schedule

/// One DMA channel: the bursts it has requested, and the transfers that have begun (rules D1–D5).
struct ChannelState {
  let spec: DMAChannelSpec
  let program: [Int]
  /// Position in `program` of the next transfer to start.
  var next = 0
  /// Transfers that have begun and not ended, oldest first.
  var open: [OpenTransfer] = []
  /// The transfer at the end of `open` has bursts left to request.
  var requesting = false
  private var splitter = BurstSplitter()
  /// The last `outstanding` bursts requested, and `done` of those that were served, by number modulo `outstanding`.
  private var bursts: [Burst]
  private var done: [Int]
  private var requested = 0
  private var served = 0
  /// Cycle of the last request (read), or after the last beat sent (write).
  private var lastRequest = -1
  private var sentUntil = 0
  /// r of the last beat read.
  private var lastBeat = -1
  /// End and mark of the last transfer that ended, and whether it was a write.
  private var previousEnd = 0
  private var mark = 0
  private var lastWasWrite: Bool?
  var arrivals: [Arrival] = []

  struct OpenTransfer {
    var instruction: Int
    var isWrite: Bool
    var arrivals: [Arrival]
    var start: Int
    /// s + setup, for writes + lat(buffer): the first cycle of requests or beats.
    var first: Int
    var beatCycles: Int
    var banks: ClosedRange<Int>
    var bursts = 0
    var finished = 0
    var beats = 0
    /// Writes: the cycle after the last beat is sent.
    var sentUntil = 0
  }

  init(spec: DMAChannelSpec, program: [Int]) {
    self.spec = spec
    self.program = program
    bursts = Array(repeating: Burst(), count: spec.outstanding)
    done = Array(repeating: -1, count: spec.outstanding)
  }

  var head: Int? { next < program.count ? program[next] : nil }

  /// When the oldest burst that the DRAM has not served reaches it.
  var nextArrival: Int? { served < requested ? bursts[served % spec.outstanding].arrival : nil }

  /// Rule D2 but for tokens and ports: the first cycle in which the channel is free for the next transfer.
  func free(forWrite: Bool) -> Int? {
    guard !requesting else { return nil }
    if let lastWasWrite, lastWasWrite != forWrite { return open.isEmpty ? previousEnd : nil }
    return forWrite ? sentUntil : lastRequest + 1
  }

  /// The next transfer starts.
  mutating func begin(_ transfer: OpenTransfer, rows: DRAMRegion) {
    next += 1
    lastWasWrite = transfer.isWrite
    open.append(transfer)
    splitter = BurstSplitter(rows, spec: spec)
    requesting = true
  }

  /// Requests as many bursts as the window of outstanding ones lets: rules D1, D3, D5.
  mutating func request(latency: Int, recorder: inout Recorder) {
    while requesting, requested - served < spec.outstanding {
      let newest = open.count - 1
      guard let beats = splitter.next() else {
        requesting = false
        if open[newest].isWrite { open[newest].sentUntil = sentUntil }
        return
      }
      let number = open[newest].bursts
      var time = max(open[newest].first, done[requested % spec.outstanding] + 1)
      let arrival: Int
      if open[newest].isWrite {
        time = max(time, sentUntil)
        sentUntil = time + beats * open[newest].beatCycles
        arrival = sentUntil
      } else {
        time = max(time, lastRequest + 1)
        lastRequest = time
        arrival = time + latency
      }
      recorder.event(.request, open[newest].instruction, at: time, detail: number)
      bursts[requested % spec.outstanding] = Burst(arrival: arrival, beats: beats)
      open[newest].bursts += 1
      open[newest].beats += beats
      requested += 1
      if splitter.isEmpty {
        requesting = false
        if open[newest].isWrite { open[newest].sentUntil = sentUntil }
      }
    }
  }

  /// The DRAM serves the oldest burst: rules D4, D5, R2–R4. Returns the transfer that this ends.
  mutating func serve(bus: inout Bus, channel: Int, recorder: inout Recorder) -> (OpenTransfer, end: Int)? {
    let burst = bursts[served % spec.outstanding]
    let passed = bus.serve(arrival: burst.arrival, beats: burst.beats, beatBytes: spec.beatBytes)
    let finished: Int
    if open[0].isWrite {
      finished = passed.last + bus.latency
      recorder.traffic.dramWritten[channel] += burst.beats * spec.beatBytes
    } else {
      // Beats come at the pace of the slower of bus and channel: then only the last or the first beat can bind.
      let cycles = open[0].beatCycles
      let paced =
        !bus.isIdeal && bus.paces(beatBytes: spec.beatBytes, beatCycles: cycles)
        ? passed.last + cycles - 1 : passed.first + burst.beats * cycles - 1
      finished = max(lastBeat + burst.beats * cycles, paced)
      lastBeat = finished
      recorder.traffic.dramRead[channel] += burst.beats * spec.beatBytes
    }
    recorder.event(.burst, open[0].instruction, at: finished, detail: open[0].finished)
    done[served % spec.outstanding] = finished
    served += 1
    open[0].finished += 1
    let isLast = open[0].finished == open[0].bursts && !(requesting && open.count == 1)
    guard isLast else { return nil }
    let ended = open.removeFirst()
    attribute(ended, end: finished + 1, recorder: &recorder)
    return (ended, finished + 1)
  }

  /// "Where the cycles go", DMA channel.
  private mutating func attribute(_ transfer: OpenTransfer, end: Int, recorder: inout Recorder) {
    let index = transfer.instruction
    let until = transfer.isWrite ? transfer.sentUntil : end
    var cursor = mark
    recorder.spend(until: min(previousEnd, transfer.start), on: .drain, by: index, cursor: &cursor)
    recorder.wait(for: transfer.arrivals, by: index, cursor: &cursor)
    recorder.spend(until: transfer.start, on: .waitPort, by: index, cursor: &cursor)
    recorder.spend(until: transfer.first, on: .setup, by: index, cursor: &cursor)
    recorder.spend(transfer.beats, on: .busy, by: index)
    recorder.spend(transfer.beats * (transfer.beatCycles - 1), on: .narrow, by: index)
    recorder.spend(until - cursor - transfer.beats * transfer.beatCycles, on: .waitDRAM, by: index)
    mark = until
    previousEnd = end
  }

  /// Acknowledgements still to come after the last beat: `drain` of the last transfer.
  func drain(unit: Int, into recorder: inout Recorder) {
    guard let last = program.last, previousEnd > mark else { return }
    recorder.spend(previousEnd - mark, on: .drain, by: last)
  }
}

/// A burst that has been requested: when it reaches the DRAM, and its length.
struct Burst {
  var arrival = 0
  var beats = 0
}

/// Cuts the rows of a DRAM region into bursts (rule D1).
struct BurstSplitter {
  private var rows = 0
  private var rowBytes = 0
  private var stride = 0
  private var rowStart = 0
  private var address = 0
  private var beatBytes = 1
  private var longest = 1
  private var boundary = 1

  init() {}

  init(_ region: DRAMRegion, spec: DMAChannelSpec) {
    rows = region.rows
    rowBytes = region.rowBytes
    stride = region.stride
    rowStart = region.address
    address = region.address
    beatBytes = spec.beatBytes
    longest = spec.burstBeats * spec.beatBytes
    boundary = spec.boundaryBytes
  }

  var isEmpty: Bool { rows == 0 }

  /// Beats of the next burst.
  mutating func next() -> Int? {
    guard rows > 0 else { return nil }
    let aligned = address / beatBytes * beatBytes
    let end = min(rowStart + rowBytes, aligned + longest, (address / boundary + 1) * boundary)
    let beats = (end - aligned + beatBytes - 1) / beatBytes
    address = end
    if end == rowStart + rowBytes {
      rows -= 1
      rowStart += stride
      address = rowStart
    }
    return beats
  }
}

extension EventEngine {
  private func transfer(_ instruction: Int) -> (transfer: Transfer, isWrite: Bool)? {
    switch schedule.instructions[instruction].operation {
    case .load(let transfer): (transfer, false)
    case .store(let transfer): (transfer, true)
    case .matmul, .vector: nil
    }
  }

  /// Rule D2 but for the port.
  mutating func channelReady(_ channel: Int) -> Int? {
    guard let head = channels[channel].head, let (_, isWrite) = transfer(head),
      let free = channels[channel].free(forWrite: isWrite),
      let arrivals = tokens.visible(schedule.instructions[head], slots: .start)
    else { return nil }
    channels[channel].arrivals = arrivals
    return max(free, arrivals.latest)
  }

  func channelClaims(_ channel: Int) -> Claims {
    var claims = Claims()
    if let head = channels[channel].head, let (transfer, _) = transfer(head) {
      claims.add(ports.banks(of: transfer.region), role: 0)
    }
    return claims
  }

  mutating func startTransfer(_ channel: Int) {
    guard let head = channels[channel].head, let (transfer, isWrite) = transfer(head) else { return }
    let buffer = accelerator.buffers[transfer.region.buffer]
    let spec = accelerator.channels[channel]
    let banks = ports.banks(of: transfer.region)
    let agent = agents.channel(channel)
    tokens.take(schedule.instructions[head], slots: .start)
    recorder.start(head, at: now)
    if isWrite {
      recorder.traffic.bufferRead[transfer.region.buffer] += transfer.region.bytes
    } else {
      recorder.traffic.bufferWritten[transfer.region.buffer] += transfer.region.bytes
    }
    ports.claim(agent: agent, role: 0, banks: banks, until: .max)
    channels[channel].begin(
      ChannelState.OpenTransfer(
        instruction: head, isWrite: isWrite, arrivals: channels[channel].arrivals, start: now,
        first: now + spec.setup + (isWrite ? buffer.latency : 0),
        beatCycles: max(1, ceil(spec.beatBytes, buffer.wordBytes)), banks: banks),
      rows: transfer.dram)
    acted(agent)
    request(channel)
  }

  private mutating func request(_ channel: Int) {
    channels[channel].request(latency: bus.latency, recorder: &recorder)
    arrivals[channel] = channels[channel].nextArrival ?? .max
    arm(agents.channel(channel))
  }

  mutating func serveBurst(of channel: Int) {
    let ended = channels[channel].serve(bus: &bus, channel: channel, recorder: &recorder)
    if let (transfer, end) = ended {
      let agent = agents.channel(channel)
      for bank in transfer.banks where !channels[channel].open.contains(where: { $0.banks.contains(bank) }) {
        ports.settle(agent: agent, role: 0, banks: bank...bank, until: end)
      }
      released(at: end)
      finish(transfer.instruction, end: end)
    }
    request(channel)
  }
}

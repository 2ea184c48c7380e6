import Hardware
import Schedule

/// A load or store as its channel sees it.
struct LiteralTransfer {
  var instruction: Int
  var isLoad: Bool
  var dram: DRAMRegion
  var buffer: Int
  var bytes: Int
  /// Cycles that the buffer's port needs for one beat.
  var beatInterval: Int
  /// Latency of the buffer that a store reads.
  var readLatency: Int
  var claims: Range<Int>
  var waits: Range<Int>
  var posts: Range<Int>
  /// nil where nobody asks for values.
  var data: UnsafePointer<Data>?

  struct Data {
    var dram: LiteralBytes
    var buffer: LiteralBytes

    /// Moves `count` bytes of the transfer from byte `first` on.
    func move(_ first: Int, _ count: Int, isLoad: Bool) {
      let (from, to) = isLoad ? (dram, buffer) : (buffer, dram)
      from.stretches(first, count) { bytes, at, run in to.write(first + at, run, from: bytes) }
    }
  }
}

/// One DMA channel (rules D1–D5): takes transfers in order, cuts them into bursts, keeps a window of them in flight and
/// moves one beat at a time through the buffer's port.
struct LiteralChannel: ~Copyable {
  struct Request {
    var cycle: Int
    var beats: Int
    var isRead: Bool
  }

  /// What is left to move of a burst.
  private struct Place {
    /// Byte of the transfer, row by row.
    var first = 0
    var count = 0
    /// Of the next beat: the first of a burst may begin within one.
    var beat = 0

    /// Moves the bytes of one beat.
    mutating func move(_ transfer: LiteralTransfer, _ beatBytes: Int) {
      guard let data = transfer.data else { return }
      let count = min(beat, count)
      data.pointee.move(first, count, isLoad: transfer.isLoad)
      first += count
      self.count -= count
      beat = beatBytes
    }
  }

  private struct Burst {
    var transfer: Int
    var number: Int
    /// Read: beats not yet in the buffer.
    var beatsLeft: Int
    var isLast: Bool
    var place: Place
  }

  let beatBytes: Int
  private let unit: Int
  private let channel: Int
  private let agent: Int
  private let maxBeats: Int
  private let boundary: Int
  private let outstanding: Int
  private let setup: Int
  private let latency: Int
  private let program: [LiteralTransfer]

  /// The next transfer to start.
  private(set) var next = 0
  /// Transfers that have ended, in order.
  private var ended = 0
  /// The transfer whose bursts are being issued, or −1; the first cycle in which one may be.
  private var issuing = -1
  private var ready = 0
  /// Where the next burst begins: row of the DRAM side and byte within it; how many were cut.
  private var row = 0
  private var offset = 0
  private var cut = 0
  /// Bursts asked for and not done, oldest first.
  private var bursts = LiteralFIFO<Burst>()
  /// Bursts on their way to the DRAM.
  private var requests = LiteralFIFO<Request>()
  /// Cycles in which writes are acknowledged.
  private var acknowledgements = LiteralFIFO<Int>()
  /// Beats read that wait for the buffer's port; the DRAM adds to it.
  var arrived = 0
  /// Cycles left of the beat at the buffer's port.
  private var beatLeft = 0
  /// Beats left to send of the burst being written, and the length of that burst.
  private var sendLeft = 0
  private var sending = 0
  private var sendPlace = Place()
  /// The transfer that owns the present cycle.
  private var owner = 0

  init(
    _ spec: DMAChannelSpec, unit: Int, channel: Int, agent: Int, dramLatency: Int, program: [LiteralTransfer]
  ) {
    beatBytes = spec.beatBytes
    maxBeats = spec.burstBeats
    boundary = spec.boundaryBytes
    outstanding = spec.outstanding
    setup = spec.setup
    latency = dramLatency
    self.unit = unit
    self.channel = channel
    self.agent = agent
    self.program = program
  }

  /// The transfer that hasn't ended and whether tokens are all that it lacks.
  func head(_ tokens: LiteralTokens) -> (instruction: Int, starved: Bool)? {
    ended < program.count ? (program[ended].instruction, !tokens.met(program[ended].waits)) : nil
  }

  // MARK: Issue

  mutating func act(_ bus: inout LiteralBus) {
    if issuing < 0, next < program.count { start(&bus) }
    if issuing >= 0, bus.now >= ready, sendLeft == 0, bursts.count < outstanding { issue(&bus) }
  }

  private mutating func start(_ bus: inout LiteralBus) {
    if next > 0, ended < next, program[next].isLoad != program[next - 1].isLoad { return }
    guard bus.tokens.met(program[next].waits) else { return }
    let transfer = program[next]
    guard bus.ports.grant(agent, transfer.claims) else { return }
    bus.tokens.take(transfer.waits)
    bus.ledger.start(transfer.instruction, at: bus.now)
    bus.acted = true
    bus.underway += 1
    if transfer.isLoad {
      bus.ledger.traffic.bufferWritten[transfer.buffer] += transfer.bytes
    } else {
      bus.ledger.traffic.bufferRead[transfer.buffer] += transfer.bytes
    }
    issuing = next
    next += 1
    ready = bus.now + setup + (transfer.isLoad ? 0 : transfer.readLatency)
    (row, offset, cut) = (0, 0, 0)
  }

  /// Requests the next burst (read) or begins to send it (write).
  private mutating func issue(_ bus: inout LiteralBus) {
    let transfer = program[issuing]
    let (beats, place) = cutBurst(transfer.dram)
    let isLast = row == transfer.dram.rows
    bus.ledger.note(bus.now, .request, transfer.instruction, cut)
    bursts.push(Burst(transfer: issuing, number: cut, beatsLeft: beats, isLast: isLast, place: place))
    cut += 1
    if transfer.isLoad {
      bus.ledger.traffic.dramRead[channel] += beats * beatBytes
      requests.push(Request(cycle: bus.now + latency, beats: beats, isRead: true))
      if isLast { issuing = -1 }
    } else {
      bus.ledger.traffic.dramWritten[channel] += beats * beatBytes
      sendLeft = beats
      sending = beats
      sendPlace = place
    }
  }

  /// The beats of the burst that begins at the present place (rule D1); moves the place to its end.
  private mutating func cutBurst(_ region: DRAMRegion) -> (beats: Int, place: Place) {
    let rowStart = region.address + row * region.stride
    let start = rowStart + offset
    let firstBeat = start / beatBytes
    let end = min(
      rowStart + region.rowBytes, (firstBeat + maxBeats) * beatBytes, (start / boundary + 1) * boundary)
    let place = Place(
      first: row * region.rowBytes + offset, count: end - start, beat: (firstBeat + 1) * beatBytes - start)
    offset = end - rowStart
    if offset == region.rowBytes {
      row += 1
      offset = 0
    }
    return ((end + beatBytes - 1) / beatBytes - firstBeat, place)
  }

  // MARK: DRAM side

  /// A burst that gets to the DRAM in cycle `now`.
  mutating func arrival(_ now: Int) -> Request? {
    if requests.isEmpty || requests.first.cycle > now { return nil }
    return requests.pop()
  }

  mutating func acknowledge(at cycle: Int) { acknowledgements.push(cycle) }

  // MARK: Buffer side

  /// Moves one beat, sees one acknowledgement, and books the cycle.
  mutating func move(_ bus: inout LiteralBus) {
    if owner == program.count, ended == owner {
      book(nil, &bus)
      return
    }
    var moved: Part?
    var sent = false
    if beatLeft == 0, arrived > 0 {
      arrived -= 1
      beatLeft = program[bursts.first.transfer].beatInterval
    } else if beatLeft == 0, sendLeft > 0 {
      beatLeft = program[issuing].beatInterval
    }
    if beatLeft > 0 {
      beatLeft -= 1
      moved = beatLeft == 0 ? .busy : .narrow
      if beatLeft == 0 {
        if sendLeft > 0 {
          sendLeft -= 1
          sent = sendLeft == 0
          sendPlace.move(program[issuing], beatBytes)
        } else {
          let transfer = program[bursts.first.transfer]
          bursts.first.beatsLeft -= 1
          bursts.first.place.move(transfer, beatBytes)
        }
      }
    }
    book(moved, &bus)
    if sent { send(&bus) }
    if moved == .busy, !bursts.isEmpty, bursts.first.beatsLeft == 0 { done(&bus) }
    while !acknowledgements.isEmpty, acknowledgements.first <= bus.now {
      acknowledgements.pop()
      done(&bus)
    }
  }

  /// The last beat of a written burst has left.
  private mutating func send(_ bus: inout LiteralBus) {
    requests.push(Request(cycle: bus.now + 1, beats: sending, isRead: false))
    if row == program[issuing].dram.rows {
      issuing = -1
      owner += 1
    }
  }

  /// The oldest burst is in the buffer (read) or acknowledged (write).
  private mutating func done(_ bus: inout LiteralBus) {
    let burst = bursts.pop()
    let transfer = program[burst.transfer]
    bus.ledger.note(bus.now, .burst, transfer.instruction, burst.number)
    if burst.isLast {
      if transfer.isLoad { owner += 1 }
      ended += 1
      bus.underway -= 1
      bus.finish(transfer.instruction, posts: transfer.posts, agent: agent, claims: transfer.claims)
    }
  }

  // MARK: Where the cycles go

  private mutating func book(_ moved: Part?, _ bus: inout LiteralBus) {
    if owner == program.count {
      if ended < owner {
        bus.ledger.charge(program[owner - 1].instruction, .drain)
      } else {
        bus.ledger.idle(unit)
      }
      return
    }
    let part: Part
    if owner < next {
      let setupEnd = owner == next - 1 ? ready : 0
      part = bus.now < setupEnd ? .setup : moved ?? .waitDRAM
    } else if ended < owner {
      part = .drain
    } else {
      part = bus.tokens.missing(program[owner].waits) ?? .waitPort
    }
    bus.ledger.charge(program[owner].instruction, part)
  }
}

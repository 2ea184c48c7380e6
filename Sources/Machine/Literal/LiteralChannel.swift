import Hardware
import Schedule

/// One DMA channel (rules D1–D5): takes transfers in order, cuts them into bursts, keeps a window of them in flight and
/// moves one beat at a time through the buffer's port.
struct LiteralChannel: ~Copyable {
  struct Request {
    var cycle: Int
    var beats: Int
    var isRead: Bool
  }

  private struct Burst {
    var transfer: Int
    var number: Int
    /// Read: beats not yet in the buffer.
    var beatsLeft: Int
    var isLast: Bool
    var place: LiteralPlace
    var cut: LiteralCut
  }

  /// A transfer whose last beat, word or acknowledgement was there, and the cycle with which it ends.
  private struct Ending {
    var transfer: Int
    var cycle: Int
  }

  let beatBytes: Int
  private let unit: Int
  private let channel: Int
  private let agent: Int
  private let outstanding: Int
  private let setup: Int
  private let latency: Int
  private let assembles: Bool
  /// Transfers in flight at once; 0: one at a time is requested or sent.
  private let inFlight: Int
  private let dispatch: Int
  private let slotReturn: Int
  private let writePath: Int
  private let completion: Int
  private let beatCredit: Bool
  private let program: [LiteralTransfer]

  /// The next transfer to start.
  private(set) var next = 0
  /// Transfers that have ended, in order.
  private var ended = 0
  /// The transfer whose bursts are being issued; `next` if none is. For each that has begun and isn't issued: the first cycle in
  /// which one of its bursts may be.
  private var issuing = 0
  private var ready = LiteralFIFO<Int>()
  private var cutter: LiteralCutter
  /// Bursts asked for and not done, oldest first.
  private var bursts = LiteralFIFO<Burst>()
  /// Places taken among the outstanding bursts; the cycles from which those of bursts that are done are free again.
  private var slots = 0
  private var returns = LiteralFIFO<Int>()
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
  private var sendPlace = LiteralPlace()
  private var assembler: LiteralAssembler
  /// Words to gather before the next row's first beat, −1 when they haven't been counted; whether one is in this cycle.
  private var toGather = -1
  private var gathers = false
  private var endings = LiteralFIFO<Ending>()
  /// The transfer that owns the present cycle.
  private var owner = 0

  init(
    _ spec: DMAChannelSpec, unit: Int, channel: Int, agent: Int, dramLatency: Int, program: [LiteralTransfer]
  ) {
    beatBytes = spec.beatBytes
    assembler = LiteralAssembler(beatBytes: spec.beatBytes)
    cutter = LiteralCutter(spec)
    outstanding = spec.outstanding
    setup = spec.setup
    latency = dramLatency
    assembles = spec.assembly
    inFlight = spec.transfersInFlight
    dispatch = spec.dispatch
    slotReturn = spec.slotReturn
    writePath = spec.writePath
    completion = spec.completion
    beatCredit = spec.beatCredit
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
    while !returns.isEmpty, returns.first <= bus.now {
      returns.pop()
      slots -= 1
    }
    gathers = false
    if next < program.count, bus.now >= dispatch, hasRoom { start(&bus) }
    if issuing < next, bus.now >= ready.first, sendLeft == 0, isGathered, slots < outstanding { issue(&bus) }
  }

  /// Whether one more transfer may be under way.
  private var hasRoom: Bool {
    if inFlight == 0 { return issuing == next }
    let oldest = next - inFlight
    return oldest < 0 || oldest < (program[oldest].isLoad ? ended : owner)
  }

  /// Whether the row that a store sends next has been gathered, which takes a word a cycle.
  private var isGathered: Bool {
    mutating get {
      guard assembles, !program[issuing].isLoad, cutter.isAtRow else { return true }
      if toGather < 0 {
        toGather = (program[issuing].dram.rowBytes + program[issuing].wordBytes - 1) / program[issuing].wordBytes - 1
      }
      if toGather == 0 { return true }
      toGather -= 1
      gathers = true
      return false
    }
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
    next += 1
    ready.push(bus.now + setup + (transfer.isLoad ? 0 : transfer.readLatency))
  }

  /// All bursts of the transfer are issued: the next one that has begun goes on.
  private mutating func issuedAll() {
    issuing += 1
    ready.pop()
    cutter.rewind()
  }

  /// Requests the next burst (read) or begins to send it (write).
  private mutating func issue(_ bus: inout LiteralBus) {
    let transfer = program[issuing]
    let number = cutter.count
    let (cut, place) = cutter.next(transfer.dram)
    let isLast = cutter.isDone(transfer.dram)
    bus.ledger.note(bus.now, .request, transfer.instruction, number)
    bursts.push(
      Burst(transfer: issuing, number: number, beatsLeft: cut.beats, isLast: isLast, place: place, cut: cut))
    slots += 1
    toGather = -1
    if transfer.isLoad {
      bus.ledger.traffic.dramRead[channel] += cut.beats * beatBytes
      requests.push(Request(cycle: bus.now + latency, beats: cut.beats, isRead: true))
      if isLast { issuedAll() }
    } else {
      bus.ledger.traffic.dramWritten[channel] += cut.beats * beatBytes
      sendLeft = cut.beats
      sending = cut.beats
      sendPlace = place
    }
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
    if assembles {
      let writesLast = assembler.write()
      let transfer = program[assembler.transfer]
      if assembler.writes, let banks = transfer.wordBanks {
        bus.words.write(banks, at: bus.now + 1 + writePath + transfer.loadLatency)
      }
      if writesLast { complete(assembler.transfer, bus.now) }
    }
    var moved: Part?
    var sent = false
    if beatLeft == 0, arrived > 0 {
      if takes(bus.now) {
        arrived -= 1
        beatLeft = assembles ? 1 : program[bursts.first.transfer].beatInterval
      } else {
        moved = .narrow
      }
    } else if beatLeft == 0, sendLeft > 0, mayGoOn {
      beatLeft = assembles ? 1 : program[issuing].beatInterval
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
    assembler.close()
    book(moved ?? (gathers ? .narrow : nil), &bus)
    if sent { send(&bus) }
    if moved == .busy, !bursts.isEmpty, bursts.first.beatsLeft == 0 { done(&bus) }
    while !acknowledgements.isEmpty, acknowledgements.first <= bus.now {
      acknowledgements.pop()
      done(&bus)
    }
    while !endings.isEmpty, endings.first.cycle <= bus.now { finish(endings.pop().transfer, &bus) }
  }

  /// Whether a beat that has arrived is taken; it must be of the oldest burst.
  private mutating func takes(_ now: Int) -> Bool {
    guard assembles else { return true }
    let transfer = bursts.first.transfer
    let isTaken = assembler.take(
      bursts.first.cut, of: transfer, isLast: bursts.first.isLast, wordBytes: program[transfer].wordBytes)
    if isTaken, assembler.beatEnds { complete(transfer, now) }
    return isTaken
  }

  /// A further beat of a burst may need a place among the outstanding ones of which the burst itself holds one.
  private var mayGoOn: Bool { !beatCredit || sendLeft == sending || slots < max(2, outstanding) }

  /// The last beat of a written burst has left.
  private mutating func send(_ bus: inout LiteralBus) {
    requests.push(Request(cycle: bus.now + 1, beats: sending, isRead: false))
    if cutter.isDone(program[issuing].dram) {
      issuedAll()
      owner += 1
    }
  }

  /// The oldest burst is in the buffer (read) or acknowledged (write).
  private mutating func done(_ bus: inout LiteralBus) {
    let burst = bursts.pop()
    let transfer = program[burst.transfer]
    bus.ledger.note(bus.now, .burst, transfer.instruction, burst.number)
    returns.push(bus.now + slotReturn)
    guard burst.isLast else { return }
    if transfer.isLoad { owner += 1 }
    if assembles, transfer.isLoad { return }
    complete(burst.transfer, bus.now)
  }

  /// The last beat, word or acknowledgement of a transfer is there.
  private mutating func complete(_ transfer: Int, _ now: Int) {
    let latency = program[transfer].isLoad ? program[transfer].loadLatency : 0
    endings.push(Ending(transfer: transfer, cycle: now + completion - 1 + latency))
  }

  private mutating func finish(_ index: Int, _ bus: inout LiteralBus) {
    let transfer = program[index]
    ended += 1
    bus.underway -= 1
    bus.finish(transfer.instruction, posts: transfer.posts, agent: agent, claims: transfer.claims)
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
      let isSettingUp = owner == issuing && bus.now < ready.first
      part = isSettingUp ? .setup : moved ?? .waitDRAM
    } else if ended < owner {
      part = .drain
    } else if bus.now < dispatch {
      part = .setup
    } else {
      part = bus.tokens.missing(program[owner].waits) ?? .waitPort
    }
    bus.ledger.charge(program[owner].instruction, part)
  }
}

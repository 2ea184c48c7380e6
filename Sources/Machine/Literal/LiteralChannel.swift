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
  /// Beats that have left the row buffer, of a channel with `send-path`; whether a burst can begin to in this cycle.
  private var path: LiteralSendPath
  private var mayEnter = false
  private var leftLast = false
  private var usesPath: Bool { path.registers > 0 }
  private var assembler: LiteralAssembler
  private var gather: LiteralGather
  private let readCompletion: Int
  private let acknowledgement: Int?
  private let isInOrder: Bool
  /// Requests of all channels take one way (rule R6): whether this one has a burst for it in this cycle.
  private let sharesRequests: Bool
  private(set) var wantsRequest = false
  var isSending: Bool { usesPath ? path.holdsWay : sendLeft > 0 }
  /// By transfer: when it began, and when it is no longer in flight because all of it has been read (rule D10).
  private var began: [Int]
  private var landedWhenRead: [Int]
  /// Transfers that are no longer in flight, and bursts that have been read.
  private var landed = 0
  private(set) var burstsRead = 0
  /// Words to gather before the next row's first beat, −1 when they haven't been counted; whether one is in this cycle.
  private var toGather = -1
  private var gathers = false
  private var endings = LiteralFIFO<Ending>()
  /// Those behind a transfer whose row is still written again (rule D11), and their own cycles by transfer: they are no longer in flight.
  private var behind: [Ending] = []
  private var endsBehind: [Int]
  /// The transfer that owns the present cycle.
  private var owner = 0
  private var starvation = LiteralStarvation()

  init(
    _ spec: DMAChannelSpec, unit: Int, channel: Int, agent: Int, dram: DRAMSpec, program: [LiteralTransfer]
  ) {
    beatBytes = spec.beatBytes
    assembler = LiteralAssembler(beatBytes: spec.beatBytes)
    cutter = LiteralCutter(spec)
    gather = LiteralGather(spec)
    readCompletion = spec.readCompletion
    acknowledgement = spec.acknowledgement
    isInOrder = dram.isInOrder
    sharesRequests = dram.sharesRequests
    began = Array(repeating: 0, count: program.count)
    landedWhenRead = Array(repeating: .max, count: program.count)
    endsBehind = landedWhenRead
    outstanding = spec.outstanding
    setup = spec.setup
    latency = dram.latency
    assembles = spec.assembly
    inFlight = spec.transfersInFlight
    dispatch = spec.dispatch
    slotReturn = spec.slotReturn
    writePath = spec.writePath
    completion = spec.completion
    beatCredit = spec.beatCredit
    path = LiteralSendPath(registers: spec.sendPath)
    self.unit = unit
    self.channel = channel
    self.agent = agent
    self.program = program
  }

  /// The transfer that hasn't ended and whether tokens are all that it lacks.
  func head(_ tokens: LiteralTokens) -> (instruction: Int, starved: Bool)? {
    ended < program.count ? (program[ended].instruction, !tokens.met(program[ended].waits)) : nil
  }

  static let labels = ["started", "issued", "ended", "outstanding bursts", "waiting beats"]

  /// Its part of the register file; `now` is the cycle that begins.
  func visit(_ visitor: inout LiteralVisitor, now: Int) {
    visitor.counter(next)
    visitor.counter(issuing)
    visitor.counter(ended)
    visitor.counter(slots - (0..<returns.count).count { returns[$0] <= now })
    visitor.counter(arrived)
  }

  // MARK: Issue

  /// Starts the next transfer and issues a burst, if it can.
  @inline(__always)
  mutating func act(_ bus: inout LiteralBus) {
    if !starvation.lasts(bus.tokens.epoch) { request(&bus) }
  }

  private mutating func request(_ bus: inout LiteralBus) {
    while !returns.isEmpty, returns.first <= bus.now {
      returns.pop()
      slots -= 1
    }
    gathers = false
    wantsRequest = false
    if assembles { readWord(&bus) }
    while landed < next, hasLanded(landed, bus.now) { landed += 1 }
    if next < program.count, bus.now >= dispatch, hasRoom(bus.now) { start(&bus) }
    let canBegin =
      issuing < next && bus.now >= ready.first && sendLeft == 0 && isGathered(bus.now) && slots < outstanding
    mayEnter = usesPath && canBegin && !program[issuing].isLoad
    if usesPath ? path.asks(bus.now) || canBegin && !mayEnter : canBegin {
      if sharesRequests { wantsRequest = true } else { issue(&bus) }
    }
  }

  /// Whether one more transfer may be under way.
  private func hasRoom(_ now: Int) -> Bool {
    if inFlight == 0 { return issuing == next && path.isEmpty }
    return next - inFlight < landed + (landed..<next).count { endsBehind[$0] < now }
  }

  private func hasLanded(_ index: Int, _ now: Int) -> Bool {
    if program[index].isLoad { return index < ended || endsBehind[index] < now }
    return landsWhenRead(program[index]) ? landedWhenRead[index] <= now : index < owner
  }

  private func gathers(_ transfer: LiteralTransfer) -> Bool {
    assembles && !transfer.isLoad && transfer.wordBanks != nil
  }

  private func landsWhenRead(_ transfer: LiteralTransfer) -> Bool { readCompletion > 0 && gathers(transfer) }

  /// Reads a word of a store whose words are read one by one, if nothing takes its port.
  private mutating func readWord(_ bus: inout LiteralBus) {
    while gather.transfer < next, !gathers(program[gather.transfer]) { gather.skip() }
    let index = gather.transfer
    guard index < next, bus.now > began[index], gather.mayRead, let banks = program[index].wordBanks,
      bus.results.isFree(banks)
    else { return }
    let transfer = program[index]
    let isLast = gather.readWord(
      of: transfer.rowWords * transfer.dram.rows, arriving: bus.now + max(0, setup + transfer.readLatency - 1))
    guard isLast, landsWhenRead(transfer) else { return }
    landedWhenRead[index] = bus.now + readCompletion
    bus.ledger.read(transfer.instruction, at: bus.now + readCompletion)
    bus.post(transfer.posts, at: bus.now + readCompletion)
  }

  /// Whether the row that a store sends next has been gathered, which takes a word a cycle.
  private mutating func isGathered(_ now: Int) -> Bool {
    guard assembles, !program[issuing].isLoad, cutter.isAtRow else { return true }
    if gathers(program[issuing]) { return gather.gatherWord(of: program[issuing].rowWords, now) }
    if toGather < 0 {
      toGather = (program[issuing].dram.rowBytes + program[issuing].wordBytes - 1) / program[issuing].wordBytes - 1
    }
    if toGather == 0 { return true }
    toGather -= 1
    gathers = !usesPath
    return false
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
    began[next] = bus.now
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
  mutating func issue(_ bus: inout LiteralBus) {
    if path.asks(bus.now) {
      let beat = path.hold()
      bus.ledger.note(bus.now, .request, program[beat.transfer].instruction, beat.burst)
      return
    }
    bus.ledger.note(bus.now, .request, program[issuing].instruction, cutter.count)
    begin(&bus)
  }

  /// The next burst takes a place among the outstanding ones.
  private mutating func begin(_ bus: inout LiteralBus) {
    let transfer = program[issuing]
    let number = cutter.count
    if cutter.isAtRow { gather.sendRow() }
    let (cut, place) = cutter.next(transfer.dram)
    let isLast = cutter.isDone(transfer)
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

  /// Whether a burst gets to the DRAM in cycle `now`.
  @inline(__always)
  func hasArrival(_ now: Int) -> Bool { !requests.isEmpty && requests.first.cycle <= now }

  mutating func takeArrival() -> Request { requests.pop() }

  /// A burst that was written has passed in `cycle`.
  mutating func acknowledge(passed cycle: Int) {
    acknowledgements.push(isInOrder ? cycle : cycle + (acknowledgement ?? latency))
  }

  // MARK: Buffer side

  /// Moves one beat, sees one acknowledgement, and books the cycle.
  @inline(__always)
  mutating func move(_ bus: inout LiteralBus) {
    if starvation.lasts(bus.tokens.epoch) {
      bus.ledger.charge(starvation.instruction, starvation.part)
    } else if owner == program.count, ended == owner {
      bus.ledger.idle(unit)
    } else {
      moveBeat(&bus)
    }
  }

  private mutating func moveBeat(_ bus: inout LiteralBus) {
    if assembles {
      let last = assembler.write()
      if let repeated = assembler.repeated { write(repeated, isLast: last.repeated, &bus) }
      if let carried = assembler.carried { write(carried, isLast: last.carried, &bus) }
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
    } else if beatLeft == 0, sendLeft > 0, mayGoOn, !usesPath {
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
    if usesPath, leavePath(&bus) { moved = .busy }
    book(moved ?? (gathers ? .narrow : nil), &bus)
    if usesPath { enterPath(&bus) }
    if sent { send(&bus) }
    if moved == .busy, !bursts.isEmpty, bursts.first.beatsLeft == 0 { done(&bus) }
    while !acknowledgements.isEmpty, acknowledgements.first <= bus.now {
      acknowledgements.pop()
      done(&bus)
    }
    while !endings.isEmpty, endings.first.cycle <= bus.now { finish(endings.pop().transfer, &bus) }
  }

  /// A word of a transfer is complete.
  private mutating func write(_ transfer: Int, isLast: Bool, _ bus: inout LiteralBus) {
    if let banks = program[transfer].wordBanks {
      bus.words.write(banks, at: bus.now + 1 + writePath + program[transfer].loadLatency)
    }
    if isLast { complete(transfer, bus.now) }
  }

  /// Whether a beat that has arrived is taken; it must be of the oldest burst.
  private mutating func takes(_ now: Int) -> Bool {
    guard assembles else { return true }
    let transfer = bursts.first.transfer
    let isTaken = assembler.take(
      bursts.first.cut, of: program[transfer], number: transfer, isLast: bursts.first.isLast,
      repeats: repeats(program[transfer], bursts.first.cut))
    if isTaken, assembler.beatEnds { complete(transfer, now) }
    return isTaken
  }

  /// Words that repeat those of a burst behind its last, which are bytes of the transfer too.
  private func repeats(_ transfer: LiteralTransfer, _ cut: LiteralCut) -> Int {
    guard transfer.repeats, cut.offset + cut.useful == transfer.dram.rowBytes else { return 0 }
    let further = transfer.dram.rows - 1
    transfer.data?.pointee.move(transfer.dram.rowBytes, further * transfer.dram.rowBytes, isLoad: true)
    return further * ((transfer.dram.rowBytes + transfer.wordBytes - 1) / transfer.wordBytes)
  }

  /// A further beat of a burst may need a place among the outstanding ones of which the burst itself holds one.
  private var mayGoOn: Bool { !beatCredit || sendLeft == sending || slots < max(2, outstanding) }

  /// The last beat of a written burst has left.
  private mutating func send(_ bus: inout LiteralBus) {
    pushWrite(beats: sending, bus.now)
    if cutter.isDone(program[issuing]) {
      issuedAll()
      owner += 1
    }
  }

  private mutating func pushWrite(beats: Int, _ now: Int) {
    let cycle = now + 1 + (isInOrder ? acknowledgement ?? latency : 0)
    requests.push(Request(cycle: cycle, beats: beats, isRead: false))
  }

  // MARK: The path to memory

  /// Whether a beat leaves the path.
  private mutating func leavePath(_ bus: inout LiteralBus) -> Bool {
    guard let beat = path.leave(bus.now) else { return false }
    if beat.isLast { pushWrite(beats: beat.beats, bus.now) }
    if beat.endsTransfer { leftLast = true }
    return true
  }

  /// A beat leaves the row buffer, if one can and the path has room.
  private mutating func enterPath(_ bus: inout LiteralBus) {
    if leftLast {
      owner += 1
      leftLast = false
    }
    guard path.hasRoom, mayEnter || sendLeft > 0 && mayGoOn else { return }
    if mayEnter { begin(&bus) }
    let isLast = sendLeft == 1
    let endsTransfer = isLast && cutter.isDone(program[issuing])
    path.enter(
      LiteralSendPath.Beat(
        entered: bus.now, transfer: issuing, burst: cutter.count - 1, beats: sending, isFirst: sendLeft == sending,
        isLast: isLast, endsTransfer: endsTransfer))
    sendLeft -= 1
    sendPlace.move(program[issuing], beatBytes)
    if endsTransfer { issuedAll() }
  }

  /// The oldest burst is in the buffer (read) or acknowledged (write).
  private mutating func done(_ bus: inout LiteralBus) {
    let burst = bursts.pop()
    let transfer = program[burst.transfer]
    bus.ledger.note(bus.now, .burst, transfer.instruction, burst.number)
    returns.push(bus.now + slotReturn)
    if transfer.isLoad { burstsRead += 1 }
    guard burst.isLast else { return }
    if transfer.isLoad { owner += 1 }
    if assembles, transfer.isLoad { return }
    complete(burst.transfer, bus.now)
  }

  /// The last beat, word or acknowledgement of a transfer is there.
  private mutating func complete(_ transfer: Int, _ now: Int) {
    let latency = program[transfer].isLoad ? program[transfer].loadLatency : 0
    let ending = Ending(transfer: transfer, cycle: now + completion - 1 + latency)
    // Transfers end in order: not before one whose rows are still written again (rule D11).
    if let repeater = assembler.repeater, repeater != transfer {
      behind.append(ending)
      endsBehind[transfer] = ending.cycle
    } else {
      endings.push(ending)
      while !behind.isEmpty { endings.push(behind.removeFirst()) }
    }
  }

  private mutating func finish(_ index: Int, _ bus: inout LiteralBus) {
    let transfer = program[index]
    ended += 1
    bus.underway -= 1
    bus.finish(
      transfer.instruction, posts: landsWhenRead(transfer) ? 0..<0 : transfer.posts, agent: agent,
      claims: transfer.claims)
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
    } else if let lack = bus.tokens.missing(program[owner].waits) {
      part = lack
      if bursts.isEmpty, returns.isEmpty {
        starvation = LiteralStarvation(bus.tokens.epoch, program[owner].instruction, lack)
      }
    } else {
      part = .waitPort
    }
    bus.ledger.charge(program[owner].instruction, part)
  }
}

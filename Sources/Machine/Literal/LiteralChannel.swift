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

  struct Burst {
    var transfer: Int
    var number: Int
    /// Read: beats not yet in the buffer.
    var beatsLeft: Int
    var isLast: Bool
    var place: LiteralPlace
    var cut: LiteralCut
  }

  /// A transfer whose last beat, word or acknowledgement was there, and the cycle with which it ends.
  struct Ending {
    var transfer: Int
    var cycle: Int
  }

  let beatBytes: Int
  let unit: Int
  let channel: Int
  let agent: Int
  let outstanding: Int
  let setup: Int
  let latency: Int
  let assembles: Bool
  /// Transfers in flight at once; 0: one at a time is requested or sent.
  let inFlight: Int
  let dispatch: Int
  let slotReturn: Int
  let writePath: Int
  let completion: Int
  let beatCredit: Bool
  let program: [LiteralTransfer]

  /// The next transfer to start.
  private(set) var next = 0
  /// Transfers that have ended, in order.
  var ended = 0
  /// The transfer whose bursts are being issued; `next` if none is. For each that has begun and isn't issued: the first cycle in
  /// which one of its bursts may be.
  var issuing = 0
  var ready = LiteralFIFO<Int>()
  var cutter: LiteralCutter
  /// Bursts asked for and not done, oldest first.
  var bursts = LiteralFIFO<Burst>()
  /// Places taken among the outstanding bursts; the cycles from which those of bursts that are done are free again.
  var slots = 0
  var returns = LiteralFIFO<Int>()
  /// Bursts on their way to the DRAM.
  var requests = LiteralFIFO<Request>()
  /// Cycles in which writes are acknowledged.
  var acknowledgements = LiteralFIFO<Int>()
  /// Beats read that wait for the buffer's port; the DRAM adds to it.
  var arrived = 0
  /// Cycles left of the beat at the buffer's port.
  var beatLeft = 0
  /// Beats left to send of the burst being written, and the length of that burst.
  var sendLeft = 0
  var sending = 0
  var sendPlace = LiteralPlace()
  /// Beats that have left the row buffer, of a channel with `send-path`; whether a burst can begin to in this cycle.
  var path: LiteralSendPath
  var mayEnter = false
  var leftLast = false
  var usesPath: Bool { path.registers > 0 }
  var assembler: LiteralAssembler
  var gather: LiteralGather
  let readCompletion: Int
  let acknowledgement: Int?
  let isInOrder: Bool
  /// Requests of all channels take one way (rule R6): whether this one has a burst for it in this cycle.
  let sharesRequests: Bool
  private(set) var wantsRequest = false
  var isSending: Bool { usesPath ? path.holdsWay : sendLeft > 0 }
  /// By transfer: when it began, and when it is no longer in flight because all of it has been read (rule D10).
  var began: [Int]
  var landedWhenRead: [Int]
  /// Transfers that are no longer in flight, and bursts that have been read.
  var landed = 0
  var burstsRead = 0
  /// Words to gather before the next row's first beat, −1 when they haven't been counted; whether one is in this cycle.
  var toGather = -1
  var gathers = false
  var endings = LiteralFIFO<Ending>()
  /// Those behind a transfer whose row is still written again (rule D11), and their own cycles by transfer: they are no longer in flight.
  var behind: [Ending] = []
  var endsBehind: [Int]
  var lastLanding = 0
  /// The transfer that owns the present cycle.
  var owner = 0
  var starvation = LiteralStarvation()

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

  /// Starts the next transfer and issues a burst, if it can.
  @inline(__always)
  mutating func act(_ bus: inout LiteralBus) {
    if !starvation.lasts(bus.tokens.epoch) { request(&bus) }
  }

  mutating func request(_ bus: inout LiteralBus) {
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
  func hasRoom(_ now: Int) -> Bool {
    if inFlight == 0 { return issuing == next && path.isEmpty }
    return next - inFlight < landed + (landed..<next).count { endsBehind[$0] < now }
  }

  func hasLanded(_ index: Int, _ now: Int) -> Bool {
    if program[index].isLoad { return index < ended || endsBehind[index] < now }
    return landsWhenRead(program[index]) ? landedWhenRead[index] <= now : index < owner
  }

  mutating func start(_ bus: inout LiteralBus) {
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
  mutating func issuedAll() {
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
  mutating func begin(_ bus: inout LiteralBus) {
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

  /// Whether a burst gets to the DRAM in cycle `now`.
  @inline(__always)
  func hasArrival(_ now: Int) -> Bool { !requests.isEmpty && requests.first.cycle <= now }

  mutating func takeArrival() -> Request { requests.pop() }

  /// A burst that was written has passed in `cycle`.
  mutating func acknowledge(passed cycle: Int) {
    acknowledgements.push(isInOrder ? cycle : cycle + (acknowledgement ?? latency))
  }
}

import Hardware
import Schedule

/// The literal engine: one clock at a time, all units, every PE register. It is the definition of the machine.
///
/// A cycle has three parts. Agents act on what was committed before it, in the order of rule A1. Data moves: DRAM, DMA
/// beats, the PE grids. The edge commits: tokens of what has ended and ports given back are there from the next cycle on.
enum LiteralEngine {
  /// Executes `schedule` to its end.
  ///
  /// - Throws: `.wrongUnit` before the first cycle; `.deadlock` in the first cycle in which nothing is under way and no
  ///   head can get the tokens that it waits for; `.inconsistent` when the PE grid contradicts its control.
  static func run(_ schedule: Schedule, options: RunOptions) throws(MachineError) -> Run {
    try run(schedule, options, LiteralContents(schedule, nil), nil)
  }

  /// The same with values, from `image` on: what DRAM holds at the end. The image has been admitted.
  static func run(
    _ schedule: Schedule, options: RunOptions, image: MemoryImage, observe: ((ValueEvent) -> Void)?
  ) throws(MachineError) -> (run: Run, image: MemoryImage) {
    let contents = LiteralContents(schedule, image)
    let run = try run(schedule, options, contents, observe)
    return (run, contents.memory?.image ?? image)
  }

  private static func run(
    _ schedule: Schedule, _ options: RunOptions, _ contents: LiteralContents, _ observe: ((ValueEvent) -> Void)?
  ) throws(MachineError) -> Run {
    var machine = LiteralMachine(try LiteralProgram(schedule, contents), schedule, options, observe)
    try machine.run(options.progress)
    // Units hold places in memory that live as long as the contents.
    return withExtendedLifetime(contents) { machine.result() }
  }
}

/// All units and what they share.
struct LiteralMachine: ~Copyable {
  private(set) var bus: LiteralBus
  // Units act in place: no copies, no reference counts in the loop.
  private let engines: UnsafeMutableBufferPointer<LiteralMatrix>
  private var vector: LiteralVector
  private let channels: UnsafeMutableBufferPointer<LiteralChannel>
  private var dram: LiteralDRAM
  private let sharesRequests: Bool
  private var lastRequest = 0
  let instructions: Int
  /// A cycle takes the longer the more PEs there are: progress after so much work of all, well within a second.
  private let progressInterval: Int

  init(
    _ program: LiteralProgram, _ schedule: Schedule, _ options: RunOptions, _ observe: ((ValueEvent) -> Void)?
  ) {
    let accelerator = schedule.accelerator
    let agents = program.agents
    instructions = schedule.instructions.count
    sharesRequests = accelerator.dram.sharesRequests
    progressInterval = max(1, (1 << 26) / max(1, accelerator.peakMACsPerCycle))
    dram = LiteralDRAM(accelerator.dram, clock: accelerator.clock)
    let ledger = LiteralLedger(
      owner: schedule.instructions.map(\.queue), units: accelerator.queues.count, engines: accelerator.engines.count,
      channels: accelerator.channels.count, buffers: accelerator.buffers.count, options: options)
    bus = LiteralBus(tokens: program.tokens, ports: program.ports, words: program.words, ledger: ledger)
    engines = .allocate(capacity: accelerator.engines.count)
    for index in engines.indices {
      engines.initializeElement(
        at: index,
        to: LiteralMatrix(
          accelerator.engines[index], unit: index, streamer: agents.streamer(index), loader: agents.loader(index),
          program: program.engines[index]))
      engines[index].takeLoaded(schedule.loadedTiles(of: index), &bus.ledger)
    }
    vector = LiteralVector(
      accelerator.vector, unit: engines.count, agent: agents.vector, program: program.vector, chains: program.chains,
      observe: observe)
    channels = .allocate(capacity: accelerator.channels.count)
    for index in channels.indices {
      channels.initializeElement(
        at: index,
        to: LiteralChannel(
          accelerator.channels[index], unit: engines.count + 1 + index, channel: index, agent: agents.channel(index),
          dram: accelerator.dram, program: program.channels[index]))
    }
  }

  deinit {
    engines.deinitialize().deallocate()
    channels.deinitialize().deallocate()
  }

  /// Cycle after cycle until all instructions have ended.
  mutating func run(_ progress: (@Sendable (_ cycle: Int, _ ended: Int) -> Void)?) throws(MachineError) {
    var (now, ended, next) = (0, 0, progressInterval)
    while ended < instructions {
      ended = try tick()
      now &+= 1
      if now < next { continue }
      progress?(now, ended)
      next = now + progressInterval
    }
  }

  /// One clock cycle; the instructions that have ended with it or before.
  mutating func tick() throws(MachineError) -> Int {
    for index in engines.indices {
      engines[index].stream(&bus)
      engines[index].load(&bus)
    }
    vector.act(&bus)
    for index in channels.indices { channels[index].act(&bus) }
    if sharesRequests { grantRequest() }

    dram.serve(channels, bus.now)
    for index in channels.indices { channels[index].move(&bus) }
    for index in engines.indices {
      try engines[index].advance(&bus)
      engines[index].book(&bus)
    }
    if bus.underway == 0, !bus.acted { try checkProgress() }
    return bus.commit()
  }

  /// Rule R6: of the channels that have a burst for the shared way, the one behind that which had it last has it, if it is free.
  private mutating func grantRequest() {
    guard !channels.indices.contains(where: { channels[$0].isSending }) else { return }
    for offset in 1...channels.count {
      let channel = (lastRequest + offset) % channels.count
      if channels[channel].wantsRequest {
        lastRequest = channel
        return channels[channel].issue(&bus)
      }
    }
  }

  /// Nothing is under way and nothing has started: unless some head only waits for time to pass, nothing ever will.
  private mutating func checkProgress() throws(MachineError) {
    var heads = [vector.head(bus.tokens)]
    for index in engines.indices { heads.insert(engines[index].head(bus.tokens), at: index) }
    for index in channels.indices { heads.append(channels[index].head(bus.tokens)) }
    if heads.contains(where: { $0?.starved == false }) { return }
    throw .deadlock(cycle: bus.now, waiting: heads.compactMap { $0?.instruction })
  }

  func result() -> Run { bus.ledger.run(cycles: bus.now) }

  /// Goes through the register file, in its order (docs/cosimulation.md). `banks`: of each buffer; `counters`: of the tokens.
  mutating func visit(_ visitor: inout LiteralVisitor, banks: [Range<Int>], counters: [Int]) {
    for index in engines.indices { engines[index].visit(&visitor) }
    for range in banks { for bank in range { visitor.counter(bus.ports.taken[bank]) } }
    vector.visit(&visitor)
    for index in channels.indices { channels[index].visit(&visitor, now: bus.now) }
    visitor.counter(dram.queued)
    for counter in counters { bus.tokens.withCounter(counter) { visitor.counter(&$0) } }
  }

  /// Events noted since the trace had `count`.
  func events(from count: Int) -> ArraySlice<TraceEvent> { bus.ledger.trace[count...] }

  func edges(of index: Int) -> GridEdges { engines[index].edges }

  /// Registers of the engine with number `index`.
  func groups(of index: Int) -> [RegisterGroup] { engines[index].groups }
}

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
    var machine = LiteralMachine(try LiteralProgram(schedule), schedule, options)
    while !machine.isDone {
      try machine.tick()
      if let progress = options.progress, machine.now & 0xFFFFF == 0 { progress(machine.now, machine.ended) }
    }
    return machine.result()
  }
}

/// All units and what they share.
private struct LiteralMachine {
  private var bus: LiteralBus
  private var engines: [LiteralMatrix]
  private var vector: LiteralVector
  private var channels: [LiteralChannel]
  private var dram: LiteralDRAM
  private let instructions: Int

  init(_ program: LiteralProgram, _ schedule: Schedule, _ options: RunOptions) {
    let accelerator = schedule.accelerator
    let agents = program.agents
    instructions = schedule.instructions.count
    dram = LiteralDRAM(accelerator.dram, clock: accelerator.clock)
    let ledger = LiteralLedger(
      owner: schedule.instructions.map(\.queue), units: accelerator.queues.count, engines: accelerator.engines.count,
      channels: accelerator.channels.count, buffers: accelerator.buffers.count, options: options)
    bus = LiteralBus(tokens: program.tokens, ports: program.ports, ledger: ledger)
    engines = accelerator.engines.indices.map {
      LiteralMatrix(
        accelerator.engines[$0], unit: $0, streamer: agents.streamer($0), loader: agents.loader($0),
        program: program.engines[$0])
    }
    vector = LiteralVector(
      accelerator.vector, unit: engines.count, agent: agents.vector, program: program.vector)
    channels = accelerator.channels.indices.map { [dram, count = engines.count] in
      LiteralChannel(
        accelerator.channels[$0], unit: count + 1 + $0, channel: $0, agent: agents.channel($0),
        dramLatency: dram.latency, program: program.channels[$0])
    }
  }

  var now: Int { bus.now }
  var ended: Int { bus.ledger.ended }
  var isDone: Bool { ended == instructions }

  /// One clock cycle.
  mutating func tick() throws(MachineError) {
    for index in engines.indices {
      engines[index].stream(&bus)
      engines[index].load(&bus)
    }
    vector.act(&bus)
    for index in channels.indices { channels[index].act(&bus) }

    dram.serve(&channels, bus.now)
    for index in channels.indices { channels[index].move(&bus) }
    for index in engines.indices {
      try engines[index].advance(&bus)
      engines[index].book(&bus)
    }
    if !bus.acted, !isBusy { try checkProgress() }
    bus.commit()
  }

  private var isBusy: Bool {
    bus.isCommitting || vector.isBusy || engines.contains(where: \.isBusy) || channels.contains(where: \.isBusy)
  }

  /// Nothing is under way and nothing has started: unless some head only waits for time to pass, nothing ever will.
  private func checkProgress() throws(MachineError) {
    let heads = engines.map { $0.head(bus.tokens) } + [vector.head(bus.tokens)] + channels.map { $0.head(bus.tokens) }
    if heads.contains(where: { $0?.starved == false }) { return }
    throw .deadlock(cycle: bus.now, waiting: heads.compactMap { $0?.instruction })
  }

  consuming func result() -> Run { bus.ledger.run(cycles: bus.now) }
}

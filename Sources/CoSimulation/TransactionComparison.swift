import Machine
import Schedule

/// The event engine beside the SystemC model without its PE grid: every burst and every tile, in the cycle of each.
public enum TransactionComparison {
  /// Runs both.
  ///
  /// - Parameter progress: Called now and then with the cycles that agree so far.
  /// - Throws: `MachineError`, `CoSimulationError`.
  public static func run(
    _ schedule: Schedule, progress: (@Sendable (_ cycles: Int) -> Void)? = nil
  ) throws -> LockStep.Outcome {
    let run = try Simulator.run(schedule, engine: .event, options: RunOptions(trace: true))
    return try SystemCKernel.exclusive {
      let memory = MemoryImage(tensors: Array(repeating: nil, count: schedule.tensors.count))
      return try compare(run, with: SystemCSide(schedule, memory: memory, level: .transactions), schedule, progress)
    }
  }

  /// Cycles that the model runs before its events are looked at.
  private static let stretch = 16_384

  private static func compare(
    _ run: Run, with model: SystemCSide, _ schedule: Schedule, _ progress: (@Sendable (_ cycles: Int) -> Void)?
  ) throws -> LockStep.Outcome {
    var outcome = LockStep.Outcome(cycles: 0, registers: 0, groups: [], events: 0, bytes: 0, difference: nil)
    var pending: [TraceEvent] = []
    while !model.isDone {
      try model.step(cycles: stretch)
      pending += try model.takeEvents()
      let now = model.isDone ? Int.max : model.cycle
      let due = pending.filter { $0.cycle < now }.sorted()
      pending.removeAll { $0.cycle < now }
      for event in due {
        let ours = outcome.events < run.trace.count ? run.trace[outcome.events] : nil
        if ours != event { return differ(ours, event, run, &outcome, schedule) }
        outcome.events += 1
      }
      outcome.cycles = min(model.cycle, run.cycles)
      progress?(outcome.cycles)
    }
    if outcome.events < run.trace.count {
      return differ(run.trace[outcome.events], nil, run, &outcome, schedule)
    }
    if model.cycle != run.cycles {
      outcome.difference = Difference(
        kind: .end(done: (model.cycle > run.cycles, model.cycle < run.cycles)), cycle: min(model.cycle, run.cycles),
        unit: "", recent: Array(run.trace.suffix(24)), window: LockStepWindow())
    }
    return outcome
  }

  private static func differ(
    _ ours: TraceEvent?, _ theirs: TraceEvent?, _ run: Run, _ outcome: inout LockStep.Outcome, _ schedule: Schedule
  ) -> LockStep.Outcome {
    let first = [ours, theirs].compactMap(\.self).min()
    let queues = schedule.accelerator.queues
    let cycle = first?.cycle ?? outcome.cycles
    outcome.cycles = cycle
    outcome.difference = Difference(
      kind: .event(ours == first ? ours : nil, theirs == first ? theirs : nil), cycle: cycle,
      unit: first.map { queues.indices.contains($0.unit) ? queues[$0.unit].name : "\($0.unit)" } ?? "",
      recent: Array(run.trace[max(0, outcome.events - 24)..<outcome.events]), window: LockStepWindow())
    return outcome
  }
}

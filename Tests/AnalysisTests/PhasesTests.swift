import Analysis
import Hardware
import Machine
import Schedule
import TestSupport
import Testing

/// Phases against stacks, timings and events.
@Suite struct PhasesTests {
  @Test(arguments: RealRun.all)
  func phasesAddUpToTheStacks(_ real: RealRun) throws {
    let (schedule, run) = try real.sample()
    Self.check(schedule, run)
  }

  @Test func phasesOfRandomProgramsAddUp() throws {
    for seed in 0..<200 as Range<UInt64> {
      let schedule = RandomCase(seed: seed, byWord: seed % 4 == 0).schedule
      let options = RunOptions(trace: true, timelines: true)
      guard let run = try? Simulator.run(schedule, options: options) else { continue }
      Self.check(schedule, run)
    }
  }

  static func check(_ schedule: Schedule, _ run: Run) {
    let ownership = Ownership(schedule: schedule, run: run)
    for (unit, queue) in schedule.accelerator.queues.enumerated() {
      let all = Array(Phases(of: unit, schedule: schedule, run: run, ownership: ownership))
      #expect(all.map(\.span) == ownership.units[unit])
      for (span, phases) in all {
        var (stack, cursor) = (CycleStack(), span.start)
        for phase in phases {
          #expect(phase.start == cursor && phase.end > cursor)
          for (part, cycles) in phase.parts { stack[part] += cycles }
          #expect(phase.parts.reduce(0) { $0 + $1.cycles } == phase.cycles)
          cursor = phase.end
        }
        #expect(cursor == span.end && stack == run.stacks[span.instruction], "\(queue.name): \(span)")
        if case .matrix = queue.unit { continue }
        // Nothing but waiting and getting ready goes before the first action.
        let start = run.timings[span.instruction].start
        #expect(start <= span.start || phases.contains { $0.start == start }, "\(queue.name): \(span)")
      }
      checkEvents(run.trace.filter { $0.unit == unit }, all, queue.unit)
    }
  }

  /// Passes of the vector unit begin in its passes, bursts end in the beats of their instruction.
  private static func checkEvents(
    _ events: [TraceEvent], _ all: [(span: OwnedSpan, phases: [Phase])], _ unit: UnitKind
  ) {
    let last = Dictionary(uniqueKeysWithValues: all.map { ($0.span.instruction, $0.phases) })
    var started: Set<Int> = []
    for event in events {
      guard let phases = last[event.instruction] else { continue }
      let work = phases.first { $0.kind == .passes || $0.kind == .beats || $0.kind == .part(.busy) }
      switch (unit, event.kind) {
      case (.vector, .pass):
        #expect(work.map { $0.start <= event.cycle && event.cycle < $0.end } ?? false, "\(event)")
        if started.insert(event.instruction).inserted, work?.mixture?[.divide] == 0, work?.mixture?[.squareRoot] == 0 {
          #expect(work?.start == event.cycle, "\(event)")
        }
      case (.dma, .burst): #expect(work.map { $0.start <= event.cycle } ?? false, "\(event)")
      default: break
      }
    }
  }
}

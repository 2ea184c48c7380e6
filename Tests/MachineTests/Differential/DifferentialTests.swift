import Foundation
import Hardware
import Machine
import Schedule
import TestSupport
import Testing

/// The literal and the event engine are two implementations of docs/timing.md; they must give the same run, event for
/// event. `VITSIM_CASES` and `VITSIM_SEED` ask for more and for others.
@Suite struct DifferentialTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let cases = environment["VITSIM_CASES"].flatMap(Int.init) ?? 400
  private static let seed = environment["VITSIM_SEED"].flatMap(UInt64.init) ?? 1

  @Test(arguments: [false, true])
  func enginesAgreeOnEverything(byWord: Bool) {
    for index in 0..<Self.cases {
      let candidate = RandomCase(seed: Self.seed &* 1_000_003 &+ UInt64(index), byWord: byWord)
      guard let difference = Self.difference(candidate) else { continue }
      let small = candidate.shrunk { Self.difference($0) != nil }
      Issue.record(
        """
        case \(index) of seed \(Self.seed): \(difference)
        shrunk: \(Self.difference(small) ?? "")
        \(Self.describe(small))
        """)
      return
    }
  }

  /// A token that nobody posts: both engines run on as far as they can and stop at the same place, or end all the same.
  @Test func enginesAgreeOnDeadlocks() {
    var deadlocks = 0
    for index in 0..<Self.cases / 4 {
      let seed = Self.seed &* 1_000_033 &+ UInt64(index)
      var schedule = RandomCase(seed: seed).schedule
      guard let poster = schedule.instructions.firstIndex(where: { !$0.posts.isEmpty }) else { continue }
      schedule.instructions[poster].posts.removeLast()
      let outcomes = [EngineKind.event, .literal].map { engine in
        Result<Run, MachineError> { () throws(MachineError) in
          try Simulator.run(schedule, engine: engine, options: RunOptions(trace: true))
        }
      }
      switch (outcomes[0], outcomes[1]) {
      case (.failure(let event), .failure(let literal)):
        deadlocks += 1
        #expect(event == literal, "seed \(seed)")
      case (.success(let event), .success(let literal)): #expect(event.trace == literal.trace, "seed \(seed)")
      default: Issue.record("seed \(seed): one engine ends, the other doesn't: \(outcomes)")
      }
    }
    #expect(deadlocks > 0)
  }

  /// What distinguishes the two runs, the first event first.
  static func difference(_ candidate: RandomCase) -> String? {
    let schedule = candidate.schedule
    let options = RunOptions(trace: true, timelines: true)
    let literal: Run
    let event: Run
    do {
      event = try Simulator.run(schedule, engine: .event, options: options)
    } catch { return "event engine: \(error)" }
    do {
      literal = try Simulator.run(schedule, engine: .literal, options: options)
    } catch { return "literal engine: \(error)" }
    if literal.trace != event.trace {
      let position = zip(literal.trace, event.trace).enumerated().first { $1.0 != $1.1 }?.offset
      guard let position else { return "traces of \(literal.trace.count) and \(event.trace.count) events" }
      return "event \(position): literal \(literal.trace[position]), event \(event.trace[position])"
    }
    if literal.cycles != event.cycles { return "cycles: literal \(literal.cycles), event \(event.cycles)" }
    if literal.timings != event.timings { return "timings: literal \(literal.timings), event \(event.timings)" }
    for (index, (left, right)) in zip(literal.stacks, event.stacks).enumerated() where left != right {
      return "stack of instruction \(index): literal \(describe(left)), event \(describe(right))"
    }
    for (index, (left, right)) in zip(literal.units, event.units).enumerated() where left != right {
      return "stack of unit \(index): literal \(describe(left)), event \(describe(right))"
    }
    for (index, unit) in event.units.enumerated() where unit.total != event.cycles {
      return "stack of unit \(index) adds up to \(unit.total), not \(event.cycles)"
    }
    for (unit, stack) in event.units.enumerated() where stack.cycles.contains(where: { $0 < 0 }) {
      return "unit \(unit) has a negative part: \(describe(stack))"
    }
    if literal.macs != event.macs { return "MACs: literal \(literal.macs), event \(event.macs)" }
    if literal.traffic != event.traffic { return "traffic: literal \(literal.traffic), event \(event.traffic)" }
    if literal.timelines != event.timelines {
      for (left, right) in zip(literal.timelines.joined(), event.timelines.joined()) where left != right {
        return "timelines: literal \(left), event \(right)"
      }
      return "timelines differ in length"
    }
    return nil
  }

  private static func describe(_ stack: CycleStack) -> String {
    Part.allCases.filter { stack[$0] != 0 }.map { "\($0.name) \(stack[$0])" }.joined(separator: ", ")
  }

  static func describe(_ candidate: RandomCase) -> String {
    let schedule = candidate.schedule
    return "\(candidate.accelerator)\n"
      + schedule.instructions.enumerated().map { "\($0) \($1)" }.joined(separator: "\n")
  }
}

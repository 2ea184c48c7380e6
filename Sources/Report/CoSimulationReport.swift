import CoSimulation
import Hardware
import Machine
import Schedule

/// What a co-simulation found, as text or JSON (docs/output.md).
public struct CoSimulationReport: Sendable {
  private let outcome: LockStep.Outcome
  private let schedule: Schedule
  /// What was compared with what.
  private let sides: (String, String)

  public init(_ outcome: LockStep.Outcome, schedule: Schedule, sides: (String, String)) {
    self.outcome = outcome
    self.schedule = schedule
    self.sides = sides
  }

  /// The schedule says what the vector unit computes, or has nothing for it to do.
  private var hasValues: Bool {
    !schedule.arithmetic.isEmpty
      || !schedule.instructions.contains { if case .vector = $0.operation { true } else { false } }
  }

  public var agrees: Bool { outcome.difference == nil }

  /// Register by register and event by event, or the first difference with what led to it.
  public var text: String {
    guard let difference = outcome.difference else {
      let names = outcome.groups.count <= 6 ? " (\(outcome.groups.joined(separator: " ")))" : ""
      let registers = outcome.registers > 0 ? ", \(outcome.registers) registers in each\(names)" : ""
      let events = outcome.events > 0 ? ", \(outcome.events) events" : ""
      let bytes = outcome.bytes > 0 ? ", \(outcome.bytes) bytes of memory in the end" : ""
      let values =
        outcome.bytes > 0 && !hasValues ? "; the vector unit without values, as the schedule has no arithmetic" : ""
      return "\(sides.0) and \(sides.1) agree: \(outcome.cycles) cycles\(registers)\(events)\(bytes)\(values)\n"
    }
    var lines = ["\(sides.0) and \(sides.1) differ in cycle \(difference.cycle)"]
    if !difference.unit.isEmpty { lines[0] += ", unit \(difference.unit)" }
    lines.append("  " + what(difference.kind))
    lines.append("after \(outcome.cycles) cycles and \(outcome.events) events that agree")
    if !difference.recent.isEmpty {
      lines.append("the last events:")
      var table = TextTable([("cycle", .right), ("unit", .left), ("event", .left), ("instruction", .left)])
      for event in difference.recent.suffix(12) {
        table.add([
          String(event.cycle), unit(event.unit), describe(event.kind, event.detail), instruction(event.instruction),
        ])
      }
      lines += table.lines.map { "  " + $0 }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func what(_ kind: Difference.Kind) -> String {
    switch kind {
    case .register(let title, let values, let others):
      "\(title): \(sides.0) \(values.0), \(sides.1) \(values.1)"
        + (others > 0 ? " (and \(others) other registers)" : "")
    case .event(let ours, let theirs): "\(sides.0): \(describe(ours)); \(sides.1): \(describe(theirs))"
    case .end(let done):
      done.0
        ? "\(sides.0) has ended, \(sides.1) has not"
        : done.1 ? "\(sides.1) has ended, \(sides.0) has not" : "both go on"
    case .memory(let name, let byte, let values):
      "byte \(byte) of \(quoted(name)) in the end: \(sides.0) \(values.0), \(sides.1) \(values.1)"
    }
  }

  private func describe(_ event: TraceEvent?) -> String {
    guard let event else { return "nothing" }
    return
      "\(describe(event.kind, event.detail)) in cycle \(event.cycle), instruction \(instruction(event.instruction))"
  }

  private func describe(_ kind: TraceEvent.Kind, _ detail: Int) -> String {
    switch kind {
    case .start, .end: kind.name
    default: "\(kind.name) \(detail)"
    }
  }

  private func unit(_ index: Int) -> String {
    let queues = schedule.accelerator.queues
    return queues.indices.contains(index) ? queues[index].name : "\(index)"
  }

  /// Number and text of an instruction.
  private func instruction(_ index: Int) -> String {
    guard schedule.instructions.indices.contains(index) else { return "\(index)" }
    return "\(index) \(schedule.line(of: index))"
  }

  /// The same as an object; without `difference` where there is none.
  public var json: String {
    var members: [(String, JSON)] = [
      ("format", .string("vitsim-cosimulation")), ("version", .integer(1)), ("left", .string(sides.0)),
      ("right", .string(sides.1)),
      ("agree", .boolean(agrees)), ("cycles", .integer(outcome.cycles)), ("registers", .integer(outcome.registers)),
      ("events", .integer(outcome.events)), ("bytes", .integer(outcome.bytes)),
      ("values", .boolean(outcome.bytes > 0 && hasValues)),
    ]
    if let difference = outcome.difference {
      members.append(
        (
          "difference",
          .object([
            ("cycle", .integer(difference.cycle)), ("unit", .string(difference.unit)),
            ("what", .string(what(difference.kind))),
          ])
        ))
    }
    return JSON.object(members.map { (key: $0.0, value: $0.1) }).text
  }
}

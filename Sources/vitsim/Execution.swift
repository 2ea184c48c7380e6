import Analysis
import Machine
import Report
import Schedule

/// Runs `schedule` with a progress line; with both engines, only if they agree on every event.
///
/// - Throws: `MachineError`; `CommandFailure` with the first event on which the engines differ.
func execute(_ schedule: Schedule, on engine: EngineChoice, options: RunOptions) throws -> Run {
  let progress = ProgressLine()
  defer { progress.clear() }
  var options = options
  let total = schedule.instructions.count
  options.progress = { cycle, ended in
    progress.show("\(ended) of \(total) instructions, cycle \(cycle)")
  }
  guard engine == .both else { return try Simulator.run(schedule, engine: engine.reported, options: options) }
  let wantsTrace = options.trace
  options.trace = true
  var event = try Simulator.run(schedule, engine: .event, options: options)
  let literal = try Simulator.run(schedule, engine: .literal, options: options)
  if event != literal { throw CommandFailure(.checkFailed, disagreement(schedule, event, literal)) }
  if !wantsTrace { event.trace = [] }
  return event
}

private func disagreement(_ schedule: Schedule, _ event: Run, _ literal: Run) -> String {
  let left = TraceFile(schedule: schedule, run: event)
  let right = TraceFile(schedule: schedule, run: literal)
  let difference =
    left.difference(to: right)?.text(leftName: "event", rightName: "literal") ?? "same events, other counters"
  return "the engines disagree\n\(difference)"
}

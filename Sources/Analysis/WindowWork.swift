import Machine
import Schedule

/// What every unit did in each layer's window: `Run.units`, cut where the windows end.
///
/// A phase of several parts that a window's end cuts counts in proportion; all windows of a unit add up to its parts.
public struct WindowWork: Sendable, Hashable {
  /// By layer (as in `Summary.layers`), then by unit (index into `Accelerator.queues`).
  public let stacks: [[CycleStack]]

  /// - Parameters:
  ///   - run: The result of executing `schedule` with at least `Summary.runOptions`.
  ///   - windows: Cycles of the layers' windows, one behind the other.
  public init(schedule: Schedule, run: Run, windows: [Int]) {
    var ends: [Int] = []
    for window in windows { ends.append((ends.last ?? 0) + window) }
    var stacks = Array(repeating: Array(repeating: CycleStack(), count: run.units.count), count: windows.count)
    let ownership = Ownership(schedule: schedule, run: run)
    for unit in run.units.indices {
      var window = 0
      func add(_ phase: Phase) {
        var (start, rest) = (phase.start, phase.stack)
        while start < phase.end, window < ends.count {
          if ends[window] <= start {
            window += 1
            continue
          }
          let end = min(phase.end, ends[window])
          let share = rest.share(of: end - start)
          stacks[window][unit] += share
          for part in Part.allCases { rest[part] -= share[part] }
          start = end
        }
      }
      for (_, phases) in Phases(of: unit, schedule: schedule, run: run, ownership: ownership) { phases.forEach(add) }
      add(Phase(kind: .part(.idle), start: ownership.idle(of: unit), end: run.cycles))
    }
    self.stacks = stacks
  }
}

extension Phase {
  fileprivate var stack: CycleStack {
    var stack = CycleStack()
    for (part, cycles) in parts { stack[part] += cycles }
    return stack
  }
}

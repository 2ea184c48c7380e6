import Machine
import Schedule

/// Who was the reason that time passed, from the first cycle of a run to the last (docs/analysis.md).
///
/// ```swift
/// let path = CriticalPath(schedule: schedule, run: run)
/// assert(path.steps.reduce(0) { $0 + $1.cycles } == run.cycles)
/// ```
public struct CriticalPath: Sendable, Hashable {
  /// A stretch of time for which one instruction was the reason.
  public struct Step: Sendable, Hashable {
    /// Index into `Schedule.instructions`.
    public var instruction: Int
    public var start: Int
    /// First cycle after the stretch.
    public var end: Int
    /// What its unit did in these cycles; the parts add up to `cycles`. Where the path enters or leaves an instruction in the midst of
    /// its work, the parts of that work count in proportion.
    public var stack: CycleStack
    public var cycles: Int { end - start }
  }

  /// In the order of time; they follow each other without gaps, from cycle 0 to the last.
  public let steps: [Step]

  /// - Parameter run: The result of executing `schedule` with at least `Summary.runOptions`.
  public init(schedule: Schedule, run: Run) {
    var walk = CriticalWalk(schedule, run)
    walk.go()
    steps = walk.steps.reversed()
  }

  /// Its cycles by unit (index into `Accelerator.queues`).
  public func stacks(of schedule: Schedule) -> [CycleStack] { Self.stacks(of: steps, schedule) }

  /// The same in each of the windows that follow each other.
  ///
  /// - Parameter windows: Their cycles.
  public func stacks(of schedule: Schedule, windows: [Int]) -> [[CycleStack]] {
    cut(at: windows).map { Self.stacks(of: $0, schedule) }
  }

  private static func stacks(of steps: [Step], _ schedule: Schedule) -> [CycleStack] {
    var stacks = Array(repeating: CycleStack(), count: schedule.accelerator.queues.count)
    for step in steps { stacks[schedule.instructions[step.instruction].queue] += step.stack }
    return stacks
  }
}

extension CycleStack {
  /// The same parts in proportion, `count` cycles in all: what doesn't divide goes to the largest remainders, the first of equals.
  /// Nothing in proportion is `idle`.
  func share(of count: Int) -> CycleStack {
    let total = self.total
    if count == total { return self }
    if total == 0 {
      var idle = CycleStack()
      idle[.idle] = count
      return idle
    }
    var result = CycleStack()
    var left = count
    var remainders: [(remainder: Int, part: Int)] = []
    for part in cycles.indices where cycles[part] > 0 {
      let product = cycles[part].multipliedFullWidth(by: count)
      let (quotient, remainder) = total.dividingFullWidth(product)
      result.cycles[part] = quotient
      left -= quotient
      remainders.append((remainder, part))
    }
    remainders.sort { ($1.remainder, $0.part) < ($0.remainder, $1.part) }
    for (_, part) in remainders.prefix(left) { result.cycles[part] += 1 }
    return result
  }
}

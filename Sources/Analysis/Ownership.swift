import Machine
import Schedule

/// The cycles of its unit that one instruction owns: from the mark of the one before it to its own.
public struct OwnedSpan: Sendable, Hashable {
  /// Index into `Schedule.instructions`.
  public var instruction: Int
  public var start: Int
  /// First cycle after the span.
  public var end: Int

  public init(instruction: Int, start: Int, end: Int) {
    self.instruction = instruction
    self.start = start
    self.end = end
  }

  public var cycles: Int { end - start }
}

/// Which instruction owns a unit's cycles, at any time of a run: docs/timing.md, "Where the cycles go".
///
/// Spans follow each other without gaps from cycle 0 on, and each is as long as its instruction's stack, so they are known from the
/// stacks alone. What comes behind a unit's last span is idle.
public struct Ownership: Sendable, Hashable {
  /// By unit (index into `Accelerator.queues`): spans in the order of its queue.
  public let units: [[OwnedSpan]]
  /// The run's cycles.
  public let cycles: Int

  /// - Parameter run: The result of executing `schedule`.
  public init(schedule: Schedule, run: Run) {
    var units = [[OwnedSpan]](repeating: [], count: run.units.count)
    for (index, instruction) in schedule.instructions.enumerated() {
      let start = units[instruction.queue].last?.end ?? 0
      units[instruction.queue].append(
        OwnedSpan(instruction: index, start: start, end: start + run.stacks[index].total))
    }
    self.units = units
    cycles = run.cycles
  }

  /// First cycle of a unit that nothing owns any more.
  public func idle(of unit: Int) -> Int { units[unit].last?.end ?? 0 }

  /// The instruction that owns `cycle` of a unit; `nil` where it is idle, or before cycle 0.
  public func owner(of unit: Int, at cycle: Int) -> Int? {
    let spans = units[unit]
    var (low, high) = (0, spans.count)
    // The first span that ends behind the cycle.
    while low < high {
      let middle = (low + high) / 2
      if spans[middle].end <= cycle { low = middle + 1 } else { high = middle }
    }
    guard low < spans.count, spans[low].start <= cycle else { return nil }
    return spans[low].instruction
  }
}

import Machine
import Schedule

extension Run {
  /// By layer: the most cycles that one matrix engine owned for the layer's matmuls, waits and fills included, no matter in
  /// whose window they lie. MACs of the layer in so many cycles are no more than the engines' peak.
  ///
  /// - Parameter schedule: The one that was executed.
  public func engineCycles(of schedule: Schedule) -> [Int] {
    let queues = schedule.accelerator.queues
    var cycles = schedule.layers.map { _ in Array(repeating: 0, count: schedule.accelerator.engines.count) }
    for (index, instruction) in schedule.instructions.enumerated() {
      if case .matrix(let engine) = queues[instruction.queue].unit {
        cycles[instruction.layer][engine] += stacks[index].total
      }
    }
    return cycles.map { $0.max() ?? 0 }
  }
}

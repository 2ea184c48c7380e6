import Hardware
import Machine
import Schedule

/// What an accelerator can do in a cycle.
struct Roofs {
  private let accelerator: Accelerator
  private let channelBytes: Int

  init(_ accelerator: Accelerator) {
    self.accelerator = accelerator
    channelBytes = accelerator.channels.reduce(0) { $0 + $1.beatBytes }
  }

  /// The fewest cycles in which all matrix engines do `macs`, all at peak.
  func compute(_ macs: Int) -> Int { ceiling(macs, accelerator.peakMACsPerCycle) }

  /// Cycles that the DRAM and all channels need for `bytes`.
  func bandwidth(_ bytes: Int) -> Int { max(bus(bytes), ceiling(bytes, channelBytes)) }

  /// Cycles that the DRAM's bus needs for `bytes`; 0 if it is ideal.
  func bus(_ bytes: Int) -> Int {
    guard case .bandwidth(let rate, _) = accelerator.dram, rate > 0 else { return 0 }
    let (high, low) = bytes.multipliedFullWidth(by: accelerator.clock)
    // More than can be counted: the bus is no roof then, but a wall.
    guard high < rate else { return .max }
    let (quotient, remainder) = rate.dividingFullWidth((high, low))
    return quotient + (remainder > 0 ? 1 : 0)
  }

  private func ceiling(_ dividend: Int, _ divisor: Int) -> Int {
    divisor == 0 ? 0 : (dividend + divisor - 1) / divisor
  }
}

extension CriticalPath {
  /// What bounds each layer of `summary`, which sums up the run that the path goes through.
  public func bounds(schedule: Schedule, run: Run, summary: Summary) -> [LayerBound] {
    let roofs = Roofs(schedule.accelerator)
    let queues = schedule.accelerator.queues
    var lanes = Array(repeating: 0, count: summary.layers.count)
    for (index, instruction) in schedule.instructions.enumerated() {
      if case .vector = queues[instruction.queue].unit {
        lanes[instruction.layer] += run.stacks[index][.busy]
      }
    }
    var start = 0
    var step = 0
    return summary.layers.enumerated().map { layer, row in
      let end = start + row.cycles
      var path = BoundCycles()
      while step < steps.count {
        let cycles = min(steps[step].end, end) - max(steps[step].start, start)
        if cycles > 0 {
          add(cycles, of: steps[step], in: schedule, roofs, to: &path)
        }
        if steps[step].end > end { break }
        step += 1
      }
      start = end
      var reach: [Bound: Int] = [:]
      if row.macs > 0 { reach[.compute] = roofs.compute(row.macs) }
      let bytes = row.traffic.dramRead + row.traffic.dramWritten
      if bytes > 0 { reach[.bandwidth] = roofs.bandwidth(bytes) }
      if lanes[layer] > 0 { reach[.vector] = lanes[layer] }
      return LayerBound(name: row.name, cycles: row.cycles, path: path, roofs: reach)
    }
  }

  /// What all of the path was spent on.
  public func bounds(schedule: Schedule) -> BoundCycles {
    let roofs = Roofs(schedule.accelerator)
    return steps.reduce(into: BoundCycles()) { add($1.cycles, of: $1, in: schedule, roofs, to: &$0) }
  }

  /// Adds `cycles` of a step.
  private func add(_ cycles: Int, of step: Step, in schedule: Schedule, _ roofs: Roofs, to path: inout BoundCycles) {
    let unit = schedule.accelerator.queues[schedule.instructions[step.instruction].queue].unit
    let stack = step.stack.share(of: cycles)
    var bus = 0
    if case .dma(let channel) = unit {
      bus = roofs.bus(stack[.busy] * schedule.accelerator.channels[channel].beatBytes)
    }
    path.add(stack, on: unit, busCycles: bus)
  }
}

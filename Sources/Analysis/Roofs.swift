import Hardware
import Machine
import Schedule

/// What an accelerator can do in a cycle.
struct Roofs {
  private let accelerator: Accelerator

  init(_ accelerator: Accelerator) { self.accelerator = accelerator }

  /// The fewest cycles in which all matrix engines do `macs`, all at peak.
  func compute(_ macs: Int) -> Int { ceiling(macs, accelerator.peakMACsPerCycle) }

  /// The fewest cycles in which the DRAM's bus, and the channels that may carry them, move the bytes of each channel: channels with the same cargo
  /// share theirs.
  func bandwidth(_ bytesOfChannel: [Int]) -> Int {
    var (bytes, beats): ([Set<Cargo>: Int], [Set<Cargo>: Int]) = ([:], [:])
    for (channel, amount) in zip(accelerator.channels, bytesOfChannel) {
      bytes[channel.carries, default: 0] += amount
      beats[channel.carries, default: 0] += channel.beatBytes
    }
    let channels = bytes.map { ceiling($0.value, beats[$0.key] ?? 0) }.max() ?? 0
    return max(bus(bytesOfChannel.reduce(0, +)), channels)
  }

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
    let needs = LayerNeeds(schedule, run)
    let windows = cut(at: summary.layers.map(\.cycles))
    let load = BusLoad(schedule, run)
    return summary.layers.enumerated().map { layer, row in
      var reach: [Bound: Int] = [:]
      if row.macs > 0 { reach[.compute] = roofs.compute(row.macs) }
      let bytes = needs.bytes[layer]
      if bytes.contains(where: { $0 > 0 }) { reach[.bandwidth] = roofs.bandwidth(bytes) }
      if needs.lanes[layer] > 0 { reach[.vector] = needs.lanes[layer] }
      return LayerBound(
        name: row.name, cycles: row.cycles, path: Self.bounds(windows[layer], schedule, roofs, load), roofs: reach)
    }
  }

  /// The path's steps in each of the windows that follow each other. A step that a window's end cuts counts there in proportion, and what is left of
  /// its parts behind it.
  func cut(at windows: [Int]) -> [[Step]] {
    var result: [[Step]] = []
    var (start, index) = (0, 0)
    var rest = steps.first
    for window in windows {
      let end = start + window
      var inside: [Step] = []
      while var step = rest, step.start < end {
        if step.end <= end {
          inside.append(step)
          index += 1
          rest = index < steps.count ? steps[index] : nil
          continue
        }
        var part = step
        part.end = end
        part.stack = step.stack.share(of: end - step.start)
        inside.append(part)
        for kind in Part.allCases { step.stack[kind] -= part.stack[kind] }
        step.start = end
        rest = step
      }
      result.append(inside)
      start = end
    }
    return result
  }

  private static func bounds(
    _ steps: [Step], _ schedule: Schedule, _ roofs: Roofs, _ load: BusLoad
  ) -> BoundCycles {
    steps.reduce(into: BoundCycles()) { bounds, step in
      let unit = schedule.accelerator.queues[schedule.instructions[step.instruction].queue].unit
      var bus = 0
      if case .dma = unit { bus = roofs.bus(load.bytes(in: step.start..<step.end)) }
      bounds.add(step.stack, on: unit, busCycles: bus)
    }
  }
}

extension [LayerBound] {
  /// What all of the path was spent on.
  public var total: BoundCycles { reduce(into: BoundCycles()) { $0 += $1.path } }
}

/// What the layers of a schedule ask of DMA channels and the vector unit.
private struct LayerNeeds {
  /// By layer and channel: bytes on the bus.
  var bytes: [[Int]]
  /// By layer: cycles in which lanes issue.
  var lanes: [Int]

  init(_ schedule: Schedule, _ run: Run) {
    let accelerator = schedule.accelerator
    let queues = accelerator.queues
    bytes = Array(repeating: Array(repeating: 0, count: accelerator.channels.count), count: schedule.layers.count)
    lanes = Array(repeating: 0, count: schedule.layers.count)
    for index in schedule.instructions.indices {
      let layer = schedule.instructions[index].layer
      switch queues[schedule.instructions[index].queue].unit {
      case .matrix: continue
      case .vector: lanes[layer] += run.stacks[index][.busy]
      case .dma(let channel):
        var traffic = InstructionTraffic(buffers: accelerator.buffers.count)
        traffic.add(schedule.instructions[index], on: .dma(channel), of: accelerator)
        bytes[layer][channel] += traffic.dramRead + traffic.dramWritten
      }
    }
  }
}

import Hardware
import Machine
import Schedule

extension Summary {
  /// Sums up `run`, the result of executing `schedule` with at least `Summary.runOptions`.
  ///
  /// Without recorded timelines the cycles of all layers count as `idle` in their stacks; all else is complete.
  public init(schedule: Schedule, run: Run) {
    let accelerator = schedule.accelerator
    let queues = accelerator.queues
    let resources = Resources.estimate(accelerator)
    let capacity = Capacity(accelerator, dsps: resources.dsps)
    let lead = run.macs.indices.max { (run.macs[$0], -$0) < (run.macs[$1], -$1) }

    var macs = Array(repeating: 0, count: schedule.layers.count)
    var traffic = Array(
      repeating: InstructionTraffic(buffers: accelerator.buffers.count), count: schedule.layers.count)
    var ends = Array(repeating: 0, count: schedule.layers.count)
    var slots = Array(repeating: 0.0, count: schedule.layers.count)
    for (index, instruction) in schedule.instructions.enumerated() {
      let layer = instruction.layer
      traffic[layer].add(instruction, on: queues[instruction.queue].unit, of: accelerator)
      if case (.matmul(let matmul), .matrix(let engine)) = (instruction.operation, queues[instruction.queue].unit) {
        macs[layer] += matmul.macs
        slots[layer] += Double(run.stacks[index].total) * Double(accelerator.engines[engine].macsPerCycle)
      }
      ends[layer] = max(ends[layer], run.timings[index].end)
    }

    var windows = TimelineWindows(lead.flatMap { run.timelines.indices.contains($0) ? run.timelines[$0] : nil } ?? [])
    var rows: [SummaryRow] = []
    var start = 0
    for (index, layer) in schedule.layers.enumerated() {
      let end = max(start, ends[index])
      rows.append(
        SummaryRow(
          name: layer.name, stack: windows.next(from: start, to: end), macs: macs[index], traffic: traffic[index],
          slots: slots[index], capacity: capacity))
      start = end
    }
    var stack = CycleStack()
    var all = InstructionTraffic(buffers: accelerator.buffers.count)
    for row in rows {
      stack += row.stack
      all += row.traffic
    }
    self.model = schedule.model
    self.accelerator = accelerator
    self.layers = rows
    self.total = SummaryRow(
      name: "total", stack: stack, macs: macs.reduce(0, +), traffic: all,
      slots: Double(stack.total) * capacity.macsPerCycle, capacity: capacity)
    self.units = queues.indices.map { unit in
      var executed = 0
      if case .matrix(let engine) = queues[unit].unit { executed = run.macs[engine] }
      let busy = run.cycles == 0 ? 0 : Double(run.units[unit][.busy]) / Double(run.cycles)
      return UnitSummary(name: queues[unit].name, stack: run.units[unit], busy: busy, macs: executed)
    }
    self.lead = lead
    self.resources = resources
  }
}

/// What the design could do in a cycle and how long that is.
struct Capacity {
  let clock: Double
  let macsPerCycle: Double
  let dsps: Double
  let dspMACsPerCycle: Double

  /// A DSP block outside the engines counts with the best packing among them: it could have multiplied as well.
  init(_ accelerator: Accelerator, dsps: Int) {
    var engineDSPs = 0
    var engineMACs = 0
    for engine in accelerator.engines {
      let blocks = (engine.macsPerCycle + engine.macsPerDSP - 1) / engine.macsPerDSP
      engineDSPs += blocks
      engineMACs += blocks * engine.macsPerDSP
    }
    let packing = accelerator.engines.map(\.macsPerDSP).max() ?? 1
    clock = Double(accelerator.clock)
    macsPerCycle = Double(accelerator.peakMACsPerCycle)
    self.dsps = Double(dsps)
    dspMACsPerCycle = Double(engineMACs) + Double(max(0, dsps - engineDSPs)) * Double(packing)
  }
}

extension SummaryRow {
  /// - Parameter slots: MACs that the engines could have done in the cycles that belong to the row.
  init(
    name: String, stack: CycleStack, macs: Int, traffic: InstructionTraffic, slots: Double, capacity: Capacity
  ) {
    let cycles = stack.total
    let seconds = Double(cycles) / capacity.clock
    let gops = cycles == 0 ? 0 : 2 * Double(macs) / seconds / 1e9
    func share(of perCycle: Double) -> Double { cycles == 0 ? 0 : Double(macs) / (Double(cycles) * perCycle) }
    let bytes = traffic.dramRead + traffic.dramWritten
    self.init(
      name: name, cycles: cycles, stack: stack, macs: macs, traffic: traffic,
      metrics: Metrics(
        utilization: capacity.macsPerCycle == 0 ? 0 : share(of: capacity.macsPerCycle),
        engineUtilization: slots == 0 ? 0 : Double(macs) / slots,
        milliseconds: seconds * 1e3, gops: gops,
        intensity: bytes == 0 ? nil : 2 * Double(macs) / Double(bytes),
        gopsPerDSP: capacity.dsps == 0 ? nil : gops / capacity.dsps,
        dspEfficiency: capacity.dsps == 0 ? nil : share(of: capacity.dspMACsPerCycle)))
  }
}

extension InstructionTraffic {
  static func += (left: inout Self, right: Self) {
    left.dramRead += right.dramRead
    left.dramWritten += right.dramWritten
    for buffer in left.bufferRead.indices {
      left.bufferRead[buffer] += right.bufferRead[buffer]
      left.bufferWritten[buffer] += right.bufferWritten[buffer]
    }
  }
}

/// Cuts a timeline into consecutive windows, in one pass over its segments.
struct TimelineWindows {
  private let segments: [Segment]
  private var position = 0

  init(_ segments: [Segment]) { self.segments = segments }

  /// The parts of `start..<end`; windows must come in order. What no segment covers is idle.
  mutating func next(from start: Int, to end: Int) -> CycleStack {
    var stack = CycleStack()
    var covered = 0
    while position < segments.count, segments[position].start < end {
      let segment = segments[position]
      let from = max(segment.start, start)
      let to = min(segment.end, end)
      if to > from {
        let steps = segment.steps(before: to) - segment.steps(before: from)
        stack[segment.part] += steps
        stack[.narrow] += to - from - steps
        covered += to - from
      }
      if segment.end > end { break }
      position += 1
    }
    stack[.idle] += end - start - covered
    return stack
  }
}

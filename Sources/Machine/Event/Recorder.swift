import Hardware
import Schedule

/// Collects what a run reports: where cycles went, when instructions ran, what moved.
struct Recorder {
  private let schedule: Schedule
  private let parts = Part.allCases.count
  private let waitParts: WaitParts
  private let tracing: Bool
  private let drawing: Bool
  private var timings: [InstructionTiming]
  /// By instruction and part.
  private var stacks: [Int]
  private var timelines: [[Segment]]
  private var trace: [TraceEvent] = []
  /// The largest end so far.
  private(set) var cycles = 0
  var macs: [Int]
  var traffic: Traffic

  init(_ schedule: Schedule, options: RunOptions) {
    self.schedule = schedule
    waitParts = WaitParts(schedule.accelerator)
    tracing = options.trace
    drawing = options.timelines
    let engines = schedule.accelerator.engines.count
    timings = Array(repeating: InstructionTiming(), count: schedule.instructions.count)
    stacks = Array(repeating: 0, count: schedule.instructions.count * parts)
    timelines = Array(repeating: [], count: engines)
    macs = Array(repeating: 0, count: engines)
    traffic = Traffic(channels: schedule.accelerator.channels.count, buffers: schedule.accelerator.buffers.count)
  }

  mutating func event(_ kind: TraceEvent.Kind, _ instruction: Int, at cycle: Int, detail: Int = 0) {
    if tracing {
      let unit = schedule.instructions[instruction].queue
      trace.append(TraceEvent(cycle: cycle, unit: unit, kind: kind, instruction: instruction, detail: detail))
    }
  }

  mutating func start(_ instruction: Int, at cycle: Int) {
    timings[instruction].start = cycle
    event(.start, instruction, at: cycle)
  }

  mutating func read(_ instruction: Int, at cycle: Int) { timings[instruction].read = cycle }

  mutating func end(_ instruction: Int, at cycle: Int) {
    timings[instruction].end = cycle
    if timings[instruction].read == 0 { timings[instruction].read = cycle }
    cycles = max(cycles, cycle)
    event(.end, instruction, at: cycle)
  }

  mutating func spend(_ cycles: Int, on part: Part, by instruction: Int) {
    stacks[instruction * parts + part.rawValue] += cycles
  }

  /// Gives the cycles from `cursor` to `time`, if any, to `part`, and moves the cursor there.
  mutating func spend(until time: Int, on part: Part, by instruction: Int, cursor: inout Int, engine: Int? = nil) {
    guard time > cursor else { return }
    spend(time - cursor, on: part, by: instruction)
    if let engine { draw(part, engine: engine, from: cursor, to: time) }
    cursor = time
  }

  /// Gives the cycles until each arrival to the part that its producer stands for.
  mutating func wait(
    for arrivals: [Arrival], by instruction: Int, cursor: inout Int, engine: Int? = nil
  ) {
    for arrival in arrivals {
      let part = waitParts.part(from: arrival.from, slot: arrival.slot)
      spend(until: arrival.time, on: part, by: instruction, cursor: &cursor, engine: engine)
    }
  }

  mutating func draw(_ part: Part, engine: Int, from start: Int, to end: Int, interval: Int = 1, phase: Int? = nil) {
    guard drawing, end > start else { return }
    let next = Segment(part: part, start: start, end: end, interval: interval, phase: phase)
    if let last = timelines[engine].last, last.part == part, last.interval == interval, last.phase == next.phase,
      last.end == start
    {
      timelines[engine][timelines[engine].count - 1].end = end
    } else {
      timelines[engine].append(next)
    }
  }

  /// The run's result: adds up the units and sorts the trace.
  consuming func finish() -> Run {
    var units = Array(repeating: CycleStack(), count: schedule.accelerator.queues.count)
    var result: [CycleStack] = []
    result.reserveCapacity(timings.count)
    for index in timings.indices {
      let stack = CycleStack(stacks[index * parts..<(index + 1) * parts])
      units[schedule.instructions[index].queue] += stack
      result.append(stack)
    }
    for unit in units.indices { units[unit][.idle] = cycles - units[unit].total }
    for engine in timelines.indices {
      draw(.idle, engine: engine, from: timelines[engine].last?.end ?? 0, to: cycles)
    }
    trace.sort()
    return Run(
      cycles: cycles, timings: timings, stacks: result, units: units, macs: macs, traffic: traffic,
      timelines: drawing ? timelines : [], trace: trace)
  }
}

/// "Waits by producer" of docs/timing.md.
struct WaitParts {
  private let queues: [Queue]
  private let storesOnly: [Bool]

  init(_ accelerator: Accelerator) {
    queues = accelerator.queues
    storesOnly = accelerator.channels.map { $0.carries == [.outputs] }
  }

  func part(from queue: Int, slot: TokenSlot) -> Part {
    switch queues[queue].unit {
    case .matrix: .waitMatrix
    case .vector: .waitVector
    case .dma(let channel): slot == .b ? .waitWeights : storesOnly[channel] ? .waitStore : .waitInput
    }
  }
}

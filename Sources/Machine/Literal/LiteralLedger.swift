/// What a literal run writes down: cycles by instruction and part, timings, traffic, trace.
struct LiteralLedger: ~Copyable {
  let tracing: Bool
  let drawing: Bool
  private let parts = Part.allCases.count
  /// By instruction and part; every unit charges a cycle in every cycle.
  private let stacks: UnsafeMutableBufferPointer<Int>
  /// By unit: cycles that no instruction owns.
  private let idle: UnsafeMutableBufferPointer<Int>
  private let owner: [Int]
  private var timings: [InstructionTiming]
  private(set) var trace: [TraceEvent] = []
  private var timelines: [[Segment]]
  let macs: UnsafeMutableBufferPointer<Int>
  var traffic: Traffic
  private(set) var ended = 0

  init(owner: [Int], units: Int, engines: Int, channels: Int, buffers: Int, options: RunOptions) {
    tracing = options.trace
    drawing = options.timelines
    self.owner = owner
    stacks = .allocate(capacity: owner.count * Part.allCases.count)
    stacks.initialize(repeating: 0)
    idle = .allocate(capacity: units)
    idle.initialize(repeating: 0)
    timings = Array(repeating: InstructionTiming(), count: owner.count)
    timelines = options.timelines ? Array(repeating: [], count: engines) : []
    macs = .allocate(capacity: engines)
    macs.initialize(repeating: 0)
    traffic = Traffic(channels: channels, buffers: buffers)
  }

  deinit {
    stacks.deallocate()
    idle.deallocate()
    macs.deallocate()
  }

  /// One cycle of the unit that executes `instruction`.
  mutating func charge(_ instruction: Int, _ part: Part) { stacks[instruction &* parts &+ part.rawValue] &+= 1 }

  mutating func idle(_ unit: Int) { idle[unit] &+= 1 }

  /// One cycle of an engine's timeline; `interval` as in `Segment`.
  mutating func draw(_ engine: Int, _ cycle: Int, _ part: Part, interval: Int = 1, phase: Int? = nil) {
    let next = Segment(part: part, start: cycle, end: cycle + 1, interval: interval, phase: phase)
    if let last = timelines[engine].last, last.part == part, last.interval == interval, last.phase == next.phase {
      timelines[engine][timelines[engine].count - 1].end = cycle + 1
    } else {
      timelines[engine].append(next)
    }
  }

  mutating func note(_ cycle: Int, _ kind: TraceEvent.Kind, _ instruction: Int, _ detail: Int = 0) {
    if tracing {
      trace.append(
        TraceEvent(cycle: cycle, unit: owner[instruction], kind: kind, instruction: instruction, detail: detail))
    }
  }

  mutating func start(_ instruction: Int, at cycle: Int) {
    timings[instruction].start = cycle
    note(cycle, .start, instruction)
  }

  mutating func read(_ instruction: Int, at cycle: Int) { timings[instruction].read = cycle }

  mutating func end(_ instruction: Int, at cycle: Int) {
    timings[instruction].end = cycle
    if timings[instruction].read == 0 { timings[instruction].read = cycle }
    ended += 1
    note(cycle, .end, instruction)
  }

  func run(cycles: Int) -> Run {
    var perInstruction: [CycleStack] = []
    var units = Array(repeating: CycleStack(), count: idle.count)
    perInstruction.reserveCapacity(owner.count)
    for instruction in owner.indices {
      let stack = CycleStack(stacks[instruction * parts..<(instruction + 1) * parts])
      units[owner[instruction]] += stack
      perInstruction.append(stack)
    }
    for unit in idle.indices { units[unit][.idle] += idle[unit] }
    return Run(
      cycles: cycles, timings: timings, stacks: perInstruction, units: units, macs: Array(macs), traffic: traffic,
      timelines: timelines, trace: trace.sorted())
  }
}

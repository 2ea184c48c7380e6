import Hardware
import Machine
import Schedule
import TestSupport
import Testing

@testable import Analysis

/// The critical path explains every cycle once, and only with what could have been the reason.
@Suite struct CriticalPathTests {
  @Test(arguments: ShippedDesign.all)
  func wholeModels(_ design: ShippedDesign) throws {
    let schedule = try design.schedule()
    let run = try Simulator.run(schedule, options: Summary.runOptions)
    let path = CriticalPath(schedule: schedule, run: run)
    Self.check(path, schedule, run)

    let summary = Summary(schedule: schedule, run: run)
    let bounds = path.bounds(schedule: schedule, run: run, summary: summary)
    #expect(bounds.map(\.cycles) == summary.layers.map(\.cycles))
    for bound in bounds { #expect(bound.path.total == bound.cycles, "\(bound.name)") }
    #expect(bounds.total.total == run.cycles)
    // Windows cut the path without losing a part of it.
    let windows = path.stacks(of: schedule, windows: summary.layers.map(\.cycles))
    for (window, layer) in zip(windows, summary.layers) {
      #expect(window.reduce(0) { $0 + $1.total } == layer.cycles, "\(layer.name)")
    }
    for (unit, stack) in path.stacks(of: schedule).enumerated() {
      #expect(windows.reduce(into: CycleStack()) { $0 += $1[unit] } == stack)
    }
    // What waits is on the path only where nobody is found whom it waited for.
    let waits = path.stacks(of: schedule).reduce(0) { sum, stack in
      sum + Part.allCases.reduce(0) { $0 + ($1.isTokenWait || $1 == .waitPort || $1 == .idle ? stack[$1] : 0) }
    }
    #expect(waits * 200 <= run.cycles, "\(waits) of \(run.cycles) cycles have no reason")
  }

  /// Machines of every kind, programs without a plan.
  @Test func randomSchedules() throws {
    for seed in 0..<400 {
      let schedule = RandomCase(seed: UInt64(seed)).schedule
      let run = try Simulator.run(schedule, options: Summary.runOptions)
      Self.check(CriticalPath(schedule: schedule, run: run), schedule, run)
    }
  }

  static func check(_ path: CriticalPath, _ schedule: Schedule, _ run: Run) {
    var time = 0
    for step in path.steps {
      #expect(step.start == time && step.end > step.start, "\(step)")
      #expect(step.stack.total == step.cycles && step.stack.cycles.allSatisfy { $0 >= 0 }, "\(step)")
      time = step.end
    }
    #expect(time == run.cycles)
    #expect(path.steps.allSatisfy { $0.stack[.idle] == 0 })
    let given = givers(schedule)
    for (first, second) in zip(path.steps, path.steps.dropFirst()) {
      #expect(
        isBound(first, second, schedule, run, given),
        "\(schedule.line(of: first.instruction)) isn't a reason for \(schedule.line(of: second.instruction))")
    }
  }

  /// Whether `second` waited for `first`: the one before it in the same queue, the one that gave it its token, or one that used the same bank
  /// until then.
  private static func isBound(
    _ first: CriticalPath.Step, _ second: CriticalPath.Step, _ schedule: Schedule, _ run: Run, _ given: [[Int]]
  ) -> Bool {
    let (giver, taker) = (schedule.instructions[first.instruction], schedule.instructions[second.instruction])
    if giver.queue == taker.queue {
      // Those between them had begun as well, their beats behind the first one's.
      return first.instruction < second.instruction
        && (first.instruction + 1..<second.instruction).allSatisfy {
          schedule.instructions[$0].queue != taker.queue || run.timings[$0].start <= second.start
        }
    }
    if given[second.instruction].contains(first.instruction) { return true }
    let timing = run.timings[first.instruction]
    return timing.start < second.start && second.start <= timing.end
      && !banks(giver.operation, schedule).isDisjoint(with: banks(taker.operation, schedule))
  }

  /// By instruction: those whose tokens it takes, one token after the other.
  private static func givers(_ schedule: Schedule) -> [[Int]] {
    struct Link: Hashable {
      var from: Int
      var to: Int
      var slot: TokenSlot
    }
    var tokens: [Link: [Int]] = [:]
    for (index, instruction) in schedule.instructions.enumerated() {
      for post in instruction.posts {
        tokens[Link(from: instruction.queue, to: post.to, slot: post.slot), default: []] +=
          Array(repeating: index, count: post.count)
      }
    }
    for (link, list) in tokens { tokens[link] = list.reversed() }
    return schedule.instructions.map { instruction in
      instruction.waits.flatMap { wait in
        let link = Link(from: wait.from, to: instruction.queue, slot: wait.slot)
        return (0..<wait.count).compactMap { _ in tokens[link]?.popLast() }
      }
    }
  }

  /// Every bank that an operation touches, as `buffer · 4096 + bank`.
  private static func banks(_ operation: Operation, _ schedule: Schedule) -> Set<Int> {
    let regions: [Region] =
      switch operation {
      case .load(let transfer), .store(let transfer): [transfer.region]
      case .matmul(let matmul): [matmul.a, matmul.b, matmul.out]
      case .vector(let vector): [vector.source, vector.operand, vector.destination].compactMap { $0 }
      }
    return regions.reduce(into: []) { banks, region in
      let bytes = schedule.accelerator.buffers[region.buffer].bankBytes
      for bank in region.offset / bytes...(region.end - 1) / bytes { banks.insert(region.buffer << 12 + bank) }
    }
  }

  // MARK: By hand

  /// load → matmul → vector → store, each as long as the one before lets it wait: the path is all four, in this order.
  @Test func aChainIsAllOfIt() throws {
    var program = Program()
    program.load(rows: 8, bytes: 16, posts: [TokenPost(to: Program.array, slot: .a)])
    program.matmul(
      8, 4, 3, waits: [TokenWait(from: Program.input, slot: .a)], posts: [TokenPost(to: Program.vector, slot: .start)])
    program.vector(
      rows: 8, columns: 4, waits: [TokenWait(from: Program.array, slot: .start)],
      posts: [TokenPost(to: Program.output, slot: .start)])
    program.store(rows: 8, bytes: 16, waits: [TokenWait(from: Program.vector, slot: .start)])
    let (path, run) = try program.path()
    let ends = run.timings.map(\.end)
    #expect(path.steps.map(\.instruction) == [0, 1, 2, 3])
    #expect(path.steps.map(\.start) == [0, ends[0], ends[1], ends[2]])
    #expect(path.steps.map(\.end) == ends)
    // 8 rows in, the last one through 4 rows and 3 columns; weights came before.
    #expect(path.steps[1].stack[.busy] == 8)
    #expect(path.steps[2].stack[.busy] == 8)
  }

  /// What ends before others need it isn't on the path, however much it is.
  @Test func whatIsHiddenIsNotOnIt() throws {
    var program = Program()
    program.load(rows: 40, bytes: 16, posts: [TokenPost(to: Program.array, slot: .a)])
    program.vector(rows: 16, columns: 4, posts: [TokenPost(to: Program.array, slot: .out)])
    program.matmul(
      8, 4, 3, waits: [TokenWait(from: Program.input, slot: .a), TokenWait(from: Program.vector, slot: .out)])
    let (path, run) = try program.path()
    #expect(run.timings[1].end < run.timings[0].end)
    #expect(path.steps.map(\.instruction) == [0, 2])
  }

  /// Weights that come while the array still works on the tile before, and take longer to load than that: they are the reason.
  @Test func aLoadThatIsHalfHidden() throws {
    var program = Program()
    program.matmul(12, 4, 3)
    program.load(rows: 1, bytes: 14 * 16, posts: [TokenPost(to: Program.array, slot: .b)])
    program.matmul(6, 4, 3, waits: [TokenWait(from: Program.input, slot: .b)])
    let (path, run) = try program.path()
    let arrival = run.timings[1].end
    #expect(run.timings[2].start == arrival)
    // 4 rows of weights; the tile before ends its steps meanwhile.
    #expect(arrival < run.stacks[0].total && arrival + 4 > run.stacks[0].total)
    #expect(path.steps.map(\.instruction) == [1, 2])
    #expect(path.steps[0].end == arrival)
    #expect(path.steps[1].stack[.load] == 4)
  }

  /// A vector instruction that waits for the port of a long transfer: the transfer is the reason.
  @Test func aPortThatIsHeld() throws {
    var program = Program(ports: 1)
    program.store(rows: 20, bytes: 16, buffer: 0)
    program.load(rows: 1, bytes: 16, buffer: 1, posts: [TokenPost(to: Program.vector, slot: .start)])
    program.vector(rows: 8, columns: 4, waits: [TokenWait(from: Program.input, slot: .start)])
    let (path, run) = try program.path()
    #expect(run.stacks[2][.waitPort] > 0)
    #expect(run.timings[2].start == run.timings[0].end)
    #expect(path.steps.map(\.instruction) == [0, 2])
  }

  /// The memory's latency is nobody's throughput; beats are bandwidth.
  @Test func latencyIsADependency() throws {
    var program = Program(dram: .ideal(latency: 30))
    program.load(rows: 1, bytes: 160)
    let (path, run) = try program.path()
    let bounds = program.bounds(path, run)
    // 30 cycles from the request to the first beat, 10 beats.
    #expect(run.cycles == 30 + 10)
    #expect(bounds[.bandwidth] == 10)
    #expect(bounds[.dependency] == run.cycles - 10)
    #expect(bounds.largest == .dependency)
  }

  /// A bus of half the channel's width: half of the waiting is for its bandwidth.
  @Test func aSlowBusIsBandwidth() throws {
    var program = Program(dram: .bandwidth(bytesPerSecond: 8_000_000, latency: 0))
    program.load(rows: 1, bytes: 1600)
    let (path, run) = try program.path()
    #expect(run.cycles >= 200)
    let bounds = program.bounds(path, run)
    #expect(bounds[.bandwidth] == 200)
    #expect(bounds.total == run.cycles)
  }

  /// A bus that another channel fills is bandwidth as well: all waiting behind its bytes.
  @Test func aSharedBusIsBandwidth() throws {
    var program = Program(dram: .bandwidth(bytesPerSecond: 16_000_000, latency: 0))
    program.load(rows: 1, bytes: 3200)
    program.store(rows: 1, bytes: 3200)
    let (path, run) = try program.path()
    // A beat a cycle in all, of both in turn.
    #expect(run.cycles >= 400 && run.cycles < 420)
    let bounds = program.bounds(path, run)
    #expect(bounds[.bandwidth] * 100 >= run.cycles * 95, "\(bounds)")
  }

  /// What comes back behind the last beat of a store is no setup.
  @Test func acknowledgementsDrain() throws {
    var program = Program(dram: .ideal(latency: 50)) { $0.channels[1].setup = 3 }
    program.store(rows: 1, bytes: 64)
    let (path, run) = try program.path()
    #expect(path.steps.map(\.instruction) == [0])
    let stack = path.stacks(of: program.schedule)[Program.output]
    #expect(stack[.setup] == 3 && stack[.busy] == 4 && stack[.drain] == run.cycles - 7)
  }

  @Test func nothingHasNoPath() throws {
    let (path, _) = try Program().path()
    #expect(path.steps.isEmpty)
  }

  @Test func sharesAddUp() {
    var stack = CycleStack()
    stack[.busy] = 5
    stack[.fill] = 3
    stack[.latency] = 2
    for count in 0...30 {
      let share = stack.share(of: count)
      #expect(share.total == count)
      for part in Part.allCases {
        #expect(abs(Double(share[part]) - Double(stack[part]) * Double(count) / 10) < 1)
      }
    }
    #expect(stack.share(of: 5).cycles.filter { $0 > 0 } == [3, 1, 1])
    #expect(CycleStack().share(of: 4)[.idle] == 4)
  }
}

/// A program for a plain machine, as the probes of the timing rules have it: buffers without latency, words as wide as anything.
private struct Program {
  static let (array, vector, input, output) = (0, 1, 2, 3)

  var accelerator: Accelerator
  var instructions: [Instruction] = []

  init(
    ports: Int = 3, dram: DRAMSpec = .ideal(latency: 0), configure: (inout Accelerator) -> Void = { _ in }
  ) {
    func buffer(_ name: String) -> BufferSpec {
      BufferSpec(name: name, bytes: 1 << 16, ports: ports, wordBytes: 1 << 12, latency: 0)
    }
    accelerator = Accelerator(
      name: "plain", clock: 1_000_000,
      engines: [
        MatrixEngineSpec(
          name: "array", interconnect: .systolic, dataflow: .weightStationary, rows: 4, columns: 3,
          inputs: 0, weights: 1, outputs: 2)
      ],
      buffers: [buffer("inputs"), buffer("weights"), buffer("results")],
      channels: [
        DMAChannelSpec(name: "in", carries: [.weights, .inputs], beatBytes: 16),
        DMAChannelSpec(name: "out", carries: [.outputs], beatBytes: 16),
      ],
      dram: dram,
      vector: VectorUnitSpec(lanes: 4, operations: [.relu: VectorOperationSpec(latency: 0)]))
    configure(&accelerator)
  }

  var schedule: Schedule {
    Schedule(
      accelerator: accelerator, model: ModelReference(name: "program", image: 0, batch: 1),
      operators: [OperatorInfo(name: "op", kind: .matmul, macs: 0, elements: 0)],
      layers: [Layer(name: "layer", operators: [0])], tensors: [], instructions: instructions)
  }

  func bounds(_ path: CriticalPath, _ run: Run) -> BoundCycles {
    path.bounds(schedule: schedule, run: run, summary: Summary(schedule: schedule, run: run)).total
  }

  func path() throws -> (CriticalPath, Run) {
    let run = try Simulator.run(schedule, options: Summary.runOptions)
    #expect(try run == Simulator.run(schedule, engine: .literal, options: Summary.runOptions))
    let path = CriticalPath(schedule: schedule, run: run)
    CriticalPathTests.check(path, schedule, run)
    return (path, run)
  }

  mutating func load(rows: Int, bytes: Int, buffer: Int = 0, posts: [TokenPost] = []) {
    let transfer = Transfer(
      dram: DRAMRegion(address: 0, rows: rows, rowBytes: bytes),
      region: Region(buffer: buffer, offset: 0, rows: rows, rowBytes: bytes), op: 0)
    instructions.append(Instruction(queue: Self.input, layer: 0, operation: .load(transfer), posts: posts))
  }

  mutating func store(rows: Int, bytes: Int, buffer: Int = 2, waits: [TokenWait] = []) {
    let transfer = Transfer(
      dram: DRAMRegion(address: 4096, rows: rows, rowBytes: bytes),
      region: Region(buffer: buffer, offset: 0, rows: rows, rowBytes: bytes), op: 0)
    instructions.append(Instruction(queue: Self.output, layer: 0, operation: .store(transfer), waits: waits))
  }

  mutating func matmul(_ m: Int, _ k: Int, _ n: Int, waits: [TokenWait] = [], posts: [TokenPost] = []) {
    let matmul = MatMul(
      m: m, k: k, n: n, a: Region(buffer: 0, offset: 0, rows: m, rowBytes: k),
      b: Region(buffer: 1, offset: 0, rows: k, rowBytes: n),
      out: Region(buffer: 2, offset: 0, rows: m, rowBytes: 4 * n), op: 0)
    instructions.append(
      Instruction(queue: Self.array, layer: 0, operation: .matmul(matmul), waits: waits, posts: posts))
  }

  mutating func vector(rows: Int, columns: Int, waits: [TokenWait] = [], posts: [TokenPost] = []) {
    let instruction = VectorInstruction(
      stages: [VectorStage(.relu, op: 0)], rows: rows, columns: columns,
      source: Region(buffer: 0, offset: 0, rows: rows, rowBytes: columns),
      destination: Region(buffer: 2, offset: 0, rows: rows, rowBytes: columns))
    instructions.append(
      Instruction(queue: Self.vector, layer: 0, operation: .vector(instruction), waits: waits, posts: posts))
  }
}

import Hardware
import TestSupport
import Testing

@testable import Schedule

/// Lint's verdict on small random schedules against a second proof that shares nothing with it: bytes one by one, and
/// reachability in a graph of events.
struct RaceDifferentialTests {
  @Test func agreesWithReachability() {
    var outcomes: [Bool: Int] = [:]
    for seed in 0..<2500 {
      var maker = RaceSchedule(seed: UInt64(seed))
      let schedule = maker.schedule()
      let found = Lint.check(schedule).filter { $0.kind == .race || $0.kind == .unwritten }
      let expected = Reachability(schedule).isUnsafe
      #expect(!found.isEmpty == expected, "seed \(seed): \(found)\n\(schedule.text)")
      outcomes[expected, default: 0] += 1
      // A window for each instruction: what is known of the bytes goes from one to the next.
      var linter = Linter(schedule)
      linter.windowRows = 0
      linter.run()
      #expect(linter.findings == Lint.check(schedule), "seed \(seed)")
    }
    // The generator makes enough of both kinds for the comparison to mean something.
    #expect((outcomes[true] ?? 0) > 500 && (outcomes[false] ?? 0) > 250, "\(outcomes)")
  }
}

/// Few instructions on few bytes with random tokens that never deadlock; sizes are nonsense, which lint says too.
private struct RaceSchedule {
  var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func schedule() -> Schedule {
    var schedule = Small.schedule
    schedule.accelerator.engines[0].outputs = random.chance(50) ? 0 : 2
    schedule.tensors = [DRAMTensor(name: "spill", kind: .spill, address: 0, bytes: 48)]
    schedule.preloads = random.chance(90) ? [Small.activations(0, 1, 48), Small.weights(0, 1, 48)] : []
    schedule.preloads.append(Small.accumulators(0, 1, random.chance(90) ? 48 : 20))
    let density = random.int(30...100)
    schedule.instructions = (0..<random.int(2...6)).map { _ in instruction() }
    for later in 1..<schedule.instructions.count {
      for earlier in 0..<later where random.chance(density) {
        let to = schedule.instructions[later].queue
        let slot: TokenSlot = to == Small.array ? random.pick([.a, .b, .out]) : .start
        schedule.instructions[earlier].posts.append(TokenPost(to: to, slot: slot))
        schedule.instructions[later].waits.append(TokenWait(from: schedule.instructions[earlier].queue, slot: slot))
      }
    }
    return schedule
  }

  private mutating func instruction() -> Instruction {
    switch random.int(0...3) {
    case 0: Instruction(queue: Small.io, layer: 0, operation: .load(Transfer(dram: dram(), region: region(0), op: 0)))
    case 1: Instruction(queue: Small.io, layer: 0, operation: .store(Transfer(dram: dram(), region: region(0), op: 0)))
    case 2:
      Instruction(
        queue: Small.array, layer: 0,
        operation: .matmul(matmul()))
    default: vector()
    }
  }

  private mutating func matmul() -> MatMul {
    var matmul = MatMul(
      m: 1, k: 1, n: 1, a: region(0), b: region(random.int(0...1)), out: region(random.chance(50) ? 0 : 2),
      accumulate: random.chance(40), op: 0, bias: random.chance(30) ? region(random.int(0...1)) : nil)
    if random.chance(30) {
      let windows = Windows(
        width: random.int(1...3), channels: random.int(1...2), pixelPitch: random.int(1...4), kernelRows: 1,
        kernelColumns: 1, outputColumns: 1)
      matmul.aOrder = .windows(windows)
      matmul.k = windows.channels
      matmul.a.rowBytes = (windows.width - 1) * windows.pixelPitch + windows.channels
      matmul.a.pitch = matmul.a.rowBytes + random.int(0...3)
    }
    return matmul
  }

  private mutating func vector() -> Instruction {
    let source = region(random.chance(50) ? 0 : 2)
    return Instruction(
      queue: Small.vector, layer: 0,
      operation: .vector(
        VectorInstruction(
          stages: [VectorStage(.requantize, op: 0)], rows: 1, columns: 1, source: source,
          operand: random.chance(30) ? region(0) : nil, destination: random.chance(20) ? source : region(0))))
  }

  private mutating func region(_ buffer: Int) -> Region {
    let rowBytes = random.int(1...6)
    return Region(
      buffer: buffer, offset: random.int(0...20), rows: random.int(1...3), rowBytes: rowBytes,
      pitch: rowBytes + random.int(0...4))
  }

  private mutating func dram() -> DRAMRegion {
    DRAMRegion(address: random.int(0...20), rows: random.int(1...3), rowBytes: random.int(1...6), stride: 8)
  }
}

/// Events: for each instruction the gates of its three slots, its three kinds of access, and its end.
private struct Reachability {
  private enum Event: Int {
    case gateA, gateB, gateOut, a, b, out, end
  }
  private struct Touch {
    var instruction: Int
    var event: Event
    var space: Int
    var bytes: Set<Int>
    var writes: Bool
    var reads: Bool
  }

  private let schedule: Schedule
  private var successors: [[Int]]
  private var reached: [Set<Int>] = []

  init(_ schedule: Schedule) {
    self.schedule = schedule
    successors = Array(repeating: [], count: schedule.instructions.count * 7)
    connectQueues()
    connectTokens()
    for event in successors.indices { reached.append(reach(event)) }
  }

  private func node(_ instruction: Int, _ event: Event) -> Int { instruction * 7 + event.rawValue }

  private mutating func edge(_ i: Int, _ from: Event, _ j: Int, _ to: Event) {
    successors[node(i, from)].append(node(j, to))
  }

  private mutating func connectQueues() {
    for (index, instruction) in schedule.instructions.enumerated() {
      for (gate, access) in [(Event.gateA, Event.a), (.gateB, .b), (.gateOut, .out)] {
        edge(index, gate, index, access)
        edge(index, access, index, .end)
      }
      edge(index, .a, index, .out)
      edge(index, .b, index, .out)
      guard let before = schedule.instructions[..<index].lastIndex(where: { $0.queue == instruction.queue }) else {
        continue
      }
      for gate in [Event.gateA, .gateB, .gateOut] { edge(before, gate, index, gate) }
      for access in [Event.a, .b, .out] { edge(before, access, index, .out) }
      edge(before, .end, index, .end)
      if instruction.queue != Small.array { edge(before, .end, index, .a) }
    }
  }

  /// The n-th token of a channel goes from its n-th post to its n-th wait.
  private mutating func connectTokens() {
    struct Channel: Hashable {
      var from, to: Int
      var slot: TokenSlot
    }
    var posts: [Channel: [Int]] = [:]
    for (index, instruction) in schedule.instructions.enumerated() {
      for post in instruction.posts {
        posts[Channel(from: instruction.queue, to: post.to, slot: post.slot), default: []].append(index)
      }
    }
    for (index, instruction) in schedule.instructions.enumerated() {
      for wait in instruction.waits {
        let channel = Channel(from: wait.from, to: instruction.queue, slot: wait.slot)
        guard let poster = posts[channel]?.first else { continue }
        posts[channel]?.removeFirst()
        edge(poster, .end, index, wait.slot == .b ? .gateB : wait.slot == .out ? .gateOut : .gateA)
      }
    }
  }

  private func reach(_ start: Int) -> Set<Int> {
    var seen: Set<Int> = []
    var open = [start]
    while let next = open.popLast() {
      for successor in successors[next] where seen.insert(successor).inserted { open.append(successor) }
    }
    return seen
  }

  var isUnsafe: Bool {
    let touches = schedule.instructions.indices.flatMap { accesses(of: $0) }
    for touch in touches where touch.reads {
      for byte in touch.bytes where !isPreloaded(byte, touch.space) {
        let isWritten = touches.contains {
          $0.writes && $0.space == touch.space && $0.bytes.contains(byte) && isBefore($0, touch)
        }
        if !isWritten { return true }
      }
    }
    for (index, left) in touches.enumerated() {
      for right in touches[(index + 1)...] {
        guard left.writes || right.writes, left.space == right.space, !left.bytes.isDisjoint(with: right.bytes) else {
          continue
        }
        if left.instruction == right.instruction {
          // In place on the vector unit.
          if schedule.instructions[left.instruction].queue == Small.vector, left.bytes == right.bytes { continue }
          return true
        }
        if !isBefore(left, right), !isBefore(right, left) { return true }
      }
    }
    return false
  }

  private func isBefore(_ left: Touch, _ right: Touch) -> Bool {
    reached[node(left.instruction, left.event)].contains(node(right.instruction, right.event))
  }

  private func isPreloaded(_ byte: Int, _ space: Int) -> Bool {
    schedule.preloads.contains { $0.buffer == space && $0.offset..<$0.end ~= byte }
  }

  private func accesses(of index: Int) -> [Touch] {
    func touch(_ region: Region, _ event: Event, writes: Bool = false, reads: Bool) -> Touch {
      Touch(
        instruction: index, event: event, space: region.buffer,
        bytes: bytes(region.offset, region.rows, region.rowBytes, region.pitch), writes: writes, reads: reads)
    }
    func touch(_ region: DRAMRegion, writes: Bool) -> Touch {
      Touch(
        instruction: index, event: .a, space: -1,
        bytes: bytes(region.address, region.rows, region.rowBytes, region.stride), writes: writes, reads: !writes)
    }
    switch schedule.instructions[index].operation {
    case .load(let transfer):
      return [touch(transfer.dram, writes: false), touch(transfer.region, .a, writes: true, reads: false)]
    case .store(let transfer):
      return [touch(transfer.region, .a, reads: true), touch(transfer.dram, writes: true)]
    case .matmul(let matmul):
      var a = touch(matmul.a, .a, reads: true)
      if case .windows(let windows) = matmul.aOrder { a.bytes = pixels(windows, matmul.a) }
      return [a, touch(matmul.b, .b, reads: true)] + (matmul.bias.map { [touch($0, .b, reads: true)] } ?? [])
        + [touch(matmul.out, .out, writes: true, reads: matmul.accumulate)]
    case .vector(let vector):
      return [touch(vector.source, .a, reads: true)] + (vector.operand.map { [touch($0, .a, reads: true)] } ?? [])
        + [touch(vector.destination, .a, writes: true, reads: false)]
    }
  }

  private func pixels(_ windows: Windows, _ image: Region) -> Set<Int> {
    Set(
      (0..<image.rows).flatMap { y in
        (0..<windows.width).flatMap { x in
          (0..<windows.channels).map { image.offset + y * image.pitch + x * windows.pixelPitch + $0 }
        }
      })
  }

  private func bytes(_ offset: Int, _ rows: Int, _ rowBytes: Int, _ pitch: Int) -> Set<Int> {
    Set((0..<rows).flatMap { row in (0..<rowBytes).map { offset + row * pitch + $0 } })
  }
}

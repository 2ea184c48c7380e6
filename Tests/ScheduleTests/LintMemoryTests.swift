import Hardware
import Testing

@testable import Schedule

/// Reads of what nobody wrote, races, results in wrong places: one schedule that has it, and its repaired twin.
struct LintMemoryTests {
  private let array = Small.array
  private let vector = Small.vector
  private let weights = Small.weights
  private let io = Small.io

  @Test func unwritten() {
    expect(.unwritten, at: 2, "array reads a = activations[0x4 2x4], but nothing has written byte 0x8") {
      $0.edit(2) { (m: inout MatMul) in m.a.offset = 4 }
    }
    expect(.unwritten, at: 2, "out = accumulators[0x0 2x32]") {
      $0.edit(2) { (m: inout MatMul) in m.accumulate = true }
    }
    #expect(
      findings { schedule in
        schedule.edit(2) { (m: inout MatMul) in m.accumulate = true }
        schedule.preloads = [Small.accumulators(0, 1, 64)]
      } == [])
    expect(.unwritten, at: 2, "byte 0x3c") { schedule in
      schedule.edit(2) { (m: inout MatMul) in m.accumulate = true }
      schedule.preloads = [Small.accumulators(0, 1, 60)]
    }
  }

  /// Activations that are stored, and loaded again into another place.
  @Test func spills() {
    func spilled(waiting: Bool, stored: Bool = true) -> [LintFinding] {
      findings { schedule in
        schedule.tensors[1].kind = .spill
        schedule.preloads = [Small.activations(0x80, 2, 4)]
        let store = Transfer(
          dram: DRAMRegion(address: 0x1000, rows: 1, rowBytes: 8), region: Small.activations(0x80, 2, 4), op: 0)
        schedule.accelerator.channels.append(DMAChannelSpec(name: "out", carries: [.outputs], beatBytes: 8))
        guard stored else { return }
        schedule.instructions.insert(
          Instruction(
            queue: 4, layer: 0, operation: .store(store),
            posts: waiting ? [TokenPost(to: io, slot: .start)] : []), at: 0)
        if waiting { schedule.instructions[2].waits = [TokenWait(from: 4, slot: .start)] }
      }
    }
    #expect(spilled(waiting: true) == [])
    #expect(spilled(waiting: false).map(\.kind) == [.race])
    #expect(spilled(waiting: false).first?.message.contains("instruction 0 (dma.out)") == true)
    #expect(spilled(waiting: true, stored: false).map(\.kind) == [.unwritten])
  }

  @Test func races() {
    // Without the tokens, each unit could be early.
    expect(.race, at: 2, "array reads b = weights[0x0 4x8], but no tokens make it wait for the write of byte 0x0") {
      $0.instructions[0].posts = []
      $0.instructions[2].waits.removeLast()
    }
    expect(.race, at: 4, "by instruction 3 (vector)") {
      $0.instructions[3].posts = []
      $0.instructions[4].waits = []
    }
    // The vector unit writes over what the array reads.
    expect(.race, at: 3, "destination = weights[0x10 2x8], whose byte") {
      $0.edit(3) { (v: inout VectorInstruction) in
        v.source = Region(buffer: 1, offset: 0x0, rows: 2, rowBytes: 32)
        v.destination = Small.weights(0x10, 2, 8)
      }
      $0.preloads = [Small.weights(0, 8, 8)]
    }
  }

  /// The second load of the weights may begin when the matmul that reads them has ended, not before: a token back.
  @Test func writeAfterRead() {
    func twice(_ change: (inout Schedule) -> Void) -> [LintFinding] {
      findings { schedule in
        schedule.operators[0].macs *= 2
        var load = schedule.instructions[0]
        var matmul = schedule.instructions[2]
        load.waits = [TokenWait(from: array, slot: .start)]
        matmul.waits = [TokenWait(from: weights, slot: .b)]
        matmul.edit { (m: inout MatMul) in m.accumulate = true }
        schedule.instructions[2].posts = [TokenPost(to: weights, slot: .start)]
        schedule.instructions.insert(contentsOf: [load, matmul], at: 3)
        change(&schedule)
      }
    }
    #expect(twice { _ in } == [])
    let found = twice {
      $0.instructions[2].posts = []
      $0.instructions[3].waits = []
    }
    #expect(found.map(\.kind) == [.race])
    #expect(found.first?.instruction == 3)
    #expect(found.first?.message.contains("wait for the read of byte 0x0 by instruction 2 (array)") == true)
  }

  /// Every instruction waits for some token, the bytes agree, and one order executes correctly; yet the token that the
  /// store takes is that of the first vector instruction, so the second may still be writing.
  @Test func raceThatOnlyClocksSee() {
    func schedule(secondPosts: Bool) -> [LintFinding] {
      findings { schedule in
        let early = schedule.instructions[3]
        schedule.instructions.insert(early, at: 3)
        schedule.operators[0].elements *= 2
        schedule.instructions[2].posts[0].count = 2
        schedule.instructions[3].posts = secondPosts ? [] : [TokenPost(to: io, slot: .start)]
        schedule.instructions[4].posts = secondPosts ? [TokenPost(to: io, slot: .start)] : []
        schedule.instructions[5].waits = [TokenWait(from: vector, slot: .start)]
      }
    }
    #expect(schedule(secondPosts: true) == [])
    #expect(schedule(secondPosts: false).map(\.kind) == [.race])
  }

  /// An engine may read the operands of a matmul before an earlier one has ended, so what it reads of its own results
  /// needs tokens; results of matmuls come in order.
  @Test func engineReadsItsOwnResults() {
    func schedule(token: Bool, accumulate: Bool = false) -> [LintFinding] {
      findings { schedule in
        schedule.accelerator.engines[0].outputs = 0
        schedule.operators[0].macs *= 2
        schedule.edit(2) { (m: inout MatMul) in m.out = Small.activations(0x400, 2, 32) }
        var second = schedule.instructions[2]
        second.edit { (m: inout MatMul) in
          if accumulate { m.accumulate = true } else { m.a = Small.activations(0x400, 2, 4) }
          m.out = Small.activations(accumulate ? 0x400 : 0x500, 2, 32)
        }
        second.waits = token ? [TokenWait(from: array, slot: .a)] : []
        schedule.instructions[2].posts = token ? [TokenPost(to: array, slot: .a)] : []
        schedule.edit(3) { (v: inout VectorInstruction) in
          v.source = Small.activations(accumulate ? 0x400 : 0x500, 2, 32)
        }
        schedule.instructions.insert(second, at: 3)
      }
    }
    #expect(schedule(token: true) == [])
    #expect(schedule(token: false).map(\.kind) == [.race])
    #expect(schedule(token: false, accumulate: true) == [])
  }

  /// In the right order by tokens, but it is another operator's sum that is accumulated or requantized.
  @Test func resultsOfAnotherOperator() {
    func two(_ op: Int, accumulate: Bool, requantizing requantized: Int) -> [LintFinding.Kind] {
      findings { schedule in
        schedule.add(OperatorInfo(name: "fc2", kind: .matmul, macs: 64, elements: 0))
        if op == 0 { schedule.operators[0].macs *= 2 }
        if op == 0 { schedule.operators[1].macs = 0 }
        if requantized == 1 { (schedule.operators[0].elements, schedule.operators[1].elements) = (0, 16) }
        var second = schedule.instructions[2]
        second.edit { (m: inout MatMul) in
          m.op = op
          m.accumulate = accumulate
        }
        second.waits = []
        schedule.instructions[2].posts = []
        schedule.instructions.insert(second, at: 3)
        schedule.edit(4) { (v: inout VectorInstruction) in v.stages[0].op = requantized }
      }.map(\.kind)
    }
    #expect(two(0, accumulate: true, requantizing: 0) == [])
    #expect(two(1, accumulate: true, requantizing: 1) == [.results])  // Accumulates on fc's.
    #expect(two(0, accumulate: false, requantizing: 0) == [.results])  // Overwrites half of the sum.
    #expect(two(1, accumulate: false, requantizing: 1) == [.results])  // Overwrites fc's results.
    #expect(two(0, accumulate: true, requantizing: 1) == [.results])  // Requantizes fc's results for fc2.
  }

  /// An elementwise or row-wise operation may write exactly where it reads.
  @Test func inPlace() {
    func gelu(_ destination: Region) -> [LintFinding] {
      findings { schedule in
        schedule.add(OperatorInfo(name: "g", kind: .gelu, macs: 0, elements: 16))
        schedule.instructions[3].posts = []
        let region = Small.activations(0x100, 2, 8, pitch: 64)
        schedule.instructions.insert(
          Instruction(
            queue: vector, layer: 0,
            operation: .vector(
              VectorInstruction(
                stages: [VectorStage(.gelu, op: 1)], rows: 2, columns: 8, source: region, destination: destination)),
            posts: [TokenPost(to: io, slot: .start, count: 2)]), at: 4)
        schedule.edit(5) { (t: inout Transfer) in t.region = destination }
      }
    }
    #expect(gelu(Small.activations(0x100, 2, 8, pitch: 64)) == [])
    #expect(gelu(Small.activations(0x200, 2, 8)) == [])
    #expect(gelu(Small.activations(0x104, 2, 8, pitch: 64)).map(\.kind) == [.race])
  }
}

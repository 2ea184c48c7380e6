import Hardware
import Machine
import Schedule
import Testing

/// Rules G1, G2, A1, B1–B4 of docs/timing.md.
@Suite struct RuleTokenPortTests {
  @Test func g1TokenIsVisibleFromTheEndOn() throws {
    var bench = Bench()
    bench.vector([.gelu], rows: 1, columns: 40, posts: [TokenPost(to: Bench.output, slot: .start)])
    bench.transfer(write: true, 16, bank: 1, waits: [TokenWait(from: Bench.vector, slot: .start)])
    let run = try bench.run()
    #expect(run.timings[0].end == 10)
    #expect(run.timings[1].start == 10)  // not at 9
  }

  /// The largest count that lint lets pass: a token each in memory would take 16 GiB.
  @Test func g1CountsOfTokensCostNothing() throws {
    var bench = Bench()
    let many = 1 << 31
    bench.vector([.gelu], rows: 1, columns: 40, posts: [TokenPost(to: Bench.output, slot: .start, count: many)])
    bench.vector([.gelu], rows: 1, columns: 40, posts: [TokenPost(to: Bench.output, slot: .start, count: many)])
    let from = TokenWait(from: Bench.vector, slot: .start, count: many - 1)
    bench.transfer(write: true, 16, bank: 1, waits: [from])
    bench.transfer(write: true, 16, bank: 1, waits: [TokenWait(from: Bench.vector, slot: .start)])
    bench.transfer(write: true, 16, bank: 1, waits: [TokenWait(from: Bench.vector, slot: .start), from])
    let run = try bench.run()
    #expect(run.timings.map(\.start) == [0, 10, 10, 11, 20])
  }

  @Test func g2WeightsLoadWhileInputsAreAwaited() throws {
    var bench = Bench()
    bench.vector([.gelu], rows: 1, columns: 40, bank: 1, posts: [TokenPost(to: Bench.array, slot: .a)])
    bench.matmul(5, 4, 3, waits: [TokenWait(from: Bench.vector, slot: .a)])
    let run = try bench.run()
    #expect(run.cycles(of: .load, 1) == [0])
    #expect(run.cycles(of: .stream, 1) == [10])
    #expect(run.stacks[1][.waitVector] == 10 - 4)
  }

  @Test func g2WeightsAreAwaitedByTheLoader() throws {
    var bench = Bench()
    bench.transfer(160, buffer: 1, bank: 1, posts: [TokenPost(to: Bench.array, slot: .b)])
    bench.matmul(5, 4, 3, waits: [TokenWait(from: Bench.input, slot: .b)])
    let run = try bench.run()
    #expect(run.cycles(of: .load, 1) == [10])
    #expect(run.stacks[1][.waitWeights] == 10)
    #expect(run.stacks[1][.load] == 4)
  }

  @Test func g2SlotsAreCountedApart() throws {
    var bench = Bench()
    bench.transfer(16, posts: [TokenPost(to: Bench.array, slot: .b)])
    bench.transfer(160, posts: [TokenPost(to: Bench.array, slot: .a)])
    bench.matmul(
      5, 4, 3, bank: 1,
      waits: [TokenWait(from: Bench.input, slot: .b), TokenWait(from: Bench.input, slot: .a)])
    let run = try bench.run()
    #expect(run.cycles(of: .load, 2) == [1])
    #expect(run.cycles(of: .stream, 2) == [11])
  }

  @Test func deadlockNamesTheHeads() {
    var bench = Bench()
    bench.matmul(1, 1, 1, waits: [TokenWait(from: Bench.vector, slot: .a)])
    bench.vector([.gelu], rows: 1, columns: 1, waits: [TokenWait(from: Bench.array, slot: .start)])
    for engine in EngineKind.allCases {
      #expect { try Simulator.run(bench.schedule, engine: engine) } throws: { error in
        if case .deadlock(_, let waiting) = error as? MachineError { waiting.sorted() == [0, 1] } else { false }
      }
    }
  }

  @Test func wrongUnitIsNamed() {
    var bench = Bench()
    bench.matmul(1, 1, 1, queue: Bench.vector)
    for engine in EngineKind.allCases {
      #expect(throws: MachineError.wrongUnit(instruction: 0, unit: "vector")) {
        try Simulator.run(bench.schedule, engine: engine)
      }
    }
  }

  // MARK: Ports

  /// A load into the bank that the array streams from, ports as given; 20 beats from cycle 0.
  private func contested(ports: Int, bank: Int) throws -> Run {
    var bench = Bench { $0.buffers[0].ports = ports }
    bench.matmul(20, 4, 3)
    bench.transfer(160, bank: bank)
    return try bench.run()
  }

  @Test func b1AnotherBankIsNoConflict() throws {
    #expect(try contested(ports: 1, bank: 1).cycles(of: .stream, 0) == [4])
  }

  @Test func b2TwoPortsServeTwoUnits() throws {
    #expect(try contested(ports: 2, bank: 0).cycles(of: .stream, 0) == [4])
  }

  @Test func b3OnePortIsWaitedFor() throws {
    let run = try contested(ports: 1, bank: 0)
    #expect(run.timings[1].end == 10)
    #expect(run.cycles(of: .stream, 0) == [10])  // released at the load's end: not at 9
    #expect(run.stacks[0][.waitPort] == 10 - 4)
  }

  @Test(arguments: [(2, 10), (3, 4)]) func b3EveryRoleOfAnotherAgentCounts(ports: Int, stream: Int) throws {
    var bench = Bench { $0.buffers[0].ports = ports }
    bench.matmul(20, 4, 3)
    // Reads and writes in the bank that the array streams from: two ports until 10.
    bench.instructions.append(
      Instruction(
        queue: Bench.vector, layer: 0,
        operation: .vector(
          VectorInstruction(
            stages: [VectorStage(.gelu, op: 0)], rows: 1, columns: 40,
            source: Region(buffer: 0, offset: 0, rows: 1, rowBytes: 40),
            destination: Region(buffer: 0, offset: 64, rows: 1, rowBytes: 40)))))
    #expect(try bench.run().cycles(of: .stream, 0) == [stream])
  }

  @Test func b4StreamedOperandIsReleasedWhenItIsRead() throws {
    var bench = Bench { $0.buffers[0].ports = 1 }
    bench.matmul(20, 4, 3)
    bench.transfer(1600, bank: 1)  // seven bursts, requested in 0…6
    bench.transfer(16)
    #expect(try bench.run().timings[2].start == 4 + 20)  // the tile itself ends 5 cycles later
  }

  @Test func a1TheArrayGoesFirst() throws {
    var bench = Bench(.outputStationary) { $0.buffers[0].ports = 1 }
    bench.transfer(160)
    bench.matmul(4, 9, 3)
    let run = try bench.run()
    #expect(run.timings[1].start == 0)
    #expect(run.timings[0].start == 9)
    #expect(run.stacks[0][.waitPort] == 9)
  }

  @Test func b2OneActionsRolesShareAPort() throws {
    var bench = Bench { $0.buffers[0].ports = 1 }
    bench.instructions = [
      Instruction(
        queue: Bench.vector, layer: 0,
        operation: .vector(
          VectorInstruction(
            stages: [VectorStage(.gelu, op: 0)], rows: 1, columns: 40,
            source: Region(buffer: 0, offset: 0, rows: 1, rowBytes: 40),
            destination: Region(buffer: 0, offset: 64, rows: 1, rowBytes: 40))))
    ]
    let run = try bench.run()
    #expect(run.cycles == 2 * 10)  // read and write take turns
    #expect(run.stacks[0][.narrow] == 10)
  }
}

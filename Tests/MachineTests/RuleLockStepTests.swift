import Hardware
import Machine
import Schedule
import Testing

/// Rules M23–M26 of docs/timing.md and what M1 and M2 say of tiles on kept or transposed operands, each sum spelled out. Arrays are
/// 4 rows × 3 columns: a load takes 4 cycles, results come 4 + (3 − 1) cycles after their step.
@Suite struct RuleLockStepTests {
  private static let through = 4 + (3 - 1)

  private func bench(_ configure: (inout MatrixEngineSpec) -> Void) -> Bench {
    Bench { configure(&$0.engines[0]) }
  }

  /// Puts operand B of every matmul where A is, or column by column.
  private func change(_ bench: inout Bench, _ body: (inout MatMul) -> Void) {
    for index in bench.instructions.indices {
      guard case .matmul(var matmul) = bench.instructions[index].operation else { continue }
      body(&matmul)
      bench.instructions[index].operation = .matmul(matmul)
    }
  }

  @Test func m1TilesOfFewStepsKeepTheirOperand() throws {
    var bench = bench { ($0.lockStep, $0.tileSteps) = (true, 3) }
    bench.matmul(7, 4, 3)
    let run = try bench.run()
    // 3, 3 and 1 of 7 steps, on one load.
    #expect(run.cycles(of: .load, 0) == [0])
    #expect(run.cycles(of: .stream, 0) == [4, 4 + 3, 4 + 3 + 3])
    #expect(run.cycles == 10 + Self.through)
    #expect(run.macs == [7 * 4 * 3])
    #expect(run.traffic.bufferRead[1] == 4 * 3)
  }

  @Test func m1TilesAreFilledUpToTheLeastSteps() throws {
    var bench = bench { ($0.lockStep, $0.tileSteps, $0.minimumSteps) = (true, 3, 2) }
    bench.matmul(7, 4, 3)
    let run = try bench.run()
    // The last tile has a step of its own and one of zeros.
    #expect(run.cycles(of: .stream, 0) == [4, 7, 10])
    #expect(run.cycles == 11 + Self.through)
    #expect(run.macs == [7 * 4 * 3])
    #expect(run.stacks[0][.busy] == 3 + 3 + 2)
  }

  @Test func m2TransposedOperandsTakeLongerToLoad() throws {
    func stream(_ order: OperandOrder) throws -> [Int] {
      var bench = bench { $0.transposeCycles = 6 }
      bench.matmul(5, 4, 3)
      change(&bench) {
        $0.bOrder = order
        if order == .columnMajor { $0.b = Region(buffer: 1, offset: 0, rows: 3, rowBytes: 4) }
      }
      return try bench.run().cycles(of: .stream, 0)
    }
    #expect(try stream(.rowMajor) == [4])
    #expect(try stream(.columnMajor) == [4 + 6])
  }

  @Test func m23TilesInFlightAreBounded() throws {
    func streams(_ most: Int) throws -> [Int] {
      var bench = bench { $0.tilesInFlight = most }
      bench.matmul(5, 8, 3)
      return try bench.run().cycles(of: .stream, 0)
    }
    // The first tile's steps enter in 4 to 8 and it has left at 8 + 6 = 14: the next not at 14, but at 15.
    #expect(try streams(1) == [4, 15])
    #expect(try streams(2) == [4, 9])
  }

  @Test func m23ALoadThatGoesAloneIsATile() throws {
    func run(_ most: Int) throws -> Run {
      var bench = bench { ($0.lockStep, $0.tilesInFlight) = (true, most) }
      bench.matmul(5, 4, 3)
      return try bench.run()
    }
    // Its last row enters in 3 and has passed at 3 + 6 = 9.
    #expect(try run(1).cycles(of: .stream, 0) == [10])
    #expect(try run(1).stacks[0][.drain] == (10 - 4) + Self.through - 1)
    #expect(try run(2).cycles(of: .stream, 0) == [4])
  }

  @Test func m24TheNextLoadGoesBesideTheStreamOrAfterIt() throws {
    func loads(_ lockStep: Bool, tokenAt time: Int) throws -> [Int] {
      var bench = bench { $0.lockStep = lockStep }
      bench.transfer(rows: 1, 16 * time, bank: 3, posts: [TokenPost(to: Bench.array, slot: .b)])
      bench.matmul(6, 4, 3)
      bench.matmul(6, 4, 3, bank: 1, waits: [TokenWait(from: Bench.input, slot: .b)])
      let run = try bench.run()
      #expect(run.timings[0].end == time)
      return run.cycles(of: .load, 2)
    }
    // The first stream starts in 4 and has been read at 10.
    #expect(try loads(true, tokenAt: 4) == [4])
    #expect(try loads(true, tokenAt: 5) == [10])
    #expect(try loads(false, tokenAt: 5) == [5])
  }

  @Test func m24BothShareAPort() throws {
    func run(ports: Int) throws -> Run {
      var bench = Bench {
        $0.engines[0].lockStep = true
        $0.buffers[0].ports = ports
      }
      bench.matmul(6, 8, 3)
      change(&bench) { $0.b.buffer = 0 }
      return try bench.run()
    }
    // Steps and rows take turns: steps in 5, 7, …, 15; the second tile, alone, follows at 4 + 6·2 = 16.
    #expect(try run(ports: 1).cycles(of: .load, 0) == [0, 4])
    #expect(try run(ports: 1).cycles(of: .stream, 0) == [4, 16])
    #expect(try run(ports: 1).cycles == 21 + Self.through)
    #expect(try run(ports: 2).cycles(of: .stream, 0) == [4, 10])
  }

  private func outputStationary(tokenAt time: Int = 0) throws -> Run {
    var bench = Bench(.outputStationary) {
      $0.engines[0].outputPath = .shiftRegisters
      $0.engines[0].lockStep = true
    }
    bench.matmul(4, 4, 3)
    var waits: [TokenWait] = []
    if time > 0 {
      bench.transfer(rows: 1, 16 * time, bank: 3, posts: [TokenPost(to: Bench.array, slot: .a)])
      waits = [TokenWait(from: Bench.input, slot: .a)]
    }
    bench.matmul(4, 4, 3, bank: 1, waits: waits)
    return try bench.run()
  }

  @Test func m24OperandAOfAnOutputStationaryTileComesATileAhead() throws {
    let run = try outputStationary()
    #expect(run.cycles(of: .load, 0) + run.cycles(of: .load, 1) == [0, 4])
    #expect(run.cycles(of: .stream, 0) + run.cycles(of: .stream, 1) == [4, 8])
    // The last step in 11, at the lowest PE in 14, its result a cycle later; 4 rows shift out, 2 columns later the last.
    #expect(run.cycles == 11 + (4 - 1) + 1 + 4 + (3 - 1))
  }

  @Test func m25ResultsAreFlushedWhenNothingFollows() throws {
    func load(_ time: Int) throws -> [Int] { try outputStationary(tokenAt: time).cycles(of: .load, 2) }
    // All has been read at 8, the last step enters in 7, results are out at 17. Flushes: 8 to 12, 12 to 16, 16 to 20.
    #expect(try load(4) == [4])
    #expect(try load(8) == [8])
    #expect(try load(9) == [12])
    #expect(try load(12) == [12])
    #expect(try load(13) == [16])
    #expect(try load(17) == [20])
    #expect(try load(21) == [21])
  }

  @Test func m26TilesAreIssuedAtTheirPace() throws {
    var bench = bench { ($0.issueLatency, $0.issueInterval) = (3, 20) }
    bench.matmul(5, 8, 3)
    let run = try bench.run()
    #expect(run.cycles(of: .load, 0) == [3, 23])
    #expect(run.cycles(of: .stream, 0) == [3 + 4, 23 + 4])
    // 0 to 2, and 12 to 22 behind the first tile's last step in 11.
    #expect(run.stacks[0][.waitIssue] == 3 + 11)
  }
}

import Hardware
import Machine
import Schedule
import Testing

/// Rules M27–M29 and G3 of docs/timing.md, each sum spelled out. Arrays are 4 rows × 3 columns, words hold a row: a load takes 4
/// cycles, results come 4 + (3 − 1) cycles after their row.
@Suite struct RuleRowByRowTests {
  private static let through = 4 + (3 - 1)

  private func bench(_ configure: (inout Accelerator) -> Void = { _ in }) -> Bench {
    Bench {
      $0.engines[0].lockStep = true
      $0.engines[0].rowByRow = true
      $0.engines[0].edgeTiles = .full
      for buffer in $0.buffers.indices { $0.buffers[buffer].ports = 1 }
      $0.channels[0].assembly = true
      configure(&$0)
    }
  }

  @Test func m27PassesFollowEachOther() throws {
    var bench = bench { $0.engines[0].minimumSteps = 2 }
    bench.matmul(5, 8, 3)
    bench.matmul(1, 4, 3)
    let run = try bench.run()
    // A load alone; 5 rows, the next load beside them; again; 1 row and one of zeros.
    #expect(run.cycles(of: .load, 0) == [0, 4])
    #expect(run.cycles(of: .stream, 0) == [4, 9])
    #expect(run.cycles(of: .load, 1) == [9])
    #expect(run.cycles(of: .stream, 1) == [14])
    #expect(run.cycles == 15 + Self.through)
    #expect(run.stacks[0][.load] == 4)
    #expect(run.stacks[0][.busy] == 5 + 5)
  }

  @Test func m27BothOperandsInOneBankTakeTurns() throws {
    func streams(bank: Int) throws -> [Int] {
      var bench = bench { $0.engines[0].weights = 0 }
      bench.matmul(4, 6, 3)
      if case .matmul(var matmul) = bench.instructions[0].operation {
        matmul.b = Region(buffer: 0, offset: bank << 18, rows: 6, rowBytes: 3)
        bench.instructions[0].operation = .matmul(matmul)
      }
      return try bench.run().cycles(of: .stream, 0)
    }
    #expect(try streams(bank: 1) == [4, 8])
    // The second load has 2 rows of zeros, and 2 that come a cycle after those of A.
    #expect(try streams(bank: 0) == [4, 10])
  }

  /// A load of `words` words, the first of which takes the port of bank `bank` in cycle `at`.
  private func write(_ words: Int, at cycle: Int, bank: Int = 0, buffer: Int = 0, _ bench: inout Bench) {
    bench.accelerator.channels[0].beatBytes = 1 << 12
    // The beat of cycle c is a word in c + 1 and takes the port in c + 2.
    bench.accelerator.channels[0].dispatch = cycle - 2
    bench.transfer(rows: words, 1 << 12, buffer: buffer, bank: bank)
  }

  @Test func m28WordsThatAreWrittenGoFirst() throws {
    func stream(_ cycle: Int, bank: Int) throws -> Run {
      var bench = bench()
      write(3, at: cycle, bank: bank, &bench)
      bench.matmul(5, 4, 3)
      return try bench.run()
    }
    // Rows of A are read in 4 to 8; words in 5, 6 and 7 hold them up.
    #expect(try stream(5, bank: 1).cycles == 8 + Self.through)
    #expect(try stream(5, bank: 0).cycles == 8 + 3 + Self.through)
    #expect(try stream(5, bank: 0).stacks[1][.waitPort] == 3)
    #expect(try stream(2, bank: 0).cycles == 8 + 1 + Self.through)
    #expect(try stream(9, bank: 0).timings[1].end == 8 + Self.through)
  }

  @Test func m28WritePathAndLoadLatencyDelayTheWord() throws {
    func end(path: Int, latency: Int) throws -> Int {
      var bench = bench {
        $0.channels[0].writePath = path
        $0.buffers[0].loadLatency = latency
      }
      write(1, at: 3, &bench)
      bench.matmul(1, 4, 3)
      return try bench.run().timings[1].end
    }
    // The one row is read in 4, or in 5 if the word comes then.
    #expect(try end(path: 0, latency: 0) == 4 + Self.through)
    #expect(try end(path: 1, latency: 0) == 5 + Self.through)
    #expect(try end(path: 0, latency: 1) == 5 + Self.through)
    #expect(try end(path: 1, latency: 1) == 4 + Self.through)
  }

  @Test func m27ARowNeedsAllItsWords() throws {
    var bench = bench()
    write(1, at: 4, buffer: 1, &bench)
    bench.matmul(4, 8, 3)
    let run = try bench.run()
    // The first row of A is read in 4, the one of B beside it in 5.
    #expect(run.cycles(of: .stream, 1) == [4, 9])
  }

  @Test func m27WhatLiesAcrossTakesMore() throws {
    func run(a: OperandOrder = .rowMajor, b: OperandOrder = .rowMajor) throws -> Run {
      var bench = bench { ($0.engines[0].transposeCycles, $0.engines[0].minimumSteps) = (4, 4) }
      // A word in 2 holds up what is read of A in bank 0 then.
      write(1, at: 2, &bench)
      for _ in 0..<2 { bench.matmul(4, 4, 3) }
      for index in 1..<3 {
        guard case .matmul(var matmul) = bench.instructions[index].operation else { continue }
        (matmul.aOrder, matmul.bOrder) = (a, b)
        if b == .columnMajor { matmul.b = Region(buffer: 1, offset: 0, rows: 3, rowBytes: 4) }
        bench.instructions[index].operation = .matmul(matmul)
      }
      return try bench.run()
    }
    #expect(try run().timings[2].end == 11 + Self.through)
    // A pass of zeros behind each load.
    #expect(try run(b: .columnMajor).timings[2].end == 11 + 4 + 4 + Self.through)
    // A is read with the load, and the word comes in its way.
    #expect(try run(a: .columnMajor).timings[2].end == 11 + 1 + Self.through)
  }

  @Test func m28TransfersClaimNothing() throws {
    var bench = bench()
    bench.matmul(9, 4, 3)
    bench.transfer(8)
    bench.transfer(write: true, 8, buffer: 2)
    let run = try bench.run()
    #expect(run.timings[1].start == 0)
    #expect(run.timings[2].start == 0)
  }

  private func kept(waits: [TokenWait], _ configure: (inout Accelerator) -> Void = { _ in }) throws -> Run {
    var bench = bench {
      $0.engines[0].minimumSteps = 3
      configure(&$0)
    }
    bench.transfer(rows: 1, 16 * 20, bank: 3, posts: [TokenPost(to: Bench.array, slot: .b)])
    bench.accelerator.channels[0].assembly = false
    bench.matmul(5, 4, 3)
    bench.matmul(5, 4, 3, waits: waits)
    if case .matmul(var matmul) = bench.instructions[2].operation {
      matmul.keeps = true
      bench.instructions[2].operation = .matmul(matmul)
    }
    if waits.isEmpty { bench.instructions[0].posts = [] }
    return try bench.run()
  }

  @Test func m29WhatIsKeptTakesNoRows() throws {
    let run = try kept(waits: [])
    #expect(run.cycles(of: .stream, 1) == [4])
    #expect(run.cycles(of: .stream, 2) == [9])
    #expect(run.cycles(of: .load, 2).isEmpty)
    #expect(run.traffic.bufferRead[1] == 4 * 3)
  }

  @Test func m29WhatIsKeptTakesAPassWhenItComesAlone() throws {
    let run = try kept(waits: [TokenWait(from: Bench.input, slot: .b)])
    // The token is there in 20; three rows of zeros.
    #expect(run.timings[0].end == 20)
    #expect(run.timings[2].start == 20)
    #expect(run.cycles(of: .stream, 2) == [20 + 3])
  }

  @Test func g4TokensAreGivenWhenOperandsHaveBeenRead() throws {
    func start(_ whenRead: Bool, delay: Int = 0) throws -> Int {
      var bench = bench()
      bench.matmul(
        5, 8, 3, posts: [TokenPost(to: Bench.input, slot: .start, delay: delay, whenRead: whenRead)])
      bench.transfer(8, waits: [TokenWait(from: Bench.array, slot: .start)])
      let run = try bench.run()
      #expect(run.timings[0].read == 13 + 1 && run.timings[0].end == 13 + Self.through)
      return run.timings[1].start
    }
    // The last row is read in 4 + 5 + 4, its result there six cycles later.
    #expect(try start(false) == 13 + Self.through)
    #expect(try start(true) == 13 + 1)
    #expect(try start(true, delay: 2) == 13 + 1 + 2)
  }

  @Test func g4OthersCannot() {
    var bench = Bench()
    bench.matmul(1, 1, 1, posts: [TokenPost(to: Bench.input, slot: .start, whenRead: true)])
    bench.transfer(8, waits: [TokenWait(from: Bench.array, slot: .start)])
    #expect(bench.schedule.readPostMistakes == [0])
    #expect(throws: MachineError.self) { try Simulator.run(bench.schedule) }
  }

  @Test func g3TokensCanBeOnTheirWay() throws {
    func start(_ delay: Int) throws -> Int {
      var bench = Bench()
      bench.transfer(16, bank: 3, posts: [TokenPost(to: Bench.output, slot: .start, delay: delay)])
      bench.transfer(write: true, 16, waits: [TokenWait(from: Bench.input, slot: .start)])
      let run = try bench.run()
      #expect(run.timings[0].end == 1)
      return run.timings[1].start
    }
    #expect(try start(0) == 1)
    #expect(try start(7) == 1 + 7)
  }

  @Test func g3TokensKeepTheirOrder() throws {
    var bench = Bench()
    bench.transfer(16, bank: 3, posts: [TokenPost(to: Bench.output, slot: .start, delay: 9)])
    bench.transfer(16, bank: 3, posts: [TokenPost(to: Bench.output, slot: .start)])
    for _ in 0..<2 { bench.transfer(write: true, 16, waits: [TokenWait(from: Bench.input, slot: .start)]) }
    let run = try bench.run()
    #expect(run.timings[1].end == 2)
    #expect(run.timings[2].start == 1 + 9)
    #expect(run.timings[3].start == 1 + 9 + 1)
  }
}

import Hardware
import Machine
import Schedule
import Testing

/// Rules M18–M22 of docs/timing.md, each sum spelled out.
///
/// The array is 1 row × 2 columns of 4 multipliers, one register deep, with two sets of weights. A word of its buffer is 16 bytes
/// and comes a cycle late: 4 steps of operands, a tile of weights, or the results of 2 steps. Requests begin 3 cycles after a
/// pass; a register is on each way.
@Suite struct RuleStreamTests {
  private static func bench(fifo: Int = 4, restart: Int = 0, _ change: (inout Accelerator) -> Void = { _ in }) -> Bench
  {
    Bench(rows: 1, columns: 2, .weightStationary, .broadcast) {
      $0.buffers[0].banks = 1
      $0.buffers[0].ports = 1
      $0.buffers[0].wordBytes = 16
      $0.buffers[0].latency = 1
      $0.engines[0].macsPerPE = 4
      $0.engines[0].shadowWeights = false
      $0.engines[0].stationaryBuffers = 2
      $0.engines[0].tileOrder = .columnsInner
      $0.engines[0].outputFIFO = 8
      $0.engines[0].streams = StreamSpec(fifo: fifo, start: 3, registers: 1, finish: 1, restart: restart)
      ($0.engines[0].inputs, $0.engines[0].weights, $0.engines[0].outputs) = (0, 0, 0)
      change(&$0)
    }
  }

  @Test func m18m19m20m22OnePass() throws {
    var bench = Self.bench()
    bench.streamed(4, 4, 2)
    let run = try bench.run()
    // Words granted in 3 and 4 are there in 5 and 6, the weights in place in 7: steps in 7, 8, 9, 10. Results are behind the array a
    // cycle later: words full in 9 and 11, granted in 10 and 12, in the buffer in 13.
    #expect(run.cycles(of: .pass, 0) == [0])
    #expect(run.cycles(of: .load, 0) == [4])
    #expect(run.cycles(of: .stream, 0) == [7])
    #expect(run.cycles(of: .drained, 0) == [13])
    #expect(run.cycles == 13)
    #expect(run.stacks[0][.load] == 7)
    #expect(run.stacks[0][.busy] == 4)
    #expect(run.stacks[0][.drain] == 2)
  }

  @Test func m18PassesFollowOneAnother() throws {
    func starts(restart: Int, finish: Int) throws -> [Int] {
      var bench = Self.bench(restart: restart) { $0.engines[0].streams?.finish = finish }
      bench.streamed(4, 4, 2)
      bench.streamed(4, 4, 2)
      return try bench.run().timings.map(\.start)
    }
    #expect(try starts(restart: 0, finish: 1) == [0, 13])
    #expect(try starts(restart: 5, finish: 1) == [0, 13 + 5])
    #expect(try starts(restart: 0, finish: 4) == [0, 12 + 4])
  }

  @Test func m18APassHoldsThePort() throws {
    var bench = Self.bench()
    bench.streamed(4, 4, 2)
    bench.transfer(16)
    // The transfer is there from 0 on and has the port from the pass's end on.
    #expect(try bench.run().timings[1].start == 13)
  }

  @Test func m18ColumnsOfOneBlockOfKAreAPass() throws {
    func passes(_ order: TileOrder) throws -> Int {
      var bench = Self.bench { $0.engines[0].tileOrder = order }
      bench.streamed(4, 12, 4)
      return try bench.run().cycles(of: .pass, 0).count
    }
    // Three blocks of K, two of columns.
    #expect(try passes(.columnsInner) == 3)
    #expect(try passes(.rowsInner) == 2)
  }

  @Test func m19StreamsTakeTurns() throws {
    var bench = Self.bench()
    bench.streamed(8, 4, 4)
    // Turns: operand in 3, weights in 4, in 5 and 6 the turn is that of streams that don't ask and the operand's, in 7 it is the
    // operand's, in 8 that of the weights.
    #expect(try bench.run().cycles(of: .load, 0) == [4, 8])
  }

  @Test func m20AFullFIFOAsksForNothing() throws {
    func wait(_ fifo: Int) throws -> Int {
      var bench = Self.bench(fifo: fifo)
      bench.streamed(8, 4, 2)
      return try bench.run().stacks[0][.waitOffer]
    }
    // With room for one the second word is asked for when the first is used up, in 10: granted in 11, there in 13.
    #expect(try wait(1) == 13 - 11)
    #expect(try wait(2) == 0)
  }

  @Test func m20TheBiasComesACycleLater() throws {
    var bench = Self.bench()
    bench.streamed(4, 4, 2, bias: true)
    let run = try bench.run()
    // Granted in 5, there in 8.
    #expect(run.stacks[0][.waitOffer] == 8 - 7)
    #expect(run.cycles == 13 + 1)
    #expect(run.traffic.bufferRead[0] == 4 * 4 + 4 * 2 + 4 * 2)
  }

  @Test func m20WordsOfALoadWaitForRegisters() throws {
    var bench = Self.bench { $0.engines[0].stationaryBuffers = 1 }
    bench.streamed(4, 4, 4)
    let run = try bench.run()
    // The second tile's weights are there in time, but taken only in 11, a cycle after the last step that needs the first's.
    #expect(run.cycles(of: .stream, 0) == [7, 12])
  }

  @Test func m21TheNextTileIsLoadedAhead() throws {
    var bench = Self.bench()
    bench.streamed(4, 4, 2)
    bench.streamed(4, 4, 2)
    let run = try bench.run()
    // The first pass's own weights arrive in 6: the next are asked for in 9. Then the second pass begins its steps when its operand is
    // there: granted in 16, there in 18.
    #expect(run.cycles(of: .load, 1) == [6 + 3])
    #expect(run.cycles(of: .stream, 1) == [13])
    #expect(run.stacks[1][.waitOffer] == 18 - 13)
  }

  @Test func m21NotWithoutItsTokens() throws {
    var bench = Self.bench()
    bench.streamed(4, 4, 2, posts: [TokenPost(to: Bench.array, slot: .b, count: 1)])
    bench.streamed(4, 4, 2, waits: [TokenWait(from: Bench.array, slot: .b, count: 1)])
    let run = try bench.run()
    #expect(run.cycles(of: .load, 1) == [13 + 4])
    #expect(run.cycles == 2 * 13)
  }

  @Test func m22ResultsNeedRoomInTheirWords() throws {
    func cycles(_ fifo: Int) throws -> Int {
      var bench = Self.bench(fifo: fifo)
      bench.streamed(4, 4, 2)
      return try bench.run().cycles
    }
    // The first word is granted in 10. With room for one the third step's results leave in 11, not in 10.
    #expect(try cycles(2) == 13)
    #expect(try cycles(1) == 14)
  }

  @Test func m22OnlyTheLastTileAlongKIsWritten() throws {
    var bench = Self.bench()
    bench.streamed(4, 8, 2)
    let run = try bench.run()
    // The first pass takes its last step in 10 and the last word of the next one's weights in 11, the second has weights and waits for
    // its operand: 12 + 3 + 2 = 17.
    #expect(run.cycles(of: .pass, 0) == [0, 12])
    #expect(run.traffic.bufferWritten[0] == 4 * 2 * 4)
    #expect(run.cycles == 17 + 3 + 3)
  }
}

extension Bench {
  /// Adds a matmul all of whose regions lie at the beginning of buffer 0.
  fileprivate mutating func streamed(
    _ m: Int, _ k: Int, _ n: Int, bias: Bool = false, waits: [TokenWait] = [], posts: [TokenPost] = []
  ) {
    instructions.append(
      Instruction(
        queue: Bench.array, layer: 0,
        operation: .matmul(
          MatMul(
            m: m, k: k, n: n, a: Region(buffer: 0, offset: 0, rows: m, rowBytes: k),
            b: Region(buffer: 0, offset: 0, rows: k, rowBytes: n),
            out: Region(buffer: 0, offset: 0, rows: m, rowBytes: 4 * n), op: 0,
            bias: bias ? Region(buffer: 0, offset: 0, rows: 1, rowBytes: 4 * n) : nil)),
        waits: waits, posts: posts))
  }
}

import Hardware
import Machine
import Schedule
import Testing

/// Cycle counts of the matrix engine, spelled out as sums.
@Suite struct LiteralMatrixTests {
  @Test func weightStationaryTile() throws {
    let run = try LiteralBench().run([LiteralBench.matmul(10, 4, 4)])
    // load 4 rows; the last of 10 steps enters 9 cycles after the first; R = 4 down and C − 1 = 3 across
    #expect(run.cycles == 4 + 9 + 4 + 3)
    #expect(run.parts(of: 0) == ["load": 4, "busy": 10, "drain": 6])
    #expect(run.macs == [10 * 4 * 4])
    #expect(run.timings[0] == InstructionTiming(start: 0, end: 20))
  }

  @Test func latenciesAndEdgeRegisters() throws {
    var bench = LiteralBench()
    bench.buffers[0].latency = 2
    bench.buffers[1].latency = 3
    bench.buffers[2].latency = 5
    bench.engine.edgeRegisters = 1
    let run = try bench.run([LiteralBench.matmul(10, 4, 4)])
    // weights 3 + 1 to the edge, 4 rows; the streamer starts 2 + 1 earlier; 10 steps, 4 down, 3 across, 5 + 1 out
    #expect(run.cycles(of: .stream) == [4 + 4 - 3])
    #expect(run.cycles == 4 + 4 + 9 + 4 + 3 + 6)
    #expect(run.parts(of: 0) == ["load": 8, "busy": 10, "drain": 12])
  }

  @Test func shadowWeightsHideTheLoad() throws {
    let run = try LiteralBench().run([LiteralBench.matmul(10, 8, 4)])
    // the second load begins with the first tile's first step, the second stream follows the first without a gap
    #expect(run.cycles(of: .load) == [0, 4])
    #expect(run.cycles(of: .stream) == [4, 14])
    #expect(run.cycles == 4 + 10 + 9 + 4 + 3)
  }

  @Test func withoutShadowTheLoadWaitsForTheLastStep() throws {
    var bench = LiteralBench()
    bench.engine.shadowWeights = false
    let run = try bench.run([LiteralBench.matmul(10, 8, 4)])
    #expect(run.cycles(of: .load) == [0, 14])
    #expect(run.cycles(of: .stream) == [4, 18])
    #expect(run.cycles == 4 + 10 + 4 + 9 + 4 + 3)
    // both loads are exposed; the first tile drains behind the second's load
    #expect(run.parts(of: 0) == ["load": 8, "busy": 20, "drain": 6])
  }

  @Test func deepPEsHoldTheSwapBack() throws {
    var bench = LiteralBench()
    bench.engine.peRegisters = 2
    let run = try bench.run([LiteralBench.matmul(3, 8, 4)])
    // κ = (R − 1)(p − 1) = 3: the second load may reach the array 3 cycles after the first step
    #expect(run.cycles(of: .load) == [0, 4 + 3])
    // in place at 7 + 4
    #expect(run.cycles(of: .stream) == [4, 11])
    #expect(run.cycles == 11 + 2 + 4 * 2 + 3)
    #expect(run.parts(of: 0)["load"] == 4 + (11 - 7))
  }

  @Test func foldsThatNeverMeet() throws {
    var bench = LiteralBench()
    bench.engine.shadowWeights = false
    bench.engine.tileOverlap = false
    let run = try bench.run([LiteralBench.matmul(10, 8, 4)])
    #expect(run.cycles == 2 * (4 + 9 + 4 + 3))
    #expect(run.parts(of: 0) == ["load": 8, "busy": 20, "drain": 12])
  }

  @Test func narrowWordsSlowLoadAndStream() throws {
    var bench = LiteralBench()
    bench.buffers[0].wordBytes = 2
    bench.buffers[1].wordBytes = 1
    let run = try bench.run([LiteralBench.matmul(10, 4, 4)])
    // a row of 4 weights takes 4 cycles, a step of 4 activations 2
    #expect(run.cycles == 4 * 4 + 10 * 2 - 1 + 4 + 3)
    #expect(run.parts(of: 0) == ["load": 16, "busy": 10, "narrow": 10, "drain": 6])
    #expect(run.timelines[0].map(\.interval) == [1, 2, 1])
  }

  @Test func accumulatorTurnaround() throws {
    var bench = LiteralBench()
    bench.buffers[2].latency = 12
    let run = try bench.run([LiteralBench.matmul(3, 8, 4)])
    // step 0 of the second tile enters 12 cycles after step 0 of the first
    #expect(run.cycles(of: .stream) == [4, 16])
    #expect(run.cycles == 16 + 2 + 4 + 3 + 12)
    // one cycle of load is left, then the accumulator holds the step back; the last results leave in 18
    #expect(run.parts(of: 0) == ["load": 4 + 1, "busy": 6, "turnaround": 16 - 8, "drain": 18])
  }

  @Test func trimmedAndFullTiles() throws {
    var bench = LiteralBench()
    let small = [LiteralBench.matmul(5, 2, 3)]
    // 2 rows are loaded; results still pass all 4 rows, and leave from 3 columns
    #expect(try bench.run(small).cycles == 2 + 4 + 4 + 2)
    bench.engine.edgeTiles = .full
    #expect(try bench.run(small).cycles == 4 + 4 + 4 + 3)
  }

  @Test func inputStationary() throws {
    var bench = LiteralBench()
    bench.engine.dataflow = .inputStationary
    let run = try bench.run([LiteralBench.matmul(4, 8, 10)])
    #expect(run.cycles == 4 + 10 + 9 + 4 + 3)
    #expect(run.macs == [4 * 8 * 10])
  }

  @Test func dotProductsAndReplicas() throws {
    var bench = LiteralBench()
    bench.engine.macsPerPE = 2
    bench.engine.replicas = 3
    let run = try bench.run([LiteralBench.matmul(10, 15, 4)])
    // K: two tiles of 8 and 7, both 4 rows of PEs; M: ⌈10/3⌉ = 4 steps; the load of the second hides behind 4 steps
    #expect(run.cycles == 4 + 4 + 3 + 4 + 3)
    #expect(run.macs == [10 * 15 * 4])
  }

  @Test func broadcastAdderTree() throws {
    var bench = LiteralBench()
    bench.engine.interconnect = .broadcast
    bench.engine.adderTreeRegisters = 2
    bench.engine.rows = 5
    let run = try bench.run([LiteralBench.matmul(10, 9, 7)])
    // tiles (5, 4), (4, 4), (5, 3), (4, 3): loads behind streams; p = 1, tree of ⌈log₂ 5⌉ = 3 levels
    #expect(run.cycles == 5 + 4 * 10 - 1 + 1 + 2 * 3)
  }

  @Test func outputStationaryDirect() throws {
    var bench = LiteralBench()
    bench.engine.dataflow = .outputStationary
    bench.engine.outputPath = .direct
    let run = try bench.run([LiteralBench.matmul(8, 6, 3)])
    // two tiles of 4 rows, 6 steps each; the last PE is 3 + 2 hops away, its sum is there a cycle after
    #expect(run.cycles == 6 + 6 - 1 + 5 + 1)
    #expect(run.parts(of: 0) == ["busy": 12, "drain": 5])
  }

  @Test func outputStationaryShift() throws {
    var bench = LiteralBench()
    bench.engine.dataflow = .outputStationary
    bench.engine.outputPath = .shift
    let run = try bench.run([LiteralBench.matmul(8, 6, 3)])
    // shifting from 5 + 3 + 1 = 9; the first PE is free after one shift; results out at 9 + 2 + 4
    #expect(run.cycles(of: .stream) == [0, 10])
    #expect(run.cycles(of: .drained) == [15, 25])
    #expect(run.parts(of: 0) == ["busy": 12, "drain": 4 + 9])
  }

  @Test func outputStationaryNarrowShift() throws {
    var bench = LiteralBench()
    bench.engine.dataflow = .outputStationary
    bench.engine.outputPath = .shift
    bench.buffers[2].wordBytes = 4
    let run = try bench.run([LiteralBench.matmul(8, 6, 3)])
    // a row of 3 results takes 3 cycles: PE row r is free at 9 + 3(r + 1), its first step comes r cycles after the first
    #expect(run.cycles(of: .stream) == [0, 9 + 3 + 3 * 2])
    #expect(run.cycles(of: .drained)[0] == 9 + 2 + 4 * 3)
  }

  @Test func outputStationaryShiftRegisters() throws {
    var bench = LiteralBench()
    bench.engine.dataflow = .outputStationary
    bench.engine.outputPath = .shiftRegisters
    let long = try bench.run([LiteralBench.matmul(8, 6, 3)])
    // results leave beside the next tile
    #expect(long.cycles(of: .stream) == [0, 6])
    #expect(long.cycles == 11 + 3 + 1 + 2 + 4)
    bench.buffers[2].wordBytes = 3
    let short = try bench.run([LiteralBench.matmul(12, 2, 3)])
    // 4 cycles a row: X = 1 + 3 + 1 = 5; x_last + 1 ≥ 5 + 4 + 3·3 for the second tile, so it streams from 17 − 1
    #expect(short.cycles(of: .stream)[1] == 16)
  }

  @Test func outputStationaryBroadcastWithDeepPEs() throws {
    var bench = LiteralBench()
    bench.engine.dataflow = .outputStationary
    bench.engine.interconnect = .broadcast
    bench.engine.outputPath = .shiftRegisters
    bench.engine.peRegisters = 3
    bench.engine.macsPerPE = 2
    bench.engine.replicas = 2
    let run = try bench.run([LiteralBench.matmul(11, 7, 6)])
    // rows 8 + 3, columns 4 + 2, ⌈7/2⌉ = 4 steps a tile, 3 to the sum, 4 rows out
    #expect(run.cycles == 4 * 4 - 1 + 3 + 4)
    #expect(run.macs == [11 * 7 * 6])
  }

  @Test(arguments: [(3, 5, 7), (16, 16, 16), (1, 40, 9), (33, 7, 18), (8, 1, 1)])
  func scaleSimFolds(m: Int, k: Int, n: Int) throws {
    for dataflow in Dataflow.allCases {
      var bench = LiteralBench()
      bench.engine.rows = 8
      bench.engine.columns = 6
      bench.engine.dataflow = dataflow
      bench.engine.tileOverlap = false
      bench.engine.shadowWeights = false
      bench.engine.edgeTiles = .full
      bench.engine.outputPath = .direct
      let run = try bench.run([LiteralBench.matmul(m, k, n)])
      let (rows, columns, fold) =
        switch dataflow {
        case .weightStationary: (k, n, 8 + m + 8 + 6 - 2)
        case .inputStationary: (k, m, 8 + n + 8 + 6 - 2)
        case .outputStationary: (m, n, k + 8 + 6 - 2)
        }
      let folds = ((rows + 7) / 8) * ((columns + 5) / 6)
      #expect(run.cycles == folds * fold, "\(dataflow)")
      #expect(run.macs == [m * k * n])
    }
  }
}

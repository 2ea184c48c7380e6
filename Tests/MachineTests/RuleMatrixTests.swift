import Hardware
import Machine
import Schedule
import Testing

/// Rules M1–M13 of docs/timing.md, each sum spelled out. Arrays are 4 rows × 3 columns unless said otherwise.
@Suite struct RuleMatrixTests {
  @Test func m1ColumnsInnerLeaveTheAccumulatorTime() throws {
    func stream(_ order: TileOrder) throws -> [Int] {
      var bench = Bench {
        $0.engines[0].tileOrder = order
        $0.buffers[2].latency = 9
      }
      bench.matmul(6, 8, 6)
      return try bench.run().cycles(of: .stream, 0)
    }
    // Two tiles along K, two along N, 6 steps each: an accumulating one follows its predecessor by 9 cycles, not 6.
    #expect(try stream(.rowsInner) == [4, 4 + 9, 4 + 9 + 6, 4 + 9 + 6 + 9])
    #expect(try stream(.columnsInner) == [4, 4 + 6, 4 + 6 + 9, 4 + 6 + 9 + 9])
  }

  // MARK: One tile

  @Test func m2m5m7m13WeightStationaryTile() throws {
    var bench = Bench()
    bench.matmul(5, 4, 3)
    let run = try bench.run()
    #expect(run.cycles(of: .load, 0) == [0])
    #expect(run.cycles(of: .stream, 0) == [4])  // 4 rows of weights: not ready at 3, ready at 4
    #expect(run.cycles == 4 + 5 + (4 - 1) + (3 - 1))  // load 4 + rows 5 + skew over rows 3 and columns 2
    #expect(run.stacks[0][.load] == 4)
    #expect(run.stacks[0][.busy] == 5)
    #expect(run.stacks[0][.drain] == (4 - 1) + (3 - 1))
    #expect(run.macs == [5 * 4 * 3])
  }

  @Test func m2LoadedTilesAreThereFromTheStart() throws {
    var bench = Bench()
    bench.matmul(5, 8, 3)
    bench.loaded = [LoadedTiles(engine: 0, tiles: 1)]
    let run = try bench.run()
    #expect(run.timings[0].start == 0)
    // Not at 0: the streamer sees the loader's a cycle later. The second tile loads from the first one's swap on.
    #expect(run.cycles(of: .stream, 0) == [1, 1 + 5])
    #expect(run.cycles(of: .load, 0) == [1])
    #expect(run.stacks[0][.load] == 1)
    #expect(run.traffic.bufferRead[1] == 4 * 3)
  }

  @Test func m2PartialTileLoadsOnlyItsRows() throws {
    var bench = Bench()
    bench.matmul(5, 2, 1)
    #expect(try bench.run().cycles == 2 + 5 + (4 - 1))  // load 2 + rows 5 + skew over all 4 rows, none over one column
  }

  @Test func m9FullTilesPayForTheWholeArray() throws {
    var bench = Bench { $0.engines[0].edgeTiles = .full }
    bench.matmul(5, 2, 1)
    #expect(try bench.run().cycles == 4 + 5 + (4 - 1) + (3 - 1))
  }

  @Test func m2NarrowWordSlowsTheLoad() throws {
    var bench = Bench { $0.buffers[1].wordBytes = 2 }
    bench.matmul(5, 4, 3)
    let run = try bench.run()
    #expect(run.cycles(of: .stream, 0) == [4 * 2])  // a row of 3 weights is two words
  }

  @Test func m2m4LatenciesAndEdgeRegisters() throws {
    var bench = Bench {
      $0.buffers[0].latency = 2
      $0.buffers[1].latency = 3
      $0.buffers[2].latency = 5
      $0.engines[0].edgeRegisters = 1
    }
    bench.matmul(5, 4, 3)
    let run = try bench.run()
    // Weights at the array from 3 + 1, in place at 3 + 1 + 4 = 8; inputs are read 2 + 1 earlier.
    #expect(run.cycles(of: .stream, 0) == [8 - 3])
    #expect(run.cycles == 8 + 5 + (4 - 1) + (3 - 1) + 5 + 1)
    #expect(run.stacks[0][.load] == 8)
  }

  @Test func m4NarrowInputsSlowTheStream() throws {
    var bench = Bench { $0.buffers[0].wordBytes = 3 }
    bench.matmul(5, 4, 3)
    let run = try bench.run()
    #expect(run.cycles == 4 + 5 * 2 + (4 - 1) + (3 - 1))  // 4 bytes a step through words of 3
    #expect(run.stacks[0][.busy] == 5)
    #expect(run.stacks[0][.narrow] == 5)
  }

  @Test func m4NarrowResultsSlowTheStream() throws {
    var bench = Bench { $0.buffers[2].wordBytes = 4 }
    bench.matmul(5, 4, 3)
    #expect(try bench.run().cycles == 4 + 5 * 3 + (4 - 1) + (3 - 1))  // 12 bytes a step through words of 4
  }

  @Test func m4StepIntervalSpacesTheSteps() throws {
    var bench = Bench { $0.engines[0].stepInterval = 3 }
    bench.matmul(5, 4, 3)
    bench.matmul(2, 4, 3)
    let run = try bench.run()
    #expect(run.cycles(of: .stream, 0) == [4])
    // The first step at once, four more 3 cycles apart; it leaves through rows 4 and columns 3.
    #expect(run.cycles(of: .drained, 0) == [4 + 4 * 3 + 4 + (3 - 1)])
    #expect(run.cycles(of: .stream, 1) == [4 + 5 * 3])  // not at 4 + 4 · 3 + 1: the last step's interval is over first
    #expect(run.stacks[0][.busy] == 5)
    #expect(run.stacks[0][.narrow] == 4 * 2)
    #expect(run.stacks[1][.narrow] == 2 + 2)  // what is left of the interval before, and one of its own
  }

  @Test func m4NarrowWordsWithinAStepInterval() throws {
    var bench = Bench {
      $0.engines[0].stepInterval = 3
      $0.buffers[0].wordBytes = 2
    }
    bench.matmul(5, 4, 3)
    let run = try bench.run()
    // A step enters when its second word is there, the next 3 cycles later.
    #expect(run.cycles(of: .drained, 0) == [4 + 1 + 4 * 3 + 4 + (3 - 1)])
    #expect(run.stacks[0][.narrow] == 1 + 4 * 2)
  }

  @Test func m5SwapCyclesDelayTheFirstStep() throws {
    var bench = Bench { $0.engines[0].swapCycles = 7 }
    bench.matmul(5, 8, 3)
    let run = try bench.run()
    // The second tile's weights load from 4 + 7 on, in the shadow of the first; they are ready 4 + 7 later.
    #expect(run.cycles(of: .load, 0) == [0, 11])
    #expect(run.cycles(of: .stream, 0) == [4 + 7, 11 + 4 + 7])
    #expect(run.stacks[0][.load] == 11 + (22 - 16))
  }

  @Test func m7PERegistersDeepenTheColumn() throws {
    var bench = Bench { $0.engines[0].peRegisters = 3 }
    bench.matmul(5, 4, 3)
    #expect(try bench.run().cycles == 4 + 5 + (4 * 3 - 1) + (3 - 1))
  }

  @Test func m7BroadcastHasATreeAndNoSkew() throws {
    var bench = Bench(.weightStationary, .broadcast) { $0.engines[0].adderTreeRegisters = 1 }
    bench.matmul(5, 4, 3)
    #expect(try bench.run().cycles == 4 + (5 - 1) + 1 + 2)  // load, steps, multiplier, two levels of tree
  }

  @Test func m1ReplicasShareTheRows() throws {
    var bench = Bench { $0.engines[0].replicas = 2 }
    bench.matmul(5, 4, 3)
    #expect(try bench.run().cycles == 4 + 3 + (4 - 1) + (3 - 1))  // ⌈5/2⌉ steps
  }

  @Test func m1DotProductPEsTakeKInGroups() throws {
    var bench = Bench { $0.engines[0].macsPerPE = 2 }
    bench.matmul(5, 7, 3)
    #expect(try bench.run().cycles == 4 + 5 + (4 - 1) + (3 - 1))  // ⌈7/2⌉ = 4 rows
  }

  @Test func inputStationaryExchangesMAndN() throws {
    var bench = Bench(.inputStationary)
    bench.matmul(3, 4, 5)
    let run = try bench.run()
    #expect(run.cycles == 4 + 5 + (4 - 1) + (3 - 1))
    #expect(run.macs == [3 * 4 * 5])
  }

  @Test func m5aTheStreamerSeesTheLoaderACycleLater() throws {
    var bench = Bench { $0.buffers[0].latency = 10 }
    bench.matmul(5, 4, 3)
    // Weights are in place at 4 and inputs need 10: they could be asked for at −6, but the load begins at 0.
    #expect(try bench.run().cycles(of: .stream, 0) == [1])
  }

  @Test func m5aTheLoaderSeesTheStreamerAtOnce() throws {
    var bench = Bench { $0.buffers[1].latency = 10 }
    bench.matmul(5, 4, 6)
    let run = try bench.run()
    // In place at 10 + 4. The shadow is free at 14, so weights could be asked for at 4, had the streamer begun.
    #expect(run.cycles(of: .load, 0) == [0, 14])
    #expect(run.cycles(of: .stream, 0) == [14, 14 + 10 + 4])
  }

  // MARK: Tile after tile

  @Test func m3ShadowWeightsHideTheLoad() throws {
    var bench = Bench()
    bench.matmul(5, 4, 6)
    let run = try bench.run()
    #expect(run.cycles(of: .load, 0) == [0, 4])  // the shadow is free when the first step has entered
    #expect(run.cycles(of: .stream, 0) == [4, 4 + 5])
    #expect(run.cycles == 4 + 2 * 5 + (4 - 1) + (3 - 1))
  }

  @Test(arguments: [3, 4, 5]) func m4m5StreamWaitsForTheSlower(rows: Int) throws {
    var bench = Bench()
    bench.matmul(rows, 4, 6)
    // The second load runs from 4 to 8; the first stream ends at 4 + rows.
    #expect(try bench.run().cycles(of: .stream, 0)[1] == max(4 + 4, 4 + rows))
  }

  @Test func m3WithoutShadowTheLoadFollowsTheStream() throws {
    var bench = Bench { $0.engines[0].shadowWeights = false }
    bench.matmul(5, 4, 6)
    let run = try bench.run()
    #expect(run.cycles(of: .load, 0) == [0, 9])
    #expect(run.cycles == 2 * (4 + 5) + (4 - 1) + (3 - 1))
  }

  @Test func m3TwoStationaryBuffersAreUsedInTurn() throws {
    var bench = Bench(.weightStationary, .broadcast) {
      $0.engines[0].shadowWeights = false
      $0.engines[0].stationaryBuffers = 2
      $0.buffers[1].wordBytes = 1
    }
    bench.matmul(5, 16, 3)
    // A load takes 4 · 3 cycles. Two follow one another; the third waits for the first tile's last step, 16, and then for the second load.
    #expect(try bench.run().cycles(of: .load, 0) == [0, 12, 24, 36])
    bench.accelerator.buffers[1].wordBytes = 3
    // Now it takes 4: the third load waits for the first tile's last step in 8, the fourth for the second's in 13.
    #expect(try bench.run().cycles(of: .load, 0) == [0, 4, 9, 14])
    #expect(try bench.run().cycles(of: .stream, 0) == [4, 9, 14, 19])
  }

  @Test func m3OvertakingWithDeepPEs() throws {
    var bench = Bench { $0.engines[0].peRegisters = 3 }
    bench.matmul(9, 4, 6)
    // The swap goes down at 3 cycles a row, new weights at 1: κ = (4 − 1)(3 − 1).
    #expect(try bench.run().cycles(of: .load, 0) == [0, 4 + 3 * 2])
  }

  @Test func m8NoOverlap() throws {
    var bench = Bench {
      $0.engines[0].tileOverlap = false
      $0.engines[0].shadowWeights = false
    }
    bench.matmul(5, 4, 6)
    let fold = 4 + 5 + (4 - 1) + (3 - 1)
    #expect(try bench.run().cycles == 2 * fold)
  }

  @Test func m8NoOverlapWithShadow() throws {
    var bench = Bench { $0.engines[0].tileOverlap = false }
    bench.matmul(5, 4, 6)
    let run = try bench.run()
    #expect(run.cycles(of: .load, 0) == [0, 4])
    #expect(run.cycles(of: .stream, 0) == [4, 4 + 5 + (4 - 1) + (3 - 1)])
  }

  @Test(arguments: [0, 1, 2, 3, 7]) func m6AccumulatorTurnaround(latency: Int) throws {
    var bench = Bench(rows: 1, columns: 1) { $0.buffers[2].latency = latency }
    bench.matmul(2, 2, 1)
    let run = try bench.run()
    // Two K tiles of two steps: step j of the second may not come less than `latency` after step j of the first.
    #expect(run.cycles(of: .stream, 0) == [1, 1 + max(2, latency)])
    #expect(run.stacks[0][.turnaround] == max(0, latency - 2))
  }

  @Test func m13MatmulsRetireInOrder() throws {
    var bench = Bench(rows: 1, columns: 9)
    bench.matmul(1, 1, 9)
    bench.matmul(1, 1, 1)
    let run = try bench.run()
    // The second has one column: its result is there before the first's ninth, but it ends with it.
    #expect(run.cycles(of: .drained, 0) == [1 + 1 + 1 + 8 - 1])
    #expect(run.cycles(of: .drained, 1) == [2 + 1 + 1 - 1])
    #expect(run.timings[1].end == run.timings[0].end)
  }

  @Test func m3LoadsCrossInstructions() throws {
    var bench = Bench()
    bench.matmul(5, 4, 3)
    bench.matmul(5, 4, 3)
    let run = try bench.run()
    #expect(run.cycles(of: .load, 1) == [4])
    #expect(run.cycles == 4 + 5 + 5 + (4 - 1) + (3 - 1))
  }

  // MARK: Output-stationary

  @Test func m10m11OutputStationaryDirect() throws {
    var bench = Bench(.outputStationary)
    bench.matmul(4, 7, 3)
    #expect(try bench.run().cycles == 7 + (4 - 1) + (3 - 1))  // K steps and skew
  }

  @Test func m11TrimmedTilesEndEarlier() throws {
    var bench = Bench(.outputStationary)
    bench.matmul(2, 7, 1)
    #expect(try bench.run().cycles == 7 + (2 - 1))
  }

  @Test func m10DirectTilesFollowAtOnce() throws {
    var bench = Bench(.outputStationary)
    bench.matmul(8, 7, 3)
    #expect(try bench.run().cycles == 2 * 7 + (4 - 1) + (3 - 1))
  }

  @Test func m11m12ShiftThroughTheAccumulators() throws {
    var bench = Bench(.outputStationary) { $0.engines[0].outputPath = .shift }
    bench.matmul(8, 7, 3)
    let run = try bench.run()
    // Column 0 shifts from 7 + 3; its first PE is free a cycle later.
    #expect(run.cycles(of: .stream, 0) == [0, 7 + 3 + 1])
    #expect(run.cycles == 11 + 7 + 3 + 4 + 2)  // second start, K, rows − 1, R shifts, skew of the last column
  }

  @Test(arguments: [2, 3, 4, 5, 6]) func m12ShiftRegistersNeedKOfAtLeastTheRows(k: Int) throws {
    var bench = Bench(.outputStationary) { $0.engines[0].outputPath = .shiftRegisters }
    bench.matmul(8, k, 3)
    #expect(try bench.run().cycles(of: .stream, 0) == [0, max(k, 4)])
  }

  @Test(arguments: [(4, 1), (8, 2)]) func m11LiveReplicasShareTheResultsWord(m: Int, interval: Int) throws {
    var bench = Bench(.outputStationary) {
      $0.engines[0].outputPath = .shiftRegisters
      $0.engines[0].replicas = 2
      $0.buffers[2].wordBytes = 3 * 4
    }
    bench.matmul(m, 20, 3)
    // K, rows − 1, R shifts of one row of each replica with data, skew of the last column.
    #expect(try bench.run().cycles == 20 + 3 + 4 * interval + 2)
  }

  @Test func m10StepIntervalSpacesTheSteps() throws {
    var bench = Bench(.outputStationary) { $0.engines[0].stepInterval = 4 }
    bench.matmul(4, 5, 3)
    // Five steps 4 cycles apart, the last one through rows 4 and columns 3 and the PE's register.
    #expect(try bench.run().cycles == 4 * 4 + (4 - 1) + (3 - 1) + 1)
  }

  @Test func m10OutputStationaryBroadcastHasNoSkew() throws {
    var bench = Bench(.outputStationary, .broadcast)
    bench.matmul(4, 7, 3)
    #expect(try bench.run().cycles == 7)
  }
}

import Hardware
import Machine
import Schedule
import Testing

/// Rules V1–V6 of docs/timing.md. Four lanes.
@Suite struct RuleVectorTests {
  private func bench(
    _ operation: VectorOperation, _ spec: VectorOperationSpec, configure: (inout Accelerator) -> Void = { _ in }
  ) -> Bench {
    Bench {
      $0.vector.operations[operation] = spec
      configure(&$0)
    }
  }

  @Test(arguments: [(1, 1), (4, 1), (5, 2), (8, 2)]) func v2Groups(columns: Int, groups: Int) throws {
    var bench = Bench()
    bench.vector([.gelu], rows: 3, columns: columns)
    #expect(try bench.run().cycles == 3 * groups)
  }

  @Test func v3Elementwise() throws {
    var bench = bench(.gelu, VectorOperationSpec(passes: 2, interval: 3, latency: 6)) {
      $0.buffers[0].latency = 2
      $0.buffers[2].latency = 1
    }
    bench.vector([.gelu], rows: 3, columns: 8)
    let run = try bench.run()
    #expect(run.cycles == 2 + 2 * 3 * 2 * 3 + 6 + 1)  // read, passes × rows × groups × interval, pipeline, write
    #expect(run.stacks[0][.fill] == 2)
    #expect(run.stacks[0][.busy] == 36)
    #expect(run.stacks[0][.latency] == 7)
  }

  @Test func chainsTakeTheSlowestIntervalAndAddLatencies() throws {
    var bench = bench(.gelu, VectorOperationSpec(passes: 1, interval: 3, latency: 6)) {
      $0.vector.operations[.requantize] = VectorOperationSpec(interval: 2, latency: 4)
    }
    bench.vector([.requantize, .gelu], rows: 2, columns: 4)
    #expect(try bench.run().cycles == 2 * 3 + 4 + 6)
  }

  @Test func v2NarrowWordsSlowTheLanes() throws {
    var bench = Bench { $0.buffers[0].wordBytes = 2 }
    bench.vector([.gelu], rows: 3, columns: 8)
    let run = try bench.run()
    #expect(run.cycles == 3 * 2 * 2)
    #expect(run.stacks[0][.narrow] == 6)
  }

  @Test func v2OnlyTheLastPassTakesParametersAndWrites() throws {
    var bench = bench(.layerNorm, VectorOperationSpec(passes: 3, interval: 1, latency: 0)) {
      $0.buffers[1].wordBytes = 5
      $0.buffers[2].wordBytes = 2
    }
    bench.vector([.layerNorm], rows: 1, columns: 8)
    let run = try bench.run()
    // Two groups of four lanes a pass; in the last, 4 · 5 bytes of parameters through words of 5.
    #expect(run.cycles == 2 + 2 + 2 * 4)
    #expect(run.stacks[0][.narrow] == 2 * 3)
  }

  @Test func v1OneAfterTheOther() throws {
    var bench = bench(.gelu, VectorOperationSpec(latency: 5))
    bench.vector([.gelu], rows: 1, columns: 4)
    bench.vector([.gelu], rows: 1, columns: 4, bank: 1)
    let run = try bench.run()
    #expect(run.timings[1] == InstructionTiming(start: 6, end: 12))
  }

  @Test func v4v6RowByRow() throws {
    var bench = bench(.softmax, VectorOperationSpec(passes: 3, interval: 1, latency: 4))
    bench.vector([.softmax], rows: 2, columns: 8)
    let run = try bench.run()
    // A pass of 2 groups, then 4 cycles until the next of the row; the second row after the first's last pass.
    #expect(run.cycles == 2 * (2 + 4 + 2 + 4 + 2) + 4)
    #expect(run.trace.filter { $0.kind == .pass }.map(\.cycle) == [0, 6, 12, 14, 20, 26])
  }

  @Test func v4RowsInFlightFillTheGaps() throws {
    var bench = bench(.softmax, VectorOperationSpec(passes: 3, interval: 1, latency: 4)) { $0.vector.rowsInFlight = 2 }
    bench.vector([.softmax], rows: 2, columns: 8)
    let run = try bench.run()
    let passes = run.trace.filter { $0.kind == .pass }
    #expect(passes.map(\.cycle) == [0, 2, 6, 8, 12, 14])
    #expect(passes.map(\.detail) == [0, 1, 0, 1, 0, 1])
    #expect(run.stacks[0][.latency] == 2 + 2 + 4)
  }

  @Test func v5DividerBeforeTheLastPass() throws {
    var bench = bench(.softmax, VectorOperationSpec(passes: 2, interval: 1, latency: 3)) { $0.vector.dividerCycles = 9 }
    bench.vector([.softmax], rows: 1, columns: 8)
    let run = try bench.run()
    #expect(run.cycles == 2 + 3 + 9 + 2 + 3)
    #expect(run.stacks[0][.divide] == 9)
  }

  @Test func v5TheDividerServesOneRowAtATime() throws {
    var bench = bench(.softmax, VectorOperationSpec(passes: 2, interval: 1, latency: 0)) {
      $0.vector.dividerCycles = 10
      $0.vector.rowsInFlight = 3
    }
    bench.vector([.softmax], rows: 3, columns: 4)
    // Rows ask at 1, 2 and 3; the divider is through with them at 11, 21 and 31.
    #expect(try bench.run().trace.filter { $0.kind == .pass }.map(\.cycle) == [0, 1, 2, 11, 21, 31])
  }

  @Test func v5LayerNormTakesTheSquareRootFirst() throws {
    var bench = bench(.layerNorm, VectorOperationSpec(passes: 3, interval: 1, latency: 1)) {
      $0.vector.dividerCycles = 9
      $0.vector.squareRootCycles = 6
    }
    bench.vector([.layerNorm], rows: 1, columns: 8)
    let run = try bench.run()
    #expect(run.cycles == 2 + 1 + 2 + 1 + 6 + 9 + 2 + 1)
    #expect(run.stacks[0][.squareRoot] == 6)
    #expect(run.stacks[0][.divide] == 9)
  }

  @Test func v5SinglePassAsksWhenAdmitted() throws {
    var bench = bench(.softmax, VectorOperationSpec(passes: 1)) { $0.vector.dividerCycles = 5 }
    bench.vector([.softmax], rows: 2, columns: 4)
    #expect(try bench.run().trace.filter { $0.kind == .pass }.map(\.cycle) == [5, 11])
  }

  // MARK: Operations that change the shape

  @Test func v2v3AverageWritesAsManyBytesAsItHasElements() throws {
    var bench = bench(.average, VectorOperationSpec(passes: 1, latency: 0)) { $0.buffers[2].wordBytes = 2 }
    bench.vector([.average], rows: 3, columns: 4)
    // 3 groups of 4 lanes, each two words, though one row is all that is left
    #expect(try bench.run().cycles == 3 * 2)
  }

  @Test func v4v5DivisionTakesTheDivider() throws {
    var bench = bench(.divide, VectorOperationSpec(passes: 1)) { $0.vector.dividerCycles = 5 }
    bench.vector([.divide], rows: 2, columns: 4)
    #expect(try bench.run().trace.filter { $0.kind == .pass }.map(\.cycle) == [5, 11])
  }
}

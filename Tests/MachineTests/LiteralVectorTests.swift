import Hardware
import Machine
import Schedule
import Testing

/// Cycle counts of the vector unit, spelled out as sums.
@Suite struct LiteralVectorTests {
  private typealias Bench = LiteralBench

  private func bench(
    _ operation: VectorOperation, passes: Int, interval: Int = 1, latency: Int, divider: Int = 0, root: Int = 0,
    rows: Int = 1
  ) -> LiteralBench {
    var bench = LiteralBench()
    bench.vector.operations[operation] = VectorOperationSpec(passes: passes, interval: interval, latency: latency)
    bench.vector.dividerCycles = divider
    bench.vector.squareRootCycles = root
    bench.vector.rowsInFlight = rows
    return bench
  }

  @Test func elementwise() throws {
    var bench = bench(.gelu, passes: 2, interval: 3, latency: 5)
    bench.buffers[2].latency = 2
    bench.buffers[0].latency = 1
    let run = try bench.run([Bench.vector([.gelu], rows: 3, columns: 6)])
    // source 2; two passes of 3 rows of 2 groups of 3 cycles; latency 5; destination 1
    #expect(run.cycles == 2 + 2 * 3 * 2 * 3 + 5 + 1)
    #expect(run.parts(of: Bench.lanes) == ["fill": 2, "busy": 36, "latency": 6])
    #expect(run.cycles(of: .pass, unit: Bench.lanes) == [2])
  }

  @Test func chainsActAsOne() throws {
    var bench = bench(.gelu, passes: 1, interval: 2, latency: 4)
    bench.vector.operations[.requantize] = VectorOperationSpec(passes: 1, interval: 1, latency: 3)
    let run = try bench.run([Bench.vector([.requantize, .gelu], rows: 5, columns: 4)])
    #expect(run.cycles == 5 * 2 + 3 + 4)
  }

  @Test func narrowSourceAndOnlyTheLastPassWrites() throws {
    var bench = bench(.gelu, passes: 3, latency: 0)
    bench.buffers[2].wordBytes = 8
    bench.buffers[0].wordBytes = 1
    let run = try bench.run([Bench.vector([.gelu], rows: 2, columns: 4)])
    // 4 lanes of 4 bytes over an 8-byte word: 2 cycles; writing 4 bytes over a 1-byte word: 4, in the last pass
    #expect(run.cycles == 2 * (2 + 2 + 4))
    #expect(run.parts(of: Bench.lanes) == ["busy": 6, "narrow": 10])
  }

  @Test func oneRowAtATime() throws {
    let run = try bench(.softmax, passes: 2, latency: 6, divider: 9).run([
      Bench.vector([.softmax], rows: 2, columns: 8)
    ])
    // a row: pass of 2, latency 6, divider 9, pass of 2; the next is admitted when that has been issued
    #expect(run.cycles == 2 * (2 + 6 + 9 + 2) + 6)
    #expect(run.parts(of: Bench.lanes) == ["busy": 8, "latency": 2 * 6 + 6, "divide": 18])
    #expect(run.cycles(of: .pass, unit: Bench.lanes) == [0, 17, 19, 36])
  }

  @Test func rowsInFlightFillTheLanes() throws {
    let run = try bench(.softmax, passes: 2, latency: 6, rows: 4).run([
      Bench.vector([.softmax], rows: 8, columns: 8)
    ])
    // first passes of 4 rows fill the 8 cycles until the first row's second pass is ready, and so on
    #expect(run.cycles == 2 * 8 * 2 + 6)
    #expect(run.parts(of: Bench.lanes) == ["busy": 32, "latency": 6])
  }

  @Test func theDividerIsSerial() throws {
    let run = try bench(.softmax, passes: 2, latency: 1, divider: 10, rows: 3).run([
      Bench.vector([.softmax], rows: 3, columns: 4)
    ])
    // rows ask in 2, 3, 4 and are divided in 2…11, 12…21, 22…31
    #expect(run.cycles(of: .pass, unit: Bench.lanes) == [0, 1, 2, 12, 22, 32])
    #expect(run.cycles == 32 + 1 + 1)
  }

  @Test func layerNormTakesTheRootAndThenTheDivider() throws {
    let operand = Region(buffer: 1, offset: 0, rows: 1, rowBytes: 8 * 5)
    var bench = bench(.layerNorm, passes: 3, latency: 4, divider: 7, root: 5)
    let run = try bench.run([Bench.vector([.layerNorm], rows: 1, columns: 8, operand: operand)])
    #expect(run.cycles == 2 + 4 + 2 + 4 + 5 + 7 + 2 + 4)
    #expect(run.parts(of: Bench.lanes) == ["busy": 6, "latency": 12, "sqrt": 5, "divide": 7])
    #expect(run.traffic.bufferRead == [0, 40, 3 * 32])
    // one pass: the row asks when it is admitted
    bench.vector.operations[.layerNorm] = VectorOperationSpec(passes: 1, interval: 1, latency: 4)
    #expect(try bench.run([Bench.vector([.layerNorm], rows: 1, columns: 8)]).cycles == 5 + 7 + 2 + 4)
  }

  /// Every cycle of every unit falls to one part, whatever the units do to each other.
  @Test(arguments: Dataflow.allCases, OutputPath.allCases)
  func stacksAddUp(dataflow: Dataflow, path: OutputPath) throws {
    var bench = bench(.softmax, passes: 2, latency: 6, divider: 9, rows: 2)
    bench.engine.dataflow = dataflow
    bench.engine.outputPath = path
    bench.engine.peRegisters = 2
    bench.engine.macsPerPE = 2
    for index in bench.buffers.indices {
      bench.buffers[index].latency = index + 1
      bench.buffers[index].wordBytes = 8
      bench.buffers[index].ports = 2
    }
    bench.dram = .bandwidth(bytesPerSecond: 700_000_000, latency: 20)
    let run = try bench.run([
      Bench.transfer(load: true, bytes: 300, posts: [TokenPost(to: Bench.array, slot: .a)]),
      Bench.transfer(load: true, bytes: 190, buffer: 1, posts: [TokenPost(to: Bench.array, slot: .b)]),
      Bench.matmul(
        13, 19, 10, waits: [TokenWait(from: Bench.dma, slot: .a), TokenWait(from: Bench.dma, slot: .b)],
        posts: [TokenPost(to: Bench.lanes, slot: .start)]),
      Bench.matmul(13, 19, 10, accumulate: true),
      Bench.vector(
        [.softmax], rows: 13, columns: 10, waits: [TokenWait(from: Bench.array, slot: .start)],
        posts: [TokenPost(to: Bench.dma, slot: .start)]),
      Bench.transfer(load: false, bytes: 130, waits: [TokenWait(from: Bench.lanes, slot: .start)]),
    ])
    var units = run.units.map { _ in CycleStack() }
    let owners = [2, 2, 0, 0, 1, 2]
    for (instruction, stack) in run.stacks.enumerated() { units[owners[instruction]] += stack }
    for (unit, stack) in run.units.enumerated() {
      #expect(stack.total == run.cycles)
      var expected = units[unit]
      expected[.idle] = stack[.idle]
      #expect(stack == expected)
    }
    // the timeline tells the same story
    var drawn = CycleStack()
    for segment in run.timelines[0] {
      let cycles = segment.end - segment.start
      if segment.part == .busy {
        drawn[.busy] += cycles / segment.interval
        drawn[.narrow] += cycles - cycles / segment.interval
      } else {
        drawn[segment.part] += cycles
      }
    }
    #expect(drawn == run.units[0])
    #expect(run.macs == [2 * 13 * 19 * 10])
  }
}

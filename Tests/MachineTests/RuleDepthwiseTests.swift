import Hardware
import Machine
import Schedule
import Testing

/// Rule M17, `kernel-taps` of rule M1, and rule V7 of docs/timing.md, each sum spelled out.
@Suite struct RuleDepthwiseTests {
  /// One PE row of 3 columns with 4 multipliers: 4 pixels by 3 channels at a time.
  private func bench(_ path: OutputPath = .direct, configure: (inout Accelerator) -> Void = { _ in }) -> Bench {
    Bench(rows: 1, columns: 3, .outputStationary, .broadcast) {
      $0.engines[0].macsPerPE = 4
      $0.engines[0].depthwise = true
      $0.engines[0].outputPath = path
      configure(&$0)
    }
  }

  /// A depthwise product over 3×3 windows of an image as large as the result.
  private func convolve(_ bench: inout Bench, rows: Int, columns: Int, channels: Int) {
    let pitch = columns * channels
    bench.instructions.append(
      Instruction(
        queue: Bench.array, layer: 0,
        operation: .matmul(
          MatMul(
            m: rows * columns, k: 9, n: channels, isDepthwise: true,
            a: Region(buffer: 0, offset: 0, rows: rows, rowBytes: pitch),
            b: Region(buffer: 1, offset: 0, rows: 9, rowBytes: channels),
            out: Region(buffer: 2, offset: 0, rows: rows * columns, rowBytes: 4 * channels), op: 0,
            aOrder: .windows(
              Windows(
                width: columns, channels: channels, kernelRows: 3, kernelColumns: 3, originY: -1, originX: -1,
                outputColumns: columns))))))
  }

  @Test func m17EveryMultiplierAccumulatesByItself() throws {
    var bench = bench()
    convolve(&bench, rows: 2, columns: 6, channels: 4)
    let run = try bench.run()
    // ⌈6/4⌉ groups of pixels in each of 2 rows, by ⌈4/3⌉ blocks of channels: 8 tiles of 9 steps, and a PE register.
    #expect(run.cycles(of: .stream, 0) == (0..<8).map { 9 * $0 })
    #expect(run.cycles == 8 * 9 - 1 + 1)
    #expect(run.macs == [12 * 9 * 4])
    #expect(run.traffic.bufferRead[0] == 12 * 9 * 4)
    #expect(run.traffic.bufferWritten[2] == 4 * 12 * 4)
  }

  @Test func m17ReplicasTakeGroupsOfPixels() throws {
    var bench = bench { $0.engines[0].replicas = 3 }
    convolve(&bench, rows: 2, columns: 6, channels: 3)
    // Four groups on three replicas: two tiles.
    #expect(try bench.run().cycles(of: .stream, 0) == [0, 9])
  }

  @Test func m17EveryMultiplierReadsAnOperand() throws {
    var bench = bench { $0.buffers[0].wordBytes = 6 }
    convolve(&bench, rows: 1, columns: 4, channels: 3)
    // 4 pixels of 3 channels: two words a step. The last step enters at 1 + 8·2.
    let run = try bench.run()
    #expect(run.cycles == 1 + 8 * 2 + 1)
    #expect(run.stacks[0][.narrow] == 9)
  }

  @Test func m17ResultsShiftOutPixelByPixel() throws {
    var bench = bench(.shiftRegisters)
    convolve(&bench, rows: 1, columns: 4, channels: 3)
    #expect(try bench.run().cycles == 8 + 1 + 4)  // last step, PE register, one row of results for each of 4 pixels
    bench = self.bench(.shift)
    convolve(&bench, rows: 1, columns: 8, channels: 3)
    // The accumulators are free when the results of all four rows have passed: not ready at 8 + 1 + 3.
    #expect(try bench.run().cycles(of: .stream, 0) == [0, 8 + 1 + 4])
  }

  @Test func m17ModesFollowEachOther() throws {
    var bench = bench(.shiftRegisters)
    convolve(&bench, rows: 1, columns: 4, channels: 3)
    bench.matmul(2, 16, 3)
    let run = try bench.run()
    // A matmul takes 4 elements of K a step, and its results leave in one row. The registers beside the accumulators are free
    // at 8 + 1 + 4; the matmul's results come to them at its last step + 1, so its four steps begin at 9.
    #expect(run.cycles(of: .stream, 1) == [9, 13])
    #expect(run.cycles == 13 + 3 + 1 + 1)
  }

  @Test func m1SeparateTapsDontMixPixels() throws {
    func stream(_ taps: KernelTaps) throws -> Int {
      var bench = Bench(rows: 1, columns: 3, .outputStationary, .broadcast) {
        $0.engines[0].macsPerPE = 4
        $0.engines[0].kernelTaps = taps
      }
      bench.instructions.append(
        Instruction(
          queue: Bench.array, layer: 0,
          operation: .matmul(
            MatMul(
              m: 1, k: 18, n: 3, a: Region(buffer: 0, offset: 0, rows: 3, rowBytes: 6),
              b: Region(buffer: 1, offset: 0, rows: 18, rowBytes: 3),
              out: Region(buffer: 2, offset: 0, rows: 1, rowBytes: 12), op: 0,
              aOrder: .windows(Windows(width: 3, channels: 2, kernelRows: 3, kernelColumns: 3, outputColumns: 1))))))
      bench.matmul(1, 18, 3)
      let run = try bench.run()
      #expect(run.macs == [2 * 18 * 3])
      // A matrix that isn't an image has no kernel.
      #expect(run.cycles(of: .stream, 1)[0] + 5 == run.cycles)
      return run.cycles(of: .stream, 1)[0]
    }
    #expect(try stream(.packed) == 5)  // ⌈18/4⌉
    #expect(try stream(.separate) == 9 * 1)  // ⌈2/4⌉ for each position
  }

  // MARK: Vector unit

  @Test(arguments: [(1, 2), (2, 3), (3, 6), (4, 6), (5, 12)]) func v7NarrowRowsGoSideBySide(columns: Int, groups: Int)
    throws
  {
    var bench = Bench { $0.vector.packsRows = true }
    bench.vector([.gelu], rows: 6, columns: columns)
    #expect(try bench.run().cycles == groups)
  }

  @Test func v7WordsHoldAllRowsOfAGroup() throws {
    var bench = Bench {
      $0.vector.packsRows = true
      $0.buffers[0].wordBytes = 3
    }
    bench.vector([.gelu], rows: 4, columns: 2)
    #expect(try bench.run().cycles == 2 * 2)
  }

  @Test func v7SerialUnitsTakeRowByRow() throws {
    var bench = Bench {
      $0.vector.packsRows = true
      $0.vector.dividerCycles = 7
      $0.vector.operations[.softmax] = VectorOperationSpec(passes: 2, latency: 3)
    }
    bench.vector([.softmax], rows: 2, columns: 2)
    #expect(try bench.run().cycles == 1 + 3 + 2 * 7 + 1 + 3)
  }
}

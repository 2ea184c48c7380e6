import Hardware
import Machine
import Numerics
import Schedule
import Testing

/// What the vector unit and the DMA channels do to bytes, by hand.
@Suite struct ValueUnitTests {
  // MARK: Vector unit

  private static let unit = Quantization(scale: 1)
  private static let half = Quantization(scale: 0.5)
  private static let quarter = Quantization(scale: 0.25)
  private static let tenth = Quantization(scale: 0.1)

  /// One instruction over `source` (INT32 where it is said) with these stages; what it writes.
  private func vector(
    _ stages: [(VectorOperation, StageArithmetic)], rows: Int, columns: Int, _ source: [Int], words: Bool = false,
    operand: [Int]? = nil, results: (rows: Int, columns: Int)? = nil, firstColumn: Int = 0
  ) throws -> [Int8] {
    var bench = ValueBench(Bench { $0.vector.rowsInFlight = 2 })
    let from = Region(buffer: 0, offset: 0, rows: rows, rowBytes: columns * (words ? 4 : 1), pitch: 4 * columns + 3)
    if words { bench.put(words: source.map { Int32($0) }, from) } else { bench.put(source, from) }
    var second: Region?
    if let operand {
      let region = Region(buffer: 1, offset: 7, rows: 1, rowBytes: operand.count)
      bench.put(operand, region)
      second = region
    }
    let shape = results ?? (rows, columns)
    let to = Region(buffer: 2, offset: 1, rows: shape.rows, rowBytes: shape.columns, pitch: shape.columns + 1)
    bench.arithmetic = stages.map(\.1)
    bench.then(
      Bench.vector,
      .vector(
        VectorInstruction(
          stages: stages.indices.map {
            VectorStage(stages[$0].0, op: 0, arithmetic: $0, firstColumn: firstColumn)
          }, rows: rows, columns: columns, source: from, operand: second, destination: to)))
    let seen = try bench.run().events.map(\.bytes)
    #expect(try [bench.bytes(of: to)] == seen)
    return seen.joined().map { Int8(bitPattern: $0) }
  }

  private func elementwise(_ function: ElementwiseFunction, _ input: Quantization, _ output: Quantization)
    -> StageArithmetic
  {
    .elementwise(Elementwise(function, algorithm: .float, input: input, output: output))
  }

  @Test func requantizationHasAFactorForEachColumn() throws {
    for (algorithm, expected) in [(Algorithm.fixedPoint, [5, 3, 2, -1]), (.float, [5, 2, 2, -1])] {
      let stage = StageArithmetic.requantize(
        Requantization(algorithm: algorithm, factors: [9, 0.5, 0.25]))
      let results = try vector(
        [(.requantize, stage)], rows: 2, columns: 2, [10, 10, 3, -3], words: true, firstColumn: 1)
      #expect(results == expected.map { Int8($0) })
    }
    let one = StageArithmetic.requantize(
      Requantization(algorithm: .float, factors: [0.5], zeroPoint: -1, lowest: 0))
    #expect(
      try vector([(.requantize, one)], rows: 1, columns: 3, [100_000, 8, -8], words: true, firstColumn: 5)
        == [127, 3, 0])
  }

  @Test func functionsOfOneElement() throws {
    #expect(
      try vector([(.scale, elementwise(.identity, Self.half, Self.quarter))], rows: 1, columns: 2, [3, -100])
        == [6, -128])
    #expect(try vector([(.relu, elementwise(.relu, Self.unit, Self.unit))], rows: 2, columns: 1, [-3, 5]) == [0, 5])
    // 1·Φ(1) = 0.841, −1·Φ(−1) = −0.159
    #expect(
      try vector([(.gelu, elementwise(.gelu, Self.tenth, Self.tenth))], rows: 1, columns: 2, [10, -10]) == [8, -2])
    // 1·(1/6 + 1/2)
    #expect(
      try vector(
        [(.hardSwish, elementwise(.hardSwish(gate: nil), Self.tenth, Self.tenth))], rows: 1, columns: 2, [10, -40])
        == [7, 0])
    let not = ElementwiseFunction.table((-128...127).map { Int8(~$0) })
    #expect(
      try vector([(.lookup, elementwise(not, Self.unit, Self.unit))], rows: 1, columns: 3, [5, -128, 0])
        == [-6, 127, -1])
  }

  @Test func twoOperands() throws {
    let sum = Addition(algorithm: .float, first: Self.half, second: Self.quarter, output: Self.half)
    // 2 + 1.5, −1 + 0.5
    #expect(try vector([(.add, .add(sum))], rows: 2, columns: 1, [4, -2], operand: [6, 2]) == [7, -1])
    let product = Multiplication(algorithm: .float, first: Self.half, second: Self.quarter, output: Self.half)
    // 2 · 1.5, −1 · 0.5
    #expect(try vector([(.multiply, .multiply(product))], rows: 1, columns: 2, [4, -2], operand: [6, 2]) == [6, -1])
  }

  @Test func rowsThatAreReduced() throws {
    let softmax = Softmax(algorithm: .float, input: Self.unit, output: Quantization(scale: 1 / 128))
    #expect(
      try vector([(.softmax, .softmax(softmax))], rows: 2, columns: 2, [7, 7, 100, -100]) == [64, 64, 127, 0])
    let norm = LayerNorm(
      algorithm: .float, input: Self.unit, output: Self.half, gainScale: 1 / 64, biasScale: 1 / 64, epsilon: 1e-9)
    // (−1, 1) · (1, 0.5) + (1, 0); gains first, then little-endian biases
    #expect(
      try vector(
        [(.layerNorm, .layerNorm(norm))], rows: 2, columns: 2, [1, 3, 60, 40],
        operand: [64, 32] + [64, 0, 0, 0] + [0, 0, 0, 0]) == [0, 1, 4, -1])
    let quotient = Quotient(algorithm: .float, input: Self.unit, output: Self.half, epsilon: 0)
    // 10/4, −6/4; 1000/−500, 250/−500
    #expect(
      try vector(
        [(.divide, .divide(quotient))], rows: 2, columns: 3, [10, -6, 4, 1000, 250, -500], words: true,
        results: (2, 2)) == [5, -3, -4, -1])
    #expect(
      try vector([(.divide, .divide(quotient))], rows: 1, columns: 3, [10, -6, 4], results: (1, 2)) == [5, -3])
  }

  @Test func averagesOverRows() throws {
    let mean = Average(algorithm: .float, input: Self.unit, output: Self.half)
    #expect(
      try vector([(.average, .average(mean))], rows: 3, columns: 2, [1, 2, 3, 6, 5, 7], results: (1, 2))
        == [6, 10])
  }

  @Test func chainsGoOnWithWhatTheStageBeforeGave() throws {
    let requantize = StageArithmetic.requantize(Requantization(algorithm: .float, factors: [0.5]))
    let mean = Average(algorithm: .float, input: Self.unit, output: Self.unit)
    let results = try vector(
      [
        (.requantize, requantize), (.relu, elementwise(.relu, Self.unit, Self.unit)), (.average, .average(mean)),
      ], rows: 2, columns: 2, [8, -20, 4, 40], words: true, results: (1, 2))
    #expect(results == [3, 10])  // (4 + 2)/2, (0 + 20)/2
    let quotient = Quotient(algorithm: .float, input: Self.unit, output: Self.half, epsilon: 0)
    #expect(
      try vector(
        [(.requantize, requantize), (.divide, .divide(quotient))], rows: 1, columns: 2, [20, 8], words: true,
        results: (1, 1)) == [5])
  }

  /// The destination may be the source, the operand, or even the parameters that all rows share.
  @Test func inPlace() throws {
    let sum = Addition(algorithm: .float, first: Self.unit, second: Self.unit, output: Self.unit)
    let here = Region(buffer: 0, offset: 0, rows: 3, rowBytes: 2, pitch: 5)
    let there = Region(buffer: 1, offset: 0, rows: 3, rowBytes: 2)
    for destination in [here, there] {
      var bench = ValueBench()
      bench.arithmetic = [.add(sum)]
      bench.put([1, 2, 3, 4, 5, 6], here)
      bench.put([10, 20, 30, 40, 50, 60], there)
      bench.then(
        Bench.vector,
        .vector(
          VectorInstruction(
            stages: [VectorStage(.add, op: 0, arithmetic: 0)], rows: 3, columns: 2, source: here, operand: there,
            destination: destination)))
      #expect(try bench.bytes(of: destination) == [11, 22, 33, 44, 55, 66])
    }
    var bench = ValueBench()
    bench.arithmetic = [
      .layerNorm(
        LayerNorm(
          algorithm: .float, input: Self.unit, output: Self.unit, gainScale: 1, biasScale: 1, epsilon: 1e-9))
    ]
    let rows = Region(buffer: 0, offset: 0, rows: 5, rowBytes: 2)
    let parameters = Region(buffer: 1, offset: 0, rows: 5, rowBytes: 2)
    bench.put([1, 3, 5, 9, 8, 2, 0, 2, 7, 7], rows)
    bench.put([10, 20] + [1, 0, 0, 0] + [2, 0, 0, 0], parameters)
    bench.then(
      Bench.vector,
      .vector(
        VectorInstruction(
          stages: [VectorStage(.layerNorm, op: 0, arithmetic: 0)], rows: 5, columns: 2, source: rows,
          operand: parameters, destination: parameters)))
    let results = try bench.bytes(of: parameters).map { Int8(bitPattern: $0) }
    #expect(results == [-9, 22, -9, 22, 11, -18, -9, 22, 1, 2])
  }

  // MARK: DMA

  @Test(arguments: [1, 2, 8, 64])
  func transfersKeepTheOrderOfBytes(beat: Int) throws {
    var bench = ValueBench(
      Bench {
        $0.channels[0].beatBytes = beat
        $0.channels[1].beatBytes = beat
        $0.channels[0].burstBeats = 2
        $0.channels[1].burstBeats = 2
        $0.channels[0].boundaryBytes = 64
        $0.buffers[0].wordBytes = 2
      })
    bench.tensor(100, 80, Array(0..<80))
    bench.tensor(1003, 40)
    // 3 rows of 10 bytes, 25 apart, become 6 rows of 5, 7 apart, and those 2 rows of 15, 16 apart.
    let region = Region(buffer: 0, offset: 9, rows: 6, rowBytes: 5, pitch: 7)
    bench.then(
      Bench.input,
      .load(Transfer(dram: DRAMRegion(address: 103, rows: 3, rowBytes: 10, stride: 25), region: region, op: 0)))
    bench.then(
      Bench.output,
      .store(Transfer(dram: DRAMRegion(address: 1005, rows: 2, rowBytes: 15, stride: 16), region: region, op: 0)))
    let tensors = try bench.run().tensors
    let moved = Array(3..<13) + Array(28..<38) + Array(53..<63)
    #expect(tensors[0] == Array(0..<80))
    #expect(
      tensors[1].map { Int($0) } == [0, 0] + moved[..<15] + [0] + moved[15...] + Array(repeating: 0, count: 7))
  }

  @Test func memoriesBeginWithZeros() throws {
    var bench = ValueBench()
    bench.tensor(0, 4, [1, 2, 3, 4])
    bench.tensor(16, 4)
    let region = Region(buffer: 2, offset: 0, rows: 1, rowBytes: 2)
    bench.then(
      Bench.output, .store(Transfer(dram: DRAMRegion(address: 1, rows: 1, rowBytes: 2), region: region, op: 0)))
    #expect(try bench.run().tensors == [[1, 0, 0, 4], [0, 0, 0, 0]])
  }

  // MARK: What has no values

  private func error(_ bench: ValueBench, _ image: MemoryImage? = nil) -> [MachineError?] {
    [EngineKind.literal, .event].map { engine in
      do throws(MachineError) {
        _ = try Simulator.run(bench.schedule, engine: engine, image: image ?? bench.image)
        return nil
      } catch { return error }
    }
  }

  @Test func refusesWhatHasNoValues() {
    var bench = ValueBench()
    bench.bench.vector([.gelu], rows: 1, columns: 1)
    for case .noValues(instruction: 0, let what)? in error(bench) { #expect(what.contains("gelu")) }
    #expect(error(bench).count == 2 && error(bench).allSatisfy { $0 != nil })
    // A time it has all the same.
    #expect(throws: Never.self) { try bench.bench.run() }

    var scale = ValueBench()
    scale.arithmetic = [elementwise(.identity, Self.unit, Self.unit)]
    scale.then(
      Bench.vector,
      .vector(
        VectorInstruction(
          stages: [VectorStage(.scale, op: 0, arithmetic: 0)], rows: 1, columns: 1,
          source: Region(buffer: 0, offset: 0, rows: 1, rowBytes: 4),
          destination: Region(buffer: 2, offset: 0, rows: 1, rowBytes: 4))))
    #expect(error(scale).allSatisfy { if case .noValues(0, _)? = $0 { true } else { false } })

    var transfer = ValueBench()
    transfer.bench.transfer(16)
    #expect(error(transfer).allSatisfy { if case .malformed(0, _)? = $0 { true } else { false } })

    transfer.tensor(0, 16)
    #expect(error(transfer).allSatisfy { $0 == nil })
    for image in [MemoryImage(tensors: []), MemoryImage(tensors: [[1]]), MemoryImage(tensors: [nil], preloads: [nil])] {
      #expect(error(transfer, image).allSatisfy { if case .noValues(nil, _)? = $0 { true } else { false } })
    }
  }
}

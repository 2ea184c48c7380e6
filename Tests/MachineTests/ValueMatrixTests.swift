import Hardware
import Machine
import Numerics
import Schedule
import TestSupport
import Testing

/// What matrix engines compute, by hand and by the plain product, on every kind of array.
@Suite struct ValueMatrixTests {
  /// Arrays of 3 rows × 2 columns with everything that changes how operands and results move.
  static let arrays: [MatrixEngineSpec] = {
    var arrays: [MatrixEngineSpec] = []
    for dataflow in Dataflow.allCases {
      for interconnect in [Interconnect.systolic, .broadcast] {
        for path in dataflow == .outputStationary ? OutputPath.allCases : [.direct] {
          for (multipliers, replicas, registers) in [(1, 1, 1), (2, 1, 1), (1, 2, 2), (3, 3, 3)] {
            arrays.append(
              MatrixEngineSpec(
                name: "array", interconnect: interconnect, dataflow: dataflow, rows: 3, columns: 2,
                macsPerPE: multipliers, replicas: replicas, shadowWeights: registers != 2, peRegisters: registers,
                edgeRegisters: registers - 1, adderTreeRegisters: 1, outputPath: path,
                edgeTiles: replicas == 3 ? .full : .trimmed, inputs: 0, weights: 1, outputs: 2))
          }
        }
      }
    }
    return arrays
  }()

  private func bench(_ engine: MatrixEngineSpec) -> ValueBench {
    ValueBench(
      Bench {
        $0.engines = [engine]
        $0.buffers[0].latency = 1
        $0.buffers[1].latency = 3
        $0.buffers[2].latency = 2
      })
  }

  private static let a = Region(buffer: 0, offset: 0, rows: 2, rowBytes: 2)
  private static let b = Region(buffer: 1, offset: 0, rows: 2, rowBytes: 2)
  private static let bias = Region(buffer: 1, offset: 64, rows: 1, rowBytes: 8)
  private static let out = Region(buffer: 2, offset: 0, rows: 2, rowBytes: 8, pitch: 12)

  /// [[1, 2], [3, −4]] · [[5, 6], [7, −8]] as `change` would have it.
  private func product(
    _ engine: MatrixEngineSpec, bias: [Int32] = [0, 0], _ change: (inout MatMul) -> Void = { _ in }
  ) throws -> [Int32] {
    var bench = bench(engine)
    bench.put([1, 2, 3, -4], Self.a)
    bench.put([5, 6, 7, -8], Self.b)
    bench.put(words: bias, Self.bias)
    bench.put(words: [1000, 2000, 3000, 4000], Self.out)
    var op = MatMul(m: 2, k: 2, n: 2, a: Self.a, b: Self.b, out: Self.out, op: 0)
    change(&op)
    bench.then(Bench.array, .matmul(op))
    return ValueBench.words(try bench.bytes(of: Self.out))
  }

  @Test func products() throws {
    for engine in Self.arrays { #expect(try product(engine) == [19, -10, -13, 50], "\(engine)") }
  }

  @Test func sumsBeginWithTheBias() throws {
    for engine in Self.arrays {
      #expect(try product(engine, bias: [100, -200]) { $0.bias = Self.bias } == [119, -210, 87, -150], "\(engine)")
      // INT32 wraps.
      #expect(try product(engine, bias: [.max, .min]) { $0.bias = Self.bias }[..<2] == [.min + 18, .max - 9])
    }
  }

  @Test func zeroPointsAreSubtractedAtTheEdge() throws {
    for engine in Self.arrays {
      // [[0, 1], [2, −5]] · [[7, 8], [9, −6]]
      #expect(
        try product(engine) { ($0.aZero, $0.bZero) = (1, -2) } == [9, -6, 14 - 45, 16 + 30], "\(engine)")
    }
  }

  @Test func operandsInsideHaveNineBits() throws {
    for engine in Self.arrays {
      var bench = bench(engine)
      bench.put([127, 127, 127, 127], Self.a)
      bench.put([-128, -128, -128, 127], Self.b)
      var op = MatMul(m: 2, k: 2, n: 2, a: Self.a, b: Self.b, out: Self.out, op: 0)
      (op.aZero, op.bZero) = (-128, 127)
      bench.then(Bench.array, .matmul(op))
      // 255 · (−255), twice and once
      #expect(
        ValueBench.words(try bench.bytes(of: Self.out)) == [-130_050, -65_025, -130_050, -65_025], "\(engine)")
    }
  }

  @Test func accumulationAddsToWhatIsThere() throws {
    for engine in Self.arrays {
      #expect(try product(engine) { $0.accumulate = true } == [1019, 1990, 2987, 4050], "\(engine)")
    }
  }

  /// Two matmuls in a row, the second adding to the first while it still leaves the array.
  @Test func accumulationFollowsAtOnce() throws {
    for engine in Self.arrays {
      var bench = bench(engine)
      bench.put([1, 2, 3, -4], Self.a)
      bench.put([5, 6, 7, -8], Self.b)
      let op = MatMul(m: 2, k: 2, n: 2, a: Self.a, b: Self.b, out: Self.out, op: 0)
      var second = op
      second.accumulate = true
      for op in [op, second, second] { bench.then(Bench.array, .matmul(op)) }
      #expect(ValueBench.words(try bench.bytes(of: Self.out)) == [57, -30, -39, 150], "\(engine)")
    }
  }

  @Test func operandsAreReadTransposed() throws {
    for engine in Self.arrays {
      // [[1, 3], [2, −4]] · [[5, 6], [7, −8]]
      #expect(try product(engine) { $0.aOrder = .columnMajor } == [26, -18, -18, 44], "\(engine)")
      // [[1, 2], [3, −4]] · [[5, 7], [6, −8]]
      #expect(try product(engine) { $0.bOrder = .columnMajor } == [17, -9, -9, 53], "\(engine)")
    }
  }

  /// Several tiles in all directions, against the plain product; regions with gaps, and with rows of another length.
  @Test func tilesOfEveryShape() throws {
    var random = SplitMix64(seed: 5)
    for engine in Self.arrays {
      for (m, k, n) in [(1, 1, 1), (5, 7, 6), (8, 13, 3), (4, 20, 5)] {
        var op = MatMul(
          m: m, k: k, n: n, a: Region(buffer: 0, offset: 3, rows: m, rowBytes: k, pitch: k + 2),
          b: Region(buffer: 1, offset: 1, rows: 1, rowBytes: k * n),
          out: Region(buffer: 2, offset: 8, rows: m * n, rowBytes: 4, pitch: 8), op: 0)
        (op.aZero, op.bZero) = (random.pick([0, 17]), random.pick([0, -9]))
        op.bias = Region(buffer: 1, offset: 4096, rows: 1, rowBytes: 4 * n)
        if random.chance(50) { op.bOrder = .columnMajor }
        let a = (0..<m * k).map { _ in Int8(random.int(-128...127)) }
        let b = (0..<k * n).map { _ in Int8(random.int(-128...127)) }
        let bias = (0..<n).map { _ in Int32(random.int(-100_000...100_000)) }
        var bench = bench(engine)
        bench.put(a.map { Int($0) }, op.a)
        let isTransposed = op.bOrder == .columnMajor
        bench.put((0..<k * n).map { Int(isTransposed ? b[$0 % k * n + $0 / k] : b[$0]) }, op.b)
        bench.put(words: bias, op.bias ?? op.b)
        bench.then(Bench.array, .matmul(op))
        let expected = MatrixProduct.reference(
          a, b, m: m, k: k, n: n, aZero: op.aZero, bZero: op.bZero, bias: bias)
        #expect(ValueBench.words(try bench.bytes(of: op.out)) == expected, "\(m)×\(k)×\(n) on \(engine)")
      }
    }
  }

  // MARK: Windows

  private func convolution(
    _ engine: MatrixEngineSpec, _ image: [Int], _ region: Region, _ windows: Windows, m: Int, weights: [Int],
    zero: Int = 0
  ) throws -> [Int32] {
    var bench = bench(engine)
    let b = Region(buffer: 1, offset: 0, rows: weights.count, rowBytes: 1)
    let out = Region(buffer: 2, offset: 0, rows: m, rowBytes: 4)
    bench.put(image, region)
    bench.put(weights, b)
    bench.then(
      Bench.array,
      .matmul(
        MatMul(
          m: m, k: weights.count, n: 1, a: region, b: b, out: out, op: 0, aOrder: .windows(windows), aZero: zero)))
    return ValueBench.words(try bench.bytes(of: out))
  }

  @Test func windowsWithPadding() throws {
    let image = Region(buffer: 0, offset: 5, rows: 3, rowBytes: 3, pitch: 4)
    let windows = Windows(
      width: 3, channels: 1, kernelRows: 3, kernelColumns: 3, originY: -1, originX: -1, outputColumns: 3)
    for engine in Self.arrays {
      let ones = Array(repeating: 1, count: 9)
      #expect(
        try convolution(engine, Array(1...9), image, windows, m: 9, weights: ones)
          == [12, 21, 16, 27, 45, 33, 24, 39, 28], "\(engine)")
      // Each pixel is one less; what lies outside counts as the zero point, not as −1.
      #expect(
        try convolution(engine, Array(1...9), image, windows, m: 9, weights: ones, zero: 1)
          == [8, 15, 12, 21, 36, 27, 20, 33, 24], "\(engine)")
    }
  }

  @Test func windowsWithStrides() throws {
    let image = Region(buffer: 0, offset: 0, rows: 4, rowBytes: 4)
    let windows = Windows(
      width: 4, channels: 1, kernelRows: 2, kernelColumns: 2, strideY: 2, strideX: 2, outputColumns: 2)
    for engine in Self.arrays {
      // 1 + 2·10 + 5·100 − 6·100 and so on
      #expect(
        try convolution(engine, Array(1...16), image, windows, m: 4, weights: [1, 10, 100, -100])
          == [-79, -57, 9, 31], "\(engine)")
    }
  }

  @Test func windowsOfChannelsAndDilation() throws {
    // Two channels of 3 bytes a pixel; taps two pixels apart in x.
    let image = Region(buffer: 0, offset: 0, rows: 1, rowBytes: 11)
    let windows = Windows(
      width: 4, channels: 2, pixelPitch: 3, kernelRows: 1, kernelColumns: 2, dilationX: 2, outputColumns: 2)
    for engine in Self.arrays {
      // pixels (1, 2), (3, 4), (5, 6), (7, 8): 1 + 20 + 500 − 600, 3 + 40 + 700 − 800
      #expect(
        try convolution(
          engine, [1, 2, 99, 3, 4, 99, 5, 6, 99, 7, 8], image, windows, m: 2, weights: [1, 10, 100, -100])
          == [-79, -57], "\(engine)")
    }
  }
}

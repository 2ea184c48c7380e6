import Numerics
import TestSupport
import Testing

/// Do the fast forms of stages give what the plain functions give, on every path?
@Suite struct KernelRowTests {
  static func quantization(_ random: inout SplitMix64) -> Quantization {
    let scale = Float(random.int(1...4000)) / Float(random.pick([1000, 4096, 77_777, 100_000]))
    return Quantization(scale: scale, zeroPoint: random.pick([0, 0, -128, 127, random.int(-128...127)]))
  }

  static func bytes(_ count: Int, _ random: inout SplitMix64) -> [Int8] {
    let (low, high) = random.pick([(-128, 127), (-128, 127), (-3, 4), (100, 127)])
    return (0..<count).map { _ in Int8(random.int(low...high)) }
  }

  /// Rows of `columns` elements, `pitch` bytes apart, through the kernel.
  static func run<Element: FixedWidthInteger>(
    _ kernel: RowKernel, _ rows: [[Element]], operand: [[Int8]] = [], parameters: [UInt8] = [], path: KernelPath
  ) -> [[Int8]] {
    let width = MemoryLayout<Element>.size
    let columns = kernel.columns
    // Odd pitches, so that rows stand at any address.
    let (inputPitch, operandPitch, outputPitch) = (columns * width + 1, columns + 3, kernel.resultColumns + 2)
    var input = [UInt8](repeating: 0, count: rows.count * inputPitch)
    for (r, row) in rows.enumerated() {
      for (c, element) in row.enumerated() {
        for byte in 0..<width {
          input[r * inputPitch + c * width + byte] = UInt8(truncatingIfNeeded: element >> Element(8 * byte))
        }
      }
    }
    var second = parameters
    for row in operand { second += row.map { UInt8(bitPattern: $0) } + [0, 0, 0] }
    var output = [UInt8](repeating: 0xaa, count: rows.count * outputPitch)
    input.withUnsafeMutableBytes { input in
      second.withUnsafeMutableBytes { second in
        output.withUnsafeMutableBytes { output in
          guard let input = input.baseAddress, let output = output.baseAddress else { return }
          kernel.apply(
            rows: rows.count, RowBlock(base: input, pitch: inputPitch),
            operand: second.baseAddress.map { RowBlock(base: $0, pitch: operandPitch) },
            to: RowBlock(base: output, pitch: outputPitch), path: path)
        }
      }
    }
    for r in rows.indices {
      #expect(output[r * outputPitch + kernel.resultColumns] == 0xaa, "wrote beyond a row")
    }
    return rows.indices.map { r in
      (0..<kernel.resultColumns).map { Int8(bitPattern: output[r * outputPitch + $0]) }
    }
  }

  /// Runs the kernel on every path and compares.
  static func expect<Element: FixedWidthInteger>(
    _ kernel: RowKernel, _ rows: [[Element]], operand: [[Int8]] = [], parameters: [UInt8] = [], gives results: [[Int8]],
    _ what: Int = 0
  ) {
    for path in KernelPath.available {
      #expect(
        run(kernel, rows, operand: operand, parameters: parameters, path: path) == results, "case \(what), \(path)")
    }
  }

  @Test(arguments: [Algorithm.fixedPoint, .float])
  func requantize(algorithm: Algorithm) throws {
    for seed in 0..<40 {
      var random = SplitMix64(seed: UInt64(seed))
      let columns = random.int(1...90)
      let first = random.int(0...5)
      let exponent = random.int(-40...3)
      let factors = (0..<(random.chance(30) ? 1 : first + columns)).map { _ in
        Double(random.int(1...1_000_000)) / 500_000 * Double(sign: .plus, exponent: exponent, significand: 1)
      }
      let it = Requantization(
        algorithm: algorithm, factors: factors, zeroPoint: random.int(-128...127),
        lowest: random.pick([-128, -128, 0, 5]))
      let kernel = try #require(RowKernel(.requantize(it), columns: columns, firstColumn: first, isWide: true))
      // Sums whose results are in range, halfway between two, and anything.
      let reach = min(Double(Int32.max), 300 / factors[0])
      let rows = (0..<3).map { _ in
        (0..<columns).map { _ in
          random.chance(10)
            ? random.pick([Int32.min, .max, 0, -1])
            : Int32(clamping: Int(Double(random.int(-1_000_000...1_000_000)) / 1e6 * reach))
        }
      }
      let expected = rows.map { row in row.enumerated().map { it($1, column: first + $0) } }
      Self.expect(kernel, rows, gives: expected, seed)
    }
  }

  /// Halves are where the two forms differ, and where a fused product would be wrong.
  @Test(arguments: [Algorithm.fixedPoint, .float])
  func halves(algorithm: Algorithm) throws {
    for exponent in 1...20 {
      let it = Requantization(
        algorithm: algorithm, factors: [Double(sign: .plus, exponent: -exponent, significand: 1)], zeroPoint: 3)
      let kernel = try #require(RowKernel(.requantize(it), columns: 600, isWide: true))
      let row = (-300..<300).map { Int32($0) << Int32(exponent - 1) }
      Self.expect(kernel, [row], gives: [row.map { it($0, column: 0) }], exponent)
    }
  }

  @Test func everyByteOfAFunction() throws {
    var random = SplitMix64(seed: 1)
    let all = (0...255).map { Int8(truncatingIfNeeded: $0) }
    let functions: [ElementwiseFunction] = [.identity, .scale(0.3), .relu, .gelu, .sigmoid, .silu, .tanh]
    for function in functions {
      let it = Elementwise(
        function, algorithm: .float, input: Self.quantization(&random), output: Self.quantization(&random))
      let kernel = try #require(RowKernel(.elementwise(it), columns: 256, isWide: false))
      Self.expect(kernel, [all], gives: [all.map { it($0) }])
    }
  }

  @Test(arguments: [Algorithm.fixedPoint, .float])
  func everyPairOfTwoOperands(algorithm: Algorithm) throws {
    let all = (0...255).map { Int8(truncatingIfNeeded: $0) }
    for seed in 0..<3 {
      var random = SplitMix64(seed: UInt64(seed))
      let (x, y, z) = (Self.quantization(&random), Self.quantization(&random), Self.quantization(&random))
      let sum = Addition(algorithm: algorithm, first: x, second: y, output: z)
      let product = Multiplication(algorithm: algorithm, first: x, second: y, output: z)
      let add = try #require(RowKernel(.add(sum), columns: 256, isWide: false))
      let multiply = try #require(RowKernel(.multiply(product), columns: 256, isWide: false))
      let rows = [[Int8]](repeating: all, count: 256)
      let seconds = all.map { [Int8](repeating: $0, count: 256) }
      Self.expect(add, rows, operand: seconds, gives: all.map { y in all.map { sum($0, y) } }, seed)
      Self.expect(multiply, rows, operand: seconds, gives: all.map { y in all.map { product($0, y) } }, seed)
    }
  }

  @Test(arguments: StageArithmetic.nonlinearForms)
  func softmax(algorithm: Algorithm) throws {
    for seed in 0..<20 {
      var random = SplitMix64(seed: UInt64(seed))
      let columns = random.pick([1, 2, 7, 16, 64, 197, random.int(1...300)])
      let it = Softmax(algorithm: algorithm, input: Self.quantization(&random), output: Self.quantization(&random))
      let kernel = try #require(RowKernel(.softmax(it), columns: columns, isWide: false))
      let rows = (0..<3).map { _ in Self.bytes(columns, &random) }
      Self.expect(kernel, rows, gives: rows.map { it.apply($0) }, seed)
    }
  }

  @Test(arguments: StageArithmetic.nonlinearForms)
  func layerNorm(algorithm: Algorithm) throws {
    for seed in 0..<20 {
      var random = SplitMix64(seed: UInt64(seed))
      let columns = random.pick([1, 2, 7, 16, 64, 192, random.int(1...300)])
      let it = LayerNorm(
        algorithm: algorithm, input: Self.quantization(&random), output: Self.quantization(&random),
        gainScale: Float(random.int(1...1000)) / 30_000, biasScale: Float(random.int(1...1000)) / 1e7, epsilon: 1e-6)
      let kernel = try #require(RowKernel(.layerNorm(it), columns: columns, isWide: false))
      let rows = (0..<3).map { _ in Self.bytes(columns, &random) }
      let gain = Self.bytes(columns, &random)
      let bias = (0..<columns).map { _ in Int32(random.int(-30_000...30_000)) }
      let parameters =
        gain.map { UInt8(bitPattern: $0) }
        + bias.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> Int32(8 * $0)) } }
      let expected = rows.map { it.apply($0, gain: gain, bias: bias) }
      Self.expect(kernel, rows, parameters: parameters, gives: expected, seed)
    }
  }

  @Test(arguments: [Algorithm.fixedPoint, .float])
  func divide(algorithm: Algorithm) throws {
    for seed in 0..<20 {
      var random = SplitMix64(seed: UInt64(seed))
      let columns = random.int(2...70)
      let it = Quotient(
        algorithm: algorithm, input: Self.quantization(&random), output: Self.quantization(&random), epsilon: 1e-5)
      let narrow = try #require(RowKernel(.divide(it), columns: columns, isWide: false))
      let wide = try #require(RowKernel(.divide(it), columns: columns, isWide: true))
      let rows = (0..<3).map { _ in Self.bytes(columns, &random) }
      let sums = (0..<3).map { _ in (0..<columns).map { _ in Int32(random.int(-200_000...200_000)) } }
      Self.expect(narrow, rows, gives: rows.map { it.apply($0.map { Int32($0) }) }, seed)
      Self.expect(wide, sums, gives: sums.map { it.apply($0) }, seed)
    }
  }
}

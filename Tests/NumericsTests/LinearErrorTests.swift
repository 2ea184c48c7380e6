import Foundation
import Numerics
import TestSupport
import Testing

/// How far multipliers and shifts, and float32, are from real numbers: the bounds of docs/numerics.md.
struct LinearErrorTests {
  @Test(arguments: [Algorithm.fixedPoint, .float]) func requantization(form: Algorithm) {
    var random = SplitMix64(seed: 11)
    var worst = 0.0
    for _ in 0..<400 {
      let factors = (0..<3).map { _ in exp2(Double(random.int(-3100...100)) / 100) }
      let it = Requantization(algorithm: form, factors: factors, zeroPoint: random.int(-128...127))
      for column in 0..<50 {
        let x = Int32(truncatingIfNeeded: random.next()) >> Int32(random.int(0...24))
        let real = Double(x) * factors[column % 3] + Double(it.zeroPoint)
        worst = max(worst, excess(it(x, column: column), real))
      }
    }
    #expect(worst < 1e-6)
  }

  @Test func requantizationClampsAndRepeatsItsFactors() {
    let it = Requantization(algorithm: .fixedPoint, factors: [1, 0.5], zeroPoint: 10, lowest: 10)
    #expect([-7, 0, 7, 3000].map { it($0, column: 0) } == [10, 10, 17, 127])
    #expect([it(7, column: 1), it(7, column: 3), it(7, column: -1), it(7, column: 2)] == [14, 14, 14, 17])
    // The two roundings of a half.
    let halves: [Int32] = [-3, -1, 1, 3, 5]
    #expect(halves.map { Requantization(algorithm: .fixedPoint, factors: [0.5])($0, column: 0) } == [-1, 0, 1, 2, 3])
    #expect(halves.map { Requantization(algorithm: .float, factors: [0.5])($0, column: 0) } == [-2, 0, 0, 2, 2])
  }

  /// All 65536 pairs of operands, for scales alike and far apart.
  @Test(arguments: [Algorithm.fixedPoint, .float]) func twoOperands(form: Algorithm) {
    var random = SplitMix64(seed: 12)
    var (sums, products) = (0.0, 0.0)
    for _ in 0..<5 {
      let (x, y, output) = (random.quantization(), random.quantization(), random.quantization())
      let sum = Addition(algorithm: form, first: x, second: y, output: output)
      let product = Multiplication(algorithm: form, first: x, second: y, output: output)
      for a in Int8.min...Int8.max {
        for b in Int8.min...Int8.max {
          sums = max(sums, excess(sum(a, b), output.unclamped(x.wide(a) + y.wide(b))))
          products = max(products, excess(product(a, b), output.unclamped(x.wide(a) * y.wide(b))))
        }
      }
    }
    #expect(sums < 2e-5 && products < 2e-5)
  }

  /// Functions without an approximation of their own, for all 256 operands.
  @Test func oneOperand() {
    let functions: [(ElementwiseFunction, (Double) -> Double)] = [
      (.identity, { $0 }), (.scale(-1.75), { -1.75 * $0 }), (.relu, { max(0, $0) }),
      (.hardSigmoid(alpha: 0.25, beta: 0.5), { max(0, min(1, 0.25 * $0 + 0.5)) }),
      (.hardSwish(gate: nil), { $0 * max(0, min(1, $0 / 6 + 0.5)) }), (.sigmoid, { 1 / (1 + exp(-$0)) }),
      (.silu, { $0 / (1 + exp(-$0)) }), (.tanh, tanh), (.gelu, gelu),
    ]
    var random = SplitMix64(seed: 13)
    for (function, real) in functions {
      for form in function.forms where form != .iBERT && form != .iViT {
        var worst = 0.0
        for _ in 0..<60 {
          let it = Elementwise(
            function, algorithm: form, input: random.quantization(), output: random.quantization())
          let table = it.table
          for x in Int8.min...Int8.max {
            #expect(table[Int(UInt8(bitPattern: x))] == it(x))
            worst = max(worst, excess(it(x), it.output.unclamped(real(it.input.wide(x)))))
          }
        }
        #expect(worst < 2e-5, "\(function), \(form)")
      }
    }
  }

  @Test func aTableOfItsOwn() {
    let squares = (-128...127).map { Int8(clamping: $0 * $0) }
    let any = Quantization(scale: 1)
    let it = Elementwise(.table(squares), algorithm: .table, input: any, output: any)
    #expect([it(-128), it(-3), it(0), it(11), it(127)] == [127, 9, 0, 121, 127])
    #expect(it.table[3] == 9 && it.table[253] == 9)
  }

  /// The gate is quantized in between: 0.6 · 4 steps are 2 of 4.
  @Test func hardSwishWithAGate() {
    let input = Quantization(scale: 0.1)
    let gate = Quantization(scale: 0.25, zeroPoint: -128)
    let it = Elementwise(.hardSwish(gate: gate), algorithm: .table, input: input, output: input)
    // x = 0.6: gate 0.6 → 0.5, so 0.3; x = 3: gate 1; x = −0.3: gate 0.45 → 0.5.
    #expect([it(6), it(30), it(-3)] == [3, 30, -2])
  }

  @Test(arguments: [Algorithm.fixedPoint, .float]) func divisionAndAverage(form: Algorithm) {
    var random = SplitMix64(seed: 14)
    var (quotients, averages) = (0.0, 0.0)
    for _ in 0..<600 {
      let input = Quantization(scale: Float(exp2(-Double(random.int(8...20)))))
      let output = random.quantization()
      let quotient = Quotient(
        algorithm: form, input: input, output: output, epsilon: random.pick([1e-15, 1e-6, 1e-3]))
      let bits = random.int(4...30)
      let row = (0..<20).map { _ in Int32(random.int(-(1 << bits)...(1 << bits))) } + [Int32(random.int(1...1 << bits))]
      let scale = Double(input.scale)
      let divisor = Double(row[20]) * scale + Double(quotient.epsilon)
      for (x, y) in zip(row, quotient.apply(row)) {
        quotients = max(quotients, excess(y, output.unclamped(Double(x) * scale / divisor)))
      }
      let average = Average(algorithm: form, input: random.quantization(), output: output)
      let column = random.characteristicRow(random.int(1...1000))
      let mean = column.reduce(0) { $0 + average.input.wide($1) } / Double(column.count)
      averages = max(averages, excess(average.apply(column), output.unclamped(mean)))
    }
    #expect(quotients < 1e-4 && averages < 2e-5)
  }

  @Test func divisionByNothing() {
    let input = Quantization(scale: 0.5)
    let output = Quantization(scale: 0.1, zeroPoint: 3)
    var it = Quotient(algorithm: .fixedPoint, input: input, output: output, epsilon: 0)
    #expect(it.apply([5, -5, 0, 0]) == [3, 3, 3])
    #expect(it.apply([5, -5, 0, -10]) == [-2, 8, 3])
    #expect(it.apply([7]) == [])
    it.algorithm = .float
    #expect(it.apply([5, -5, 0, 0]) == [127, -128, 3])
  }
}

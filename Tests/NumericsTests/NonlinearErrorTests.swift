import Foundation
import Numerics
import TestSupport
import Testing

/// How far integer forms of GELU, softmax and LayerNorm are from the real functions: the bounds of docs/numerics.md, which are
/// no more than a quarter above the largest error seen.
struct NonlinearErrorTests {
  /// Absolute error of GELU beyond half a step, and in steps.
  @Test(arguments: [(Algorithm.iBERT, 0.019), (.iViT, 0.025), (.table, 1e-6), (.float, 1e-6)])
  func gelu(form: Algorithm, bound: Double) {
    var random = SplitMix64(seed: 21)
    var worst = 0.0
    for _ in 0..<400 {
      let input = random.quantization()
      let ratio = exp2(Double(random.int(-200...100)) / 100)
      let output = Quantization(scale: Float(Double(input.scale) * ratio), zeroPoint: random.int(-128...127))
      let it = Elementwise(.gelu, algorithm: form, input: input, output: output)
      for x in Int8.min...Int8.max {
        let error = excess(it(x), output.unclamped(NumericsTests.gelu(input.wide(x)))) - 0.01
        worst = max(worst, error * Double(output.scale))
      }
    }
    #expect(worst < bound && (bound < 1e-3 || worst > 0.8 * bound), "\(worst)")
  }

  /// Absolute error of probabilities beyond half a step.
  @Test(arguments: [(Algorithm.iBERT, 0.0008), (.iViT, 0.016), (.table, 2e-6), (.float, 2e-6)])
  func softmax(form: Algorithm, bound: Double) {
    var random = SplitMix64(seed: 22)
    var worst = 0.0
    for count in [1, 2, 2, 2, 3, 3, 8, 17, 50, 197, 1024, 4096] {
      for _ in 0..<max(4, 400 / count) {
        let input = random.quantization()
        let output = random.pick([
          Quantization(scale: 1 / 256, zeroPoint: -128), Quantization(scale: 1 / 127),
          Quantization(scale: 1 / 1000, zeroPoint: -128),
        ])
        let it = Softmax(algorithm: form, input: input, output: output)
        let row = random.characteristicRow(count)
        let results = it.apply(row)
        let largest = Double(row.max() ?? 0)
        let powers = row.map { exp((Double($0) - largest) * Double(input.scale)) }
        let sum = powers.reduce(0, +)
        for (result, power) in zip(results, powers) {
          worst = max(worst, excess(result, output.unclamped(power / sum)) * Double(output.scale))
        }
        // Equal operands give equal results, larger ones no smaller.
        for (a, b) in zip(row.indices, row.indices.dropFirst()) {
          #expect(
            row[a] == row[b]
              ? results[a] == results[b] : (row[a] < row[b]) == (results[a] < results[b]) || results[a] == results[b])
        }
      }
    }
    #expect(worst < bound && (bound < 1e-3 || worst > 0.8 * bound), "\(worst)")
  }

  /// Error of LayerNorm beyond half a step, relative to the normalized and scaled number in steps.
  @Test(arguments: [(Algorithm.iBERT, 8e-5), (.iViT, 8e-5), (.table, 0.0008), (.float, 1e-6)])
  func layerNorm(form: Algorithm, bound: Double) {
    var random = SplitMix64(seed: 23)
    var worst = 0.0
    for count in [1, 2, 3, 8, 64, 65, 192, 197, 768, 4096] {
      for _ in 0..<max(4, 1000 / count) {
        let it = LayerNorm(
          algorithm: form, input: random.quantization(),
          output: Quantization(
            scale: Float(exp2(Double(random.int(-600 ... -200)) / 100)), zeroPoint: random.int(-128...127)),
          gainScale: Float(exp2(Double(random.int(-900 ... -600)) / 100)),
          biasScale: Float(exp2(Double(random.int(-2000 ... -1200)) / 100)), epsilon: random.pick([1e-5, 1e-6, 1e-12]))
        let row = random.characteristicRow(count)
        let gain = random.row(count)
        let bias = (0..<count).map { _ in Int32(random.int(-8192...8192)) }
        let reals = row.map { it.input.wide($0) }
        let mean = reals.reduce(0, +) / Double(count)
        let variance = reals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        let root = (variance + Double(it.epsilon)).squareRoot()
        for (column, result) in it.apply(row, gain: gain, bias: bias).enumerated() {
          let normal = (reals[column] - mean) / root * Double(gain[column]) * Double(it.gainScale)
          let real = it.output.unclamped(normal + Double(bias[column]) * Double(it.biasScale))
          let error = excess(result, real) - 0.003
          worst = max(worst, error / max(1, abs(normal / Double(it.output.scale))))
        }
      }
    }
    #expect(worst < bound && (bound < 5e-4 || worst > 0.6 * bound), "\(worst)")
  }

  @Test func nothing() {
    let any = Quantization(scale: 0.1, zeroPoint: 5)
    #expect(Softmax(algorithm: .iBERT, input: any, output: any).apply([]) == [])
    let norm = LayerNorm(
      algorithm: .iBERT, input: any, output: any, gainScale: 1, biasScale: 1, epsilon: 0)
    #expect(norm.apply([], gain: [], bias: []) == [])
    #expect(norm.apply([1, 2], gain: [1], bias: [1, 2]) == [5, 5])
    // Without variance and ε only the bias is left.
    #expect(norm.apply([9, 9], gain: [1, 1], bias: [1, -2]) == [15, -15])
    #expect(Average(algorithm: .fixedPoint, input: any, output: any).apply([]) == 5)
  }
}

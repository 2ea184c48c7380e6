import Hardware
import Numerics

extension SplitMix64 {
  mutating func quantization(zero: Bool = true) -> Quantization {
    Quantization(
      scale: Float(int(1...200)) / Float(1 << int(4...10)), zeroPoint: zero && chance(50) ? int(-128...127) : 0)
  }

  /// What a stage of `operation` may compute, in any of its forms.
  ///
  /// - Parameters:
  ///   - factors: Columns for which a requantization has a factor each, if it hasn't one for all.
  ///   - isWide: INT32 comes to it.
  package mutating func arithmetic(_ operation: VectorOperation, factors: Int, isWide: Bool) -> StageArithmetic {
    let fixed = pick(StageArithmetic.fixedPointForms)
    let nonlinear = pick(StageArithmetic.nonlinearForms)
    switch operation {
    case .requantize:
      let factors = (0..<(chance(50) ? factors : 1)).map { _ in Double(int(1...1000)) / Double(1 << int(8...24)) }
      return .requantize(
        Requantization(
          algorithm: fixed, factors: factors, zeroPoint: int(-128...127), lowest: pick([-128, -128, -5, 0])))
    case .add:
      return .add(Addition(algorithm: fixed, first: quantization(), second: quantization(), output: quantization()))
    case .multiply:
      return .multiply(
        Multiplication(algorithm: fixed, first: quantization(), second: quantization(), output: quantization()))
    case .scale: return elementwise(pick([.identity, .scale(Float(int(-40...40)) / 16)]))
    case .relu: return elementwise(.relu)
    case .gelu: return elementwise(.gelu)
    case .hardSwish: return elementwise(.hardSwish(gate: chance(50) ? quantization() : nil))
    case .lookup:
      return elementwise(
        pick([
          .hardSigmoid(alpha: 0.2, beta: 0.5), .sigmoid, .silu, .tanh, .relu,
          .table((0..<256).map { _ in Int8(truncatingIfNeeded: int(0...255)) }),
        ]))
    case .softmax:
      return .softmax(Softmax(algorithm: nonlinear, input: quantization(), output: quantization()))
    case .layerNorm:
      return .layerNorm(
        LayerNorm(
          algorithm: nonlinear, input: quantization(), output: quantization(), gainScale: Float(int(1...20)) / 256,
          biasScale: Float(int(1...20)) / 1e9, epsilon: 1e-5))
    case .divide:
      return .divide(
        Quotient(algorithm: fixed, input: quantization(zero: !isWide), output: quantization(), epsilon: 1e-4))
    case .average:
      return .average(Average(algorithm: fixed, input: quantization(), output: quantization()))
    }
  }

  private mutating func elementwise(_ function: ElementwiseFunction) -> StageArithmetic {
    .elementwise(
      Elementwise(function, algorithm: pick(function.forms), input: quantization(), output: quantization()))
  }
}

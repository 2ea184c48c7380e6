import Numerics

extension WordWriter {
  /// Word, algorithm and numbers of one entry; words count in the order of docs/schedule.md.
  mutating func arithmetic(_ arithmetic: StageArithmetic) {
    switch arithmetic {
    case .requantize(let entry):
      head(0, entry.algorithm)
      list(entry.factors) { $0.real($1) }
      word(entry.zeroPoint)
      word(Int(entry.lowest))
    case .add(let entry):
      head(1, entry.algorithm)
      for quantization in [entry.first, entry.second, entry.output] { self.quantization(quantization) }
    case .multiply(let entry):
      head(2, entry.algorithm)
      for quantization in [entry.first, entry.second, entry.output] { self.quantization(quantization) }
    case .softmax(let entry):
      head(3, entry.algorithm)
      for quantization in [entry.input, entry.output] { self.quantization(quantization) }
    case .layerNorm(let entry):
      head(4, entry.algorithm)
      for quantization in [entry.input, entry.output] { self.quantization(quantization) }
      for value in [entry.gainScale, entry.biasScale, entry.epsilon] { real(value) }
    case .divide(let entry):
      head(5, entry.algorithm)
      for quantization in [entry.input, entry.output] { self.quantization(quantization) }
      real(entry.epsilon)
    case .average(let entry):
      head(6, entry.algorithm)
      for quantization in [entry.input, entry.output] { self.quantization(quantization) }
    case .elementwise(let entry): elementwise(entry)
    }
  }

  private mutating func head(_ place: Int, _ algorithm: Algorithm) {
    word(place)
    keyword(algorithm)
  }

  private mutating func quantization(_ quantization: Quantization) {
    real(quantization.scale)
    word(quantization.zeroPoint)
  }

  private mutating func elementwise(_ entry: Elementwise) {
    head(entry.function.place, entry.algorithm)
    quantization(entry.input)
    quantization(entry.output)
    switch entry.function {
    case .scale(let factor): real(factor)
    case .hardSwish(let gate): optional(gate) { $0.quantization($1) }
    case .hardSigmoid(let alpha, let beta):
      real(alpha)
      real(beta)
    case .table(let results): padded(results.map { UInt8(bitPattern: $0) })
    case .identity, .relu, .gelu, .sigmoid, .silu, .tanh: break
    }
  }
}

extension ElementwiseFunction {
  fileprivate var place: Int {
    switch self {
    case .identity: 7
    case .scale: 8
    case .relu: 9
    case .gelu: 10
    case .hardSwish: 11
    case .hardSigmoid: 12
    case .sigmoid: 13
    case .silu: 14
    case .tanh: 15
    case .table: 16
    }
  }
}

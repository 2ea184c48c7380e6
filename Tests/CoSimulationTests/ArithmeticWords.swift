import Numerics

/// An entry of a program image's table of arithmetic: written from docs/cosimulation.md once more, so that the image isn't
/// compared with itself.
struct ArithmeticWords {
  private(set) var bytes: [UInt8] = []

  init(_ entry: StageArithmetic) {
    switch entry {
    case .requantize(let it):
      head(0, it.algorithm)
      number(it.factors.count)
      for factor in it.factors { real(factor) }
      number(it.zeroPoint)
      number(Int(it.lowest))
    case .add(let it): operands(1, it.algorithm, [it.first, it.second, it.output])
    case .multiply(let it): operands(2, it.algorithm, [it.first, it.second, it.output])
    case .softmax(let it): operands(3, it.algorithm, [it.input, it.output])
    case .layerNorm(let it):
      operands(4, it.algorithm, [it.input, it.output])
      for value in [it.gainScale, it.biasScale, it.epsilon] { real(Double(value)) }
    case .divide(let it):
      operands(5, it.algorithm, [it.input, it.output])
      real(Double(it.epsilon))
    case .average(let it): operands(6, it.algorithm, [it.input, it.output])
    case .elementwise(let it):
      operands(7 + place(it.function), it.algorithm, [it.input, it.output])
      constants(of: it.function)
    }
  }

  private func place(_ function: ElementwiseFunction) -> Int {
    switch function {
    case .identity: 0
    case .scale: 1
    case .relu: 2
    case .gelu: 3
    case .hardSwish: 4
    case .hardSigmoid: 5
    case .sigmoid: 6
    case .silu: 7
    case .tanh: 8
    case .table: 9
    }
  }

  private mutating func constants(of function: ElementwiseFunction) {
    switch function {
    case .scale(let by): real(Double(by))
    case .hardSwish(let gate):
      number(gate == nil ? 0 : 1)
      if let gate { quantization(gate) }
    case .hardSigmoid(let alpha, let beta): for value in [alpha, beta] { real(Double(value)) }
    case .table(let results): bytes += results.map { UInt8(bitPattern: $0) }
    case .identity, .relu, .gelu, .sigmoid, .silu, .tanh: break
    }
  }

  private mutating func head(_ word: Int, _ algorithm: Algorithm) {
    number(word)
    number([.float, .fixedPoint, .iBERT, .iViT, .table].firstIndex(of: algorithm) ?? -1)
  }

  private mutating func operands(_ word: Int, _ algorithm: Algorithm, _ all: [Quantization]) {
    head(word, algorithm)
    for one in all { quantization(one) }
  }

  private mutating func quantization(_ it: Quantization) {
    real(Double(it.scale))
    number(it.zeroPoint)
  }

  private mutating func number(_ value: Int) {
    for index in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
  }

  private mutating func real(_ value: Double) { number(Int(bitPattern: UInt(value.bitPattern))) }
}

import Numerics
import Testing

@testable import Model

/// Whatever an importer or a user gets wrong is named.
struct QuantizedValidationTests {
  /// x → linear → ReLU → columns → y, and LayerNorm beside them.
  private func model() throws -> QuantizedModel {
    let graph = Graph(
      name: "g", image: 1, batch: 1,
      tensors: [
        Tensor(name: "x", shape: [1, 2], role: .input), Tensor(name: "w", shape: [2, 2], role: .parameter),
        Tensor(name: "b", shape: [2], role: .parameter), Tensor(name: "h", shape: [1, 2], role: .activation),
        Tensor(name: "gain", shape: [2], role: .parameter), Tensor(name: "offset", shape: [2], role: .parameter),
        Tensor(name: "n", shape: [1, 2], role: .activation), Tensor(name: "y", shape: [1, 1], role: .output),
      ],
      operators: [
        GraphOperator(name: "fc", operation: .linear, inputs: [0, 1, 2], output: 3),
        GraphOperator(name: "norm", operation: .layerNorm(epsilon: 1e-6), inputs: [3, 4, 5], output: 6),
        GraphOperator(
          name: "view", operation: .selectColumns(first: 1, step: 1, width: 1, count: 1), inputs: [6], output: 7),
      ])
    return QuantizedModel(
      graph: graph,
      numbers: [
        .int8(Quantization(scale: 0.1, zeroPoint: 3)), .weight(scales: [0.2, 0.3]),
        .int32(scales: [Float(0.1) * 0.2, Float(0.1) * 0.3]), .int8(Quantization(scale: 1)),
        .int8(Quantization(scale: 1)), .int32(scales: [1]), .int8(Quantization(scale: 0.5)),
        .int8(Quantization(scale: 0.5)),
      ],
      constants: [
        1: .int8([1, 2, 3, 4]), 2: .int32([1, 2]), 4: .int8([1, 1]), 5: .int32([0, 0]),
      ])
  }

  private func problem(_ change: (inout QuantizedModel) -> Void) throws -> String {
    var model = try model()
    change(&model)
    do {
      try model.validate()
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func valid() throws {
    #expect(try problem { _ in } == "")
    // Weights with one scale and a zero point.
    #expect(
      try problem {
        $0.numbers[1] = .int8(Quantization(scale: 0.2, zeroPoint: 4))
        $0.numbers[2] = .int32(scales: [Float(0.1) * 0.2])
      } == "")
    #expect(try problem { $0.numbers[2] = .int32(scales: [(Float(0.1) * 0.2).nextUp, Float(0.1) * 0.3]) } == "")
  }

  @Test func numbers() throws {
    #expect(try problem { $0.numbers.removeLast() }.contains("8 tensors and the model numbers of 7"))
    for scale in [0, -1, Float.nan, .infinity] {
      #expect(try problem { $0.numbers[0] = .int8(Quantization(scale: scale)) }.contains("tensor 'x': scale"))
      #expect(try problem { $0.numbers[1] = .weight(scales: [0.2, scale]) }.contains("tensor 'w': scale"))
      #expect(try problem { $0.numbers[5] = .int32(scales: [scale]) }.contains("tensor 'offset': scale"))
    }
    for zero in [-129, 128, Int.min, .max] {
      #expect(
        try problem { $0.numbers[3] = .int8(Quantization(scale: 1, zeroPoint: zero)) }.contains("tensor 'h': zero"))
    }
    for scales in [[], [1, 1, 1]] as [[Float]] {
      #expect(
        try problem { $0.numbers[1] = .weight(scales: scales) }.contains("tensor 'w': has \(scales.count) scales"))
    }
  }

  @Test func kinds() throws {
    #expect(try problem { $0.numbers[0] = .int32(scales: [1]) }.contains("tensor 'x'"))
    #expect(try problem { $0.numbers[0] = .weight(scales: [1]) }.contains("tensor 'x'"))
    #expect(try problem { $0.numbers[2] = .int8(Quantization(scale: 1)) }.contains("tensor 'b'"))
    #expect(try problem { $0.numbers[3] = .weight(scales: [1]) }.contains("tensor 'h'"))
    #expect(try problem { $0.numbers[4] = .int8(Quantization(scale: 1, zeroPoint: 1)) }.contains("tensor 'gain'"))
    #expect(try problem { $0.numbers[5] = .int32(scales: [1, 1]) }.contains("tensor 'offset'"))
    #expect(try problem { $0.numbers[6] = .int32(scales: [1]) }.contains("tensor 'n'"))
    #expect(try problem { $0.numbers[7] = .int8(Quantization(scale: 1)) }.contains("operator 'view': is a view"))
  }

  /// The scales of a bias, and of accumulators that stay INT32, are those of the product.
  @Test func scalesOfProducts() throws {
    #expect(try problem { $0.numbers[2] = .int32(scales: [0.02, 0.031]) }.contains("tensor 'b': a bias has scale"))
    #expect(try problem { $0.numbers[2] = .int32(scales: [0.02]) }.contains("tensor 'b': a bias has scale"))
    #expect(try problem { $0.numbers[3] = .int32(scales: [0.5]) }.contains("an INT32 product has scale"))
  }

  @Test func constants() throws {
    #expect(try problem { $0.constants[1] = nil }.contains("tensor 'w': is a parameter without values"))
    #expect(try problem { $0.constants[1] = .int8([1]) }.contains("tensor 'w': has 1 values"))
    #expect(try problem { $0.constants[1] = .int32([1, 2, 3, 4]) }.contains("tensor 'w': has INT32 values"))
    #expect(try problem { $0.constants[2] = .int8([1, 2]) }.contains("tensor 'b': has INT8 values"))
    #expect(try problem { $0.constants[3] = .int8([1, 2]) }.contains("tensor 'h': has values"))
    #expect(try problem { $0.constants[-1] = .int8([]) }.contains("has values"))
    #expect(try problem { $0.constants[99] = .int8([]) }.contains("has values"))
  }

  @Test func roles() throws {
    #expect(try problem { $0.graph.tensors[7].role = .activation }.contains("has an output"))
    #expect(try problem { $0.graph.tensors[1].role = .input }.contains("one input, not 2"))
    #expect(
      try problem {
        $0.graph.operators[1].inputs[1] = 2
      }.contains("tensor 'b'"))
    let huge = try problem {
      for id in [0, 3, 6] { $0.graph.tensors[id].shape[0] = 1 << 30 }
      $0.graph.tensors[7].shape[0] = 1 << 30
    }
    #expect(huge.contains("at most"))
  }

  @Test(arguments: [Float.nan, .infinity, -1])
  func ownNumbersOfOperations(value: Float) throws {
    #expect(try problem { $0.graph.operators[1].operation = .layerNorm(epsilon: value) }.contains("epsilon"))
    if value == -1 { return }
    #expect(GraphOperation.appendColumn(heads: 1, value: value).problem != nil)
    #expect(GraphOperation.elementwise(.scale(value)).problem != nil)
    #expect(GraphOperation.elementwise(.hardSigmoid(alpha: value, beta: 0)).problem != nil)
    #expect(GraphOperation.elementwise(.hardSwish(gate: Quantization(scale: value))).problem != nil)
    #expect(GraphOperation.elementwise(.table([1])).problem != nil)
  }

  /// An algorithm that an operation doesn't have is refused, not guessed.
  @Test func algorithms() throws {
    let model = try model()
    var algorithms = Algorithms.float
    algorithms.requantize = .iBERT
    #expect(throws: ModelError.self) { try model.arithmetic(of: model.graph.operators[0], algorithms: algorithms) }
    let stages = try model.arithmetic(of: model.graph.operators[0], algorithms: .float)
    let factors: [Double] = [0.2, 0.3].map { (scale: Float) in Double(Float(0.1)) * Double(scale) }
    #expect(stages == [.requantize(Requantization(algorithm: .float, factors: factors))])
    #expect(try model.arithmetic(of: model.graph.operators[2], algorithms: .float) == [])
  }
}

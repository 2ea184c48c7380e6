import Model
import Numerics
import Quantizer
import Testing

/// One operation on small whole numbers, whose results can be worked out by hand.
struct OperationCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var operation: GraphOperation
  var operands: [(shape: [Int], values: [Float])]
  var shape: [Int]
  var expected: [Float]
  /// Of the integers of the result.
  var scale: Float = 1

  init(
    _ name: String, _ operation: GraphOperation, _ operands: [([Int], [Float])], _ shape: [Int], _ expected: [Float],
    scale: Float = 1
  ) {
    testDescription = name
    self.operation = operation
    self.operands = operands.map { (shape: $0.0, values: $0.1) }
    self.shape = shape
    self.expected = expected
    self.scale = scale
  }

  var graph: Graph {
    var tensors = operands.enumerated().map {
      Tensor(name: "t\($0)", shape: $1.shape, role: $0 == 0 ? .input : .parameter)
    }
    tensors.append(Tensor(name: "y", shape: shape, role: .output))
    return Graph(
      name: "one", image: 1, batch: operands[0].shape[0], tensors: tensors,
      operators: [
        GraphOperator(
          name: "op", operation: operation, inputs: Array(operands.indices), output: operands.count)
      ])
  }

  var float: FloatModel {
    FloatModel(
      graph: graph,
      constants: Dictionary(uniqueKeysWithValues: operands.enumerated().dropFirst().map { ($0, $1.values) }))
  }

  /// Scale 1 and zero point 3 for what comes in, zero point −2 for what goes out.
  var quantized: QuantizedModel {
    var numbers: [TensorNumbers] = [.int8(Quantization(scale: 1, zeroPoint: 3))]
    var constants: [TensorID: IntegerValues] = [:]
    for (id, operand) in operands.enumerated().dropFirst() {
      switch (operation, id) {
      case (.linear, 2), (.convolution, 2), (.patchEmbedding, 2), (.layerNorm, 2):
        numbers.append(.int32(scales: [1]))
        constants[id] = .int32(operand.values.map { Int32($0) })
      case (.linear, 1), (.convolution, 1), (.patchEmbedding, 1):
        numbers.append(.weight(scales: [1]))
        constants[id] = .int8(operand.values.map { Int8($0) })
      case (.layerNorm, _):
        numbers.append(.int8(Quantization(scale: 1)))
        constants[id] = .int8(operand.values.map { Int8($0) })
      default:
        numbers.append(.int8(Quantization(scale: 1, zeroPoint: 1)))
        constants[id] = .int8(operand.values.map { Int8($0 + 1) })
      }
    }
    switch operation {
    case .selectToken, .selectColumns, .reshape: numbers.append(numbers[0])
    default: numbers.append(.int8(Quantization(scale: scale, zeroPoint: -2)))
    }
    return QuantizedModel(graph: graph, numbers: numbers, constants: constants)
  }
}

struct OperationTests {
  @Test(arguments: operationCases)
  func float(_ it: OperationCase) throws {
    let results = try FloatInterpreter(it.float).run(input: it.operands[0].values)[it.operands.count]
    let found = try #require(results)
    #expect(found.count == it.expected.count)
    for (y, expected) in zip(found, it.expected) { #expect(abs(y - expected) <= 1e-5 * max(1, abs(expected))) }
  }

  @Test(arguments: operationCases)
  func integers(_ it: OperationCase) throws {
    let model = it.quantized
    let input = it.operands[0].values.map { Int8($0 + 3) }
    let tensors = try IntegerInterpreter(model, algorithms: .float).run(input: input)
    guard case .int8(let values) = tensors[it.operands.count],
      case .int8(let numbers) = model.numbers[it.operands.count]
    else {
      Issue.record("no INT8 result")
      return
    }
    #expect(values == it.expected.map { numbers.quantize($0) })
  }
}

private let wide = Model.Convolution(kernel: [1, 2], stride: [1, 2], dilation: [1, 3])
private func columns(_ first: Int, _ step: Int, _ width: Int, transposed: Bool = false) -> HeadOperand {
  HeadOperand(.columns(first: first, step: step, width: width), transposed: transposed)
}

private let operationCases = [
  OperationCase(
    "linear", .linear, [([2, 3], [0, 1, 2, 3, 4, 5]), ([3, 2], [1, 2, 3, 4, 5, 6]), ([2], [10, -10])], [2, 2],
    [23, 6, 50, 42]),
  OperationCase(
    "patch embedding", .patchEmbedding(patch: 2),
    [([1, 2, 4, 1], [1, 2, 3, 4, 5, 6, 7, 8]), ([4, 1], [1, 2, 3, 4]), ([1], [1])], [1, 2, 1], [45, 65]),
  OperationCase(
    "convolution, padded above and to the left",
    .convolution(Model.Convolution(kernel: [2, 2], padding: [1, 1, 0, 0])),
    [([1, 3, 3, 1], [0, 1, 2, 3, 4, 5, 6, 7, 8]), ([4, 1], [1, 1, 1, 1]), ([1], [0])], [1, 3, 3, 1],
    [0, 1, 3, 3, 8, 12, 9, 20, 24]),
  OperationCase(
    "convolution, padded below and to the right",
    .convolution(Model.Convolution(kernel: [2, 2], padding: [0, 0, 1, 1])),
    [([1, 2, 2, 1], [1, 2, 3, 4]), ([4, 1], [1, 2, 3, 4]), ([1], [0])], [1, 2, 2, 1], [30, 14, 11, 4]),
  OperationCase(
    "convolution of groups", .convolution(Model.Convolution(kernel: [1, 1], groups: 2)),
    [([1, 1, 1, 4], [1, 2, 3, 4]), ([2, 4], [1, 10, 1, 10, 2, 20, 2, 20]), ([4], [0, 0, 0, 1])], [1, 1, 1, 4],
    [5, 50, 11, 111]),
  OperationCase(
    "convolution, two channels", .convolution(Model.Convolution(kernel: [1, 2])),
    [([1, 1, 2, 2], [1, 2, 3, 4]), ([4, 1], [1, 2, 3, 4]), ([1], [0])], [1, 1, 1, 1], [30]),
  OperationCase(
    "convolution, stride and dilation", .convolution(wide),
    [([2, 1, 7, 1], [1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 1, 0, 2, 0]), ([2, 1], [1, 10]), ([1], [0])], [2, 1, 2, 1],
    [41, 63, 10, 20]),
  OperationCase(
    "scores of two heads", .headProduct(.scores(heads: 2, width: 2)),
    // Q, K, V of a token, each with a column a head.
    [([1, 2, 6], [1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 0, 0]), ([1, 2, 6], [0, 0, 3, 4, 0, 0, 0, 0, 7, 8, 0, 0])],
    [1, 2, 2, 2], [3, 7, 15, 35, 8, 16, 24, 48]),
  OperationCase(
    "values of two heads", .headProduct(.values(heads: 2, width: 2)),
    [([1, 2, 1, 2], [1, 2, 3, 4]), ([1, 2, 6], [0, 0, 0, 0, 1, 10, 0, 0, 0, 0, 2, 20])], [1, 1, 2], [5, 110]),
  OperationCase(
    "product with a transposed first operand",
    .headProduct(
      HeadProduct(heads: 1, a: columns(0, 2, 2, transposed: true), b: columns(1, 1, 1), stacked: true)),
    [([2, 2, 2], [1, 2, 3, 4, 1, 0, 0, 1]), ([2, 2, 2], [9, 1, 9, 1, 9, 2, 9, 3])], [2, 1, 2, 1], [4, 6, 2, 3]),
  OperationCase(
    "class token", .classToken, [([2, 2, 1], [1, 2, 3, 4]), ([1, 1], [9])], [2, 3, 1], [9, 1, 2, 9, 3, 4]),
  OperationCase(
    "addition over the batch", .add, [([2, 1, 2], [1, 2, 3, 4]), ([1, 1, 2], [10, 20])], [2, 1, 2], [11, 22, 13, 24]),
  OperationCase("addition over rows", .add, [([2, 2], [1, 2, 3, 4]), ([2], [10, 20])], [2, 2], [11, 22, 13, 24]),
  OperationCase(
    "product", .multiply, [([2, 2], [1, -2, 3, 4]), ([2, 2], [5, 6, 7, 8])], [2, 2], [5, -12, 21, 32]),
  OperationCase(
    "LayerNorm", .layerNorm(epsilon: 0), [([2, 2], [1, 3, 4, -4]), ([2], [2, 3]), ([2], [1, 0])], [2, 2],
    [-1, 3, 3, -3]),
  OperationCase("scale", .elementwise(.scale(-3)), [([1, 3], [1, 2, -3])], [1, 3], [-3, -6, 9]),
  OperationCase("ReLU", .elementwise(.relu), [([1, 3], [1, 0, -3])], [1, 3], [1, 0, 0]),
  OperationCase("hard-swish", .elementwise(.hardSwish(gate: nil)), [([1, 4], [-3, 0, 3, 5])], [1, 4], [0, 0, 3, 5]),
  OperationCase(
    "GELU", .elementwise(.gelu), [([1, 3], [-1, 0, 2])], [1, 3], [-0.158655, 0, 1.954500], scale: 0.03125),
  OperationCase(
    "softmax", .softmax, [([2, 2], [5, 5, 0, 1])], [2, 2], [0.5, 0.5, 0.268941, 0.731059], scale: 0.0078125),
  OperationCase(
    "division of two heads", .divide(heads: 2, epsilon: 0), [([2, 4], [6, 2, 8, 4, 9, 3, -5, 5])], [2, 2],
    [3, 2, 3, -1]),
  OperationCase(
    "division with ε", .divide(heads: 1, epsilon: 1), [([1, 3], [6, 3, 2])], [1, 2], [2, 1]),
  OperationCase(
    "appended column", .appendColumn(heads: 2, value: 7), [([2, 2], [1, 2, 3, 4])], [2, 4], [1, 7, 2, 7, 3, 7, 4, 7]),
  OperationCase(
    "concatenation", .concatenate, [([2, 1], [1, 2]), ([2, 2], [3, 4, 5, 6]), ([2, 1], [7, 8])], [2, 4],
    [1, 3, 4, 7, 2, 5, 6, 8]),
  OperationCase(
    "average", .average, [([2, 2, 1, 2], [1, 2, 3, 6, 10, 20, 30, 40])], [2, 2], [2, 4, 20, 30]),
  OperationCase("token", .selectToken(1), [([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])], [2, 2], [3, 4, 7, 8]),
  OperationCase(
    "columns", .selectColumns(first: 1, step: 3, width: 2, count: 2),
    [([2, 6], [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15])], [2, 4], [1, 2, 4, 5, 11, 12, 14, 15]),
  OperationCase("other rows", .reshape([1, 2, 2, 1]), [([1, 4, 1], [1, 2, 3, 4])], [1, 2, 2, 1], [1, 2, 3, 4]),
]

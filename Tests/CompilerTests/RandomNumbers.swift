import Model
import Numerics
import TestSupport

extension QuantizedModel {
  /// `graph` with random numbers and constants.
  static func random(_ graph: Graph, _ random: inout SplitMix64) -> QuantizedModel {
    func scale(_ random: inout SplitMix64) -> Float { Float(random.int(1...1000)) / 20_000 }
    func number(_ random: inout SplitMix64) -> TensorNumbers {
      .int8(Quantization(scale: scale(&random), zeroPoint: random.pick([0, 0, random.int(-128...127)])))
    }
    var numbers = graph.tensors.map { _ in number(&random) }
    var model = QuantizedModel(graph: graph, numbers: numbers, constants: [:])
    for op in graph.operators {
      switch op.operation {
      case .linear, .patchEmbedding, .convolution:
        let columns = graph[op.output].shape.last ?? 1
        let perColumn = random.int(0...1) == 0
        numbers[op.inputs[1]] = .weight(scales: (0..<(perColumn ? columns : 1)).map { _ in scale(&random) / 10 })
        numbers[op.inputs[2]] = .int32(scales: [1])
      case .layerNorm:
        numbers[op.inputs[1]] = .int8(Quantization(scale: 0.01))
        numbers[op.inputs[2]] = .int32(scales: [0.001])
      case .headProduct where graph.isDivided(op.output):
        numbers[op.output] = .int32(scales: [scale(&random)])
      case .classToken: numbers[op.inputs[1]] = numbers[op.inputs[0]]
      default: break
      }
      // Views, and what is only moved, keep their numbers.
      switch op.operation {
      case .selectToken, .selectColumns, .reshape, .classToken: numbers[op.output] = numbers[op.inputs[0]]
      default: break
      }
    }
    model.numbers = numbers
    for (id, tensor) in graph.tensors.enumerated() where tensor.role == .parameter {
      if case .int32 = numbers[id] {
        model.constants[id] = .int32((0..<tensor.elements).map { _ in Int32(random.int(-2000...2000)) })
      } else {
        model.constants[id] = .int8((0..<tensor.elements).map { _ in Int8(random.int(-128...127)) })
      }
    }
    return model
  }
}

extension Graph {
  /// Whether a product's results go to a division, as INT32.
  func isDivided(_ tensor: TensorID) -> Bool {
    let readers = operators.filter { $0.inputs.contains(tensor) }
    guard readers.count == 1, case .divide = readers[0].operation else { return false }
    return true
  }
}

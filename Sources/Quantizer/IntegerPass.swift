import Model
import Numerics

/// One run of a valid model.
struct IntegerPass {
  let model: QuantizedModel
  var tensors: [TensorID: IntegerValues]
  let accumulators: ((GraphOperator, [Int32]) -> Void)?

  func run(_ op: GraphOperator, _ stages: [StageArithmetic]) -> IntegerValues {
    let shape = self.shape(op.inputs[0])
    switch op.operation {
    case .patchEmbedding(let patch): return result(convolution(Model.Convolution(patch: patch), op), op, stages)
    case .convolution(let convolution): return result(self.convolution(convolution, op), op, stages)
    case .linear: return result(linear(op), op, stages)
    case .headProduct(let product): return result(headProduct(product, op), op, stages)
    case .classToken: return .int8(classToken(op, stages))
    case .concatenate: return .int8(concatenate(op, stages))
    case .appendColumn(let heads, _): return .int8(appendColumn(op, heads, stages))
    case .add, .multiply: return .int8(pairs(op, stages))
    case .elementwise: return .int8(apply(stages, to: int8(op.inputs[0])))
    case .softmax: return .int8(softmax(op, stages))
    case .layerNorm: return .int8(layerNorm(op, stages))
    case .divide(let heads, _): return .int8(divide(op, heads, stages))
    case .average: return .int8(average(op, stages))
    case .selectToken(let token):
      return view(op.inputs[0], (0..<shape[0]).map { MatrixLayout(shape).rows($0 * shape[1] + token, 1) })
    case .selectColumns(let first, let step, let width, let count):
      let rows = MatrixLayout(shape)
      return view(
        op.inputs[0],
        (0..<rows.rows).flatMap { row in (0..<count).map { rows.rows(row, 1).columns(first + $0 * step, width) } })
    case .reshape: return tensors[op.inputs[0]] ?? .int8([])
    }
  }

  // MARK: Tensors

  func shape(_ id: TensorID) -> [Int] { model.graph[id].shape }

  func int8(_ id: TensorID) -> [Int8] {
    if case .int8(let values) = tensors[id] { values } else { [] }
  }

  func int32(_ id: TensorID) -> [Int32] {
    if case .int32(let values) = tensors[id] { values } else { [] }
  }

  /// Zero point; 0 of weights.
  func zero(_ id: TensorID) -> Int16 {
    if case .int8(let numbers) = model.numbers[id] { Int16(numbers.zeroPoint) } else { 0 }
  }

  private func view(_ id: TensorID, _ parts: [MatrixLayout]) -> IntegerValues {
    func pick<T>(_ values: [T]) -> [T] {
      var picked: [T] = []
      for part in parts { part.forEach { picked.append(values[$0]) } }
      return picked
    }
    switch tensors[id] {
    case .int8(let values): return .int8(pick(values))
    case .int32(let values): return .int32(pick(values))
    case nil: return .int8([])
    }
  }
}

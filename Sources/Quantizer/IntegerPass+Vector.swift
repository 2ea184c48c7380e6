import Model
import Numerics

/// What the vector unit does.
extension IntegerPass {
  /// Patches and a token, each brought to the result's numbers; the token first.
  func classToken(_ op: GraphOperator, _ stages: [StageArithmetic]) -> [Int8] {
    let patches = apply(stages.prefix(1), to: int8(op.inputs[0]))
    let token = apply(stages.suffix(1), to: int8(op.inputs[1]))
    let image = patches.count / shape(op.output)[0]
    return (0..<shape(op.output)[0]).flatMap { token + patches[$0 * image..<($0 + 1) * image] }
  }

  func concatenate(_ op: GraphOperator, _ stages: [StageArithmetic]) -> [Int8] {
    let parts = zip(op.inputs, stages).map { (rows(apply([$1], to: int8($0)), $0)) }
    return (0..<MatrixLayout(shape(op.output)).rows).flatMap { row in parts.flatMap { $0[row] } }
  }

  func appendColumn(_ op: GraphOperator, _ heads: Int, _ stages: [StageArithmetic]) -> [Int8] {
    guard let constant = try? model.appendedInteger(of: op) else { return [] }
    let x = apply(stages, to: int8(op.inputs[0]))
    let width = MatrixLayout(shape(op.inputs[0])).columns / heads
    return stride(from: 0, to: x.count, by: width).flatMap { x[$0..<$0 + width] + [constant] }
  }

  /// `add` and `multiply`; the second operand is used again from its start where it is shorter.
  func pairs(_ op: GraphOperator, _ stages: [StageArithmetic]) -> [Int8] {
    let (x, y) = (int8(op.inputs[0]), int8(op.inputs[1]))
    switch stages.first {
    case .add(let addition): return x.indices.map { addition(x[$0], y[$0 % y.count]) }
    case .multiply(let multiplication): return x.indices.map { multiplication(x[$0], y[$0 % y.count]) }
    default: return x
    }
  }

  func apply(_ stages: some Collection<StageArithmetic>, to x: [Int8]) -> [Int8] {
    guard case .elementwise(let elementwise) = stages.first else { return x }
    let results = elementwise.table
    return x.map { results[Int(UInt8(bitPattern: $0))] }
  }

  func softmax(_ op: GraphOperator, _ stages: [StageArithmetic]) -> [Int8] {
    guard case .softmax(let softmax) = stages.first else { return [] }
    return rows(op).flatMap { softmax.apply($0) }
  }

  func layerNorm(_ op: GraphOperator, _ stages: [StageArithmetic]) -> [Int8] {
    guard case .layerNorm(let norm) = stages.first else { return [] }
    let (gain, bias) = (int8(op.inputs[1]), int32(op.inputs[2]))
    return rows(op).flatMap { norm.apply($0, gain: gain, bias: bias) }
  }

  /// Each head's columns over its last; accumulators are divided as they are.
  func divide(_ op: GraphOperator, _ heads: Int, _ stages: [StageArithmetic]) -> [Int8] {
    guard case .divide(let quotient) = stages.first else { return [] }
    let wide =
      if case .int32(let values) = tensors[op.inputs[0]] { values } else { int8(op.inputs[0]).map { Int32($0) } }
    let width = MatrixLayout(shape(op.inputs[0])).columns / heads
    return stride(from: 0, to: wide.count, by: width).flatMap { quotient.apply(Array(wide[$0..<$0 + width])) }
  }

  func average(_ op: GraphOperator, _ stages: [StageArithmetic]) -> [Int8] {
    guard case .average(let average) = stages.first else { return [] }
    let (x, all) = (int8(op.inputs[0]), MatrixLayout(shape(op.inputs[0])))
    let rows = all.rows / shape(op.output)[0]
    return (0..<shape(op.output)[0]).flatMap { image in
      (0..<all.columns).map { column in
        var values: [Int8] = []
        all.rows(image * rows, rows).columns(column, 1).forEach { values.append(x[$0]) }
        return average.apply(values)
      }
    }
  }

  private func rows(_ op: GraphOperator) -> [[Int8]] { rows(int8(op.inputs[0]), op.inputs[0]) }

  private func rows(_ values: [Int8], _ id: TensorID) -> [[Int8]] {
    let matrix = MatrixLayout(shape(id))
    return (0..<matrix.rows).map { Array(values[$0 * matrix.columns..<($0 + 1) * matrix.columns]) }
  }
}

import Hardware
import Model
import Schedule

// What the vector unit does by itself, and views.
extension Planner {
  /// LayerNorm, softmax, and functions of one or two elements that are no product's epilogue.
  mutating func planRows(_ index: Int) throws(CompileError) {
    let op = graph.operators[index]
    let (rows, width) = try size(of: op.output, op)
    let input = try view(op.inputs[0], of: op)
    var work = RowsWork(parts: [], rows: rows, width: width, addend: nil, addendPeriod: rows, parameters: nil)
    var (chain, stages) = ([index], [VectorStage]())
    switch op.operation {
    case .layerNorm:
      stages = [try stage(.layerNorm, index)]
      work.parameters = Parameters(weight: op.inputs[1], bias: op.inputs[2])
    case .softmax: stages = [try stage(.softmax, index)]
    case .elementwise(let function): stages = [try stage(function.vectorOperation, index)]
    default:
      stages = [try stage(op.operation == .add ? .add : .multiply, index)]
      let (view, period) = try operandView(op.inputs[1], width: width, rows: rows, of: op)
      (work.addend, work.addendPeriod) = (view, period)
      spill(view, unless: view.columns.count == 1)
    }
    if stages[0].operation.isRowWise {
      spill(input, unless: input.columns.count == 1)
    } else {
      var addend = work.addend == nil ? nil : Optional(op.inputs[1])
      try extend(&chain, &stages, operand: &addend, takesOperand: false)
    }
    work.parts = [RowsWork.Part(stages: stages, input: input, columns: 0..<width)]
    append(chain, .rows(work), named: op.name, rows: rows, width: width)
  }

  /// Each input is copied to its columns of the result, and brought to its numbers.
  mutating func planConcatenation(_ index: Int) throws(CompileError) {
    let op = graph.operators[index]
    let (rows, width) = try size(of: op.output, op)
    var work = RowsWork(parts: [], rows: rows, width: width, addend: nil, addendPeriod: rows, parameters: nil)
    var column = 0
    for (place, input) in op.inputs.enumerated() {
      let view = try view(input, of: op)
      let columns = column..<column + view.width
      work.parts.append(
        RowsWork.Part(stages: [try stage(.scale, index, input: place)], input: view, columns: columns))
      column = columns.upperBound
    }
    append([index], .rows(work), named: op.name, rows: rows, width: width)
  }

  /// Each head's columns are copied; the constant behind them is made from any of its columns.
  mutating func planAppending(_ index: Int, _ heads: Int) throws(CompileError) {
    let op = graph.operators[index]
    let (rows, width) = try size(of: op.output, op)
    let input = try view(op.inputs[0], of: op)
    var work = RowsWork(parts: [], rows: rows, width: width, addend: nil, addendPeriod: rows, parameters: nil)
    try refuse(heads, op)
    let (copy, constant) = (try stage(.scale, index), try constantStage(index))
    let depth = width / heads - 1
    for head in 0..<heads {
      let start = head * (depth + 1)
      let columns = input.columns(from: head * depth, step: depth, width: depth, count: 1)
      work.parts += [
        RowsWork.Part(stages: [copy], input: columns, columns: start..<start + depth),
        RowsWork.Part(
          stages: [constant], input: columns.columns(from: 0, step: 1, width: 1, count: 1),
          columns: start + depth..<start + depth + 1),
      ]
    }
    append([index], .rows(work), named: op.name, rows: rows, width: width)
  }

  /// A division of INT8 rows, head by head.
  mutating func planDivision(_ index: Int, _ heads: Int) throws(CompileError) {
    let op = graph.operators[index]
    if numbers?.isWide(op.inputs[0]) == true {
      throw .unsupported(layer: op.name, reason: "'\(graph[op.inputs[0]].name)' is INT32, but isn't a product's result")
    }
    let (rows, width) = try size(of: op.output, op)
    let input = try view(op.inputs[0], of: op)
    var work = RowsWork(parts: [], rows: rows, width: width, addend: nil, addendPeriod: rows, parameters: nil)
    try refuse(heads, op)
    let divide = try stage(.divide, index)
    let depth = width / heads
    for head in 0..<heads {
      let columns = input.columns(from: head * (depth + 1), step: depth + 1, width: depth + 1, count: 1)
      spill(columns, unless: columns.columns.count == 1)
      work.parts.append(
        RowsWork.Part(stages: [divide], input: columns, columns: head * depth..<(head + 1) * depth))
    }
    append([index], .rows(work), named: op.name, rows: rows, width: width)
  }

  mutating func planAverage(_ index: Int) throws(CompileError) {
    let op = graph.operators[index]
    let (images, width) = try size(of: op.output, op)
    let input = try view(op.inputs[0], of: op)
    let work = AverageWork(
      stage: try stage(.average, index), input: input, images: images, rows: input.rows / images, width: width)
    append([index], .average(work), named: op.name, rows: images, width: width)
  }

  /// A view is where its tensor is. One that is the model's output is copied there.
  mutating func planView(_ index: Int) throws(CompileError) {
    let op = graph.operators[index]
    let shape = graph[op.inputs[0]].shape
    var view = try self.view(op.inputs[0], of: op)
    switch op.operation {
    case .selectToken(let token): view = view.rows(from: token, step: shape[1], count: shape[0])
    case .selectColumns(let first, let step, let width, let count):
      try refuse(count, op)
      view = view.columns(from: first, step: step, width: width, count: count)
    default: break
    }
    guard graph[op.output].role == .output else {
      views[op.output] = view
      return
    }
    let (rows, width) = try size(of: op.output, op)
    append(
      [index], .copy(CopyWork(input: view, op: maker(of: view.value))), named: op.name, rows: rows, width: width)
  }

  private func size(of tensor: TensorID, _ op: GraphOperator) throws(CompileError) -> (rows: Int, width: Int) {
    guard let width = graph[tensor].shape.last else { throw .unsupported(layer: op.name, reason: "has no dimensions") }
    _ = try product(width, 8, name: op.name)
    return (try product(graph[tensor].elements / width, 1, name: op.name), width)
  }
}

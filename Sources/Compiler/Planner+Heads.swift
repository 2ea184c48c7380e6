import Model
import Schedule

// Products of activations, head by head: attention as a whole, and every other one by itself.
extension Planner {
  /// Scores → [functions of one element] → softmax → values, if that is what follows: they become one group.
  ///
  /// - Returns: false if something else follows, or the operands stand in another way.
  mutating func planAttention(_ index: Int, _ pair: HeadProduct) throws(CompileError) -> Bool {
    let op = graph.operators[index]
    guard pair.stacked, !pair.a.transposed, pair.b.transposed, !isWide(op.output) else { return false }
    var chain = [index]
    var stages = [try stage(.requantize, index)]
    while let next = only(graph.operators[chain[chain.count - 1]].output),
      case .elementwise(let function) = graph.operators[next].operation
    {
      stages.append(try stage(function.vectorOperation, next))
      chain.append(next)
    }
    guard let softmax = only(graph.operators[chain[chain.count - 1]].output),
      case .softmax = graph.operators[softmax].operation,
      let values = only(graph.operators[softmax].output),
      case .headProduct(let second) = graph.operators[values].operation, second.heads == pair.heads,
      graph.operators[values].inputs[0] == graph.operators[softmax].output,
      graph.operators[values].inputs[1] != graph.operators[softmax].output,
      second.a == HeadOperand(.stacked), !second.b.transposed, !second.stacked,
      !isWide(graph.operators[values].output)
    else { return false }
    let shape = graph[op.output].shape
    // Three matrices of one size; others are products of their own.
    let third = graph.operators[values].inputs[1]
    guard shape[2] == shape[3], views[third] != nil || graph[third].role == .input else { return false }
    let queries = try matrices(pair.a, op.inputs[0], heads: pair.heads, of: op)
    let keys = try matrices(pair.b, op.inputs[1], heads: pair.heads, of: op)
    let rows = try matrices(second.b, third, heads: pair.heads, of: op)
    guard keys.columns == rows.columns else { return false }
    for operand in [queries, keys, rows] { spill(operand.view, unless: operand.isRegular) }
    let (tokens, width) = (shape[2], pair.heads * keys.columns)
    // Times 256: four bytes, and as many tiles of scores at once as there may be engines.
    _ = try product(shape[0], tokens, max(width * 3, tokens), 256, name: op.name)
    let weights = graph.operators[softmax].output
    let work = AttentionWork(
      queries: queries, keys: keys, values: rows, images: shape[0], heads: pair.heads, tokens: tokens,
      depth: keys.columns, scoresOp: info[index], valuesOp: info[values], scores: graph.operators[softmax].inputs[0],
      weights: weights, weightsZero: zero(weights), scoreStages: stages, softmax: try stage(.softmax, softmax),
      valuesStage: try stage(.requantize, values))
    let name = op.name.split(separator: ".").dropLast().joined(separator: ".")
    append(
      chain + [softmax, values], .attention(work), named: name.isEmpty ? op.name : name, rows: shape[0] * tokens,
      width: width)
    return true
  }

  mutating func planHeads(_ index: Int, _ pair: HeadProduct) throws(CompileError) {
    let op = graph.operators[index]
    let a = try matrices(pair.a, op.inputs[0], heads: pair.heads, of: op)
    let b = try matrices(pair.b, op.inputs[1], heads: pair.heads, of: op)
    for operand in [a, b] { spill(operand.view, unless: operand.isRegular) }
    let (m, k) = pair.a.transposed ? (a.columns, a.rows) : (a.rows, a.columns)
    let n = pair.b.transposed ? b.rows : b.columns
    let images = graph[op.output].shape[0]
    _ = try product(images, pair.heads, m, max(n, k), 256, name: op.name)
    var work = HeadsWork(
      op: info[index], images: images, heads: pair.heads, m: m, k: k, n: n, a: a, b: b, stacked: pair.stacked,
      stages: [])
    var chain = [index]
    let isWide = isWide(op.output)
    if !isWide {
      work.stages.append(try stage(.requantize, index))
      var none: TensorID?
      try extend(&chain, &work.stages, operand: &none, takesOperand: false)
    }
    if let (views, next) = follower(graph.operators[chain[chain.count - 1]].output),
      case .divide(let heads, _) = graph.operators[next].operation, heads == (pair.stacked ? 1 : pair.heads)
    {
      work.stages.append(try stage(.divide, next))
      chain += views + [next]
    } else if isWide {
      throw .unsupported(
        layer: op.name, reason: "'\(graph[op.output].name)' is INT32, but isn't divided head by head and then gone")
    }
    let rows = images * m * (pair.stacked ? pair.heads : 1)
    append(
      chain, .heads(work), named: op.name, rows: rows, width: (pair.stacked ? 1 : pair.heads) * work.width)
  }

  /// An operand's matrices, head by head.
  private mutating func matrices(
    _ operand: HeadOperand, _ tensor: TensorID, heads: Int, of op: GraphOperator
  ) throws(CompileError) -> HeadMatrices {
    let (view, shape) = (try view(tensor, of: op), graph[tensor].shape)
    var result = HeadMatrices(
      view: view, rows: shape[shape.count - 2], columns: shape[shape.count - 1], place: nil, heads: heads,
      transposed: operand.transposed, zero: zero(tensor))
    if case .columns(let first, let step, let width) = operand.layout {
      result.rows = shape.dropFirst().dropLast().reduce(1, *)
      result.columns = width
      result.place = HeadMatrices.Place(first: first, step: step)
    }
    return result
  }
}

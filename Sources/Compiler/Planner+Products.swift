import Model
import Schedule

// Products with parameters: linear layers, patch embeddings and convolutions, each with its epilogue.
extension Planner {
  mutating func planMatMul(_ index: Int) throws(CompileError) {
    let op = graph.operators[index]
    let weight = graph[op.inputs[1]]
    let (k, n) = (weight.shape[0], weight.shape[1])
    let m = try product(graph[op.output].elements / n, 1, name: op.name)
    _ = try product(m, max(k, n), 4, name: op.name)
    _ = try product(k + 4, n, name: weight.name)
    try refuseWide(op)
    var work = MatMulWork(
      op: info[index], m: m, k: k, n: n, input: try view(op.inputs[0], of: op), inputZero: zero(op.inputs[0]),
      patches: nil, parameters: parameters(op), stages: [try stage(.requantize, index)], addend: nil, token: nil,
      segments: [])
    var chain = [index]
    if case .patchEmbedding(let patch) = op.operation {
      let image = graph[op.inputs[0]].shape
      work.patches = Patches(
        images: image[0], gridRows: image[1] / patch, gridColumns: image[2] / patch, patch: patch, channels: image[3])
    } else {
      spill(work.input, unless: work.input.columns.count == 1)
    }
    var addend: TensorID?
    try extend(&chain, &work.stages, operand: &addend)
    if work.patches != nil, addend == nil { try addToken(&chain, &work, &addend) }
    let output = graph[graph.operators[chain[chain.count - 1]].output]
    let rows = try product(output.elements / n, 1, name: op.name)
    var period = rows
    if let addend {
      let (view, every) = try operandView(addend, width: n, rows: rows, of: op)
      (work.addend, period) = (view, every)
    }
    work.segments = segments(work, period: period, rows: rows)
    append(chain, .matmul(work), named: op.name, rows: rows, width: n)
  }

  /// The class token behind a patch embedding, and the position that is added to both.
  private mutating func addToken(
    _ chain: inout [Int], _ work: inout MatMulWork, _ addend: inout TensorID?
  ) throws(CompileError) {
    guard let last = chain.last, let (views, next) = follower(graph.operators[last].output),
      case .classToken = graph.operators[next].operation, let patches = work.patches
    else { return }
    let token = graph.operators[next]
    try checkNumbers(ofToken: token)
    chain += views + [next]
    work.token = ClassToken(
      op: info[next], value: try view(token.inputs[1], of: token).value, rowsPerImage: patches.count + 1,
      images: patches.images, add: nil)
    // Nothing but the position may follow: the token takes no other stage.
    var (further, stages) = ([next], work.stages)
    try extend(&further, &stages, operand: &addend)
    guard addend != nil, let sum = stages.dropFirst(work.stages.count).first, sum.operation == .add else {
      addend = nil
      return
    }
    work.stages.append(sum)
    work.token?.add = sum
    for op in further.dropFirst() {
      chain.append(op)
      if case .add = graph.operators[op].operation { break }
    }
  }

  private func segments(_ work: MatMulWork, period: Int, rows: Int) -> [Segment] {
    if let patches = work.patches {
      let skipped = work.token == nil ? 0 : 1
      let step = patches.count + skipped
      return (0..<patches.images).map {
        Segment(
          row: $0 * patches.count, outputRow: $0 * step + skipped,
          addendRow: (period == rows ? $0 * step : 0) + skipped, rows: patches.count)
      }
    }
    return (0..<rows / period).map {
      Segment(row: $0 * period, outputRow: $0 * period, addendRow: 0, rows: period)
    }
  }

  mutating func planConvolution(_ index: Int, _ convolution: Model.Convolution) throws(CompileError) {
    let op = graph.operators[index]
    let (input, weight) = (graph[op.inputs[0]].shape, graph[op.inputs[1]].shape)
    let shape = ConvolutionShape(convolution, image: input, columns: weight[1])
    let rows = try product(shape.images, shape.outputRows, shape.outputColumns, name: op.name)
    _ = try product(rows, max(weight[0], weight[1]), 4, name: op.name)
    _ = try product(weight[0] + 4, weight[1], name: graph[op.inputs[1]].name)
    try refuseWide(op)
    let view = try view(op.inputs[0], of: op)
    let groups = stride(from: 0, to: input[3], by: shape.groupChannels)
    spill(
      view,
      unless: view.columns.count == 1 || groups.allSatisfy { view.ranges($0..<$0 + shape.groupChannels).count == 1 })
    var work = ConvolutionWork(
      op: info[index], shape: shape, input: view, inputZero: zero(op.inputs[0]), parameters: parameters(op),
      stages: [try stage(.requantize, index)], addend: nil, addendPeriod: rows)
    var chain = [index]
    var addend: TensorID?
    try extend(&chain, &work.stages, operand: &addend)
    if let addend {
      let (view, period) = try operandView(addend, width: weight[1], rows: rows, of: op)
      (work.addend, work.addendPeriod) = (view, period)
    }
    append(chain, .convolution(work), named: op.name, rows: rows, width: weight[1])
  }

  /// Loads gather what address generators can't follow.
  mutating func spill(_ view: View, unless isRegular: Bool) {
    if !isRegular { values[view.value].isSpilled = true }
  }

  private func parameters(_ op: GraphOperator) -> Parameters {
    Parameters(weight: op.inputs[1], bias: op.inputs[2], zero: zero(op.inputs[1]))
  }

  private func refuseWide(_ op: GraphOperator) throws(CompileError) {
    if numbers?.isWide(op.output) == true {
      throw .unsupported(
        layer: op.name, reason: "'\(graph[op.output].name)' is INT32; only head products that are divided may be")
    }
  }
}

extension Convolution {
  /// One pixel in, one pixel out: a linear layer.
  var isPointwise: Bool {
    kernel == [1, 1] && stride == [1, 1] && padding == [0, 0, 0, 0] && groups == 1
  }
}

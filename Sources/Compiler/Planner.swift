import Hardware
import Model
import Schedule

/// Joins operators into groups, in the order of the graph.
struct Planner {
  let graph: Graph
  var operators: [OperatorInfo] = []
  var values: [Value] = []
  var groups: [Group] = []
  /// By operator of the graph: its index in `operators`.
  private var info: [Int] = []
  /// By tensor: the operators that read it, once for each time.
  private var consumers: [[Int]]
  /// By tensor: where it is, once something makes it.
  private var views: [View?]
  private var fused: [Bool]
  private(set) var numbers: Numbers?

  init(_ graph: Graph, _ numbers: Numbers?) {
    self.graph = graph
    self.numbers = numbers
    consumers = Array(repeating: [], count: graph.tensors.count)
    views = Array(repeating: nil, count: graph.tensors.count)
    fused = Array(repeating: false, count: graph.operators.count)
    for (index, op) in graph.operators.enumerated() {
      for input in op.inputs { consumers[input].append(index) }
    }
  }

  mutating func run() throws(CompileError) {
    for op in graph.operators {
      for parameter in op.parameters where graph[parameter].role != .parameter {
        throw .unsupported(layer: op.name, reason: "'\(graph[parameter].name)' must be a parameter")
      }
      info.append(operators.count)
      guard let kind = op.operation.kind else { continue }
      operators.append(
        OperatorInfo(name: op.name, kind: kind, macs: graph.macs(of: op), elements: graph.elements(of: op)))
    }
    for index in graph.operators.indices where !fused[index] { try plan(index) }
  }

  private mutating func plan(_ index: Int) throws(CompileError) {
    let op = graph.operators[index]
    switch op.operation {
    case .linear, .patchEmbedding: try planMatMul(index)
    case .headProduct(let heads): try planAttention(index, heads)
    case .layerNorm: try planRows(index, .layerNorm)
    case .softmax: try planRows(index, .softmax)
    case .elementwise(.scale): try planRows(index, .scale)
    case .elementwise(.gelu): try planRows(index, .gelu)
    case .add: try planRows(index, .add)
    case .convolution, .elementwise, .multiply, .divide, .appendColumn, .concatenate, .average, .selectColumns,
      .reshape:
      throw .unsupported(layer: op.name, reason: "no lowering yet")
    case .selectToken(let token):
      let view = try self.view(op.inputs[0], of: op)
      let shape = graph[op.inputs[0]].shape
      guard view.step == 1, view.first == 0 else {
        throw .unsupported(layer: op.name, reason: "selects a token of a selection")
      }
      guard graph[op.output].role != .output else {
        throw .unsupported(
          layer: op.name, reason: "is a view and can't be the model's output; follow it by an operator")
      }
      views[op.output] = View(value: view.value, first: token, step: shape[1], rows: shape[0])
    case .classToken:
      throw .unsupported(layer: op.name, reason: "a class token must follow the patch embedding directly")
    }
  }

  // MARK: Matrix products

  private mutating func planMatMul(_ index: Int) throws(CompileError) {
    let op = graph.operators[index]
    let weight = graph[op.inputs[1]]
    let (k, n) = (weight.shape[0], weight.shape[1])
    let m = try product(graph[op.output].elements / n, 1, name: op.name)
    _ = try product(m, max(k, n), 4, name: op.name)
    _ = try product(k + 4, n, name: weight.name)
    var work = MatMulWork(
      op: info[index], m: m, k: k, n: n, input: try view(op.inputs[0], of: op), patches: nil, weight: op.inputs[1],
      bias: op.inputs[2], inputZero: zero(op.inputs[0]), weightZero: zero(op.inputs[1]),
      stages: [try stage(.requantize, index)], addend: nil, token: nil, segments: [])
    var chain = [index]
    if case .patchEmbedding(let patch) = op.operation {
      let image = graph[op.inputs[0]].shape
      work.patches = Patches(
        images: image[0], gridRows: image[1] / patch, gridColumns: image[2] / patch, patch: patch, channels: image[3])
      if let next = only(op.output), case .classToken = graph.operators[next].operation {
        chain.append(next)
        try checkNumbers(ofToken: graph.operators[next])
        work.token = ClassToken(
          op: info[next], value: try view(graph.operators[next].inputs[1], of: op).value,
          rowsPerImage: graph[graph.operators[next].output].shape[1], images: image[0], add: nil)
      }
    }
    var addendTensor: TensorID?
    while let last = chain.last, let next = only(graph.operators[last].output) {
      let follower = graph.operators[next]
      var stage: VectorOperation?
      switch follower.operation {
      case .elementwise(.scale) where work.token == nil: stage = .scale
      case .elementwise(.gelu) where work.token == nil: stage = .gelu
      case .add where addendTensor == nil:
        addendTensor = addend(follower, chained: graph.operators[last].output)
        stage = addendTensor == nil ? nil : .add
      default: break
      }
      guard let stage else { break }
      let added = try self.stage(stage, next, chained: graph.operators[last].output)
      work.stages.append(added)
      if stage == .add { work.token?.add = added }
      chain.append(next)
      if work.token != nil { break }
    }
    if let addendTensor { work.addend = try view(addendTensor, of: op) }
    let rows = try product(graph[graph.operators[chain[chain.count - 1]].output].elements / n, 1, name: op.name)
    work.segments = segments(work, addend: addendTensor, tensor: graph[op.output], rows: rows)
    append(chain, .matmul(work), named: op.name, rows: rows, width: n)
  }

  /// The tensor that `add` adds to the chained one, if it is there already.
  private func addend(_ add: GraphOperator, chained: TensorID) -> TensorID? {
    guard add.inputs[0] != add.inputs[1] else { return nil }
    let other = add.inputs[0] == chained ? add.inputs[1] : add.inputs[0]
    // A chained tensor that is itself broadcast would have to be written first.
    guard graph[chained].elements == graph[add.output].elements else { return nil }
    if let view = views[other] { return view.step == 1 ? other : nil }
    return graph[other].role == .parameter || graph[other].role == .input ? other : nil
  }

  private func segments(_ work: MatMulWork, addend: TensorID?, tensor: Tensor, rows: Int) -> [Segment] {
    let period = addend.map { graph[$0].elements / work.n } ?? rows
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

  // MARK: Attention

  private mutating func planAttention(_ index: Int, _ pair: HeadProduct) throws(CompileError) {
    let op = graph.operators[index]
    let shape = graph[op.inputs[0]].shape
    let heads = pair.heads
    guard shape.count == 3, pair == .scores(heads: heads, width: shape[2] / 3), op.inputs[0] == op.inputs[1] else {
      throw .unsupported(layer: op.name, reason: "no lowering yet")
    }
    let qkv = try view(op.inputs[0], of: op)
    guard qkv.step == 1, qkv.first == 0 else {
      throw .unsupported(layer: op.name, reason: "attention over selected tokens")
    }
    var chain = [index]
    var stages = [try stage(.requantize, index)]
    func misplaced() -> CompileError {
      .unsupported(
        layer: op.name, reason: "scores must be followed by scale (if any), softmax and values, and by nothing else")
    }
    func follower() throws(CompileError) -> Int {
      guard let last = chain.last, let next = only(graph.operators[last].output) else { throw misplaced() }
      return next
    }
    var next = try follower()
    if case .elementwise(.scale) = graph.operators[next].operation {
      stages.append(try stage(.scale, next))
      chain.append(next)
      next = try follower()
    }
    guard case .softmax = graph.operators[next].operation else { throw misplaced() }
    let softmax = try stage(.softmax, next)
    let scores = graph.operators[next].inputs[0]
    chain.append(next)
    next = try follower()
    guard graph.operators[next].operation == .headProduct(.values(heads: heads, width: shape[2] / 3)),
      graph.operators[next].inputs == [graph.operators[chain[chain.count - 1]].output, op.inputs[0]]
    else { throw misplaced() }
    chain.append(next)
    let width = shape[2] / 3
    // Times 256: four bytes, and as many tiles of scores at once as there may be engines.
    _ = try product(shape[0], shape[1], max(width * 3, shape[1]), 256, name: op.name)
    let work = AttentionWork(
      qkv: qkv.value, images: shape[0], heads: heads, tokens: shape[1], depth: width / heads, scoresOp: info[index],
      valuesOp: info[next], scores: scores, weights: graph.operators[next].inputs[0], zero: zero(op.inputs[0]),
      weightsZero: zero(graph.operators[next].inputs[0]), scoreStages: stages, softmax: softmax,
      valuesStage: try stage(.requantize, next))
    let name = op.name.split(separator: ".").dropLast().joined(separator: ".")
    append(
      chain, .attention(work), named: name.isEmpty ? op.name : name, rows: shape[0] * shape[1], width: width)
  }

  // MARK: Rows

  private mutating func planRows(_ index: Int, _ operation: VectorOperation) throws(CompileError) {
    let op = graph.operators[index]
    guard let width = graph[op.output].shape.last else {
      throw .unsupported(layer: op.name, reason: "has no dimensions")
    }
    let rows = try product(graph[op.output].elements / width, 1, name: op.name)
    _ = try product(width, 8, name: op.name)
    let input = try view(op.inputs[0], of: op)
    var work = RowsWork(
      stage: try stage(operation, index), input: input, addend: nil, addendPeriod: rows, parameters: nil,
      width: width)
    if operation == .layerNorm { work.parameters = Parameters(gain: op.inputs[1], bias: op.inputs[2]) }
    if operation == .add {
      work.addend = try view(op.inputs[1], of: op)
      work.addendPeriod = graph[op.inputs[1]].elements / width
    }
    for view in [work.input, work.addend].compactMap({ $0 }) where values[view.value].width != width {
      throw .unsupported(layer: op.name, reason: "its operand has another row width than its result")
    }
    append([index], .rows(work), named: op.name, rows: rows, width: width)
  }

  // MARK: Helpers

  /// The stage that performs an operator.
  ///
  /// - Parameter chained: the tensor that comes along the chain, where the operator has two.
  private mutating func stage(
    _ operation: VectorOperation, _ index: Int, chained: TensorID? = nil
  ) throws(CompileError) -> VectorStage {
    let op = graph.operators[index]
    let place = chained.flatMap { op.inputs.firstIndex(of: $0) } ?? 0
    return VectorStage(
      operation, op: info[index], arithmetic: try numbers?.index(op, input: 0, chained: place))
  }

  /// A class token is only moved: its numbers, the patches' and those of both together must be the same.
  private func checkNumbers(ofToken op: GraphOperator) throws(CompileError) {
    guard let numbers = numbers?.model.numbers else { return }
    for input in op.inputs where numbers[input] != numbers[op.output] {
      throw .unsupported(
        layer: op.name,
        reason: "'\(graph[input].name)' has another quantization than the result; rescale it before the class token")
    }
  }

  /// The zero point of an operand of a product.
  private func zero(_ id: TensorID) -> Int { numbers?.zero(id) ?? 0 }

  private mutating func append(_ chain: [Int], _ work: Group.Work, named name: String, rows: Int, width: Int) {
    for index in chain { fused[index] = true }
    let output = graph.operators[chain[chain.count - 1]].output
    let tensor = graph[output]
    values.append(
      Value(
        name: tensor.name, tensor: output,
        role: consumers[output].isEmpty || tensor.role == .output ? .output : .activation, rows: rows, width: width))
    views[output] = View(value: values.count - 1, first: 0, step: 1, rows: rows)
    groups.append(
      Group(name: name, operators: chain.map { info[$0] }, output: values.count - 1, work: work))
  }

  /// The one reader of a tensor that nobody else needs.
  private func only(_ tensor: TensorID) -> Int? {
    consumers[tensor].count == 1 && graph[tensor].role != .output ? consumers[tensor][0] : nil
  }

  /// Where a tensor is; inputs and parameters become values when they are first read.
  private mutating func view(_ id: TensorID, of op: GraphOperator) throws(CompileError) -> View {
    if let view = views[id] { return view }
    let tensor = graph[id]
    guard tensor.role == .input || tensor.role == .parameter, let width = tensor.shape.last else {
      throw .unsupported(layer: op.name, reason: "'\(tensor.name)' isn't there before it is used")
    }
    let bytes = try product(tensor.elements, 1, name: tensor.name)
    values.append(
      Value(
        name: tensor.name, tensor: id, role: tensor.role == .input ? .input : .parameter, rows: bytes / width,
        width: width))
    let view = View(value: values.count - 1, first: 0, step: 1, rows: bytes / width)
    views[id] = view
    return view
  }
}

extension GraphOperation {
  /// What the schedule's table calls it; a view isn't in the table.
  var kind: OperatorKind? {
    switch self {
    case .patchEmbedding, .convolution, .linear, .headProduct: .matmul
    case .classToken: .move
    case .add: .add
    case .multiply: .multiply
    case .layerNorm: .layerNorm
    case .elementwise(let function):
      switch function {
      case .identity, .scale: .scale
      case .relu: .relu
      case .gelu: .gelu
      case .hardSwish: .hardSwish
      case .hardSigmoid, .sigmoid, .silu, .tanh, .table: .lookup
      }
    case .appendColumn, .concatenate: .scale
    case .softmax: .softmax
    case .divide: .divide
    case .average: .average
    case .selectToken, .selectColumns, .reshape: nil
    }
  }
}

extension GraphOperator {
  /// The inputs that must be parameters, since they are laid out in DRAM before the run.
  var parameters: ArraySlice<TensorID> {
    switch operation {
    case .patchEmbedding, .convolution, .linear, .layerNorm, .classToken: inputs.dropFirst()
    default: []
    }
  }
}

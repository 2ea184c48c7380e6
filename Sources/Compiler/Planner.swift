import Hardware
import Model
import Numerics
import Schedule

/// Joins operators into groups, in the order of the graph.
struct Planner {
  let graph: Graph
  private(set) var operators: [OperatorInfo] = []
  var values: [Value] = []
  private(set) var groups: [Group] = []
  /// By operator of the graph: its index in `operators`.
  private(set) var info: [Int] = []
  /// By tensor: the operators that read it, once for each time.
  private var consumers: [[Int]]
  /// By tensor: where it is, once something makes it.
  var views: [View?]
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
    if operators.isEmpty {
      throw .unsupported(layer: graph.name, reason: "the model has no operator that computes or moves anything")
    }
  }

  private mutating func plan(_ index: Int) throws(CompileError) {
    let op = graph.operators[index]
    switch op.operation {
    case .linear: try planMatMul(index)
    case .patchEmbedding(let patch):
      // Strips of the model's own image can be cut to rows of pixels; any other is convolved.
      let square = Model.Convolution(kernel: [patch, patch], stride: [patch, patch])
      if graph[op.inputs[0]].role == .input { try planMatMul(index) } else { try planConvolution(index, square) }
    case .convolution(let convolution):
      if convolution.isPointwise { try planMatMul(index) } else { try planConvolution(index, convolution) }
    case .headProduct(let product):
      if try !planAttention(index, product) { try planHeads(index, product) }
    case .layerNorm, .softmax, .elementwise, .add, .multiply: try planRows(index)
    case .concatenate: try planConcatenation(index)
    case .appendColumn(let heads, _): try planAppending(index, heads)
    case .divide(let heads, _): try planDivision(index, heads)
    case .average: try planAverage(index)
    case .selectToken, .selectColumns, .reshape: try planView(index)
    case .classToken:
      throw .unsupported(layer: op.name, reason: "a class token must follow the patch embedding directly")
    }
  }

  // MARK: Chains

  /// Adds the operators that follow the chain, one after the other, and can be stages of its vector instruction:
  /// functions of one element, and once an addition or a product with a tensor that is there already.
  ///
  /// - Parameter operand: the second operand's tensor, if there is one; nil at first.
  mutating func extend(
    _ chain: inout [Int], _ stages: inout [VectorStage], operand: inout TensorID?, takesOperand: Bool = true
  ) throws(CompileError) {
    while let last = chain.last, let (views, next) = follower(graph.operators[last].output) {
      let op = graph.operators[next]
      let chained = graph.operators[views.last ?? last].output
      let operation: VectorOperation
      switch op.operation {
      case .elementwise(let function): operation = function.vectorOperation
      case .add, .multiply:
        guard takesOperand, operand == nil, let other = secondOperand(op, chained: chained) else { return }
        operand = other
        operation = op.operation == .add ? .add : .multiply
      default: return
      }
      stages.append(try stage(operation, next, chained: chained))
      chain += views + [next]
    }
  }

  /// The one reader of a tensor that nobody else needs, and the views (of the same matrix) in between.
  func follower(_ tensor: TensorID) -> (views: [Int], next: Int)? {
    var (views, tensor): ([Int], TensorID) = ([], tensor)
    while let next = only(tensor) {
      guard case .reshape = graph.operators[next].operation else { return (views, next) }
      views.append(next)
      tensor = graph.operators[next].output
    }
    return nil
  }

  /// The one reader of a tensor that nobody else needs.
  func only(_ tensor: TensorID) -> Int? {
    consumers[tensor].count == 1 && graph[tensor].role != .output ? consumers[tensor][0] : nil
  }

  /// The tensor that an addition or product takes beside the chained one, if it is there already.
  private func secondOperand(_ op: GraphOperator, chained: TensorID) -> TensorID? {
    guard op.inputs[0] != op.inputs[1] else { return nil }
    let other = op.inputs[0] == chained ? op.inputs[1] : op.inputs[0]
    // A chained tensor that is itself broadcast would have to be written first.
    guard graph[chained].elements == graph[op.output].elements else { return nil }
    if let view = views[other] { return view.step <= 1 && view.columns.count == 1 ? other : nil }
    return graph[other].role == .parameter || graph[other].role == .input ? other : nil
  }

  /// Where the second operand is, and the rows after which it begins again.
  mutating func operandView(
    _ tensor: TensorID, width: Int, rows: Int, of op: GraphOperator
  ) throws(CompileError) -> (View, period: Int) {
    let view = try self.view(tensor, of: op)
    let period = graph[tensor].elements / width
    // One row for all: read again and again.
    if period == 1, rows > 1 { return (view.rows(from: 0, step: 0, count: rows), rows) }
    return (view, period)
  }

  // MARK: Numbers

  /// The stage that performs an operator.
  ///
  /// - Parameters:
  ///   - input: for operators with an arithmetic for each input, which.
  ///   - chained: the tensor that comes along the chain, where the operator has two.
  mutating func stage(
    _ operation: VectorOperation, _ index: Int, input: Int = 0, chained: TensorID? = nil
  ) throws(CompileError) -> VectorStage {
    let op = graph.operators[index]
    let place = chained.flatMap { op.inputs.firstIndex(of: $0) } ?? 0
    return VectorStage(
      operation, op: info[index], arithmetic: try numbers?.index(op, input: input, chained: place))
  }

  /// A stage that makes one number whatever comes.
  mutating func constantStage(_ index: Int) throws(CompileError) -> VectorStage {
    VectorStage(
      .scale, op: info[index], arithmetic: try numbers?.index(constantOf: graph.operators[index]))
  }

  /// Whether a head product's results stay INT32 until a division has read them.
  func isWide(_ tensor: TensorID) -> Bool {
    if let numbers { return numbers.isWide(tensor) }
    guard case .divide? = follower(tensor).map({ graph.operators[$0.next].operation }) else { return false }
    return true
  }

  /// A class token is only moved: its numbers, the patches' and those of both together must be the same.
  func checkNumbers(ofToken op: GraphOperator) throws(CompileError) {
    guard let numbers = numbers?.model.numbers else { return }
    for input in op.inputs where numbers[input] != numbers[op.output] {
      throw .unsupported(
        layer: op.name,
        reason: "'\(graph[input].name)' has another quantization than the result; rescale it before the class token")
    }
  }

  /// The zero point of an operand of a product.
  func zero(_ id: TensorID) -> Int { numbers?.zero(id) ?? 0 }

  // MARK: Values

  /// Refuses what would be more instructions, or ranges of a view, than a schedule may have.
  func refuse(_ count: Int, _ op: GraphOperator) throws(CompileError) {
    if count > Emitter.instructionLimit { throw .tooManyInstructions(layer: op.name, limit: Emitter.instructionLimit) }
  }

  /// Adds a group that performs the operators in `chain` and makes the last one's output.
  mutating func append(_ chain: [Int], _ work: Group.Work, named name: String, rows: Int, width: Int) {
    for index in chain { fused[index] = true }
    let output = graph.operators[chain[chain.count - 1]].output
    let tensor = graph[output]
    values.append(
      Value(
        name: tensor.name, tensor: output,
        role: consumers[output].isEmpty || tensor.role == .output ? .output : .activation, rows: rows, width: width))
    views[output] = View(value: values.count - 1, rows: rows, width: width)
    let operators = chain.filter { graph.operators[$0].operation.kind != nil }.map { info[$0] }
    groups.append(Group(name: name, operators: operators, output: values.count - 1, work: work))
  }

  /// The operator that made a value, or any if it was there from the start.
  func maker(of value: Int) -> Int { groups.first { $0.output == value }?.operators.last ?? 0 }

  /// Where a tensor is; inputs and parameters become values when they are first read.
  mutating func view(_ id: TensorID, of op: GraphOperator) throws(CompileError) -> View {
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
    let view = View(value: values.count - 1, rows: bytes / width, width: width)
    views[id] = view
    return view
  }
}

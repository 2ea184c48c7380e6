import Model

extension Lowering {
  /// Operators that a graph is made of, besides those that only constants may take.
  static let operators: Set<String> = [
    "Conv", "Gemm", "MatMul", "Add", "Sub", "Mul", "Div", "Pow", "Relu", "Gelu", "Erf", "Sigmoid", "HardSwish",
    "HardSigmoid",
    "Tanh", "Clip", "Sqrt", "Exp", "Log", "Neg", "Abs", "Reciprocal", "Floor", "Ceil", "Softplus", "LeakyRelu", "Min",
    "Max",
    "Softmax", "LayerNormalization", "BatchNormalization", "ReduceMean", "GlobalAveragePool", "AveragePool", "Flatten",
    "Reshape",
    "Transpose", "Slice", "Split", "Squeeze", "Unsqueeze", "Expand", "Identity", "Dropout", "Concat", "Pad", "Gather",
    "Attention", "QuantizeLinear", "DequantizeLinear", "Shape", "Cast",
  ]

  private static let known = operators.union(Folding.operators)

  /// One error for all operators that aren't supported.
  func checkOperators() throws(ONNXError) {
    var unknown: [String: [String]] = [:]
    for node in file.nodes where !(node.domain.isEmpty && Self.known.contains(node.type)) {
      unknown[node.qualifiedType, default: []].append(node.name)
    }
    guard !unknown.isEmpty else { return }
    let list = unknown.sorted { $0.key < $1.key }.map { type, nodes in
      let more = nodes.count > 4 ? " and \(nodes.count - 4) more" : ""
      return "\(type) (\(nodes.prefix(4).map { "'\($0)'" }.joined(separator: ", "))\(more))"
    }
    var advice = ""
    if unknown.keys.contains(where: { $0.contains("QLinear") || $0.hasSuffix("QGemm") || $0.hasSuffix("Integer") }) {
      advice = "; quantize in QDQ form instead (quantize_static with quant_format=QuantFormat.QDQ)"
    }
    throw ONNXError(
      file: file.path, place: .file,
      problem: "operators that aren't supported: \(list.joined(separator: ", "))\(advice)")
  }

  /// Inputs that operators have at most; the others have any number, or check it themselves.
  private static let inputs: [String: Int] = [
    "Relu": 1, "Gelu": 1, "Erf": 1, "Sigmoid": 1, "HardSwish": 1, "HardSigmoid": 1, "Tanh": 1, "Sqrt": 1, "Exp": 1,
    "Log": 1, "Neg": 1, "Abs": 1, "Reciprocal": 1, "Floor": 1, "Ceil": 1, "Softplus": 1, "LeakyRelu": 1, "Softmax": 1,
    "GlobalAveragePool": 1, "AveragePool": 1, "Flatten": 1, "Transpose": 1, "Identity": 1, "Cast": 1, "Shape": 1,
    "MatMul": 2, "ReduceMean": 2, "Reshape": 2, "Split": 2, "Squeeze": 2, "Unsqueeze": 2, "Expand": 2, "Gather": 2,
    "Conv": 3, "Gemm": 3, "LayerNormalization": 3, "Clip": 3, "Dropout": 3, "QuantizeLinear": 3, "DequantizeLinear": 3,
    "Pad": 4, "BatchNormalization": 5, "Slice": 5,
  ]

  mutating func lower(_ node: Node) throws(Problem) {
    if let most = Self.inputs[node.type], node.inputs.count > most {
      throw Problem("it has \(node.inputs.count) inputs; at most \(most) are possible")
    }
    if try foldsAway(node) { return }
    switch node.type {
    case "Shape": try lowerShape(node)
    case "QuantizeLinear": try lowerQuantize(node)
    case "DequantizeLinear": try lowerDequantize(node)
    case "Identity", "Dropout", "Cast": try lowerIdentity(node)
    case "Reshape", "Transpose", "Slice", "Split", "Squeeze", "Unsqueeze", "Flatten", "Expand", "Gather":
      try lowerView(node)
    case "Conv": try lowerConv(node)
    case "Gemm": try lowerGemm(node)
    case "MatMul": try lowerMatMul(node)
    case "BatchNormalization": try lowerBatchNormalization(node)
    case "Softmax": try lowerSoftmax(node)
    case "LayerNormalization": try lowerLayerNorm(node)
    case "ReduceMean", "GlobalAveragePool", "AveragePool": try lowerAverage(node)
    case "Concat": try lowerConcat(node)
    case "Pad": try lowerPad(node)
    case "Attention": try lowerAttention(node)
    default: try lowerElementwise(node)
    }
  }

  /// Computes nodes whose inputs are all constants.
  private mutating func foldsAway(_ node: Node) throws(Problem) -> Bool {
    guard node.type != "Shape" else { return false }
    var inputs: [Constant?] = []
    for index in node.inputs.indices {
      guard node.has(index) else {
        inputs.append(nil)
        continue
      }
      guard case .constant(let constant) = try value(node, index) else { return false }
      inputs.append(constant)
    }
    switch node.type {
    case "QuantizeLinear", "DequantizeLinear", "Identity", "Dropout", "Reshape", "Transpose", "Slice", "Split",
      "Squeeze",
      "Unsqueeze", "Flatten", "Expand":
      return false
    default:
      guard let result = try folding.result(of: node, inputs, reader: file.reader) else {
        throw Problem("on constants alone it isn't supported: fold the model first (onnxsim)")
      }
      try define(node, .constant(result))
      return true
    }
  }

  private mutating func lowerShape(_ node: Node) throws(Problem) {
    let shape: [Int]
    switch try value(node, 0) {
    case .constant(let constant): shape = constant.shape
    case .activation(let activation): shape = activation.view.shape
    }
    func bound(_ name: String, _ other: Int) throws(Problem) -> Int {
      let given = try node.int(name) ?? other
      return max(0, min(shape.count, given < 0 ? given + shape.count : given))
    }
    let (start, end) = (try bound("start", 0), try bound("end", shape.count))
    let part = start < end ? Array(shape[start..<end]) : []
    try define(
      node,
      .constant(Constant(name: node.outputs.first ?? "", shape: [part.count], elements: .int64(part.map(Int64.init)))))
  }

  private mutating func lowerIdentity(_ node: Node) throws(Problem) {
    if node.type == "Cast", try node.int("to").map({ ![1, 10, 11, 16].contains($0) }) ?? true {
      throw Problem("activations can only be cast to floating-point types")
    }
    if node.type == "Dropout", node.has(2), try integers(node, 2, "training mode").first != 0 {
      throw Problem("it is in training mode: export the model for inference")
    }
    try define(node, value(node, 0))
  }

  // MARK: Input and output

  mutating func placeInput() throws(Problem) {
    guard let dimensions = file.input.shape, 2...4 ~= dimensions.count else {
      throw Problem(
        "the input must be an image [batch, channels, height, width], or have 2 or 3 dimensions; the file says \(file.input.shape.map { "\($0)" } ?? "nothing")"
      )
    }
    var shape: [Int] = []
    for (axis, dimension) in dimensions.enumerated() {
      switch dimension {
      case .size(let size): shape.append(size)
      case .symbol where axis == 0: shape.append(1)
      case .symbol(let name):
        throw Problem(
          "dimension \(axis) of the input is '\(name)': give it a number (onnxruntime.tools.make_dynamic_shape_fixed)")
      }
    }
    guard let count = Limits.count(shape), count > 0 else {
      throw Problem("the input's shape \(shape) is empty or too large")
    }
    // Memory holds images channels last.
    let order = shape.count == 4 ? [0, 2, 3, 1] : Array(shape.indices)
    let memory = order.map { shape[$0] }
    let view = shape.count == 4 ? View(memory).transposed([0, 3, 1, 2]) : View(memory)
    let id = addTensor(file.input.name, memory, .input, nil)
    values[file.input.name] = .activation(Activation(source: .tensor(id), view: view))
    presentations[id] = Presentation(
      name: file.input.name, quantizedName: nil, unsigned: false, shape: view.shape, strides: view.strides,
      offset: view.offset)
  }

  /// Makes the output a tensor and drops what it doesn't depend on.
  mutating func finish() throws(Problem) {
    guard case .activation(let activation)? = values[file.output.name] else {
      throw Problem("the output doesn't depend on the input")
    }
    if mode == .quantized, case .result = activation.source {
      throw Problem("the output isn't quantized: it needs QuantizeLinear and DequantizeLinear")
    }
    let (id, view) = try covered(activation)
    guard tensors[id].role == .activation else { throw Problem("the output is the input itself") }
    if mode == .quantized { _ = try int8(id) }
    rename(id, to: file.output.name)
    if var form = presentations[id] {
      form.outputIsInOrder = view.isContiguous
      if form.quantizedName == nil { (form.shape, form.strides, form.offset) = (view.shape, view.strides, view.offset) }
      presentations[id] = form
    }
    tensors[id].role = .output
    removeUnused(keeping: id)
  }

  private mutating func removeUnused(keeping output: TensorID) {
    var used = Array(repeating: false, count: tensors.count)
    used[output] = true
    used[Self.input] = true
    var kept: [GraphOperator] = []
    for op in operators.reversed() where used[op.output] {
      for id in op.inputs { used[id] = true }
      kept.append(op)
    }
    var places: [TensorID: TensorID] = [:]
    for id in tensors.indices where used[id] { places[id] = places.count }
    func move<T>(_ table: [TensorID: T]) -> [TensorID: T] {
      Dictionary(uniqueKeysWithValues: table.compactMap { id, value in places[id].map { ($0, value) } })
    }
    tensors = tensors.indices.filter { used[$0] }.map { tensors[$0] }
    numbers = numbers.indices.filter { used[$0] }.map { numbers[$0] }
    constants = move(constants)
    presentations = move(presentations)
    operators = kept.reversed().map { op in
      var op = op
      op.inputs = op.inputs.compactMap { places[$0] }
      op.output = places[op.output] ?? op.output
      return op
    }
  }
}

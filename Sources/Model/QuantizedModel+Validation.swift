import Numerics

extension QuantizedModel {
  /// Most elements of a tensor that has values; a larger one would be the mistake, or the malice, of a few numbers in a file.
  public static let largestTensor = 1 << 28

  /// Proves that the model can be run: its graph is valid, it has one input and at least one output, every tensor has numbers of
  /// the kind that its operators take, every parameter has its integers, and scales agree where one follows from others.
  ///
  /// - Throws: `ModelError.tensor` or `.graphOperator`, the first problem.
  public func validate() throws(ModelError) {
    try graph.validate()
    try graph.validateSizesOfValues()
    guard numbers.count == graph.tensors.count else {
      throw .tensor(
        name: graph.name,
        problem: "the graph has \(graph.tensors.count) tensors and the model numbers of \(numbers.count)")
    }
    for id in graph.tensors.indices { try validateNumbers(id) }
    if let stray = constants.keys.filter({ !graph.tensors.indices.contains($0) || graph[$0].role != .parameter }).min()
    {
      throw problem(stray, "has values, but isn't a parameter")
    }
    for id in graph.tensors.indices where graph[id].role == .parameter { try validateConstant(id) }
    for op in graph.operators { try validateNumbers(of: op) }
  }

  /// Numbers by themselves.
  private func validateNumbers(_ id: TensorID) throws(ModelError) {
    switch numbers[id] {
    case .int8(let numbers):
      if let text = numbers.problem { throw problem(id, text) }
    case .weight(let scales), .int32(let scales):
      let columns = graph[id].shape.last ?? 1
      guard scales.count == 1 || scales.count == columns else {
        throw problem(id, "has \(scales.count) scales; it takes 1, or one for each of its \(columns) columns")
      }
      if let bad = scales.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
        throw problem(id, "scale \(scales[bad]) of column \(bad) must be positive and finite")
      }
    }
  }

  private func validateConstant(_ id: TensorID) throws(ModelError) {
    let count: Int
    switch (constants[id], numbers[id]) {
    case (nil, _): throw problem(id, "is a parameter without values")
    case (.int8(let values), .int8), (.int8(let values), .weight): count = values.count
    case (.int32(let values), .int32): count = values.count
    case (.int8, .int32): throw problem(id, "has INT8 values and INT32 numbers")
    case (.int32, _): throw problem(id, "has INT32 values and INT8 numbers")
    }
    guard count == graph[id].elements else {
      throw problem(id, "has \(count) values; its shape \(graph[id].shape) takes \(graph[id].elements)")
    }
  }

  private func validateNumbers(of op: GraphOperator) throws(ModelError) {
    // All kinds of numbers that follow from the arithmetic.
    let stages = try arithmetic(of: op, algorithms: .float)
    switch op.operation {
    case .patchEmbedding, .convolution, .linear:
      try needParameters(op.inputs.dropFirst(), of: op)
      try needScales(op.inputs[2], accumulatorScales(of: op), "a bias")
      if stages.isEmpty { try needScales(op.output, accumulatorScales(of: op), "an INT32 product") }
    case .headProduct:
      for id in op.inputs { _ = try quantization(id) }
      if stages.isEmpty { try needScales(op.output, accumulatorScales(of: op), "an INT32 product") }
    case .layerNorm: try needParameters(op.inputs.dropFirst(), of: op)
    case .classToken: try needParameters(op.inputs.dropFirst(), of: op)
    case .selectToken, .selectColumns, .reshape:
      guard numbers[op.output] == numbers[op.inputs[0]] else {
        throw .graphOperator(
          name: op.name,
          problem: "is a view, but '\(graph[op.output].name)' has other numbers than '\(graph[op.inputs[0]].name)'")
      }
    case .add, .multiply, .elementwise, .softmax, .divide, .appendColumn, .concatenate, .average: break
    }
  }

  private func needParameters(_ ids: some Sequence<TensorID>, of op: GraphOperator) throws(ModelError) {
    for id in ids where graph[id].role != .parameter {
      throw .graphOperator(name: op.name, problem: "'\(graph[id].name)' must be a parameter")
    }
  }

  /// INT32 with the scales of a product, as float32 rounds them.
  private func needScales(_ id: TensorID, _ expected: [Double], _ what: String) throws(ModelError) {
    guard case .int32(let scales) = numbers[id] else { throw problem(id, "\(what) must be INT32") }
    for column in 0..<max(scales.count, expected.count) {
      let scale = Double(scales[scales.count == 1 ? 0 : column])
      let product = expected[expected.count == 1 ? 0 : column]
      // A float32 product is off by 2⁻²⁴ at most, near underflow by the smallest float32.
      guard abs(scale - product) <= product * 1e-5 + Double(Float.leastNonzeroMagnitude) else {
        throw problem(
          id, "\(what) has scale \(scale) in column \(column); input scale · weight scale is \(product)")
      }
    }
  }
}

extension FloatModel {
  /// Proves that the model can be run: its graph is valid, it has one input, and every parameter has finite values.
  ///
  /// - Throws: `ModelError.tensor` or `.graphOperator`, the first problem.
  public func validate() throws(ModelError) {
    try graph.validate()
    try graph.validateSizesOfValues()
    if let stray = constants.keys.filter({ !graph.tensors.indices.contains($0) || graph[$0].role != .parameter }).min()
    {
      let name = graph.tensors.indices.contains(stray) ? graph[stray].name : "\(stray)"
      throw .tensor(name: name, problem: "has values, but isn't a parameter")
    }
    for (id, tensor) in graph.tensors.enumerated() where tensor.role == .parameter {
      guard let values = constants[id] else {
        throw .tensor(name: tensor.name, problem: "is a parameter without values")
      }
      guard values.count == tensor.elements else {
        throw .tensor(
          name: tensor.name,
          problem: "has \(values.count) values; its shape \(tensor.shape) takes \(tensor.elements)")
      }
      if let bad = values.firstIndex(where: { !$0.isFinite }) {
        throw .tensor(name: tensor.name, problem: "value \(bad) is \(values[bad])")
      }
    }
  }
}

extension Graph {
  /// One input, an output, and no tensor of more elements than `QuantizedModel.largestTensor`.
  func validateSizesOfValues() throws(ModelError) {
    let inputs = tensors.filter { $0.role == .input }
    guard inputs.count == 1 else {
      throw .tensor(name: inputs.last?.name ?? name, problem: "a model with values has one input, not \(inputs.count)")
    }
    guard tensors.contains(where: { $0.role == .output }) else {
      throw .tensor(name: name, problem: "a model with values has an output")
    }
    for tensor in tensors where tensor.elements > QuantizedModel.largestTensor {
      throw .tensor(
        name: tensor.name,
        problem: "\(tensor.elements) elements; a tensor with values has at most \(QuantizedModel.largestTensor)")
    }
  }
}

extension Quantization {
  /// What is wrong with it; nil if nothing is.
  var problem: String? {
    if !(scale > 0 && scale.isFinite) { return "scale \(scale) must be positive and finite" }
    if !(-128...127 ~= zeroPoint) { return "zero point \(zeroPoint) must be from -128 to 127" }
    return nil
  }
}

extension GraphOperation {
  /// What is wrong with an operation's own numbers; nil if nothing is.
  var problem: String? {
    switch self {
    case .layerNorm(let epsilon), .divide(_, let epsilon):
      return epsilon >= 0 && epsilon.isFinite ? nil : "epsilon \(epsilon) must be finite and not negative"
    case .appendColumn(_, let value): return value.isFinite ? nil : "value \(value) must be finite"
    case .elementwise(.scale(let factor)): return factor.isFinite ? nil : "factor \(factor) must be finite"
    case .elementwise(.hardSigmoid(let alpha, let beta)):
      return alpha.isFinite && beta.isFinite ? nil : "alpha \(alpha) and beta \(beta) must be finite"
    case .elementwise(.hardSwish(let gate)): return gate?.problem.map { "gate: " + $0 }
    case .elementwise(.table(let results)):
      return results.count == 256 ? nil : "a table has 256 results, not \(results.count)"
    default: return nil
    }
  }
}

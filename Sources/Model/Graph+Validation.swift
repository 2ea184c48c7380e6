extension Graph {
  /// Proves that the graph is one: shapes agree with the definition of each operation, every tensor is there before it
  /// is used and is written once, and the figures of `Graph+Work.swift` and `OperatorWork.swift` fit an `Int`.
  ///
  /// - Throws: `ModelError.tensor` or `.graphOperator`, the first problem in the order of operators.
  public func validate() throws(ModelError) {
    var defined: [Bool] = []
    for tensor in tensors {
      guard !tensor.shape.isEmpty, tensor.shape.allSatisfy({ $0 > 0 }) else {
        throw .tensor(name: tensor.name, problem: "dimensions must be positive, at least one, got \(tensor.shape)")
      }
      guard checkedProduct(tensor.shape) != nil else {
        throw .tensor(name: tensor.name, problem: "the number of elements of \(tensor.shape) overflows")
      }
      defined.append(tensor.role == .input || tensor.role == .parameter)
    }
    for op in operators { try validate(op, &defined) }
    if let missing = defined.firstIndex(of: false) {
      throw .tensor(name: tensors[missing].name, problem: "no operator writes it")
    }
    try validateTotals()
  }

  private func validate(_ op: GraphOperator, _ defined: inout [Bool]) throws(ModelError) {
    func fail(_ problem: String) -> ModelError { .graphOperator(name: op.name, problem: problem) }
    for id in op.inputs + [op.output] where !tensors.indices.contains(id) {
      throw fail("there is no tensor \(id); the graph has \(tensors.count)")
    }
    for id in op.inputs where !defined[id] {
      throw fail("'\(tensors[id].name)' is used before it is written")
    }
    if defined[op.output] { throw fail("'\(tensors[op.output].name)' is written a second time, or isn't for writing") }
    defined[op.output] = true
    if let problem = op.operation.problem { throw fail(problem) }

    let shape: [Int]
    do {
      shape = try op.operation.outputShape(op.inputs.map { tensors[$0].shape })
    } catch {
      throw fail(error.problem)
    }
    guard shape == tensors[op.output].shape else {
      throw fail("makes \(shape), but '\(tensors[op.output].name)' is \(tensors[op.output].shape)")
    }
  }

  private func validateTotals() throws(ModelError) {
    var macs = 0
    var work = 0
    for op in operators {
      let (total, overflow) = macs.addingReportingOverflow(checkedProduct(macFactors(of: op)) ?? .max)
      if overflow || total == .max { throw .graphOperator(name: op.name, problem: "multiply-accumulates overflow") }
      macs = total
      guard let sum = workBound(of: op).flatMap({ checkedSum([work, $0]) }) else {
        throw .graphOperator(name: op.name, problem: "FLOPs or elements read and written overflow")
      }
      work = sum
    }
    var parameters = 0
    for tensor in tensors where tensor.role == .parameter {
      let (total, overflow) = parameters.addingReportingOverflow(tensor.elements)
      if overflow { throw .tensor(name: tensor.name, problem: "the number of parameters overflows") }
      parameters = total
    }
  }
}

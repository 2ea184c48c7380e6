import Model
import Numerics

/// From the nodes of a file, one after the other, to the operators of a graph.
///
/// Every activation is a view of a tensor of the graph. Results wait (`PendingResult`) until their numbers are known.
struct Lowering {
  enum Mode {
    /// A QDQ file.
    case quantized
    /// A float32 file with all its values.
    case float
    /// The graph alone; weights may be missing.
    case structure
  }

  let file: ModelFile
  let mode: Mode
  /// Index of the node that is being imported.
  var current = 0
  var values: [String: Value] = [:]
  var folding: Folding
  /// Nodes that read each tensor of the file.
  let readers: [String: [Int]]

  // The graph.
  var tensors: [Tensor] = []
  var numbers: [TensorNumbers?] = []
  var constants: [TensorID: ParameterValues] = [:]
  var operators: [GraphOperator] = []
  /// By output.
  var makers: [TensorID: Int] = [:]
  var presentations: [TensorID: Presentation] = [:]
  private var names: [String: Int] = [:]
  private var operatorNames: [String: Int] = [:]

  var results: [PendingResult] = []
  /// Names in the file that stand for a result, or a view of it, by its index.
  private var aliases: [Int: [String]] = [:]
  var cuts: [Cut: TensorID] = [:]
  var reshapes: [Cut: TensorID] = [:]

  /// What was taken of a tensor.
  struct Cut: Hashable {
    var tensor: TensorID
    var part: Cover.Part
  }

  static let input: TensorID = 0

  init(_ file: ModelFile, _ mode: Mode) throws(ONNXError) {
    self.file = file
    self.mode = mode
    folding = Folding(held: file.initializers.values.reduce(0) { $0 + file.reader.held($1) })
    var readers: [String: [Int]] = [:]
    for (index, node) in file.nodes.enumerated() {
      for name in Set(node.inputs) where !name.isEmpty { readers[name, default: []].append(index) }
    }
    self.readers = readers
    try checkOperators()
    do {
      try placeInput()
    } catch {
      throw ONNXError(file: file.path, place: .tensor(file.input.name), problem: error.text)
    }
    for index in file.nodes.indices {
      current = index
      do {
        try lower(file.nodes[index])
      } catch {
        throw ONNXError(
          file: file.path, place: .node(name: file.nodes[index].name, type: file.nodes[index].qualifiedType),
          problem: error.text)
      }
    }
    do {
      try finish()
    } catch {
      throw ONNXError(file: file.path, place: .tensor(file.output.name), problem: error.text)
    }
  }

  // MARK: Values

  /// The value of an input of a node. Constants of the file are read anew each time: few are used twice.
  func value(_ node: Node, _ index: Int) throws(Problem) -> Value {
    guard node.has(index) else { throw Problem("input \(index) is missing") }
    let name = node.inputs[index]
    if let value = values[name] { return value }
    guard let proto = file.initializers[name] else { throw Problem("nothing makes its input '\(name)'") }
    do {
      return .constant(try file.reader.constant(proto, name: name))
    } catch {
      throw Problem("tensor '\(name)': \(error.text)")
    }
  }

  func activation(_ node: Node, _ index: Int = 0) throws(Problem) -> Activation {
    guard case .activation(let activation) = try value(node, index) else {
      throw Problem("its input '\(node.inputs[index])' is a constant, which isn't supported here")
    }
    return activation
  }

  func constant(_ node: Node, _ index: Int, _ what: String) throws(Problem) -> Constant {
    guard case .constant(let constant) = try value(node, index) else {
      throw Problem("its \(what) '\(node.inputs[index])' must be a constant; fold the model first (onnxsim)")
    }
    return constant
  }

  /// Shape-deciding integers.
  func integers(_ node: Node, _ index: Int, _ what: String) throws(Problem) -> [Int] {
    try constant(node, index, what).integers()
  }

  mutating func define(_ node: Node, _ value: Value, output: Int = 0) throws(Problem) {
    guard output < node.outputs.count else { throw Problem("it must have \(output + 1) outputs") }
    let name = node.outputs[output]
    if name.isEmpty { return }
    values[name] = value
    if case .activation(let activation) = value, case .result(let index) = activation.source {
      aliases[index, default: []].append(name)
    }
  }

  /// A result of the current node, as a whole.
  mutating func define(_ node: Node, _ work: PendingResult.Work, shape: [Int], view: View) throws(Problem) {
    try define(node, .activation(append(work, node.outputs.first ?? node.name, shape: shape, view: view)))
  }

  /// - Parameters:
  ///   - shape: of the tensor in memory.
  ///   - view: how it appears in the file.
  mutating func append(
    _ work: PendingResult.Work, _ name: String, shape: [Int], view: View
  ) throws(Problem) -> Activation {
    guard shape.count <= Limits.rank, view.rank <= Limits.rank, let count = Limits.count(shape), count > 0 else {
      throw Problem("its result \(shape) is empty or too large")
    }
    results.append(PendingResult(work: work, node: current, shape: shape, name: name, view: view))
    return Activation(source: .result(results.count - 1), view: view)
  }

  /// Whether one node alone reads a tensor of the file.
  func isReadOnce(_ name: String) -> Bool { readers[name]?.count == 1 && name != file.output.name }

  /// Whether the current node alone reads a result, by whatever name: through views of it too.
  func isReadHereAlone(_ index: Int) -> Bool {
    let names = Set(aliases[index] ?? [])
    for name in names {
      if name == file.output.name { return false }
      for reader in readers[name] ?? [] where reader != current {
        // A node that only made another name of it; one that comes later may read it in earnest.
        guard reader < current, file.nodes[reader].outputs.contains(where: names.contains) else { return false }
      }
    }
    return true
  }

  func shape(of source: Activation.Source) -> [Int] {
    switch source {
    case .tensor(let id): tensors[id].shape
    case .result(let index): results[index].shape
    }
  }

  /// An axis counted from the front.
  func axis(_ axis: Int, _ rank: Int) throws(Problem) -> Int {
    guard -rank..<rank ~= axis else { throw Problem("axis \(axis) isn't one of \(rank) dimensions") }
    return axis < 0 ? axis + rank : axis
  }

  // MARK: The graph

  /// The name itself, or with a number behind it if it is taken.
  private static func unique(_ name: String, _ taken: inout [String: Int]) -> String {
    var candidate = name
    while let number = taken[candidate] {
      taken[candidate] = number + 1
      candidate = "\(candidate).\(number + 1)"
    }
    taken[candidate] = 1
    return candidate
  }

  /// Unless the name is taken.
  mutating func rename(_ id: TensorID, to name: String) {
    if names[name] == nil { tensors[id].name = Self.unique(name, &names) }
  }

  mutating func addTensor(_ name: String, _ shape: [Int], _ role: TensorRole, _ numbers: TensorNumbers?) -> TensorID {
    tensors.append(Tensor(name: Self.unique(name, &names), shape: shape, role: role))
    self.numbers.append(numbers)
    return tensors.count - 1
  }

  mutating func addParameter(_ parameter: Parameter) -> TensorID {
    var numbers: TensorNumbers?
    if case .integers(_, let given) = parameter.values { numbers = given }
    let id = addTensor(parameter.name, parameter.shape, .parameter, numbers)
    constants[id] = parameter.values
    return id
  }

  mutating func addOperator(
    _ name: String, _ operation: GraphOperation, _ inputs: [TensorID], result: String, _ shape: [Int],
    _ numbers: TensorNumbers?
  ) -> TensorID {
    let output = addTensor(result, shape, .activation, numbers)
    makers[output] = operators.count
    operators.append(
      GraphOperator(name: Self.unique(name, &operatorNames), operation: operation, inputs: inputs, output: output))
    return output
  }

  func int8(_ id: TensorID) throws(Problem) -> Quantization {
    guard case .int8(let quantization)? = numbers[id] else {
      throw Problem("tensor '\(tensors[id].name)' isn't INT8 here: it needs QuantizeLinear and DequantizeLinear")
    }
    return quantization
  }
}

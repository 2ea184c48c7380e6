import Foundation
import SwiftProtobuf

/// A decoded file, its names checked: every tensor is made once, and nodes are in an order in which their inputs are there.
struct ModelFile {
  /// An input or output of the whole model.
  struct Port {
    var name: String
    /// `nil`: the file doesn't say.
    var shape: [Dimension]?
    var type: Int32
  }

  enum Dimension: Hashable {
    case size(Int)
    /// Named in the file; empty if it isn't.
    case symbol(String)
  }

  /// Opsets whose operators mean what this importer takes them to mean.
  static let opsets = 11...28
  /// Protobuf's own limit.
  static let largestFile = 1 << 31 - 1

  var path: String
  var opset: Int
  var input: Port
  var output: Port
  /// In order; only those that the output depends on.
  var nodes: [Node]
  var initializers: [String: Onnx_TensorProto]
  var reader: TensorReader

  /// The file's name without directory and extension.
  var title: String { URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent }

  init(contentsOf path: String) throws(ONNXError) {
    func fail(_ problem: String) -> ONNXError { ONNXError(file: path, place: .file, problem: problem) }
    let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    guard let size = TensorReader.size(ofFile: resolved) else {
      throw fail("there is no such file, or it isn't a regular one")
    }
    guard size <= Self.largestFile else {
      throw fail(
        "\(size) bytes are more than the \(Self.largestFile) of a protobuf message: store the weights as external data")
    }
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: resolved))
    } catch {
      throw fail("it can't be read")
    }
    try self.init(data, path: path)
  }

  /// - Parameter path: for messages, and where external data is looked for.
  init(_ data: Data, path: String) throws(ONNXError) {
    func fail(_ problem: String) -> ONNXError { ONNXError(file: path, place: .file, problem: problem) }
    let model: Onnx_ModelProto
    do {
      model = try Onnx_ModelProto(serializedBytes: data)
    } catch {
      throw fail("this isn't an ONNX model, or it is cut short (\(data.count) bytes)")
    }
    guard model.hasGraph, !model.graph.node.isEmpty else {
      throw fail("it holds no graph: is this an ONNX model, and all of it?")
    }
    let versions = model.opsetImport.filter { $0.domain.isEmpty || $0.domain == "ai.onnx" }.map { Int($0.version) }
    guard let opset = versions.max() else { throw fail("it doesn't say which opset it uses: is it cut short?") }
    guard Self.opsets.contains(opset) else {
      throw fail(
        "opset \(opset) isn't supported; \(Self.opsets.lowerBound) to \(Self.opsets.upperBound) are: export the model again, or convert it with onnx.version_converter"
      )
    }
    let graph = model.graph
    for count in [graph.node.count, graph.initializer.count, graph.input.count, graph.output.count]
    where count > Limits.entries {
      throw fail("\(count) nodes, initializers or inputs are more than \(Limits.entries)")
    }
    self.path = path
    self.opset = opset
    reader = TensorReader(path: path)

    var makers: [String: Int?] = [:]
    func define(_ name: String, by node: Int?) throws(ONNXError) {
      guard makers.updateValue(node, forKey: name) == nil else {
        throw ONNXError(file: path, place: .tensor(name), problem: "it is made twice: names must be unique")
      }
    }
    var initializers: [String: Onnx_TensorProto] = [:]
    for tensor in graph.initializer {
      try define(tensor.name, by: nil)
      initializers[tensor.name] = tensor
    }
    self.initializers = initializers
    let inputs = graph.input.filter { initializers[$0.name] == nil }
    guard inputs.count == 1 else {
      throw fail("the model must have one input, and has \(inputs.count): \(inputs.prefix(8).map(\.name))")
    }
    guard graph.output.count == 1 else {
      throw fail(
        "the model must have one output, and has \(graph.output.count): \(graph.output.prefix(8).map(\.name)); remove the others (onnx.utils.extract_model)"
      )
    }
    input = Port(inputs[0])
    output = Port(graph.output[0])
    try define(input.name, by: nil)

    var all: [Node] = []
    for (number, proto) in graph.node.enumerated() {
      do {
        let node = try Node(proto, number: number)
        for name in node.outputs where !name.isEmpty { try define(name, by: number) }
        all.append(node)
      } catch let problem as Problem {
        throw ONNXError(file: path, place: .node(name: proto.name, type: proto.opType), problem: problem.text)
      } catch let error as ONNXError {
        throw error
      } catch {
        throw fail("\(error)")
      }
    }
    nodes = try Self.sorted(all, makers, output: output.name, path: path)
  }

  /// The nodes that the output depends on, each after those that make its inputs.
  private static func sorted(
    _ nodes: [Node], _ makers: [String: Int?], output: String, path: String
  ) throws(ONNXError) -> [Node] {
    enum State { case new, open, done }
    var states = Array(repeating: State.new, count: nodes.count)
    var needed = Array(repeating: false, count: nodes.count)
    func maker(_ name: String, for node: Node?) throws(ONNXError) -> Int? {
      guard let maker = makers[name] else {
        let place = node.map { ONNXError.Place.node(name: $0.name, type: $0.qualifiedType) } ?? .file
        throw ONNXError(
          file: path, place: place, problem: "nothing makes its \(node == nil ? "output" : "input") '\(name)'")
      }
      return maker
    }
    guard let last = try maker(output, for: nil) else {
      throw ONNXError(
        file: path, place: .file,
        problem: "the output '\(output)' is an input or a constant: there is nothing to compute")
    }
    // Depth first, without recursion: a node is done when all that it needs is.
    var order: [Int] = []
    var stack = [last]
    while let index = stack.last {
      switch states[index] {
      case .new:
        states[index] = .open
        needed[index] = true
        for name in nodes[index].inputs.reversed() where !name.isEmpty {
          guard let before = try maker(name, for: nodes[index]) else { continue }
          if states[before] == .open {
            throw ONNXError(
              file: path, place: .node(name: nodes[index].name, type: nodes[index].qualifiedType),
              problem: "it depends on its own result, by way of '\(name)'")
          }
          if states[before] == .new { stack.append(before) }
        }
      case .open:
        states[index] = .done
        order.append(index)
        stack.removeLast()
      case .done: stack.removeLast()
      }
    }
    // The file's own order, where it is one.
    let inOrder = order.sorted()
    var made: Set<String> = []
    let isOrder = inOrder.allSatisfy { index in
      let ready = nodes[index].inputs.allSatisfy { $0.isEmpty || made.contains($0) || makers[$0] == .some(nil) }
      made.formUnion(nodes[index].outputs)
      return ready
    }
    return constantsFirst((isOrder ? inOrder : order).map { nodes[$0] })
  }

  /// Moves computations with shapes and constants alone to where their inputs are first there, so that what a value is
  /// used for can be read off before it is laid out.
  private static func constantsFirst(_ nodes: [Node]) -> [Node] {
    var rank: [String: (rank: Int, isConstant: Bool)] = [:]
    var order: [(rank: Int, index: Int)] = []
    for (index, node) in nodes.enumerated() {
      let before = node.inputs.map { rank[$0] ?? (-1, true) }
      let isConstant =
        node.type == "Shape" || (Folding.operators.contains(node.type) && before.allSatisfy(\.isConstant))
      let place = isConstant ? before.map(\.rank).max() ?? -1 : index
      order.append((place, index))
      for name in node.outputs where !name.isEmpty { rank[name] = (place, isConstant) }
    }
    return order.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }.map { nodes[$0.index] }
  }
}

extension ModelFile.Port {
  init(_ proto: Onnx_ValueInfoProto) {
    name = proto.name
    type = proto.type.tensorType.elemType
    guard case .tensorType(let tensor)? = proto.type.value, tensor.hasShape else { return }
    shape = tensor.shape.dim.map { dim in
      switch dim.value {
      case .dimValue(let size): .size(Int(size))
      case .dimParam(let name): .symbol(name)
      case nil: .symbol("")
      }
    }
  }
}

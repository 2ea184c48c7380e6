import Foundation
import Model
import Numerics

/// A model in an ONNX file.
///
/// ```swift
/// let file = try ONNXModel(contentsOf: "vit.int8.qdq.onnx")
/// let model = try file.quantized()   // file.isQuantized
/// ```
///
/// What is supported, and how: docs/onnx.md.
public struct ONNXModel {
  let file: ModelFile

  /// Reads and checks the file as a whole; what its operators mean is looked at by the functions below.
  ///
  /// - Throws: if there is no such file, if it isn't an ONNX model, or if names, the order of nodes, or the opset are wrong.
  public init(contentsOf path: String) throws(ONNXError) {
    file = try ModelFile(contentsOf: path)
  }

  /// - Parameter path: for messages; external data is looked for beside it.
  init(_ data: Data, path: String) throws(ONNXError) {
    file = try ModelFile(data, path: path)
  }

  /// Whether it has QuantizeLinear or DequantizeLinear.
  public var isQuantized: Bool { file.nodes.contains { $0.type == "QuantizeLinear" || $0.type == "DequantizeLinear" } }

  /// The integers of a QDQ file.
  public func quantized() throws(ONNXError) -> QuantizedModel {
    guard isQuantized else {
      throw fail("it isn't quantized: it has no QuantizeLinear; import it as float model and quantize that")
    }
    return try Lowering(file, .quantized).quantizedModel()
  }

  /// A float32 file with its values.
  public func float() throws(ONNXError) -> FloatModel {
    guard !isQuantized else { throw fail("it is quantized; import it as such") }
    return try Lowering(file, .float).floatModel()
  }

  /// The graph alone; a stripped file, whose weights have no values, is enough.
  ///
  /// - Parameter batch: images at a time; `nil`: as the file says, 1 if it names no number.
  public func graph(batch: Int? = nil) throws(ONNXError) -> Graph {
    let lowering = try Lowering(file, isQuantized ? .quantized : .structure)
    let graph = try lowering.graph()
    guard let batch else { return graph }
    guard batch == graph.batch || graph.batch == 1, 1...Zoo.largestBatch ~= batch else {
      throw fail("batch \(batch) isn't possible: the file's is \(graph.batch)")
    }
    var larger = graph.repeated(batch)
    larger.batch = batch
    do {
      try larger.validate()
    } catch {
      throw fail("\(error)")
    }
    return larger
  }

  /// How the tensors of the graph appear in the file, for the file's own batch.
  public func presentations() throws(ONNXError) -> [TensorID: Presentation] {
    try Lowering(file, isQuantized ? .quantized : .structure).presentations
  }

  /// The input's type, if it is one of integers: `uint8`.
  public var integerInput: String? {
    guard let type = ElementType(rawValue: file.input.type), ![.float, .double, .float16, .bfloat16].contains(type)
    else {
      return nil
    }
    return type.name
  }

  public var inputName: String { file.input.name }
  public var outputName: String { file.output.name }

  /// As in the file; −1 where it has no number; `nil` if it has no shape.
  public var inputShape: [Int]? { file.input.shape.map(Self.numbers) }
  public var outputShape: [Int]? { file.output.shape.map(Self.numbers) }

  private static func numbers(_ shape: [ModelFile.Dimension]) -> [Int] {
    shape.map { if case .size(let size) = $0 { size } else { -1 } }
  }

  private func fail(_ problem: String) -> ONNXError { ONNXError(file: file.path, place: .file, problem: problem) }
}

extension Graph {
  /// For so many images instead of one.
  fileprivate func repeated(_ batch: Int) -> Graph {
    var graph = self
    for id in tensors.indices where tensors[id].role != .parameter {
      graph.tensors[id].shape[0] *= batch / self.batch
    }
    for index in operators.indices {
      guard case .reshape(var shape) = operators[index].operation else { continue }
      shape[0] *= batch / self.batch
      graph.operators[index].operation = .reshape(shape)
    }
    return graph
  }
}

extension Lowering {
  func graph() throws(ONNXError) -> Graph {
    let input = tensors[Self.input].shape
    let graph = Graph(
      name: file.title, image: input.count == 4 ? input[1] : 1, batch: input[0], tensors: tensors, operators: operators)
    do {
      try graph.validate()
    } catch {
      throw fail("\(error)")
    }
    return graph
  }

  func quantizedModel() throws(ONNXError) -> QuantizedModel {
    let graph = try graph()
    var values: [TensorID: IntegerValues] = [:]
    for (id, constant) in constants {
      guard case .integers(let integers, _) = constant else {
        throw fail("tensor '\(tensors[id].name)' isn't quantized")
      }
      values[id] = integers
    }
    var all: [TensorNumbers] = []
    for (id, entry) in numbers.enumerated() {
      guard let entry else { throw fail("tensor '\(tensors[id].name)' isn't quantized") }
      all.append(entry)
    }
    return QuantizedModel(graph: graph, numbers: all, constants: values)
  }

  func floatModel() throws(ONNXError) -> FloatModel {
    let graph = try graph()
    var values: [TensorID: [Float]] = [:]
    for (id, constant) in constants {
      guard case .floats(let floats) = constant else { throw fail("tensor '\(tensors[id].name)' has no real values") }
      values[id] = floats
    }
    return FloatModel(graph: graph, constants: values)
  }

  private func fail(_ problem: String) -> ONNXError { ONNXError(file: file.path, place: .file, problem: problem) }
}

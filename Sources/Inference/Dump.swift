import Compiler
import Model

/// Tensors of the graph, put together from the parts that instructions write.
public struct TensorDump: Sendable {
  private let graph: Graph
  /// Class tokens by the tensors that they begin: tokens without a position are loaded, no instruction writes them.
  private var tokens: [TensorID: [Int8]] = [:]
  /// INT8 values row by row, by tensor; only those of which a part was written.
  public private(set) var tensors: [TensorID: [Int8]] = [:]

  public init(_ model: QuantizedModel) {
    graph = model.graph
    for op in graph.operators where op.operation == .classToken {
      if case .int8(let token)? = model.constants[op.inputs[1]] { tokens[op.output] = token }
    }
  }

  public mutating func add(_ part: TensorPart, _ bytes: [UInt8]) {
    let tensor = graph.tensors[part.tensor]
    guard let width = tensor.shape.last, bytes.count == part.rows.count * part.columns.count else { return }
    var values = tensors.removeValue(forKey: part.tensor) ?? initial(part.tensor)
    var next = 0
    for row in part.rows {
      for column in part.columns {
        values[row * width + column] = Int8(bitPattern: bytes[next])
        next += 1
      }
    }
    tensors[part.tensor] = values
  }

  private func initial(_ id: TensorID) -> [Int8] {
    let shape = graph.tensors[id].shape
    let token = tokens[id] ?? []
    let image = token + Array(repeating: 0, count: graph.tensors[id].elements / shape[0] - token.count)
    return (0..<shape[0]).flatMap { _ in image }
  }
}

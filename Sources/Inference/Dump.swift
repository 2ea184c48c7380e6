import Compiler
import Model

/// Tensors of the graph, put together from the parts that instructions write.
public struct TensorDump: Sendable {
  private let graph: Graph
  /// INT8 values row by row, by tensor; only those of which a part was written.
  public private(set) var tensors: [TensorID: [Int8]] = [:]

  public init(_ graph: Graph) { self.graph = graph }

  public mutating func add(_ part: TensorPart, _ bytes: [UInt8]) {
    let tensor = graph.tensors[part.tensor]
    guard let width = tensor.shape.last, bytes.count == part.rows.count * part.columns.count else { return }
    var values = tensors.removeValue(forKey: part.tensor) ?? Array(repeating: 0, count: tensor.elements)
    var next = 0
    for row in part.rows {
      for column in part.columns {
        values[row * width + column] = Int8(bitPattern: bytes[next])
        next += 1
      }
    }
    tensors[part.tensor] = values
  }
}

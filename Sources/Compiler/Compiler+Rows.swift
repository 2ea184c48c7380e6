import Hardware
import Schedule

extension Compiler {
  /// One row-wise operation over `rows` × `columns` INT8 elements: a single instruction of the vector unit, the unit without
  /// its memory. The elements are in the first engine's inputs buffer at the start and the results stay there.
  ///
  /// - Parameter operation: `softmax` or `layerNorm`, whose parameters are in the engine's weights buffer.
  /// - Throws: `CompileError` if the unit lacks the operation, a size isn't positive or a buffer is too small.
  public static func rows(
    _ operation: VectorOperation, rows: Int, columns: Int, on accelerator: Accelerator
  ) throws(CompileError) -> Schedule {
    let name = operation.rawValue
    let kind: OperatorKind =
      switch operation {
      case .softmax: .softmax
      case .layerNorm: .layerNorm
      default: throw .unsupported(layer: name, reason: "only softmax and layernorm can stand alone")
      }
    guard let engine = accelerator.engines.first else { throw .noEngine }
    guard accelerator.vector.operations[operation] != nil else { throw .missingOperation(operation, layer: name) }
    let elements = try product(rows, columns, name: name)
    let parameterBytes = operation == .layerNorm ? try product(columns, 5, name: name) : 0
    var room = Room(accelerator, layer: name)
    let source = try room.place("the elements", engine.inputs, rows: rows, rowBytes: columns)
    let destination = try room.place("the results", engine.inputs, rows: rows, rowBytes: columns)
    var operand: Region?
    if parameterBytes > 0 {
      operand = try room.place("the parameters", engine.weights, rows: 1, rowBytes: parameterBytes)
    }
    let vector = VectorInstruction(
      stages: [VectorStage(operation, op: 0)], rows: rows, columns: columns, source: source, operand: operand,
      destination: destination)
    return Schedule(
      accelerator: accelerator, model: ModelReference(name: "\(name)-\(rows)x\(columns)", image: 0, batch: 1),
      operators: [OperatorInfo(name: name, kind: kind, macs: 0, elements: elements)],
      layers: [Layer(name: name, operators: [0])], tensors: [], preloads: [source] + [operand].compactMap { $0 },
      instructions: [Instruction(queue: accelerator.engines.count, layer: 0, operation: .vector(vector))])
  }
}

/// Buffers that are filled from their beginning.
struct Room {
  let accelerator: Accelerator
  let layer: String
  private var used: [Int]

  init(_ accelerator: Accelerator, layer: String) {
    self.accelerator = accelerator
    self.layer = layer
    used = Array(repeating: 0, count: accelerator.buffers.count)
  }

  /// - Throws: `CompileError.doesNotFit`.
  mutating func place(_ what: String, _ buffer: Int, rows: Int, rowBytes: Int) throws(CompileError) -> Region {
    let spec = accelerator.buffers[buffer]
    let bytes = rows * rowBytes
    guard bytes <= spec.bytes - used[buffer] else {
      throw .doesNotFit(
        layer: layer, what: what, buffer: spec.name, needed: bytes, available: spec.bytes - used[buffer])
    }
    defer { used[buffer] += bytes }
    return Region(buffer: buffer, offset: used[buffer], rows: rows, rowBytes: rowBytes)
  }
}

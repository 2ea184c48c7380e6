import Hardware
import Model

/// Why a model can't be compiled for an accelerator. Every case names the place and says what would help.
public enum CompileError: Error, Sendable, Hashable {
  /// The graph isn't a valid one, or its numbers or constants don't fit it.
  case invalidModel(ModelError)
  /// The operator, or the way in which it stands in the graph, has no lowering.
  case unsupported(layer: String, reason: String)
  /// Even the smallest tile of a layer is larger than the room that a buffer leaves for it (bytes).
  case doesNotFit(layer: String, what: String, buffer: String, needed: Int, available: Int)
  /// No DMA channel carries what the model has to move.
  case missingChannel(Cargo)
  /// The vector unit lacks an operation of the model.
  case missingOperation(VectorOperation, layer: String)
  /// Matrix engines without arrays, or none at all.
  case noEngine
  /// The blocks are so small, or the model so large, that the schedule would pass `limit` instructions.
  case tooManyInstructions(layer: String, limit: Int)
  /// A size that doesn't fit in 62 bits, or isn't positive.
  case badSize(name: String, what: String)
}

extension CompileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalidModel(let error):
      error.description
    case .unsupported(let layer, let reason):
      "\(layer): \(reason)"
    case .doesNotFit(let layer, let what, let buffer, let needed, let available):
      "\(layer): \(what) needs \(needed) bytes of buffer '\(buffer)', which leaves it \(available); "
        + "make the buffer larger or the image smaller"
    case .missingChannel(let cargo):
      "no DMA channel carries \(cargo.rawValue): add '\(cargo.rawValue)' to the 'carries' of a channel"
    case .missingOperation(let operation, let layer):
      "\(layer): the vector unit has no '\(operation.rawValue)': add it to the vector unit's operations"
    case .noEngine:
      "the accelerator has no matrix engine"
    case .tooManyInstructions(let layer, let limit):
      "\(layer): the schedule would pass \(limit) instructions: its blocks are too small; "
        + "make the buffers larger, or the image or the batch smaller"
    case .badSize(let name, let what):
      "\(name): \(what)"
    }
  }
}

/// `left · right`, or an error that names what grew too large.
func product(_ factors: Int..., name: String) throws(CompileError) -> Int {
  var result = 1
  for factor in factors {
    let (value, overflow) = result.multipliedReportingOverflow(by: factor)
    guard !overflow, value < 1 << 62 else { throw .badSize(name: name, what: "its size passes 2^62") }
    guard factor > 0 else { throw .badSize(name: name, what: "a dimension is \(factor); it must be positive") }
    result = value
  }
  return result
}

/// ⌈left / right⌉ for positive numbers.
@inline(__always) func ceilDiv(_ left: Int, _ right: Int) -> Int { (left + right - 1) / right }
/// The next multiple of `step` from `value` on.
@inline(__always) func roundUp(_ value: Int, _ step: Int) -> Int { ceilDiv(value, step) * step }

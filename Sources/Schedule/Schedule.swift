import Hardware
import Numerics

/// What kind of work an operator of the model is.
public enum OperatorKind: String, Sendable, Hashable, CaseIterable {
  case matmul, scale, relu, gelu, lookup, softmax, divide, average, add, multiply
  case hardSwish = "hardswish"
  case layerNorm = "layernorm"
  /// Data movement only (class token): counted in bytes loaded.
  case move
}

/// One operator of the model and the work that a complete schedule must contain for it.
public struct OperatorInfo: Sendable, Hashable {
  public var name: String
  public var kind: OperatorKind
  /// Multiply-accumulates (matmul), else 0.
  public var macs: Int
  /// Elements written. A matmul's are the elements that must be requantized.
  public var elements: Int

  public init(name: String, kind: OperatorKind, macs: Int, elements: Int) {
    self.name = name
    self.kind = kind
    self.macs = macs
    self.elements = elements
  }
}

/// Operators that the compiler joined into one row of the report.
public struct Layer: Sendable, Hashable {
  public var name: String
  /// Indices into `Schedule.operators`.
  public var operators: [Int]
  public init(name: String, operators: [Int]) {
    self.name = name
    self.operators = operators
  }
}

/// What a range of DRAM holds.
public enum TensorKind: String, Sendable, Hashable, CaseIterable {
  /// Parameters: there from the start.
  case weight
  /// Model input: there from the start.
  case input
  /// Model output: must be stored.
  case output
  /// Activations that didn't fit on chip: stored before they are loaded.
  case spill
}

/// A tensor in DRAM.
public struct DRAMTensor: Sendable, Hashable {
  public var name: String
  public var kind: TensorKind
  public var address: Int
  public var bytes: Int
  public init(name: String, kind: TensorKind, address: Int, bytes: Int) {
    self.name = name
    self.kind = kind
    self.address = address
    self.bytes = bytes
  }
}

/// Which model a schedule was compiled from.
public struct ModelReference: Sendable, Hashable {
  public var name: String
  /// Image side in pixels; 0 where it doesn't apply (a single GEMM).
  public var image: Int
  public var batch: Int
  public init(name: String, image: Int, batch: Int) {
    self.name = name
    self.image = image
    self.batch = batch
  }
}

/// A program for all units of one accelerator: the compiler's output and the machine's only input.
///
/// Instructions stand in the order in which the compiler issued them; each queue executes its own in that order.
public struct Schedule: Sendable, Hashable {
  public var accelerator: Accelerator
  public var model: ModelReference
  public var operators: [OperatorInfo]
  public var layers: [Layer]
  public var tensors: [DRAMTensor]
  /// Buffer contents that are there at cycle 0.
  public var preloads: [Region]
  /// Stationary operands that are in their arrays at cycle 0: at most one entry an engine.
  public var loaded: [LoadedTiles]
  public var instructions: [Instruction]
  /// What stages compute: `VectorStage.arithmetic` refers to it. Empty where only time is asked for.
  public var arithmetic: [StageArithmetic]

  public init(
    accelerator: Accelerator, model: ModelReference, operators: [OperatorInfo], layers: [Layer],
    tensors: [DRAMTensor], preloads: [Region] = [], loaded: [LoadedTiles] = [], instructions: [Instruction],
    arithmetic: [StageArithmetic] = []
  ) {
    self.accelerator = accelerator
    self.model = model
    self.operators = operators
    self.layers = layers
    self.tensors = tensors
    self.preloads = preloads
    self.loaded = loaded
    self.instructions = instructions
    self.arithmetic = arithmetic
  }

  /// Multiply-accumulates of all operators.
  public var macs: Int { operators.reduce(0) { $0 + $1.macs } }
}

import Numerics

/// What the vector unit can do to a tile.
public enum VectorOperation: String, Sendable, Hashable, CaseIterable {
  /// INT32 accumulator to INT8 by multiplier and shift.
  case requantize
  /// Multiplication by a constant; hardware folds it into the requantizer's multiplier (latency 0 there).
  case scale
  /// Residual (or position) addition of two INT8 operands.
  case add
  /// Product of two INT8 operands.
  case multiply
  case relu
  case gelu
  case hardSwish = "hardswish"
  /// Any other function of one element, by a table of 256 entries.
  case lookup
  /// Row-wise.
  case softmax
  /// Row-wise.
  case layerNorm = "layernorm"
  /// Row-wise: all columns but the last over the last (linear attention).
  case divide
  /// Mean of each column over all rows of the instruction (global pooling).
  case average

  /// Row-wise operations reduce over each row before they can write it.
  public var isRowWise: Bool { self == .softmax || self == .layerNorm || self == .divide }
  /// Takes the instruction's second operand.
  public var takesOperand: Bool { self == .add || self == .multiply || self == .layerNorm }
}

/// Timing of one operation on the vector unit.
public struct VectorOperationSpec: Sendable, Hashable {
  /// Times that each element passes through the lanes.
  public var passes: Int
  /// Initiation interval: cycles between two groups of `lanes` elements.
  public var interval: Int
  /// Cycles from the last group of a pass to its result.
  public var latency: Int
  /// What it computes with (docs/numerics.md).
  public var algorithm: Algorithm
  public init(passes: Int = 1, interval: Int = 1, latency: Int = 1, algorithm: Algorithm = .float) {
    self.passes = passes
    self.interval = interval
    self.latency = latency
    self.algorithm = algorithm
  }
}

/// The vector unit: `lanes` elements at a time, with a serial divider and a serial square root beside the lanes.
///
/// Timing: rules V1–V7 of docs/timing.md.
public struct VectorUnitSpec: Sendable, Hashable {
  public var lanes: Int
  public var operations: [VectorOperation: VectorOperationSpec]
  /// Cycles of one division (one a row for softmax and LayerNorm).
  public var dividerCycles: Int
  /// Cycles of one square root (one a row for LayerNorm).
  public var squareRootCycles: Int
  /// Rows of a row-wise operation that may be under way at once, ≥ 1.
  public var rowsInFlight: Int
  /// Rows of fewer elements than there are lanes go side by side.
  public var packsRows: Bool
  /// DSP blocks that the unit occupies.
  public var dsps: Int

  public init(
    lanes: Int, operations: [VectorOperation: VectorOperationSpec], dividerCycles: Int = 0, squareRootCycles: Int = 0,
    rowsInFlight: Int = 1, packsRows: Bool = false, dsps: Int = 0
  ) {
    self.lanes = lanes
    self.operations = operations
    self.dividerCycles = dividerCycles
    self.squareRootCycles = squareRootCycles
    self.rowsInFlight = rowsInFlight
    self.packsRows = packsRows
    self.dsps = dsps
  }

  /// Rows of an instruction that go side by side: rule V7.
  public func rowsAtOnce(rows: Int, columns: Int) -> Int {
    packsRows ? min(rows, max(1, lanes / max(1, columns))) : 1
  }
}

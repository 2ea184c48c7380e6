import Model
import Schedule

/// Part of a tensor that an instruction's destination holds.
public struct TensorPart: Sendable, Hashable {
  /// Index into `Graph.tensors`.
  public var tensor: TensorID
  /// Rows and columns of the tensor's matrix (last dimension = columns).
  public var rows: Range<Int>
  public var columns: Range<Int>
  public init(tensor: TensorID, rows: Range<Int>, columns: Range<Int>) {
    self.tensor = tensor
    self.rows = rows
    self.columns = columns
  }
}

/// A quantized model compiled for an accelerator: the schedule, what DRAM holds at the start, and where tensors are.
public struct Compilation: Sendable {
  public var schedule: Schedule
  /// Weights in the order in which blocks are loaded; nil for inputs, outputs and spills.
  public var image: MemoryImage
  /// Indices into `Schedule.tensors`: NHWC bytes of the model's input, row-major bytes of its output.
  public var input: Int
  public var output: Int
  /// By instruction: what a vector instruction writes; nil where it isn't part of a tensor of the graph.
  public var placements: [TensorPart?]
  public init(schedule: Schedule, image: MemoryImage, input: Int, output: Int, placements: [TensorPart?]) {
    self.schedule = schedule
    self.image = image
    self.input = input
    self.output = output
    self.placements = placements
  }
}

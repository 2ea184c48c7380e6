import Numerics

/// Integers of a constant tensor.
public enum IntegerValues: Sendable, Hashable {
  case int8([Int8])
  case int32([Int32])
}

/// How one tensor's integers stand for real numbers.
public enum TensorNumbers: Sendable, Hashable {
  /// INT8 with one scale: activations, LayerNorm's gain, class token, position embedding.
  case int8(Quantization)
  /// INT8 weights with a scale for each column and zero point 0.
  case weight(scales: [Float])
  /// INT32 with one scale or one for each column: biases, and results that are never cut to INT8 (an operand of `divide`).
  case int32(scales: [Float])
}

/// A model whose tensors are integers: what a compiler needs to give a schedule values.
///
/// Shapes as in `Graph`. A bias has the scales of its product, input scale · weight scale.
public struct QuantizedModel: Sendable, Hashable {
  public var graph: Graph
  /// By tensor.
  public var numbers: [TensorNumbers]
  /// Values of the tensors with role `parameter`, row by row.
  public var constants: [TensorID: IntegerValues]
  public init(graph: Graph, numbers: [TensorNumbers], constants: [TensorID: IntegerValues]) {
    self.graph = graph
    self.numbers = numbers
    self.constants = constants
  }
}

/// A model whose tensors are real numbers, to be calibrated and quantized.
public struct FloatModel: Sendable, Hashable {
  public var graph: Graph
  /// Values of the tensors with role `parameter`, row by row.
  public var constants: [TensorID: [Float]]
  public init(graph: Graph, constants: [TensorID: [Float]]) {
    self.graph = graph
    self.constants = constants
  }
}

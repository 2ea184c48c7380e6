import Model
import Numerics

/// What a tensor of the file is while the graph is put together.
enum Value {
  case constant(Constant)
  case activation(Activation)
}

/// Elements of a tensor of the graph, or of a result that isn't a tensor yet.
struct Activation: Hashable {
  enum Source: Hashable {
    case tensor(TensorID)
    /// Index in `Lowering.results`.
    case result(Int)
  }

  var source: Source
  var view: View
}

/// What an elementwise function reads.
struct Leaf: Hashable {
  var source: Activation.Source
  var part: Cover.Part
}

/// A constant in the order of the graph's memory.
enum ParameterValues {
  case integers(IntegerValues, TensorNumbers)
  case floats([Float])
  /// A stripped file's: why.
  case missing(String)
}

struct Parameter {
  /// Of the file's tensor.
  var name: String
  var shape: [Int]
  var values: ParameterValues
}

/// A matrix product before its result is rounded: bias and scales of its columns can still be changed.
struct Product {
  var operation: GraphOperation
  /// One activation and a weight, or two activations.
  var inputs: [TensorID]
  /// [depth, columns].
  var weight: Parameter?
  /// [columns].
  var bias: Parameter?
}

/// A float result of the file's operators: it becomes a tensor of the graph when it is quantized, or, in a file without
/// QuantizeLinear, when something reads it.
struct PendingResult {
  enum Work {
    case product(Product)
    /// A function of each element.
    case map(Leaf, Expression)
    case operation(GraphOperation, [TensorID])
    /// Patches, token.
    case classToken(TensorID, Constant)
  }

  var work: Work
  /// Index of the node that computes it.
  var node: Int
  /// Of the tensor in the graph.
  var shape: [Int]
  /// Name in the file, and how it appears there.
  var name: String
  var view: View
  /// Tensors that it has become, one for each quantization.
  var tensors: [(numbers: TensorNumbers?, id: TensorID)] = []
}

/// How a tensor of the graph appears in the file.
public struct Presentation: Sendable, Hashable {
  /// Of the real numbers, before QuantizeLinear.
  public var name: String
  /// Of the integers; `nil` where the file has none.
  public var quantizedName: String?
  /// The file's integers are unsigned: those of the graph plus 128.
  public var unsigned: Bool
  /// In the file.
  public var shape: [Int]
  /// The file's element i⃗ is element offset + Σ iₐ·strides[a] of the graph's tensor, row by row; for the batch of the file.
  public var strides: [Int]
  public var offset: Int
  /// The model's output, as the file shows it, has the elements in the order of the graph's tensor.
  public var outputIsInOrder = true
}

extension Presentation {
  /// Whether the file's elements are those of the graph's tensor in the same order.
  public var isInOrder: Bool { View(shape: shape, strides: strides, offset: offset).isContiguous }

  /// Elements of the tensor's matrix, row by row, in the order in which the file has them.
  public func arranged<Element>(_ matrix: [Element]) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(shape.reduce(1, *))
    func append(_ dimension: Int, _ place: Int) {
      guard dimension < shape.count else { return result.append(matrix[place]) }
      for index in 0..<shape[dimension] { append(dimension + 1, place + index * strides[dimension]) }
    }
    append(0, offset)
    return result
  }
}

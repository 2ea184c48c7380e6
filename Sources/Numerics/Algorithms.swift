/// How each operation of a vector unit computes; the names are those of an accelerator's YAML.
///
/// ```swift
/// var algorithms = Algorithms.integer
/// algorithms.softmax = .iViT
/// ```
public struct Algorithms: Sendable, Hashable {
  public var requantize: Algorithm
  /// Changes of quantization, and products with a constant.
  public var scale: Algorithm
  public var add: Algorithm
  public var multiply: Algorithm
  public var relu: Algorithm
  public var gelu: Algorithm
  public var hardSwish: Algorithm
  /// All other functions of one number.
  public var lookup: Algorithm
  public var softmax: Algorithm
  public var layerNorm: Algorithm
  public var divide: Algorithm
  public var average: Algorithm

  /// One algorithm for all.
  public init(all algorithm: Algorithm) {
    requantize = algorithm
    scale = algorithm
    add = algorithm
    multiply = algorithm
    relu = algorithm
    gelu = algorithm
    hardSwish = algorithm
    lookup = algorithm
    softmax = algorithm
    layerNorm = algorithm
    divide = algorithm
    average = algorithm
  }

  /// Everything as ONNX defines it: float32 between integers.
  public static let float = Algorithms(all: .float)

  /// Integers throughout, as accelerators usually have them: multipliers and shifts, tables for functions of one number,
  /// I-BERT's softmax and LayerNorm.
  public static let integer = {
    var algorithms = Algorithms(all: .fixedPoint)
    (algorithms.relu, algorithms.gelu, algorithms.hardSwish, algorithms.lookup) = (.table, .table, .table, .table)
    (algorithms.softmax, algorithms.layerNorm) = (.iBERT, .iBERT)
    return algorithms
  }()

  /// The one that applies to a function of one number.
  public subscript(function: ElementwiseFunction) -> Algorithm {
    switch function {
    case .identity, .scale: scale
    case .relu: relu
    case .gelu: gelu
    case .hardSwish: hardSwish
    case .hardSigmoid, .sigmoid, .silu, .tanh, .table: lookup
    }
  }
}

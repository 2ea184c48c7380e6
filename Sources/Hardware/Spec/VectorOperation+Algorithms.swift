import Numerics

extension VectorOperation {
  /// What a vector unit may compute it with; the first is the usual one.
  ///
  /// GELU's table has the function's own numbers, I-BERT's polynomial is off by up to 0.018; for softmax and LayerNorm polynomials
  /// and roots are as good as tables (docs/numerics.md).
  public var algorithms: [Algorithm] {
    switch self {
    case .requantize, .add, .multiply, .divide, .average: [.fixedPoint, .float]
    case .scale: [.fixedPoint, .table, .float]
    case .relu: [.table, .fixedPoint, .float]
    case .gelu: [.table, .iBERT, .iViT, .float]
    case .hardSwish, .lookup: [.table, .float]
    case .softmax, .layerNorm: [.iBERT, .iViT, .table, .float]
    }
  }

  public var usualAlgorithm: Algorithm { algorithms.first ?? .float }

  /// What a transformer needs, so that a description has to have it.
  var isRequired: Bool {
    switch self {
    case .requantize, .add, .gelu, .softmax, .layerNorm: true
    case .scale, .multiply, .relu, .hardSwish, .lookup, .divide, .average: false
    }
  }
}

extension VectorOperationSpec {
  /// An operation of which a description says nothing.
  static func usual(_ operation: VectorOperation) -> VectorOperationSpec {
    natural(operation, operation.usualAlgorithm)
  }

  /// Timing that follows from the datapath of an algorithm: what a description leaves out.
  ///
  /// The latency is that of the longest path: an integer product takes 3 cycles (the pipeline of a DSP block), a table, sum,
  /// comparison, shift or rounding 1; a float32 sum, product or conversion takes 4, an exponential or error function 24.
  public static func natural(_ operation: VectorOperation, _ algorithm: Algorithm) -> VectorOperationSpec {
    let (passes, latency) =
      switch (operation, algorithm) {
      // Convert, multiply, convert; between two INT8 quantizations another product each to and from real numbers.
      case (.requantize, .float): (1, 12)
      case (.requantize, _): (1, 4)
      // Part of the requantizer's factor.
      case (.scale, .fixedPoint), (.scale, .float): (1, 0)
      case (.relu, .float): (1, 20)
      case (.relu, .fixedPoint): (1, 5)
      case (.add, .float), (.multiply, .float), (.average, .float), (.divide, .float):
        (operation == .divide ? 2 : 1, 20)
      // Two products side by side, sum, rounding.
      case (.add, _): (1, 5)
      // Product, factor, rounding.
      case (.multiply, _): (1, 7)
      // Sum, factor, rounding.
      case (.average, _): (1, 5)
      // The divisor is the last column: one pass to see it, one to multiply by the row's factor.
      case (.divide, _): (2, 4)
      // Clamp, distance, square, sum, shift, product, factor, rounding.
      case (.gelu, .iBERT): (1, 14)
      // Two exponentials side by side (10), sum, a division in the pipeline (30), two products, factor, rounding.
      case (.gelu, .iViT): (1, 51)
      case (.gelu, .float), (.lookup, .float): (1, 40)
      case (.hardSwish, .float): (1, 28)
      case (.gelu, _), (.hardSwish, _), (.lookup, _), (.relu, _), (.scale, _): (1, 1)
      // Maximum, sum of powers, shares. Distance, quotient by ln 2, rest, polynomial, shift, sum.
      case (.softmax, .iBERT): (3, 14)
      // Distance, x·log₂ e, quotient and rest, shift, sum.
      case (.softmax, .iViT): (3, 10)
      case (.softmax, .float): (3, 40)
      // Longest is now the share: two products and rounding.
      case (.softmax, _): (3, 7)
      // Both sums in one pass. Distance, three products, sum of gain and bias, rounding.
      case (.layerNorm, .float): (2, 32)
      case (.layerNorm, _): (2, 12)
      }
    return VectorOperationSpec(passes: passes, latency: latency, algorithm: algorithm)
  }
}

/// How much work a graph is. All of it is defined for valid graphs (`Graph.validate()`), whose totals fit an `Int`.
extension Graph {
  /// Multiply-accumulates of one operator; 0 for everything but matrix products.
  public func macs(of op: GraphOperator) -> Int {
    macFactors(of: op).reduce(1, *)
  }

  /// Elements that one operator writes.
  ///
  /// The class token's are the token's own, once an image: the patches beside it stay where they are.
  /// A view (`selectToken`, `selectColumns`, `reshape`) writes none.
  public func elements(of op: GraphOperator) -> Int {
    let output = tensors[op.output]
    switch op.operation {
    case .classToken: return output.shape[0] * output.shape[2]
    case .selectToken, .selectColumns, .reshape: return 0
    default: return output.elements
    }
  }

  /// Multiply-accumulates of the whole model, over the batch.
  public var macs: Int { operators.reduce(0) { $0 + macs(of: $1) } }

  /// Trained values: weights, biases, class token, position embedding.
  public var parameters: Int { tensors.reduce(0) { $0 + ($1.role == .parameter ? $1.elements : 0) } }

  /// Factors of the number of multiply-accumulates: the output's shape and the length of its dot products.
  func macFactors(of op: GraphOperator) -> [Int] {
    let depth: Int
    switch op.operation {
    case .patchEmbedding, .convolution, .linear: depth = tensors[op.inputs[1]].shape[0]
    case .headProduct(let product):
      depth = product.matrix(product.a, tensors[op.inputs[0]].shape)?.columns ?? 0
    case .classToken, .add, .multiply, .layerNorm, .elementwise, .softmax, .divide, .appendColumn, .concatenate,
      .average, .selectToken, .selectColumns, .reshape:
      return [0]
    }
    return tensors[op.output].shape + [depth]
  }
}

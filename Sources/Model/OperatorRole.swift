/// What an operator is to a model, as roofline analyses group them. Found from the graph alone, not from names.
public enum OperatorRole: String, Sendable, Hashable, CaseIterable {
  /// Patches of the image to tokens.
  case patch
  /// Class token; a table that is added, such as positions.
  case embedding
  /// The product whose results a product of heads takes.
  case qkv
  /// Q·Kᵀ, whose results a softmax takes.
  case scores
  /// A constant factor.
  case scale
  case softmax
  /// Kᵀ·V of linear attention.
  case kv
  /// The product of heads that takes the results of another one: scores·V, or Q·(Kᵀ·V).
  case values
  /// The product behind `values`.
  case projection
  /// Other products with a weight.
  case mlp
  case convolution
  /// Convolutions of 1 × 1 in one group.
  case pointwise
  /// Convolutions with a group for each channel.
  case depthwise
  /// GELU and other functions of an element.
  case activation
  case norm
  /// The sum of two activations.
  case residual
  /// Everything behind the last residual sum, if there is a product among it: final LayerNorm, classifier.
  case head
  /// Concatenation, mean, quotient, products element by element, views.
  case other
}

extension Graph {
  /// The kind of each operator.
  public var kinds: [OperatorRole] {
    var kinds = operators.map(kind)
    var sources = ProductSources(self)
    for (index, op) in operators.enumerated() {
      let taken = sources.next(index, op)
      switch op.operation {
      case .softmax:
        for source in taken where kinds[source] == .kv { kinds[source] = .scores }
      case .headProduct:
        if taken.contains(where: { isHeadProduct($0) }) { kinds[index] = .values }
        for source in taken where isWeighted(kinds[source]) { kinds[source] = .qkv }
      case .linear, .convolution:
        if isWeighted(kinds[index]), taken.contains(where: { kinds[$0] == .values }) { kinds[index] = .projection }
      default: break
      }
    }
    if let last = operators.lastIndex(where: isResidual) {
      let behind = operators[(last + 1)...].indices
      if behind.contains(where: { macs(of: operators[$0]) > 0 }) { for index in behind { kinds[index] = .head } }
    }
    return kinds
  }

  /// What an operator is by itself.
  private func kind(of op: GraphOperator) -> OperatorRole {
    switch op.operation {
    case .patchEmbedding: .patch
    case .classToken: .embedding
    case .add: isResidual(op) ? .residual : .embedding
    case .layerNorm: .norm
    case .linear: .mlp
    case .convolution(let convolution): convolution.kind(channels: tensors[op.inputs[0]].shape.last ?? 0)
    case .headProduct: .kv
    case .elementwise(.scale): .scale
    case .elementwise(.identity): .other
    case .elementwise: .activation
    case .softmax: .softmax
    case .multiply, .divide, .appendColumn, .concatenate, .average, .selectToken, .selectColumns, .reshape: .other
    }
  }

  private func isResidual(_ op: GraphOperator) -> Bool {
    guard case .add = op.operation else { return false }
    return op.inputs.allSatisfy { tensors[$0].role != .parameter }
  }

  private func isHeadProduct(_ index: Int) -> Bool {
    if case .headProduct = operators[index].operation { true } else { false }
  }

  private func isWeighted(_ kind: OperatorRole) -> Bool { kind == .mlp || kind == .pointwise }
}

extension Convolution {
  fileprivate func kind(channels: Int) -> OperatorRole {
    if groups > 1 { return groups == channels ? .depthwise : .convolution }
    return kernel == [1, 1] ? .pointwise : .convolution
  }
}

/// The products whose results an operator takes, through operators that don't mix tokens and don't begin a new branch.
private struct ProductSources {
  private let graph: Graph
  private var sources: [Set<Int>]

  init(_ graph: Graph) {
    self.graph = graph
    sources = Array(repeating: [], count: graph.tensors.count)
  }

  /// Of the operator at `index`; operators must come in their order.
  mutating func next(_ index: Int, _ op: GraphOperator) -> Set<Int> {
    let taken = op.inputs.reduce(into: Set<Int>()) { $0.formUnion(sources[$1]) }
    switch op.operation {
    case .patchEmbedding, .convolution, .linear, .headProduct: sources[op.output] = [index]
    case .classToken, .average: break
    case .add:
      // A residual sum ends a branch; a table of positions or a mask is added within one.
      if op.inputs.contains(where: { graph.tensors[$0].role == .parameter }) { sources[op.output] = taken }
    case .multiply, .layerNorm, .elementwise, .softmax, .divide, .appendColumn, .concatenate, .selectToken,
      .selectColumns, .reshape:
      sources[op.output] = taken
    }
    return taken
  }
}

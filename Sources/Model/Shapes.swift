/// Why an operation can't take its inputs.
struct ShapeMismatch: Error {
  var problem: String
}

extension GraphOperation {
  /// The shape of the result, from the shapes of the inputs as `GraphOperation` defines them.
  ///
  /// Every dimension is positive and every shape's product fits an `Int`.
  func outputShape(_ inputs: [[Int]]) throws(ShapeMismatch) -> [Int] {
    func need(_ condition: Bool, _ expected: String) throws(ShapeMismatch) {
      if !condition { throw ShapeMismatch(problem: "expects \(expected), got \(Self.text(inputs))") }
    }
    try need(inputs.count == arity, "\(arity) input\(arity == 1 ? "" : "s")")
    let x = inputs[0]
    switch self {
    case .patchEmbedding(let patch):
      let weight = inputs[1]
      try need(
        x.count == 4 && x[3] == 3 && patch > 0 && x[1] % patch == 0 && x[2] % patch == 0,
        "an image [B, height, width, 3] whose sides are multiples of \(patch)")
      try need(
        weight.count == 2 && weight[0] == patch * patch * 3 && inputs[2] == [weight[1]],
        "a weight [\(patch * patch * 3), D] and a bias [D]")
      return [x[0], (x[1] / patch) * (x[2] / patch), weight[1]]
    case .classToken:
      try need(x.count == 3 && inputs[1] == [1, x[2]], "patches [B, P, D] and a token [1, D]")
      return [x[0], x[1] + 1, x[2]]
    case .add:
      let y = inputs[1]
      try need(y == x || (y.first == 1 && y.count == x.count && y.dropFirst() == x.dropFirst()), "y = x or [1, …]")
      return x
    case .layerNorm:
      try need(!x.isEmpty && inputs[1] == x.suffix(1) && inputs[2] == x.suffix(1), "x [..., D], gain [D], bias [D]")
      return x
    case .linear:
      let weight = inputs[1]
      try need(
        !x.isEmpty && weight.count == 2 && weight[0] == x[x.count - 1] && inputs[2] == [weight[1]],
        "x [..., K], weight [K, M], bias [M]")
      return x.dropLast() + [weight[1]]
    case .attentionScores(let heads):
      try need(x.count == 3 && heads > 0 && x[2] % 3 == 0 && x[2] / 3 % heads == 0, "qkv [B, N, 3·\(heads)·d]")
      return [x[0], heads, x[1], x[1]]
    case .attentionValues(let heads):
      let qkv = inputs[1]
      try need(
        qkv.count == 3 && heads > 0 && qkv[2] % 3 == 0 && qkv[2] / 3 % heads == 0
          && x == [qkv[0], heads, qkv[1], qkv[1]],
        "scores [B, \(heads), N, N] and qkv [B, N, 3·\(heads)·d]")
      return [qkv[0], qkv[1], qkv[2] / 3]
    case .selectToken(let token):
      try need(x.count == 3 && 0..<x[1] ~= token, "x [B, N, D] with N > \(token)")
      return [x[0], x[2]]
    case .scale, .softmax, .gelu:
      try need(!x.isEmpty, "at least one dimension")
      return x
    }
  }

  /// Number of inputs.
  private var arity: Int {
    switch self {
    case .patchEmbedding, .layerNorm, .linear: 3
    case .classToken, .add, .attentionValues: 2
    case .attentionScores, .scale, .softmax, .gelu, .selectToken: 1
    }
  }

  private static func text(_ shapes: [[Int]]) -> String {
    shapes.map { "[" + $0.map(String.init).joined(separator: ", ") + "]" }.joined(separator: ", ")
  }
}

/// The product, or `nil` where it doesn't fit an `Int`.
func checkedProduct(_ factors: [Int]) -> Int? {
  var product = 1
  for factor in factors {
    let (next, overflow) = product.multipliedReportingOverflow(by: factor)
    if overflow { return nil }
    product = next
  }
  return product
}

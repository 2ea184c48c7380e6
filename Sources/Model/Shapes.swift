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
    func sum(_ terms: Int...) throws(ShapeMismatch) -> Int {
      guard let sum = checkedSum(terms) else { throw ShapeMismatch(problem: "makes a dimension that overflows") }
      return sum
    }
    if let arity { try need(inputs.count == arity, "\(arity) input\(arity == 1 ? "" : "s")") }
    guard let x = inputs.first else { throw ShapeMismatch(problem: "has no inputs") }
    switch self {
    case .patchEmbedding(let patch):
      let weight = inputs[1]
      try need(
        x.count == 4 && patch > 0 && x[1] % patch == 0 && x[2] % patch == 0,
        "an image [B, height, width, C] whose sides are multiples of \(patch)")
      try need(
        weight.count == 2 && weight[0] == patch * patch * x[3] && inputs[2] == [weight[1]],
        "a weight [\(patch * patch * x[3]), D] and a bias [D]")
      return [x[0], (x[1] / patch) * (x[2] / patch), weight[1]]
    case .classToken:
      try need(x.count == 3 && inputs[1] == [1, x[2]], "patches [B, P, D] and a token [1, D]")
      return [x[0], try sum(x[1], 1), x[2]]
    case .convolution(let convolution): return try convolution.outputShape(inputs, need)
    case .add, .multiply:
      let y = inputs[1]
      try need(
        y == x || (y.first == 1 && y.count == x.count && y.dropFirst() == x.dropFirst()) || y == x.suffix(1),
        "y = x, [1, …] or [D]")
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
    case .headProduct(let product):
      guard let shape = product.outputShape(x, inputs[1]) else {
        throw ShapeMismatch(problem: "has operands that don't hold its \(product.heads) heads: \(Self.text(inputs))")
      }
      return shape
    case .divide(let heads, _):
      try need(
        heads > 0 && x.count > 1 && x[x.count - 1] % heads == 0 && x[x.count - 1] / heads > 1, "x [..., \(heads)·(d+1)]"
      )
      return x.dropLast() + [x[x.count - 1] - heads]
    case .appendColumn(let heads, _):
      try need(heads > 0 && !x.isEmpty && x[x.count - 1] % heads == 0, "x [..., \(heads)·d]")
      return x.dropLast() + [try sum(x[x.count - 1], heads)]
    case .concatenate:
      try need(
        !x.isEmpty && inputs.allSatisfy { $0.dropLast() == x.dropLast() && $0.count == x.count }, "inputs [..., Cᵢ]")
      var columns = 0
      for shape in inputs { columns = try sum(columns, shape[shape.count - 1]) }
      return x.dropLast() + [columns]
    case .average:
      try need(x.count > 2, "x [B, …, C]")
      return [x[0], x[x.count - 1]]
    case .selectColumns(let first, let step, let width, let count):
      try need(
        !x.isEmpty && first >= 0 && width > 0 && count > 0 && (step >= width || count == 1),
        "x [..., C], a first column, and a step that isn't less than the width")
      let end = checkedProduct([step, count - 1]).flatMap { checkedSum([$0, first, width]) }
      try need(end.map { $0 <= x[x.count - 1] } ?? false, "x [..., C] with C ≥ \(end.map(String.init) ?? "2^63")")
      return x.dropLast() + [count * width]
    case .reshape(let shape):
      try need(
        x.count > 1 && shape.count > 1 && shape[0] == x[0] && shape[shape.count - 1] == x[x.count - 1]
          && shape.allSatisfy { $0 > 0 } && checkedProduct(shape) == checkedProduct(x),
        "the same batch, columns and number of elements as \(shape)")
      return shape
    case .selectToken(let token):
      try need(x.count == 3 && 0..<x[1] ~= token, "x [B, N, D] with N > \(token)")
      return [x[0], x[2]]
    case .elementwise, .softmax:
      try need(!x.isEmpty, "at least one dimension")
      return x
    }
  }

  /// Number of inputs; nil where it is free.
  private var arity: Int? {
    switch self {
    case .patchEmbedding, .convolution, .layerNorm, .linear: 3
    case .classToken, .add, .multiply, .headProduct: 2
    case .elementwise, .softmax, .divide, .appendColumn, .average, .selectToken, .selectColumns, .reshape: 1
    case .concatenate: nil
    }
  }

  private static func text(_ shapes: [[Int]]) -> String {
    shapes.map { "[" + $0.map(String.init).joined(separator: ", ") + "]" }.joined(separator: ", ")
  }
}

extension Convolution {
  /// [B, height′, width′, D].
  func outputShape(
    _ inputs: [[Int]], _ need: (Bool, String) throws(ShapeMismatch) -> Void
  ) throws(ShapeMismatch) -> [Int] {
    let (x, weight) = (inputs[0], inputs[1])
    try need(
      kernel.count == 2 && stride.count == 2 && dilation.count == 2 && padding.count == 4
        && (kernel + stride + dilation).allSatisfy { 1...65536 ~= $0 } && padding.allSatisfy { 0...65536 ~= $0 },
      "two kernel sizes, strides and dilations from 1 and four paddings from 0 on, up to 65536")
    try need(
      x.count == 4 && groups > 0 && x[3] % groups == 0, "an image [B, height, width, C], C a multiple of \(groups)")
    let depth = checkedProduct([kernel[0], kernel[1], x[3] / groups])
    try need(
      weight.count == 2 && weight[0] == depth && weight[1] % groups == 0 && inputs[2] == [weight[1]],
      "a weight [\(depth.map(String.init) ?? "2^63"), D], D a multiple of \(groups), and a bias [D]")
    var sides: [Int] = []
    for axis in 0..<2 {
      let span = dilation[axis] * (kernel[axis] - 1) + 1
      let padded = checkedSum([x[1 + axis], padding[axis], padding[axis + 2]])
      guard let padded, padded >= span else {
        throw ShapeMismatch(problem: "has an image of \(x[1 + axis]) that doesn't hold its kernel of \(span)")
      }
      sides.append((padded - span) / stride[axis] + 1)
    }
    return [x[0]] + sides + [weight[1]]
  }
}

extension HeadProduct {
  /// Rows, columns of one head's matrix as it is multiplied, and the batch; nil if the operand doesn't hold it.
  func matrix(_ operand: HeadOperand, _ shape: [Int]) -> (batch: Int, rows: Int, columns: Int)? {
    var (rows, columns): (Int, Int)
    switch operand.layout {
    case .stacked:
      guard shape.count == 4, shape[1] == heads else { return nil }
      (rows, columns) = (shape[2], shape[3])
    case .columns(let first, let step, let width):
      guard shape.count > 2, heads > 0, first >= 0, step >= 0, width > 0,
        let last = checkedProduct([step, heads - 1]).flatMap({ checkedSum([$0, first, width]) }),
        last <= shape[shape.count - 1]
      else { return nil }
      (rows, columns) = (shape.dropFirst().dropLast().reduce(1, *), width)
    }
    if operand.transposed { swap(&rows, &columns) }
    return (shape[0], rows, columns)
  }

  /// nil if the operands don't fit each other.
  func outputShape(_ x: [Int], _ y: [Int]) -> [Int]? {
    guard let a = matrix(a, x), let b = matrix(b, y), a.batch == b.batch, a.columns == b.rows else { return nil }
    if stacked { return [a.batch, heads, a.rows, b.columns] }
    guard let columns = checkedProduct([heads, b.columns]) else { return nil }
    // Rows keep the shape that they have in A.
    if case .columns = self.a.layout, !self.a.transposed { return x.dropLast() + [columns] }
    return [a.batch, a.rows, columns]
  }
}

/// The sum, or `nil` where it doesn't fit an `Int`.
func checkedSum(_ terms: [Int]) -> Int? {
  var sum = 0
  for term in terms {
    let (next, overflow) = sum.addingReportingOverflow(term)
    if overflow { return nil }
    sum = next
  }
  return sum
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

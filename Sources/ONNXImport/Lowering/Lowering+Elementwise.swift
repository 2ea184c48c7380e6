import Model
import Numerics

extension Lowering {
  /// Operators that compute each element on its own.
  mutating func lowerElementwise(_ node: Node) throws(Problem) {
    if let function = try function(node) {
      let x = try activation(node)
      let (leaf, inner, view) = try mapped(x, node, 0)
      return try map(node, leaf, .apply(function, inner), view)
    }
    guard let combination = Combination(rawValue: node.type), node.inputs.count == 2 else {
      throw Problem("with \(node.inputs.count) inputs it isn't supported")
    }
    try node.checkModulo()
    switch (try value(node, 0), try value(node, 1)) {
    case (.activation(let a), .activation(let b)): try combine(node, combination, a, b)
    case (.activation(let a), .constant(let b)): try combine(node, combination, a, b, constantFirst: false)
    case (.constant(let a), .activation(let b)): try combine(node, combination, b, a, constantFirst: true)
    case (.constant, .constant): throw Problem("two constants should have been folded")
    }
  }

  private mutating func function(_ node: Node) throws(Problem) -> Function? {
    switch node.type {
    case "Gelu":
      let form = try node.string("approximate") ?? "none"
      guard form == "none" || form == "tanh" else {
        throw Problem("approximate = '\(form)' isn't one of none and tanh")
      }
      return .gelu(tanh: form == "tanh")
    case "HardSigmoid": return .hardSigmoid(alpha: try node.float("alpha") ?? 0.2, beta: try node.float("beta") ?? 0.5)
    case "LeakyRelu":
      let alpha = try node.float("alpha") ?? 0.01
      guard alpha.isFinite else { throw Problem("alpha is \(alpha)") }
      return .leakyRelu(alpha: alpha)
    case "Clip":
      func bound(_ index: Int, _ other: Float) throws(Problem) -> Float {
        guard node.has(index) else { return other }
        guard let value = try constant(node, index, "bound").scalar() else {
          throw Problem("its bounds must be single numbers")
        }
        guard !value.isNaN else { throw Problem("a bound is NaN") }
        return value
      }
      let (low, high) = (try bound(1, -.infinity), try bound(2, .infinity))
      return low == 0 && high == .infinity ? .relu : .clip(low, high)
    default: return Function(unary: node.type)
    }
  }

  /// An activation as a function of what it was computed from, up to `Expression` sizes that stay small.
  private mutating func mapped(_ x: Activation, _ node: Node, _ input: Int) throws(Problem) -> (Leaf, Expression, View)
  {
    let cover = try cover(x)
    let name = node.inputs[input]
    if case .result(let index) = x.source, case .map(let leaf, let expression) = results[index].work,
      cover.part.isEverything,
      expression.size < 16,
      mode == .quantized || (isReadOnce(name) && node.inputs.count { $0 == name } == 1)
    {
      return (leaf, expression, cover.view)
    }
    var source = x.source
    // Else functions of functions would wait for each other without end.
    if mode != .quantized, case .result(let index) = source, case .map = results[index].work {
      source = .tensor(try realize(index, as: nil))
    }
    return (Leaf(source: source, part: cover.part), .x, cover.view)
  }

  private mutating func map(_ node: Node, _ leaf: Leaf, _ expression: Expression, _ view: View) throws(Problem) {
    try define(node, .map(leaf, expression), shape: leaf.part.shape, view: view)
  }

  // MARK: Two activations

  private mutating func combine(
    _ node: Node, _ combination: Combination, _ a: Activation, _ b: Activation
  ) throws(Problem) {
    let rank = max(a.view.rank, b.view.rank)
    var (a, b) = (a, b)
    (a.view, b.view) = (a.view.padded(to: rank), b.view.padded(to: rank))
    if combination == .divide { return try divide(node, a, b) }
    guard a.view.shape == b.view.shape else {
      throw Problem(
        "its operands \(a.view.shape) and \(b.view.shape) must have the same shape; broadcast is for constants alone")
    }
    let (first, second) = (try mapped(a, node, 0), try mapped(b, node, 1))
    if first.0 == second.0, first.2 == second.2 {
      return try map(node, first.0, .combine(combination, first.1, second.1), first.2)
    }
    let (x, xView) = try covered(a)
    var (y, yView) = try covered(b)
    guard xView == yView else {
      throw Problem(
        "its operands '\(node.inputs[0])' and '\(node.inputs[1])' lie differently in memory, and one would have to move"
      )
    }
    let shape = tensors[x].shape
    y = reshaped(y, shape)
    switch combination {
    case .add: try define(node, .operation(.add, [x, y]), shape: shape, view: xView)
    case .multiply:
      if let gate = gate(y, of: x) ?? gate(x, of: y) {
        let source = gate.id
        return try define(
          node, .operation(.elementwise(.hardSwish(gate: gate.numbers)), [source]), shape: shape, view: xView)
      }
      try define(node, .operation(.multiply, [x, y]), shape: shape, view: xView)
    case .subtract: try define(node, .operation(.add, [x, try negated(y)]), shape: shape, view: xView)
    default: throw Problem("of two activations it isn't supported")
    }
  }

  /// Hard-swish whose second factor is quantized: x · hardSigmoid(x).
  private func gate(_ y: TensorID, of x: TensorID) -> (id: TensorID, numbers: Quantization)? {
    guard let maker = makers[y], operators[maker].inputs == [x], case .int8(let quantization)? = numbers[y],
      operators[maker].operation == .elementwise(.hardSigmoid(alpha: 1 / 6, beta: 0.5))
    else { return nil }
    return (x, quantization)
  }

  /// −x; exactly, for INT8: −s(q − z) = s((−1−q) − (−1−z)).
  private mutating func negated(_ x: TensorID) throws(Problem) -> TensorID {
    let name = tensors[x].name
    guard mode == .quantized else {
      return addOperator(
        "\(name).negative", .elementwise(.scale(-1)), [x], result: "\(name).negative", tensors[x].shape, nil)
    }
    let given = try int8(x)
    let numbers = TensorNumbers.int8(Quantization(scale: given.scale, zeroPoint: -1 - given.zeroPoint))
    let table = (-128...127).map { Int8(-1 - $0) }
    return addOperator(
      "\(name).negative", .elementwise(.table(table)), [x], result: "\(name).negative", tensors[x].shape, numbers)
  }

  /// Columns over the last column of their head, plus ε: how linear attention ends.
  private mutating func divide(_ node: Node, _ a: Activation, _ b: Activation) throws(Problem) {
    let top = try cover(a)
    let (leaf, expression, bottom) = try mapped(b, node, 1)
    if let width = top.part.columns?.width, let heads = top.part.columns?.count, leaf.source == a.source,
      let columns = leaf.part.columns, let epsilon = expression.addend,
      top.part.columns == Cover.Columns(first: 0, step: heads == 1 ? width : width + 1, width: width, count: heads),
      columns.first == width, columns.width * columns.count == heads, heads == 1 || columns.step == width + 1,
      shape(of: a.source).last == heads * (width + 1), leaf.part.token == nil, top.part.token == nil,
      divides(top.view, bottom, width)
    {
      let x: TensorID
      if case .result(let index) = a.source, case .product(let product) = results[index].work {
        var wanted: TensorNumbers?
        if mode == .quantized {
          wanted = .int32(scales: [try int8(product.inputs[0]).scale * int8(product.inputs[1]).scale])
        }
        x = try realize(index, as: wanted)
      } else {
        x = try tensor(a)
      }
      return try define(
        node, .operation(.divide(heads: heads, epsilon: epsilon), [x]), shape: top.part.shape, view: top.view)
    }
    if case .tensor(let id) = leaf.source, let maker = makers[id], mode == .quantized {
      throw Problem(
        "its divisor '\(tensors[id].name)' was rounded to INT8 by itself ('\(operators[maker].name)'), and many quotients would be nothing or infinite: quantize neither the product that is divided nor its divisor, only the quotient"
      )
    }
    throw Problem("only columns over the last column of their head (plus a constant) can be divided")
  }

  /// Whether each element of the quotient has its head's column as divisor.
  private func divides(_ top: View, _ bottom: View, _ width: Int) -> Bool {
    top.shape.indices.allSatisfy { axis in
      if top.shape[axis] == bottom.shape[axis] { return top.strides[axis] == bottom.strides[axis] * width }
      return bottom.shape[axis] == 1 && top.shape[axis] == width && top.strides[axis] == 1
    }
  }

  // MARK: An activation and a constant

  private mutating func combine(
    _ node: Node, _ combination: Combination, _ x: Activation, _ given: Constant, constantFirst: Bool
  ) throws(Problem) {
    let rank = max(x.view.rank, given.shape.count)
    guard rank <= Limits.rank else { throw Problem("\(rank) dimensions are too many") }
    let x = Activation(source: x.source, view: x.view.padded(to: rank))
    if given.count == 1, !given.isMissing, let value = try given.scalar() {
      guard value.isFinite else { throw Problem("'\(given.name)' is \(value)") }
      let (leaf, inner, view) = try mapped(x, node, constantFirst ? 1 : 0)
      let operands = constantFirst ? (Expression.constant(value), inner) : (inner, .constant(value))
      return try map(node, leaf, .combine(combination, operands.0, operands.1), view)
    }
    guard let places = View(given.shape).expanded(to: x.view.shape) else {
      throw Problem("'\(given.name)' \(given.shape) can't be broadcast to \(x.view.shape)")
    }
    switch combination {
    case .add, .multiply:
      let folded =
        combination == .add
        ? try addBias(node, x, given, places) : try scaleColumns(node, x, given, places)
      if folded { return }
      let (id, view) = try covered(x)
      let operand = addParameter(try operandLike(id, view, given, places, "operand"))
      let operation = combination == .add ? GraphOperation.add : .multiply
      try define(node, .operation(operation, [id, operand]), shape: tensors[id].shape, view: view)
    case .subtract where !constantFirst && mode != .quantized && !given.isMissing:
      try folding.take(given.shape)
      let negative = Constant(name: given.name, shape: given.shape, elements: .float(try given.floats().map { -$0 }))
      try combine(node, .add, x, negative, constantFirst: false)
    default:
      throw Problem(
        "with the constant '\(given.name)' \(given.shape) it isn't supported; single numbers are, and factors or addends of each channel"
      )
    }
  }

  /// Whether a broadcast constant is the same for all rows.
  func varies(_ view: View, _ places: View, onlyAlongColumnsOf shape: [Int]) -> Bool {
    let columns = shape[shape.count - 1]
    return view.shape.indices.allSatisfy {
      places.strides[$0] == 0 || view.shape[$0] == 1
        || (view.strides[$0] < columns && view.strides[$0] * (view.shape[$0] - 1) < columns)
    }
  }

  /// A broadcast constant in the order of a tensor's memory: [D], or [1, …] if rows differ.
  private mutating func operandLike(
    _ id: TensorID, _ view: View, _ given: Constant, _ places: View, _ what: String
  ) throws(Problem) -> Parameter {
    let shape = tensors[id].shape
    let columns = shape[shape.count - 1]
    if varies(view, places, onlyAlongColumnsOf: shape) {
      return try operand(arranged(given, places, view, over: columns), what, shape: [columns])
    }
    let image = shape.dropFirst().reduce(1, *)
    if shape[0] > 1, view.shape.indices.contains(where: { places.strides[$0] != 0 && view.strides[$0] >= image }) {
      throw Problem("'\(given.name)' differs between images of the batch")
    }
    return try operand(arranged(given, places, view, over: image), what, shape: [1] + shape.dropFirst())
  }

  /// The first `count` elements of a tensor's memory.
  mutating func arranged(_ given: Constant, _ places: View, _ view: View, over count: Int) throws(Problem) -> Constant {
    if given.isMissing { return given }
    try folding.take([count])
    var (view, places) = (view, places)
    for axis in view.shape.indices where view.strides[axis] >= count {
      (view, places) = (view.sliced(axis, first: 0, count: 1), places.sliced(axis, first: 0, count: 1))
    }
    guard view.elements == count else {
      throw Problem("'\(given.name)' would have to be cut where rows and columns mix")
    }
    var order = Array(repeating: 0, count: count)
    var targets: [Int] = []
    view.forEachPlace { targets.append($0) }
    var index = 0
    places.forEachPlace { place in
      order[targets[index]] = place
      index += 1
    }
    return given.picked(order, shape: [count])
  }

  /// A bias behind a product joins the product.
  private mutating func addBias(
    _ node: Node, _ x: Activation, _ given: Constant, _ places: View
  ) throws(Problem) -> Bool {
    guard case .result(let index) = x.source, case .product(var product) = results[index].work, product.weight != nil,
      product.bias == nil, isReadHereAlone(index), results[index].tensors.isEmpty, try cover(x).part.isEverything,
      let columns = results[index].shape.last, varies(x.view, places, onlyAlongColumnsOf: results[index].shape)
    else { return false }
    var constant = given
    if given.count != columns || given.shape.last != columns {
      constant = try arranged(given, places, x.view, over: columns)
    }
    product.bias = try bias(constant, columns: columns)
    results[index].work = .product(product)
    results[index].node = current
    results[index].name = node.outputs.first ?? node.name
    results[index].view = x.view
    try define(node, .activation(x))
    return true
  }
}

extension Expression {
  /// ε of x + ε; 0 of x.
  fileprivate var addend: Float? {
    switch self {
    case .x: 0
    case .combine(.add, .x, .constant(let value)), .combine(.add, .constant(let value), .x): value
    default: nil
    }
  }
}

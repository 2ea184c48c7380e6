import Model
import Numerics

extension Lowering {
  /// Scales and zero points of a QuantizeLinear or DequantizeLinear.
  private struct Grid {
    var scales: [Float]
    /// Of unsigned integers with 128 subtracted.
    var zeroPoints: [Int]
    var type: ElementType
    var axis: Int?

    var single: Quantization? {
      axis == nil ? Quantization(scale: scales[0], zeroPoint: zeroPoints[0]) : nil
    }
  }

  /// - Parameter type: of the integers, where the node has no zero point.
  private func grid(_ node: Node, shape: [Int], type: ElementType) throws(Problem) -> Grid {
    if try node.int("block_size") ?? 0 != 0 { throw Problem("scales by blocks aren't supported") }
    let scale = try constant(node, 1, "scale")
    let scales = try scale.floats()
    guard scales.allSatisfy({ $0.isFinite && $0 >= Float.leastNormalMagnitude }) else {
      throw Problem(
        "its scale '\(scale.name)' must be positive and finite, and is \(scales.first { !($0.isFinite && $0 >= Float.leastNormalMagnitude) } ?? 0)"
      )
    }
    var grid = Grid(scales: scales, zeroPoints: scales.map { _ in 0 }, type: type)
    if node.has(2) {
      let zero = try constant(node, 2, "zero point")
      let zeros = try zero.integers()
      guard zeros.count == scales.count, [.int8, .uint8, .int32].contains(zero.type) else {
        throw Problem(
          "its zero point '\(zero.name)' must be int8, uint8 or int32 and as many as the scales, and is \(zero.type.name) \(zero.shape)"
        )
      }
      (grid.zeroPoints, grid.type) = (zeros, zero.type)
    } else if node.type == "QuantizeLinear", let code = try node.int("output_dtype"), code != 0 {
      guard code == 2 || code == 3 else {
        throw Problem(
          "it quantizes to \(ElementType.name(Int32(truncatingIfNeeded: code))); int8 and uint8 are supported")
      }
      grid.type = code == 2 ? .uint8 : .int8
    }
    if grid.type == .uint8 { grid.zeroPoints = grid.zeroPoints.map { $0 - 128 } }
    if scale.shape.count <= 1, scales.count == 1 { return grid }
    let axis = try axis(try node.int("axis") ?? 1, shape.count)
    guard scale.shape.count == 1, shape[axis] == scales.count else {
      throw Problem("\(scales.count) scales don't fit dimension \(axis) of \(shape)")
    }
    grid.axis = axis
    return grid
  }

  mutating func lowerQuantize(_ node: Node) throws(Problem) {
    if mode != .quantized { throw Problem("the file is quantized: import it as such") }
    switch try value(node, 0) {
    case .constant(let x):
      let grid = try grid(node, shape: x.shape, type: .uint8)
      let values = try x.converted()
      try folding.take(x.shape)
      let inner = grid.axis.map { x.shape.dropFirst($0 + 1).reduce(1, *) } ?? 1
      let integers = values.indices.map { index in
        let channel = grid.axis.map { index / inner % x.shape[$0] } ?? 0
        return Quantization(scale: grid.scales[channel], zeroPoint: grid.zeroPoints[channel]).quantize(values[index])
      }
      let elements: Constant.Elements =
        grid.type == .uint8 ? .uint8(integers.map { UInt8(truncatingIfNeeded: Int($0) + 128) }) : .int8(integers)
      try define(node, .constant(Constant(name: x.name, shape: x.shape, elements: elements)))
    case .activation(let x):
      let grid = try grid(node, shape: x.view.shape, type: .uint8)
      guard let quantization = grid.single, grid.type != .int32 else {
        throw Problem("activations must have one scale and int8 or uint8 integers: quantize per tensor")
      }
      try quantize(node, x, to: quantization, unsigned: grid.type == .uint8)
    }
  }

  private mutating func quantize(
    _ node: Node, _ x: Activation, to quantization: Quantization, unsigned: Bool
  ) throws(Problem) {
    let wanted = TensorNumbers.int8(quantization)
    let name = node.inputs[0]
    let id: TensorID
    var view = x.view
    switch x.source {
    case .tensor(let known) where numbers[known] == wanted:
      return try define(node, .activation(x))
    case .tensor(Self.input) where numbers[Self.input] == nil:
      id = Self.input
      numbers[id] = wanted
    case .tensor:
      let cover = try cover(x)
      let (source, shape) = (try covered(x).id, cover.part.shape)
      id = addOperator(node.name, .elementwise(.identity), [source], result: name, shape, wanted)
      view = cover.view
    case .result(let index):
      id = try realize(index, as: wanted, named: name)
    }
    if presentations[id]?.quantizedName == nil {
      presentations[id] = Presentation(
        name: name, quantizedName: node.outputs.first, unsigned: unsigned, shape: view.shape, strides: view.strides,
        offset: view.offset)
    }
    try define(node, .activation(Activation(source: .tensor(id), view: view)))
  }

  mutating func lowerDequantize(_ node: Node) throws(Problem) {
    if mode != .quantized { throw Problem("the file is quantized: import it as such") }
    switch try value(node, 0) {
    case .constant(let x):
      let grid = try grid(node, shape: x.shape, type: x.type)
      guard grid.type == x.type || !node.has(2) else {
        throw Problem("its zero point is \(grid.type.name), but '\(x.name)' is \(x.type.name)")
      }
      let integers: QuantizedElements.Integers
      switch x.elements {
      case .int8(let values): integers = .int8(values)
      case .uint8(let values):
        try folding.take(x.shape)
        integers = .int8(values.map { Int8(truncatingIfNeeded: Int($0) - 128) })
      case .int32(let values): integers = .int32(values)
      case .missing: return try define(node, .constant(x))
      default: throw Problem("'\(x.name)' must be int8, uint8 or int32, and is \(x.type.name)")
      }
      let quantized = QuantizedElements(
        integers: integers, scales: grid.scales, zeroPoints: grid.zeroPoints, axis: grid.axis)
      try define(node, .constant(Constant(name: x.name, shape: x.shape, elements: .quantized(quantized))))
    case .activation(let x):
      // Without a zero point the integers are of the type that they have.
      var isSigned = (file.input.name == node.inputs[0]) && file.input.type == ElementType.int8.rawValue
      if case .tensor(let id) = x.source, let form = presentations[id], form.quantizedName != nil {
        isSigned = !form.unsigned
      }
      let grid = try grid(node, shape: x.view.shape, type: isSigned ? .int8 : .uint8)
      guard case .tensor(let id) = x.source, let quantization = grid.single, grid.type != .int32 else {
        throw Problem("activations must be int8 or uint8 with one scale")
      }
      if id == Self.input, numbers[id] == nil {
        numbers[id] = .int8(quantization)
        presentations[id]?.unsigned = grid.type == .uint8
        presentations[id]?.quantizedName = file.input.name
      }
      guard numbers[id] == .int8(quantization) else {
        throw Problem(
          "its scale or zero point isn't that of QuantizeLinear before it, which made '\(tensors[id].name)'")
      }
      try define(node, .activation(x))
    }
  }

  // MARK: Results become tensors

  /// - Parameters:
  ///   - wanted: the numbers; `nil` in a float model.
  ///   - name: of the tensor, if it isn't the result's.
  mutating func realize(_ index: Int, as wanted: TensorNumbers?, named name: String? = nil) throws(Problem) -> TensorID
  {
    if let known = results[index].tensors.first(where: { $0.numbers == wanted }) { return known.id }
    let result = results[index]
    let node = file.nodes[result.node]
    let name = name ?? result.name
    func add(_ operation: GraphOperation, _ inputs: [TensorID]) -> TensorID {
      addOperator(node.name, operation, inputs, result: name, result.shape, wanted)
    }
    let id: TensorID
    switch result.work {
    case .operation(let operation, let inputs): id = add(operation, inputs)
    case .classToken(let patches, let token):
      let parameter = try parameter(ofToken: token, width: result.shape[2], wanted)
      let inputs = [rescale(patches, to: wanted, for: name), addParameter(parameter)]
      id = add(.classToken, inputs)
    case .product(let product):
      let inputs = try parameters(of: product, node)
      id = add(product.operation, inputs)
    case .map(let leaf, let expression):
      let input = cut(try source(of: leaf, expression, wanted), leaf.part)
      if wanted == nil {
        id = try steps(expression, input, node.name, result: name)
      } else {
        id = add(.elementwise(try function(expression, from: numbers[input], to: wanted)), [input])
      }
    }
    results[index].tensors.append((wanted, id))
    presentations[id] = Presentation(
      name: result.name, quantizedName: nil, unsigned: false, shape: result.view.shape, strides: result.view.strides,
      offset: result.view.offset)
    return id
  }

  /// The same values on another scale.
  private mutating func rescale(_ id: TensorID, to wanted: TensorNumbers?, for name: String) -> TensorID {
    guard let wanted, numbers[id] != wanted else { return id }
    let given = tensors[id].name
    return addOperator(
      "\(name).\(given).rescale", .elementwise(.identity), [id], result: "\(given).rescale", tensors[id].shape, wanted)
  }

  private mutating func source(of leaf: Leaf, _ expression: Expression, _ wanted: TensorNumbers?) throws(Problem)
    -> TensorID
  {
    guard mode == .quantized, case .result(let index) = leaf.source, case .product = results[index].work,
      expression.commutesWithRounding
    else { return try tensor(Activation(source: leaf.source, view: View(leaf.part.shape))) }
    return try realize(index, as: wanted)
  }

  /// A function in float32: one operator if the graph has it, else several.
  private mutating func steps(
    _ expression: Expression, _ input: TensorID, _ node: String, result: String
  ) throws(Problem) -> TensorID {
    var known = expression.known
    if expression == .apply(.gelu(tanh: true), .x), mode == .structure { known = .gelu }
    if let known {
      return addOperator(node, .elementwise(known), [input], result: result, tensors[input].shape, nil)
    }
    func inner(_ part: Expression) throws(Problem) -> TensorID {
      part == .x ? input : try steps(part, input, "\(node).step", result: "\(result).step")
    }
    switch expression {
    case .apply(let function, let part) where part != .x:
      return try steps(.apply(function, .x), inner(part), node, result: result)
    case .combine(let combination, let part, .constant(let value)) where part != .x:
      return try steps(.combine(combination, .x, .constant(value)), inner(part), node, result: result)
    case .combine(.multiply, .constant(let value), let part) where part != .x:
      return try steps(.combine(.multiply, .x, .constant(value)), inner(part), node, result: result)
    case .combine(.add, let a, let b) where !a.isConstant && !b.isConstant:
      return addOperator(node, .add, [try inner(a), try inner(b)], result: result, tensors[input].shape, nil)
    case .combine(.multiply, let a, let b) where !a.isConstant && !b.isConstant:
      return addOperator(node, .multiply, [try inner(a), try inner(b)], result: result, tensors[input].shape, nil)
    default:
      throw Problem(
        "this function isn't one that a graph has in float32 (relu, gelu with erf, hard-swish, sigmoid, SiLU, tanh …): quantize the model, where a table can hold it"
      )
    }
  }

  private func function(
    _ expression: Expression, from input: TensorNumbers?, to output: TensorNumbers?
  ) throws(Problem) -> ElementwiseFunction {
    guard case .int8(let input)? = input, case .int8(let output)? = output else {
      throw Problem("its input isn't INT8, and only a product can be computed from INT32")
    }
    let known = expression.known(from: input, to: output)
    let table = expression.table(from: input, to: output)
    if case .scale(let factor)? = known {
      // A product with the reciprocal isn't always the quotient.
      let scaled = Expression.combine(.multiply, .x, .constant(factor)).table(from: input, to: output)
      return scaled == table ? .scale(factor) : .table(table)
    }
    return known ?? .table(table)
  }
}

extension Expression {
  /// See `Function.commutesWithRounding`.
  var commutesWithRounding: Bool {
    switch self {
    case .x: true
    case .apply(let function, let inner): function.commutesWithRounding && inner.commutesWithRounding
    case .constant, .combine: false
    }
  }
}

import Foundation

/// Operators on constants, computed when the model is loaded.
struct Folding {
  /// Besides the views, which constants take as activations do.
  static let operators: Set<String> = [
    "Constant", "ConstantOfShape", "Range", "Cast", "Concat", "Gather", "Where", "Equal", "Greater", "Less",
    "GreaterOrEqual",
    "LessOrEqual", "Not", "And", "Or", "Add", "Sub", "Mul", "Div", "Mod", "Pow", "Min", "Max", "Neg", "Sqrt", "Abs",
    "Floor",
    "Ceil", "Exp", "Log", "Erf", "Reciprocal", "Size", "Reshape", "Transpose", "Slice", "Split", "Squeeze", "Unsqueeze",
    "Flatten", "Expand", "Identity", "QuantizeLinear", "DequantizeLinear",
  ]

  /// Elements that may still be made.
  private(set) var budget: Int
  private let limit: Int

  /// - Parameter held: elements in the file.
  init(held: Int) {
    limit = Limits.folded + 4 * held
    budget = limit
  }

  /// - Throws: where the elements made up to now are too many.
  mutating func take(_ shape: [Int]) throws(Problem) {
    guard shape.count <= Limits.rank, let extent = Limits.extent(shape), extent <= budget else {
      throw Problem(
        "it makes constants of more than \(limit) elements in all, the last one \(shape.prefix(Limits.rank + 1))")
    }
    budget -= extent
  }

  /// Integers or real numbers.
  private enum Numbers {
    case integers([Int])
    case floats([Float])

    init(_ constant: Constant) throws(Problem) {
      switch constant.elements {
      case .float, .quantized: self = .floats(try constant.floats())
      default: self = .integers(try constant.integers())
      }
    }
  }

  private func constant(_ numbers: Numbers, _ shape: [Int], _ type: ElementType, _ name: String) throws(Problem)
    -> Constant
  {
    let elements: Constant.Elements =
      switch (numbers, type) {
      case (.floats(let values), .float), (.floats(let values), .float16), (.floats(let values), .bfloat16),
        (.floats(let values), .double):
        .float(values)
      case (.integers(let values), .float), (.integers(let values), .float16), (.integers(let values), .bfloat16),
        (.integers(let values), .double):
        .float(values.map(Float.init))
      case (.integers(let values), .bool): .bool(values.map { $0 != 0 })
      case (.floats(let values), .bool): .bool(values.map { $0 != 0 })
      case (.integers(let values), .int32): .int32(values.map { Int32(truncatingIfNeeded: $0) })
      case (.integers(let values), .int8): .int8(values.map { Int8(truncatingIfNeeded: $0) })
      case (.integers(let values), .uint8): .uint8(values.map { UInt8(truncatingIfNeeded: $0) })
      case (.integers(let values), .int64): .int64(values.map(Int64.init))
      case (.floats(let values), _): .int64(values.map { Int64(exactly: $0.rounded(.towardZero)) ?? 0 })
      }
    return Constant(name: name, shape: shape, elements: elements)
  }

  /// The result of a node all of whose inputs are constants; `nil` if it isn't one of these operators.
  mutating func result(of node: Node, _ inputs: [Constant?], reader: TensorReader) throws(Problem) -> Constant? {
    func input(_ index: Int) throws(Problem) -> Constant {
      guard index < inputs.count, let constant = inputs[index] else { throw Problem("input \(index) is missing") }
      return constant
    }
    let name = node.outputs.first ?? ""
    switch node.type {
    case "Constant": return try literal(node, name, reader)
    case "ConstantOfShape":
      let shape = try input(0).integers()
      try take(shape)
      var value = Numbers.floats([0])
      var type = ElementType.float
      if let tensor = try node.tensor("value") {
        let constant = try reader.constant(tensor, name: name)
        guard constant.count == 1 else { throw Problem("attribute 'value' must hold one number") }
        (value, type) = (try Numbers(constant), constant.type)
      }
      let count = shape.reduce(1, *)
      switch value {
      case .integers(let one): return try constant(.integers(Array(repeating: one[0], count: count)), shape, type, name)
      case .floats(let one): return try constant(.floats(Array(repeating: one[0], count: count)), shape, type, name)
      }
    case "Range":
      let values = try [input(0), input(1), input(2)].map { constant throws(Problem) in try Numbers(constant) }
      guard case .integers(let first) = values[0], case .integers(let end) = values[1],
        case .integers(let step) = values[2],
        first.count == 1, end.count == 1, step.count == 1, step[0] != 0,
        [first[0], end[0], step[0]].allSatisfy({ $0.magnitude <= Limits.elements })
      else { throw Problem("only ranges of integers are supported") }
      let count = max(0, (end[0] - first[0] + step[0] - step[0].signum()) / step[0])
      try take([count])
      return try constant(.integers((0..<count).map { first[0] + $0 * step[0] }), [count], input(0).type, name)
    case "Cast":
      guard let code = try node.int("to"), let type = ElementType(rawValue: Int32(truncatingIfNeeded: code)) else {
        throw Problem("casts to a type that isn't supported")
      }
      let x = try input(0)
      if x.isMissing || (x.type == .float && type == .float) { return x }
      try take(x.shape)
      return try constant(Numbers(x), x.shape, type, name)
    case "Size": return Constant(name: name, shape: [], elements: .int64([Int64(try input(0).count)]))
    case "Concat": return try concatenated(node, inputs.indices.map { index throws(Problem) in try input(index) }, name)
    case "Gather": return try gathered(node, input(0), input(1), name)
    case "Where":
      let (condition, x, y) = (try input(0), try input(1), try input(2))
      return try broadcast([condition, x, y], type: x.type, name) { values in
        values[0] != 0 ? values[1] : values[2]
      } floats: {
        values in
        values[0] != 0 ? values[1] : values[2]
      }
    case "Not":
      return try broadcast([input(0)], type: .bool, name) {
        $0[0] == 0 ? 1 : 0
      } floats: {
        $0[0] == 0 ? 1 : 0
      }
    default: return try arithmetic(node, inputs, name)
    }
  }

  private func literal(_ node: Node, _ name: String, _ reader: TensorReader) throws(Problem) -> Constant {
    if let tensor = try node.tensor("value") { return try reader.constant(tensor, name: name) }
    if let value = try node.float("value_float") { return Constant(name: name, shape: [], elements: .float([value])) }
    if let values = try node.floats("value_floats") {
      return Constant(name: name, shape: [values.count], elements: .float(values))
    }
    if let value = try node.int("value_int") {
      return Constant(name: name, shape: [], elements: .int64([Int64(value)]))
    }
    if let values = try node.ints("value_ints") {
      return Constant(name: name, shape: [values.count], elements: .int64(values.map(Int64.init)))
    }
    throw Problem("it has no value that is a tensor or numbers")
  }

  private mutating func concatenated(_ node: Node, _ inputs: [Constant], _ name: String) throws(Problem) -> Constant {
    guard let first = inputs.first, let given = try node.int("axis") else {
      throw Problem("inputs or attribute 'axis' are missing")
    }
    let axis = given < 0 ? given + first.shape.count : given
    guard first.shape.indices.contains(axis) else { throw Problem("axis \(given) isn't one of \(first.shape)") }
    var shape = first.shape
    shape[axis] = 0
    for input in inputs {
      guard input.shape.count == shape.count,
        input.shape.indices.allSatisfy({ $0 == axis || input.shape[$0] == shape[$0] })
      else {
        throw Problem("shapes \(inputs.map(\.shape)) don't fit each other")
      }
      shape[axis] += input.shape[axis]
    }
    try take(shape)
    let outer = shape[..<axis].reduce(1, *)
    func join<T>(_ parts: [[T]]) -> [T] {
      let runs = inputs.map { $0.shape[axis...].reduce(1, *) }
      return (0..<outer).flatMap { row in
        zip(parts, runs).flatMap { part, run in part[row * run..<(row + 1) * run] }
      }
    }
    if first.type == .float {
      return try constant(
        .floats(join(inputs.map { input throws(Problem) in try input.floats() })), shape, .float, name)
    }
    return try constant(
      .integers(join(inputs.map { input throws(Problem) in try input.integers() })), shape, first.type, name)
  }

  private mutating func gathered(_ node: Node, _ x: Constant, _ indices: Constant, _ name: String) throws(Problem)
    -> Constant
  {
    let given = try node.int("axis") ?? 0
    let axis = given < 0 ? given + x.shape.count : given
    guard x.shape.indices.contains(axis) else { throw Problem("axis \(given) isn't one of \(x.shape)") }
    let places = try indices.integers().map { index throws(Problem) in
      guard -x.shape[axis]..<x.shape[axis] ~= index else {
        throw Problem("index \(index) is outside of \(x.shape[axis])")
      }
      return index < 0 ? index + x.shape[axis] : index
    }
    let shape = Array(x.shape[..<axis]) + indices.shape + Array(x.shape[(axis + 1)...])
    try take(shape)
    let inner = x.shape[(axis + 1)...].reduce(1, *)
    let outer = x.shape[..<axis].reduce(1, *)
    let size = x.shape[axis]
    func pick<T>(_ values: [T]) -> [T] {
      var result: [T] = []
      for row in 0..<outer {
        for place in places {
          let first = (row * size + place) * inner
          result.append(contentsOf: values[first..<first + inner])
        }
      }
      return result
    }
    switch try Numbers(x) {
    case .integers(let values): return try constant(.integers(pick(values)), shape, x.type, name)
    case .floats(let values): return try constant(.floats(pick(values)), shape, .float, name)
    }
  }

  /// Element by element, with the broadcasting of ONNX.
  private mutating func broadcast(
    _ inputs: [Constant], type: ElementType, _ name: String, integers: ([Int]) throws(Problem) -> Int,
    floats: ([Float]) throws(Problem) -> Float
  ) throws(Problem) -> Constant {
    let rank = inputs.map(\.shape.count).max() ?? 0
    var shape = Array(repeating: 1, count: rank)
    for input in inputs {
      for (axis, size) in input.shape.enumerated() where size != 1 { shape[axis + rank - input.shape.count] = size }
    }
    try take(shape)
    let places = try inputs.map { input throws(Problem) in
      guard let view = View(input.shape).expanded(to: shape) else {
        throw Problem("shapes \(inputs.map(\.shape)) can't be broadcast to each other")
      }
      var places: [Int] = []
      view.forEachPlace { places.append($0) }
      return places
    }
    let count = shape.reduce(1, *)
    // A condition beside real numbers is a number as well.
    if inputs.contains(where: { $0.type == .float }) {
      let values = try inputs.map { input throws(Problem) in try input.converted() }
      let results = try (0..<count).map { index throws(Problem) in
        try floats(zip(values, places).map { $0[$1[index]] })
      }
      return try constant(.floats(results), shape, type, name)
    }
    let values = try inputs.map { input throws(Problem) in try input.integers() }
    let results = try (0..<count).map { index throws(Problem) in
      try integers(zip(values, places).map { $0[$1[index]] })
    }
    return try constant(.integers(results), shape, type, name)
  }

  private mutating func arithmetic(_ node: Node, _ inputs: [Constant?], _ name: String) throws(Problem) -> Constant? {
    let operands = inputs.compactMap { $0 }
    guard let x = operands.first, operands.count == inputs.count else { return nil }
    if operands.count == 1, let function = Function(unary: node.type) {
      try take(x.shape)
      if x.type == .float {
        return try constant(.floats(x.floats().map(function.callAsFunction)), x.shape, .float, name)
      }
      switch function {
      case .negative: return try constant(.integers(x.integers().map { 0 &- $0 }), x.shape, x.type, name)
      case .absolute: return try constant(.integers(x.integers().map { $0 < 0 ? 0 &- $0 : $0 }), x.shape, x.type, name)
      default: return nil
      }
    }
    let comparisons: [String: (integer: (Int, Int) -> Bool, float: (Float, Float) -> Bool)] = [
      "Equal": (==, ==), "Greater": (>, >), "Less": (<, <), "GreaterOrEqual": (>=, >=), "LessOrEqual": (<=, <=),
      "And": ({ $0 != 0 && $1 != 0 }, { $0 != 0 && $1 != 0 }), "Or": ({ $0 != 0 || $1 != 0 }, { $0 != 0 || $1 != 0 }),
    ]
    guard operands.count == 2 else { return nil }
    if let compare = comparisons[node.type] {
      return try broadcast(operands, type: .bool, name) {
        compare.integer($0[0], $0[1]) ? 1 : 0
      } floats: {
        compare.float($0[0], $0[1]) ? 1 : 0
      }
    }
    guard let combine = Combination(rawValue: node.type) else { return nil }
    try node.checkModulo()
    return try broadcast(operands, type: x.type, name) { values throws(Problem) in
      try combine(values[0], values[1])
    } floats: { values in
      combine(values[0], values[1])
    }
  }
}

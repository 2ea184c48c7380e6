import Model

extension Lowering {
  /// Operators that only change the view, of constants as well.
  mutating func lowerView(_ node: Node) throws(Problem) {
    switch try value(node, 0) {
    case .activation(let x):
      for (index, view) in try views(node, x.view).enumerated() where index < node.outputs.count {
        guard view.shape.allSatisfy({ $0 > 0 }) else { throw Problem("its result \(view.shape) is empty") }
        try define(node, .activation(Activation(source: x.source, view: view)), output: index)
      }
    case .constant(let x):
      for (index, view) in try views(node, View(x.shape)).enumerated() where index < node.outputs.count {
        if !view.isContiguous, !x.isMissing { try folding.take(view.shape) }
        try define(node, .constant(x.rearranged(view, axis: movedAxis(node, x, view))), output: index)
      }
    }
  }

  /// Where the axis of a constant's scales goes.
  private func movedAxis(_ node: Node, _ x: Constant, _ view: View) throws(Problem) -> Int? {
    guard case .quantized(let quantized) = x.elements, let axis = quantized.axis else { return nil }
    if node.type == "Transpose" {
      return (try node.ints("perm") ?? Array(x.shape.indices.reversed())).firstIndex(of: axis)
    }
    guard view.isContiguous else { return nil }
    let outer = x.shape[..<axis].reduce(1, *)
    return view.shape.indices.first { view.shape[$0] == x.shape[axis] && view.shape[..<$0].reduce(1, *) == outer }
  }

  /// The views that a node makes of one of its first input.
  func views(_ node: Node, _ x: View) throws(Problem) -> [View] {
    switch node.type {
    case "Transpose":
      let order = try node.ints("perm") ?? Array(x.shape.indices.reversed())
      guard order.sorted() == Array(x.shape.indices) else {
        throw Problem("perm \(order) isn't an order of \(x.rank) dimensions")
      }
      return [x.transposed(order)]
    case "Reshape": return [try reshaped(x, target(node, x.shape))]
    case "Flatten":
      let given = try node.int("axis") ?? 1
      let axis = given < 0 ? given + x.rank : given
      guard 0...x.rank ~= axis else { throw Problem("axis \(given) isn't one of \(x.shape)") }
      return [try reshaped(x, [x.shape[..<axis].reduce(1, *), x.shape[axis...].reduce(1, *)])]
    case "Squeeze":
      let given = try axes(node) ?? x.shape.indices.filter { x.shape[$0] == 1 }
      let axes = Set(try given.map { value throws(Problem) in try axis(value, x.rank) })
      guard axes.allSatisfy({ x.shape[$0] == 1 }) else {
        throw Problem("dimensions \(axes.sorted()) of \(x.shape) aren't all 1")
      }
      return [axes.sorted(by: >).reduce(x) { $0.removing($1) }]
    case "Unsqueeze":
      guard let given = try axes(node), given.count + x.rank <= Limits.rank else {
        throw Problem("its axes are missing or too many")
      }
      let axes = Set(try given.map { value throws(Problem) in try axis(value, x.rank + given.count) })
      guard axes.count == given.count else { throw Problem("its axes \(given) are there twice") }
      return [axes.sorted().reduce(x) { $0.inserting($1) }]
    case "Expand":
      var shape = try integers(node, 1, "shape")
      guard shape.count <= Limits.rank else { throw Problem("\(shape.count) dimensions are too many") }
      let rank = max(shape.count, x.rank)
      shape = Array(repeating: 1, count: rank - shape.count) + shape
      for (axis, size) in x.padded(to: rank).shape.enumerated() where shape[axis] == 1 { shape[axis] = size }
      guard let count = Limits.count(shape), count > 0, let view = x.expanded(to: shape) else {
        throw Problem("\(x.shape) can't be expanded to \(shape)")
      }
      return [view]
    case "Slice": return [try sliced(node, x)]
    case "Split": return try split(node, x)
    default: return [try gathered(node, x)]
    }
  }

  private func reshaped(_ x: View, _ shape: [Int]) throws(Problem) -> View {
    guard let view = x.reshaped(shape) else {
      throw Problem(
        "\(x.shape) to \(shape) would have to move data: dimensions that don't follow each other in memory would become one"
      )
    }
    return view
  }

  /// The shape that Reshape asks for, with 0 and −1 filled in.
  private func target(_ node: Node, _ shape: [Int]) throws(Problem) -> [Int] {
    var target = try integers(node, 1, "shape")
    let keeps = try node.int("allowzero") ?? 0 == 0
    for (axis, size) in target.enumerated() where size == 0 && keeps {
      guard axis < shape.count else { throw Problem("\(target) takes dimension \(axis) of \(shape)") }
      target[axis] = shape[axis]
    }
    let count = shape.reduce(1, *)
    let free = target.indices.filter { target[$0] == -1 }
    if let axis = free.first {
      target[axis] = 1
      guard free.count == 1, let others = Limits.count(target), others > 0, count % others == 0 else {
        throw Problem("\(shape) doesn't have the elements of \(target)")
      }
      target[axis] = count / others
    }
    guard target.count <= Limits.rank, Limits.count(target) == count else {
      throw Problem("\(shape) doesn't have the elements of \(target)")
    }
    return target
  }

  /// As attribute up to opset 12, as input from 13 on.
  func axes(_ node: Node) throws(Problem) -> [Int]? {
    if let axes = try node.ints("axes") { return axes }
    return node.has(1) ? try integers(node, 1, "axes") : nil
  }

  private func sliced(_ node: Node, _ x: View) throws(Problem) -> View {
    let (starts, ends) = (try integers(node, 1, "starts"), try integers(node, 2, "ends"))
    let axes = node.has(3) ? try integers(node, 3, "axes") : Array(starts.indices)
    let steps = node.has(4) ? try integers(node, 4, "steps") : starts.map { _ in 1 }
    guard starts.count == ends.count, starts.count == axes.count, starts.count == steps.count else {
      throw Problem("starts, ends, axes and steps must be as many")
    }
    var view = x
    for index in starts.indices {
      let axis = try axis(axes[index], x.rank)
      let (size, step) = (view.shape[axis], steps[index])
      guard step != 0, step != .min else { throw Problem("a step of \(step) isn't one") }
      func bound(_ given: Int, _ range: ClosedRange<Int>) -> Int {
        let place = given < 0 ? (given < -size ? -1 : given + size) : given
        return Swift.max(range.lowerBound, Swift.min(range.upperBound, place))
      }
      let first = bound(starts[index], step > 0 ? 0...size : 0...Swift.max(0, size - 1))
      let end = step > 0 ? bound(ends[index], 0...size) : (ends[index] < -size ? -1 : bound(ends[index], -1...size))
      let span = step > 0 ? end - first : first - end
      let count = span <= 0 ? 0 : (span - 1) / Int(step.magnitude) + 1
      if count == 0 {
        view.shape[axis] = 0
      } else {
        view = view.sliced(axis, first: first, count: count, step: count == 1 ? 1 : step)
      }
    }
    return view
  }

  private func split(_ node: Node, _ x: View) throws(Problem) -> [View] {
    let axis = try axis(try node.int("axis") ?? 0, x.rank)
    let size = x.shape[axis]
    var sizes: [Int]
    if let given = try node.ints("split") {
      sizes = given
    } else if node.has(1) {
      sizes = try integers(node, 1, "sizes")
    } else {
      let parts = try node.int("num_outputs") ?? node.outputs.count
      guard 1...Swift.max(1, size) ~= parts, parts <= node.outputs.count else {
        throw Problem("\(size) can't be split into \(parts)")
      }
      let part = (size + parts - 1) / parts
      sizes = Array(repeating: part, count: parts)
      sizes[parts - 1] = size - part * (parts - 1)
    }
    guard sizes.allSatisfy({ 0...size ~= $0 }), sizes.count <= Limits.entries, sizes.reduce(0, +) == size else {
      throw Problem("parts \(sizes.prefix(8)) don't make \(size)")
    }
    var first = 0
    return sizes.map { count in
      defer { first += count }
      return x.sliced(axis, first: first, count: count)
    }
  }

  /// Gather of one index, or of indices one after the other.
  private func gathered(_ node: Node, _ x: View) throws(Problem) -> View {
    let axis = try axis(try node.int("axis") ?? 0, x.rank)
    let indices = try constant(node, 1, "indices")
    let places = try indices.integers().map { index throws(Problem) in
      guard -x.shape[axis]..<x.shape[axis] ~= index else {
        throw Problem("index \(index) is outside of \(x.shape[axis])")
      }
      return index < 0 ? index + x.shape[axis] : index
    }
    guard let first = places.first, indices.shape.count <= 1 else {
      throw Problem("its indices must be one number or a list")
    }
    let step = places.count > 1 ? places[1] - first : 1
    guard step > 0, places.indices.allSatisfy({ places[$0] == first + $0 * step }) else {
      throw Problem("indices \(places.prefix(8)) aren't at equal distances, and would have to move data")
    }
    let view = x.sliced(axis, first: first, count: places.count, step: step)
    return indices.shape.isEmpty ? view.removing(axis) : view
  }

  // MARK: Tensors behind views

  /// The tensor behind an activation; in a file without QuantizeLinear, results become tensors here.
  mutating func tensor(_ x: Activation) throws(Problem) -> TensorID {
    switch x.source {
    case .tensor(let id):
      if mode == .quantized, numbers[id] == nil {
        throw Problem("the input '\(tensors[id].name)' isn't quantized: QuantizeLinear must come first")
      }
      return id
    case .result(let index):
      if mode == .quantized {
        let result = results[index]
        throw Problem(
          "it reads '\(result.name)', which isn't quantized: '\(file.nodes[result.node].name)' (\(file.nodes[result.node].type)) needs QuantizeLinear and DequantizeLinear behind it"
        )
      }
      return try realize(index, as: nil)
    }
  }

  /// The tensor that holds exactly what the view shows, cut out if need be, and the view of it.
  mutating func covered(_ x: Activation) throws(Problem) -> (id: TensorID, view: View) {
    let id = try tensor(x)
    let cover = try cover(x)
    return (cut(id, cover.part), cover.view)
  }

  func cover(_ x: Activation) throws(Problem) -> Cover {
    do {
      return try Cover(x.view, of: shape(of: x.source))
    } catch {
      throw Problem("it can't read \(x.view.shape) of \(shape(of: x.source)) without moving data: \(error.text)")
    }
  }

  mutating func cut(_ id: TensorID, _ part: Cover.Part) -> TensorID {
    if part.isEverything { return id }
    let key = Cut(tensor: id, part: part)
    if let known = cuts[key] { return known }
    var result = id
    let name = tensors[id].name
    if let token = part.token {
      let shape = tensors[id].shape
      let rows = shape.dropFirst().dropLast().reduce(1, *)
      let source = reshaped(id, [shape[0], rows, shape[shape.count - 1]])
      result = addOperator(
        "\(name).token", .selectToken(token), [source], result: "\(name).token", [shape[0], shape[shape.count - 1]],
        numbers[id])
    }
    if let columns = part.columns {
      result = addOperator(
        "\(name).columns",
        .selectColumns(first: columns.first, step: columns.step, width: columns.width, count: columns.count), [result],
        result: "\(name).columns", part.shape, numbers[id])
    }
    cuts[key] = result
    return result
  }

  /// The same rows under another shape.
  mutating func reshaped(_ id: TensorID, _ shape: [Int]) -> TensorID {
    if tensors[id].shape == shape { return id }
    let key = Cut(tensor: id, part: Cover.Part(shape: shape))
    if let known = reshapes[key] { return known }
    let name = tensors[id].name
    let result = addOperator("\(name).reshape", .reshape(shape), [id], result: "\(name).reshape", shape, numbers[id])
    reshapes[key] = result
    return result
  }
}

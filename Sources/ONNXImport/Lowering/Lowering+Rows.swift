import Model
import Numerics

extension Lowering {
  mutating func lowerSoftmax(_ node: Node) throws(Problem) {
    let x = try activation(node)
    let axis = try axis(try node.int("axis") ?? (file.opset < 13 ? 1 : -1), x.view.rank)
    guard axis == x.view.rank - 1 else {
      throw Problem("axis \(axis) of \(x.view.shape): only the last one is supported")
    }
    let (id, view) = try rows(x, axis: axis)
    try define(node, .operation(.softmax, [id]), shape: tensors[id].shape, view: view)
  }

  mutating func lowerLayerNorm(_ node: Node) throws(Problem) {
    let x = try activation(node)
    let axis = try axis(try node.int("axis") ?? -1, x.view.rank)
    guard axis == x.view.rank - 1 else {
      throw Problem("axis \(axis) of \(x.view.shape): only the last one is supported")
    }
    guard node.outputs.dropFirst().allSatisfy({ readers[$0] == nil }) else {
      throw Problem("mean and deviation as outputs aren't supported")
    }
    let epsilon = try node.float("epsilon") ?? 1e-5
    guard epsilon.isFinite, epsilon >= 0 else { throw Problem("epsilon \(epsilon) isn't a number from 0 on") }
    let (id, view) = try rows(x, axis: axis)
    let columns = view.shape[axis]
    let gain = try constant(node, 1, "scale")
    guard gain.shape == [columns] else {
      throw Problem("its scale '\(gain.name)' \(gain.shape) doesn't fit \(columns) columns")
    }
    let gainParameter = try operand(gain, "scale", shape: [columns], symmetric: true)
    var biasParameter = Parameter(name: "\(node.name).bias", shape: [columns], values: .floats([]))
    if node.has(2) {
      biasParameter = try normBias(constant(node, 2, "bias"), columns: columns)
    } else {
      try folding.take([columns])
      biasParameter.values =
        mode == .quantized
        ? .integers(.int32(Array(repeating: 0, count: columns)), .int32(scales: [1]))
        : .floats(Array(repeating: 0, count: columns))
    }
    let inputs = [id, addParameter(gainParameter), addParameter(biasParameter)]
    try define(node, .operation(.layerNorm(epsilon: epsilon), inputs), shape: tensors[id].shape, view: view)
  }

  /// The mean over everything between batch and channels.
  mutating func lowerAverage(_ node: Node) throws(Problem) {
    let x = try activation(node)
    let rank = x.view.rank
    var reduced: Set<Int>
    var keeps = true
    switch node.type {
    case "ReduceMean":
      keeps = try node.int("keepdims") ?? 1 != 0
      guard let given = try axes(node), !given.isEmpty else {
        throw Problem("the mean over all dimensions isn't supported: name axes that leave the channels")
      }
      reduced = Set(try given.map { value throws(Problem) in try axis(value, rank) })
    default:
      guard rank == 4 else { throw Problem("only images are supported, got \(x.view.shape)") }
      reduced = [2, 3]
      if node.type == "AveragePool" {
        guard try node.ints("kernel_shape") == Array(x.view.shape[2...]),
          try node.ints("pads")?.allSatisfy({ $0 == 0 }) ?? true,
          ["NOTSET", "VALID"].contains(try node.string("auto_pad") ?? "NOTSET")
        else {
          throw Problem("only the mean over the whole image is supported")
        }
      }
    }
    let (id, view) = try covered(x)
    let shape = tensors[id].shape
    let columns = shape[shape.count - 1]
    guard shape.count > 2, reduced.allSatisfy({ view.shape[$0] == 1 || view.strides[$0] % columns == 0 }),
      reduced.reduce(1, { $0 * view.shape[$1] }) == shape.dropFirst().dropLast().reduce(1, *)
    else {
      throw Problem(
        "over dimensions \(reduced.sorted()) of \(x.view.shape): only the mean over all rows of each image is supported"
      )
    }
    let rows = shape.dropFirst().dropLast().reduce(1, *)
    var (sizes, strides): ([Int], [Int]) = ([], [])
    for axis in 0..<rank {
      if reduced.contains(axis) {
        if keeps {
          sizes.append(1)
          strides.append(0)
        }
        continue
      }
      sizes.append(view.shape[axis])
      strides.append(view.strides[axis] < columns ? view.strides[axis] : view.strides[axis] / rows)
    }
    try define(
      node, .operation(.average, [id]), shape: [shape[0], columns], view: View(shape: sizes, strides: strides))
  }

  mutating func lowerConcat(_ node: Node) throws(Problem) {
    guard let given = try node.int("axis"), !node.inputs.isEmpty else {
      throw Problem("inputs or attribute 'axis' are missing")
    }
    var parts: [Activation] = []
    var token: Constant?
    for index in node.inputs.indices {
      switch try value(node, index) {
      case .activation(let x): parts.append(x)
      case .constant(let x) where index == 0 && node.inputs.count == 2: token = x
      case .constant(let x): throw Problem("the constant '\(x.name)' can only be one class token before the patches")
      }
    }
    let axis = try axis(given, parts[0].view.rank)
    if let token { return try prepend(node, token, parts[0], axis) }
    var ids: [TensorID] = []
    var shape: [Int] = []
    var result: View?
    for x in parts {
      guard x.view.rank == parts[0].view.rank else { throw Problem("its inputs must have as many dimensions each") }
      let (id, view) = try rows(x, axis: axis)
      let columns = tensors[id].shape[tensors[id].shape.count - 1]
      if let first = ids.first {
        guard tensors[id].elements / columns == tensors[first].elements / (tensors[first].shape.last ?? 1),
          try resized(view, axis: axis, of: columns, to: 1) == result
        else { throw Problem("its inputs lie differently in memory, and would have to move") }
      } else {
        shape = Array(tensors[id].shape.dropLast())
        result = try resized(view, axis: axis, of: columns, to: 1)
      }
      ids.append(reshaped(id, shape + [columns]))
    }
    guard let rows = result else { return }
    let columns = ids.reduce(0) { $0 + (tensors[$1].shape.last ?? 0) }
    let view = try resized(rows, axis: axis, of: 1, to: columns)
    try define(node, .operation(.concatenate, ids), shape: shape + [columns], view: view)
  }

  /// A class token before the patches of each image.
  private mutating func prepend(_ node: Node, _ token: Constant, _ x: Activation, _ axis: Int) throws(Problem) {
    let shape = x.view.shape
    guard x.view.rank == 3, axis == 1, token.shape.count == 3, token.shape[1] == 1, token.shape[2] == shape[2],
      token.shape[0] == shape[0]
    else {
      throw Problem("\(token.shape) before \(shape): only one class token before [batch, patches, width] is supported")
    }
    let (id, view) = try covered(x)
    guard view.isContiguous else {
      throw Problem("the patches \(shape) aren't rows of a matrix in memory: they would have to move")
    }
    let patches = reshaped(id, shape)
    let result = [shape[0], shape[1] + 1, shape[2]]
    try define(node, .classToken(patches, token), shape: result, view: View(result))
  }

  /// A constant column behind each head's.
  mutating func lowerPad(_ node: Node) throws(Problem) {
    let x = try activation(node)
    let rank = x.view.rank
    var given = try node.ints("pads") ?? []
    if given.isEmpty { given = try integers(node, 1, "pads") }
    var named = Array(0..<rank)
    if node.has(3) { named = try integers(node, 3, "axes").map { value throws(Problem) in try self.axis(value, rank) } }
    guard try node.string("mode") ?? "constant" == "constant", given.count == 2 * named.count else {
      throw Problem("only padding with a constant is supported")
    }
    let padded = given.indices.filter { given[$0] != 0 }
    guard padded.count == 1, let place = padded.first, place >= named.count, given[place] == 1 else {
      if padded.isEmpty { return try define(node, .activation(x)) }
      throw Problem(
        "pads \(given): only one column behind each head's is supported; padding of images belongs into the convolution"
      )
    }
    let axis = named[place - named.count]
    let value = node.has(2) ? try constant(node, 2, "value").scalar() ?? .nan : 0
    guard value.isFinite else { throw Problem("its value must be one finite number") }
    let (id, view) = try covered(x)
    let shape = tensors[id].shape
    let (columns, width) = (shape[shape.count - 1], view.shape[axis])
    guard width > 1, view.strides[axis] == 1, columns % width == 0 else {
      throw Problem("dimension \(axis) of \(x.view.shape) doesn't run along the columns in memory")
    }
    let heads = columns / width
    var sizes = view.shape
    sizes[axis] += 1
    let strides = view.strides.indices.map { index in
      let stride = view.strides[index]
      return index == axis ? 1 : stride < columns ? stride / width * (width + 1) : stride / columns * (columns + heads)
    }
    try define(
      node, .operation(.appendColumn(heads: heads, value: value), [id]), shape: shape.dropLast() + [columns + heads],
      view: View(shape: sizes, strides: strides))
  }

  // MARK: Attention in one node

  /// softmax(Q·Kᵀ·scale)·V.
  mutating func lowerAttention(_ node: Node) throws(Problem) {
    guard mode != .quantized else {
      throw Problem(
        "between DequantizeLinear and QuantizeLinear it isn't supported: export with opset 22 or lower, and quantize its products"
      )
    }
    guard try node.int("is_causal") ?? 0 == 0, try node.float("softcap") ?? 0 == 0,
      node.inputs.dropFirst(3).allSatisfy(\.isEmpty),
      node.outputs.dropFirst().allSatisfy({ readers[$0] == nil })
    else { throw Problem("masks, caches, softcap and further outputs aren't supported") }
    var operands: [Activation] = []
    for index in 0..<3 {
      var x = try activation(node, index)
      if x.view.rank == 3 {
        guard let heads = try node.int(index == 0 ? "q_num_heads" : "kv_num_heads"), heads > 0,
          x.view.shape[2] % heads == 0,
          let view = x.view.reshaped([x.view.shape[0], x.view.shape[1], heads, x.view.shape[2] / heads])
        else { throw Problem("its number of heads is missing or doesn't fit") }
        x.view = view.transposed([0, 2, 1, 3])
      }
      guard x.view.rank == 4 else { throw Problem("its operands must have three or four dimensions") }
      operands.append(x)
    }
    let isFlat = try activation(node).view.rank == 3
    guard operands[1].view.shape[1] == operands[2].view.shape[1],
      operands[0].view.shape[1] == operands[1].view.shape[1] || operands[1].view.shape[1] == 1
    else { throw Problem("fewer heads of K and V than of Q aren't supported") }
    let depth = operands[0].view.shape[3]
    let scale = try node.float("scale") ?? 1 / Float(depth).squareRoot()
    guard scale.isFinite else { throw Problem("scale \(scale) isn't finite") }

    let key = Activation(source: operands[1].source, view: operands[1].view.transposed([0, 1, 3, 2]))
    let scores = try product(operands[0], key, name: "\(node.name).scores", layout: .stacked)
    let shape = self.shape(of: scores.source)
    let scaled = try append(
      .map(Leaf(source: scores.source, part: Cover.Part(shape: shape)), .combine(.multiply, .x, .constant(scale))),
      "\(node.name).scale", shape: shape, view: scores.view)
    let weights = try append(
      .operation(.softmax, [tensor(scaled)]), "\(node.name).softmax", shape: shape, view: scores.view)
    var result = try product(
      weights, operands[2], name: node.outputs.first ?? node.name, layout: isFlat ? .sideBySide : nil)
    if isFlat {
      let view = result.view.transposed([0, 2, 1, 3])
      let flat = [view.shape[0], view.shape[1], view.shape[2] * view.shape[3]]
      guard let joined = view.reshaped(flat) else { throw Problem("its heads don't lie side by side") }
      result.view = joined
    }
    try define(node, .activation(result))
  }
}

import Model

extension Lowering {
  // MARK: Convolutions

  mutating func lowerConv(_ node: Node) throws(Problem) {
    let x = try activation(node)
    let weight = try constant(node, 1, "weight")
    guard x.view.rank == 4, weight.shape.count == 4, weight.count > 0 else {
      throw Problem("only two-dimensional convolutions are supported, got \(x.view.shape) and \(weight.shape)")
    }
    let (outputs, channels) = (weight.shape[0], weight.shape[1])
    let convolution = try convolution(node, x.view.shape, weight)
    let (image, id) = try self.image(x)
    guard image[3] == channels * convolution.groups, outputs % convolution.groups == 0 else {
      throw Problem(
        "weight '\(weight.name)' \(weight.shape) in \(convolution.groups) groups doesn't fit \(image[3]) channels")
    }
    var shape = [image[0]]
    for side in 0..<2 {
      let span = convolution.dilation[side] * (convolution.kernel[side] - 1) + 1
      let room = image[1 + side] + convolution.padding[side] + convolution.padding[side + 2] - span
      guard room >= 0 else { throw Problem("the kernel is larger than the image \(image[1...2])") }
      shape.append(room / convolution.stride[side] + 1)
    }
    shape.append(outputs)
    guard Limits.count(shape) != nil else { throw Problem("its result \(shape) is too large") }
    guard let rows = Limits.count([convolution.kernel[0], convolution.kernel[1], channels]) else {
      throw Problem("weight '\(weight.name)' is too large")
    }
    var product = Product(operation: .convolution(convolution), inputs: [id])
    product.weight = try self.weight(
      weight, View(weight.shape).transposed([2, 3, 1, 0]), columns: 0, shape: [rows, outputs])
    if node.has(2) { product.bias = try bias(constant(node, 2, "bias"), columns: outputs) }
    let view = View(shape).transposed([0, 3, 1, 2])
    if id == Self.input, let patch = patch(convolution, image), becomesTokens(node.outputs.first ?? "") {
      product.operation = .patchEmbedding(patch: patch)
      shape = [shape[0], shape[1] * shape[2], outputs]
    }
    try define(node, .product(product), shape: shape, view: view)
  }

  /// A tensor [B, height, width, C] that is what the file shows as [B, C, height, width].
  mutating func image(_ x: Activation) throws(Problem) -> (shape: [Int], id: TensorID) {
    let (id, view) = try covered(x)
    let image = view.transposed([0, 2, 3, 1])
    guard image.isContiguous else {
      throw Problem(
        "its input \(x.view.shape) isn't an image whose channels lie side by side in memory: it would have to move")
    }
    return (image.shape, reshaped(id, image.shape))
  }

  private func convolution(_ node: Node, _ x: [Int], _ weight: Constant) throws(Problem) -> Convolution {
    let sizes = 1...65536
    let kernel = Array(weight.shape[2...])
    if let given = try node.ints("kernel_shape", count: 2, in: sizes), given != kernel {
      throw Problem("kernel_shape \(given) isn't that of weight '\(weight.name)' \(weight.shape)")
    }
    let groups = try node.int("group") ?? 1
    guard kernel.allSatisfy(sizes.contains), groups > 0, groups <= Swift.max(1, x[1]) else {
      throw Problem("kernel \(kernel) or \(groups) groups aren't possible")
    }
    var result = Convolution(
      kernel: kernel, stride: try node.ints("strides", count: 2, in: sizes) ?? [1, 1],
      dilation: try node.ints("dilations", count: 2, in: sizes) ?? [1, 1],
      padding: try node.ints("pads", count: 4, in: 0...65536) ?? [0, 0, 0, 0], groups: groups)
    let auto = try node.string("auto_pad") ?? "NOTSET"
    switch auto {
    case "NOTSET": break
    case "VALID": result.padding = [0, 0, 0, 0]
    case "SAME_UPPER", "SAME_LOWER":
      for side in 0..<2 {
        let outputs = (x[2 + side] + result.stride[side] - 1) / result.stride[side]
        let span = result.dilation[side] * (kernel[side] - 1) + 1
        let total = Swift.max(0, (outputs - 1) * result.stride[side] + span - x[2 + side])
        guard total <= 65536 else { throw Problem("auto_pad needs \(total) rows of padding") }
        let less = total / 2
        result.padding[side] = auto == "SAME_UPPER" ? less : total - less
        result.padding[side + 2] = total - result.padding[side]
      }
    default: throw Problem("auto_pad '\(auto)' isn't one of NOTSET, VALID, SAME_UPPER, SAME_LOWER")
    }
    return result
  }

  /// The patch side, if windows lie side by side and fill the image.
  private func patch(_ convolution: Convolution, _ image: [Int]) -> Int? {
    let side = convolution.kernel[0]
    guard convolution == Convolution(kernel: [side, side], stride: [side, side], dilation: convolution.dilation),
      convolution.dilation == [1, 1] || side == 1, image[1] % side == 0, image[2] % side == 0
    else { return nil }
    return side
  }

  /// Whether what reads it first flattens the image.
  private func becomesTokens(_ name: String) -> Bool {
    var name = name
    for _ in 0..<8 {
      guard let next = readers[name]?.first.map({ file.nodes[$0] }) else { return false }
      switch next.type {
      case "QuantizeLinear", "DequantizeLinear", "Identity", "Cast", "Add": name = next.outputs.first ?? ""
      case "Reshape", "Flatten", "Shape": return true
      default: return false
      }
    }
    return false
  }

  // MARK: Linear layers

  mutating func lowerGemm(_ node: Node) throws(Problem) {
    guard try node.int("transA") ?? 0 == 0 else {
      throw Problem("transA isn't supported: transpose the weight instead")
    }
    let weight = try constant(node, 1, "weight")
    guard weight.shape.count == 2 else { throw Problem("weight '\(weight.name)' must have two dimensions") }
    let transposed = try node.int("transB") ?? 0 != 0
    let (alpha, beta) = (try node.float("alpha") ?? 1, try node.float("beta") ?? 1)
    let view = transposed ? View(weight.shape).transposed([1, 0]) : View(weight.shape)
    var product = Product(operation: .linear, inputs: [])
    product.weight = try scaled(self.weight(weight, view, columns: transposed ? 0 : 1, shape: view.shape), by: alpha)
    if node.has(2) {
      product.bias = try scaled(bias(constant(node, 2, "bias"), columns: view.shape[1]), by: beta)
    }
    let x = try activation(node)
    guard x.view.rank == 2 else { throw Problem("its input \(x.view.shape) must have two dimensions") }
    try linear(node, x, product)
  }

  private func scaled(_ parameter: Parameter, by factor: Float) throws(Problem) -> Parameter {
    if factor == 1 { return parameter }
    guard case .floats(let values) = parameter.values, factor.isFinite else {
      throw Problem("alpha and beta must be 1 for '\(parameter.name)'")
    }
    var parameter = parameter
    parameter.values = .floats(values.map { $0 * factor })
    return parameter
  }

  /// Rows of the activation times the weight.
  private mutating func linear(_ node: Node, _ x: Activation, _ product: Product) throws(Problem) {
    guard let weight = product.weight, x.view.rank > 0 else { throw Problem("its input must have columns") }
    let (id, view) = try rows(x, axis: x.view.rank - 1)
    guard tensors[id].shape.last == weight.shape[0] else {
      throw Problem("weight '\(weight.name)' \(weight.shape) doesn't fit \(x.view.shape)")
    }
    var product = product
    product.inputs = [id]
    let shape = Array(tensors[id].shape.dropLast()) + [weight.shape[1]]
    let result = try resized(view, axis: view.rank - 1, of: weight.shape[0], to: weight.shape[1])
    try define(node, .product(product), shape: shape, view: result)
  }

  /// The tensor whose columns are one dimension of an activation.
  mutating func rows(_ x: Activation, axis: Int) throws(Problem) -> (id: TensorID, view: View) {
    let (id, view) = try covered(x)
    let columns = tensors[id].shape[tensors[id].shape.count - 1]
    guard view.shape[axis] == columns, columns == 1 || view.strides[axis] == 1 else {
      throw Problem(
        "dimension \(axis) of its input \(x.view.shape) doesn't run along the columns in memory: it would have to move")
    }
    return (id, view)
  }

  /// The same rows with another number of columns, all of which are dimension `axis`.
  func resized(_ view: View, axis: Int, of columns: Int, to wanted: Int) throws(Problem) -> View {
    guard Limits.count([view.elements / columns, wanted]) != nil else { throw Problem("its result is too large") }
    var shape = view.shape
    shape[axis] = wanted
    return View(
      shape: shape, strides: view.strides.indices.map { $0 == axis ? 1 : view.strides[$0] / columns * wanted })
  }

  mutating func lowerMatMul(_ node: Node) throws(Problem) {
    switch (try value(node, 0), try value(node, 1)) {
    case (.activation(let a), .activation(let b)):
      try define(node, .activation(try product(a, b, name: node.outputs.first ?? node.name)))
    case (.activation(let x), .constant(let given)):
      guard given.shape.count >= 2, given.shape.dropLast(2).allSatisfy({ $0 == 1 }) else {
        throw Problem("weight '\(given.name)' \(given.shape) must be one matrix")
      }
      let flat = Array(given.shape.suffix(2))
      let matrix = given.rearranged(View(flat), axis: given.scaleAxis.map { $0 - (given.shape.count - 2) })
      var product = Product(operation: .linear, inputs: [])
      product.weight = try weight(matrix, View(flat), columns: 1, shape: flat)
      try linear(node, x, product)
    default: throw Problem("a constant as left operand isn't supported: transpose the product")
    }
  }

  // MARK: Factors of columns

  /// Factors of columns behind a product in float32 join it; false if they can't.
  mutating func scaleColumns(_ node: Node, _ x: Activation, _ given: Constant, _ places: View) throws(Problem) -> Bool {
    let cover = try cover(x)
    let shape = cover.part.shape
    guard mode != .quantized, !given.isMissing, cover.part.isEverything,
      varies(cover.view, places, onlyAlongColumnsOf: shape)
    else { return false }
    let factors = try arranged(given, places, cover.view, over: shape[shape.count - 1])
    return try fold(node, x, factors.floats(), offsets: nil)
  }

  /// A factor and an addend for each channel, as a convolution.
  private mutating func channelwise(_ node: Node, _ x: Activation, _ factors: Constant, bias: Parameter?)
    throws(Problem)
  {
    let (id, view) = try covered(x)
    let shape = tensors[id].shape
    let columns = shape[shape.count - 1]
    let image = [shape[0], 1, shape.dropFirst().dropLast().reduce(1, *), columns]
    var product = Product(
      operation: .convolution(Convolution(kernel: [1, 1], groups: columns)), inputs: [reshaped(id, image)])
    product.weight = try weight(factors, View(factors.shape), columns: 0, shape: [1, columns])
    product.bias = bias
    try define(node, .product(product), shape: image, view: view)
  }

  /// Multiplies the columns of a product that waits, and adds to them; false if there is none.
  private mutating func fold(_ node: Node, _ x: Activation, _ factors: [Float], offsets: [Float]?) throws(Problem)
    -> Bool
  {
    guard case .result(let index) = x.source, case .product(var product) = results[index].work,
      results[index].tensors.isEmpty, isReadHereAlone(index),
      var weight = product.weight, case .floats(let values) = weight.values
    else { return false }
    let columns = factors.count
    weight.values = .floats(values.indices.map { values[$0] * factors[$0 % columns] })
    if var bias = product.bias {
      guard case .floats(let addends) = bias.values else { return false }
      bias.values = .floats(addends.indices.map { addends[$0] * factors[$0] + (offsets?[$0] ?? 0) })
      product.bias = bias
    } else if let offsets {
      product.bias = Parameter(name: "\(node.name).bias", shape: [columns], values: .floats(offsets))
    }
    product.weight = weight
    results[index].work = .product(product)
    results[index].node = current
    results[index].name = node.outputs.first ?? node.name
    results[index].view = x.view
    try define(node, .activation(x))
    return true
  }

  /// Statistics and affine part of inference, as a factor and an addend for each channel.
  mutating func lowerBatchNormalization(_ node: Node) throws(Problem) {
    let x = try activation(node)
    guard try node.int("training_mode") ?? 0 == 0 else {
      throw Problem("it is in training mode: export the model for inference")
    }
    guard mode != .quantized else {
      throw Problem(
        "between DequantizeLinear and QuantizeLinear it isn't supported: fold it into the layer before it, before quantization (quant_pre_process)"
      )
    }
    let epsilon = try node.float("epsilon") ?? 1e-5
    var given: [Constant] = []
    for index in 1...4 { given.append(try constant(node, index, "parameters")) }
    let cover = try cover(x)
    let columns = cover.part.shape[cover.part.shape.count - 1]
    guard x.view.rank >= 2, given.allSatisfy({ $0.shape == [columns] }), x.view.shape[1] == columns,
      columns == 1 || cover.view.strides[1] == 1
    else { throw Problem("its channels, dimension 1 of \(x.view.shape), don't run along the columns in memory") }
    if let missing = given.first(where: \.isMissing) {
      // The graph of a stripped file: its work is the same whatever the numbers are.
      if case .result(let index) = x.source, case .product(var product) = results[index].work,
        isReadHereAlone(index), cover.part.isEverything
      {
        if product.bias == nil { product.bias = try bias(missing, columns: columns) }
        results[index].work = .product(product)
        return try define(node, .activation(x))
      }
      return try channelwise(node, x, missing, bias: bias(missing, columns: columns))
    }
    let values = try given.map { constant throws(Problem) in try constant.floats() }
    let factors = (0..<columns).map { values[0][$0] / (values[3][$0] + epsilon).squareRoot() }
    let offsets = (0..<columns).map { values[1][$0] - values[2][$0] * factors[$0] }
    guard (factors + offsets).allSatisfy(\.isFinite) else { throw Problem("its parameters give NaN or infinity") }
    if cover.part.isEverything, try fold(node, x, factors, offsets: offsets) { return }
    let constant = Constant(name: given[0].name, shape: [columns], elements: .float(factors))
    let bias = Parameter(name: given[1].name, shape: [columns], values: .floats(offsets))
    try channelwise(node, x, constant, bias: bias)
  }
}

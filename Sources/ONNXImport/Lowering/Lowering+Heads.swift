import Model

/// Where the matrices of a head product's result stand.
enum ResultLayout: CaseIterable {
  case stacked
  case sideBySide
  /// As (AB)ᵀ = BᵀAᵀ.
  case stackedTransposed
  case sideBySideTransposed
}

extension Lowering {
  /// The product of two activations, head by head.
  ///
  /// - Parameters:
  ///   - name: of the result in the file: what reads it decides where it stands in memory.
  ///   - layout: where it stands, if that is known.
  mutating func product(
    _ a: Activation, _ b: Activation, name: String, layout: ResultLayout? = nil
  ) throws(Problem) -> Activation {
    let rank = max(a.view.rank, b.view.rank)
    guard rank >= 2, a.view.rank >= 2, b.view.rank >= 2 else { throw Problem("its operands must be matrices") }
    let (aView, bView) = (a.view.padded(to: rank), b.view.padded(to: rank))
    var leading = Array(aView.shape.dropLast(2))
    for (axis, size) in bView.shape.dropLast(2).enumerated() where leading[axis] == 1 { leading[axis] = size }
    guard Limits.count(leading + aView.shape.suffix(2)) != nil, Limits.count(leading + bView.shape.suffix(2)) != nil
    else {
      throw Problem("\(a.view.shape) times \(b.view.shape) is too large")
    }
    guard let x = aView.expanded(to: leading + aView.shape.suffix(2)),
      let y = bView.expanded(to: leading + bView.shape.suffix(2)),
      x.shape[rank - 1] == y.shape[rank - 2]
    else { throw Problem("\(a.view.shape) and \(b.view.shape) don't fit each other") }

    let (first, second) = (try tensor(a), try tensor(b))
    let batch = tensors[first].shape[0]
    let count = leading.reduce(1, *)
    guard count % batch == 0 else {
      throw Problem("its \(count) products aren't a whole number for each of \(batch) images")
    }
    let heads = count / batch
    guard let left = HeadOperand(x, of: tensors[first].shape, heads: heads),
      let right = HeadOperand(y, of: tensors[second].shape, heads: heads)
    else {
      throw Problem(
        "the matrices of its \(heads) heads, \(a.view.shape) and \(b.view.shape), aren't columns or blocks of their tensors: they would have to move"
      )
    }
    let (m, n) = (x.shape[rank - 2], y.shape[rank - 1])
    var rows = [batch, m]
    if case .columns = left.layout, !left.transposed { rows = tensors[first].shape.dropLast() }

    func placed(_ layout: ResultLayout) -> (shape: [Int], view: View)? {
      let (shape, matrices): ([Int], View)
      switch layout {
      case .stacked: (shape, matrices) = ([batch, heads, m, n], View([batch, heads, m, n]))
      case .sideBySide: (shape, matrices) = (rows + [heads * n], View([batch, m, heads, n]).transposed([0, 2, 1, 3]))
      case .stackedTransposed:
        (shape, matrices) = ([batch, heads, n, m], View([batch, heads, n, m]).transposed([0, 1, 3, 2]))
      case .sideBySideTransposed:
        (shape, matrices) = ([batch, n, heads * m], View([batch, n, heads, m]).transposed([0, 2, 3, 1]))
      }
      return matrices.reshaped(leading + [m, n]).map { (shape, $0) }
    }
    guard Limits.count([batch, heads, m, n]) != nil else {
      throw Problem("its result \(leading + [m, n]) is too large")
    }
    var layout = layout ?? .stacked
    for candidate in ResultLayout.allCases where layout == .stacked && candidate != .stacked {
      guard let stacked = placed(.stacked), !fits(name, stacked.view, stacked.shape), let other = placed(candidate),
        fits(name, other.view, other.shape)
      else { continue }
      layout = candidate
    }
    guard let place = placed(layout) else { throw Problem("its result \(leading + [m, n]) has no order in memory") }
    var product = HeadProduct(
      heads: heads, a: left, b: right, stacked: layout == .stacked || layout == .stackedTransposed)
    var inputs = [first, second]
    if layout == .stackedTransposed || layout == .sideBySideTransposed {
      (product.a, product.b) = (right, left)
      product.a.transposed.toggle()
      product.b.transposed.toggle()
      inputs = [second, first]
    }
    var shape = place.shape
    if layout == .sideBySideTransposed, case .columns = product.a.layout, !product.a.transposed {
      shape = tensors[second].shape.dropLast() + [heads * m]
    }
    if mode == .quantized { for input in inputs { _ = try int8(input) } }
    return try append(
      .product(Product(operation: .headProduct(product), inputs: inputs)), name, shape: shape, view: place.view)
  }

  /// Whether all nodes that read a tensor of the file could read it where this view finds it.
  private func fits(_ name: String, _ view: View, _ base: [Int]) -> Bool {
    var steps = 256
    return fits(name, view, base, &steps)
  }

  /// - Parameter steps: nodes that are still looked at; behind them, everything fits.
  private func fits(_ name: String, _ view: View, _ base: [Int], _ steps: inout Int) -> Bool {
    for index in readers[name] ?? [] {
      steps -= 1
      if steps < 0 { return true }
      if !reads(file.nodes[index], name, view, base, &steps) { return false }
    }
    return true
  }

  private func reads(_ node: Node, _ name: String, _ view: View, _ base: [Int], _ steps: inout Int) -> Bool {
    let cover = try? Cover(view, of: base)
    switch node.type {
    case "QuantizeLinear", "DequantizeLinear", "Identity", "Cast", "Dropout":
      return fits(node.outputs.first ?? "", view, base, &steps)
    case "Reshape", "Transpose", "Slice", "Split", "Squeeze", "Unsqueeze", "Flatten", "Expand", "Gather":
      guard node.inputs.first == name else { return true }
      guard let views = try? views(node, view) else { return false }
      for (output, view) in zip(node.outputs, views) where !view.shape.contains(0) {
        if !fits(output, view, base, &steps) { return false }
      }
      return true
    case "Softmax", "LayerNormalization", "Gemm":
      return cover.map { isRows($0, axis: view.rank - 1) } ?? false
    case "MatMul":
      if node.inputs.first == name, let weight = node.inputs.last, isConstant(weight) {
        return cover.map { isRows($0, axis: view.rank - 1) } ?? false
      }
      let heads = view.shape.dropLast(2).reduce(1, *) / base[0]
      return view.rank >= 2 && heads > 0 && HeadOperand(view, of: base, heads: heads) != nil
    case "Conv":
      return cover.map {
        view.rank == 4 && $0.part.shape.last == view.shape[1] && $0.view.transposed([0, 2, 3, 1]).isContiguous
      } ?? false
    case "Add", "Sub", "Mul", "Div", "Relu", "Gelu", "HardSwish", "Sigmoid", "Tanh", "Clip", "Erf":
      guard let cover else { return false }
      // The divisor's own shape isn't the quotient's.
      if node.type == "Div", node.inputs.first != name { return true }
      return fits(node.outputs.first ?? "", cover.view, cover.part.shape, &steps)
    case "Shape": return true
    default: return cover != nil
    }
  }

  private func isConstant(_ name: String) -> Bool {
    if case .constant? = values[name] { return true }
    return file.initializers[name] != nil
  }

  private func isRows(_ cover: Cover, axis: Int) -> Bool {
    let columns = cover.part.shape[cover.part.shape.count - 1]
    return axis >= 0 && cover.view.shape[axis] == columns && (columns == 1 || cover.view.strides[axis] == 1)
  }
}

extension HeadOperand {
  /// - Parameters:
  ///   - view: [images and heads …, rows, columns] as they are multiplied.
  ///   - base: shape of the tensor that it is a view of.
  /// - Returns: `nil` if the matrices aren't columns of the tensor's rows, nor blocks of it.
  init?(_ view: View, of base: [Int], heads: Int) {
    let rank = view.rank
    let leading = View(shape: Array(view.shape.dropLast(2)), strides: Array(view.strides.dropLast(2)))
    guard base.count > 2, let outer = leading.reshaped([base[0], heads]) else { return nil }
    let width = base[base.count - 1]
    let image = base.dropFirst().reduce(1, *)
    guard base[0] == 1 || outer.strides[0] == image else { return nil }
    let (m, k) = (view.shape[rank - 2], view.shape[rank - 1])
    let (down, along) = (view.strides[rank - 2], view.strides[rank - 1])
    let step = outer.strides[1]
    /// Whether the matrix, read this way round, has so many rows of the tensor and `columns` columns.
    func reads(_ rows: Int, _ columns: Int, _ rowStride: Int, _ columnStride: Int, as wanted: Int) -> Bool {
      rows == wanted && (rows == 1 || rowStride == width) && (columns == 1 || columnStride == 1)
    }
    if base.count == 4, base[1] == heads, view.offset == 0, heads == 1 || step == base[2] * width {
      if k == width, reads(m, k, down, along, as: base[2]) {
        self.init(.stacked)
        return
      }
      if m == width, reads(k, m, along, down, as: base[2]) {
        self.init(.stacked, transposed: true)
        return
      }
    }
    let rows = image / width
    func columns(_ count: Int) -> HeadLayout? {
      let distance = heads == 1 ? count : step
      guard view.offset + (heads - 1) * distance + count <= width, distance >= 0 else { return nil }
      return .columns(first: view.offset, step: distance, width: count)
    }
    if reads(m, k, down, along, as: rows), let layout = columns(k) {
      self.init(layout)
    } else if reads(k, m, along, down, as: rows), let layout = columns(m) {
      self.init(layout, transposed: true)
    } else {
      return nil
    }
  }
}

/// The sizes that make one EfficientViT differ from another: the classification models B0 to B3 of Cai et al. (ICCV 2023),
/// convolutions and multi-scale linear attention. Batch norms are part of the convolution before them.
public struct EfficientViT: ZooModel, Hashable {
  public var name: String
  /// Channels of the stem and the four stages.
  public var widths: [Int]
  /// Blocks of the stem and the four stages. In the last two a block that halves the image comes first and isn't counted.
  public var depths: [Int]
  /// d: channels of a query.
  public var headWidth: Int
  /// Channels of the head's convolution and of its hidden layer.
  public var headWidths: [Int]
  public var classes: Int

  public init(
    _ name: String, widths: [Int], depths: [Int], headWidth: Int, headWidths: [Int], classes: Int = 1000
  ) {
    self.name = name
    self.widths = widths
    self.depths = depths
    self.headWidth = headWidth
    self.headWidths = headWidths
    self.classes = classes
  }

  /// The stem and each stage halve the image.
  public var imageStep: Int { 32 }
  public var stageWidths: [Int] { widths }
  public var stageDepths: [Int] { depths }
  /// Of both scales together.
  public var stageHeads: [Int] { widths.suffix(2).map { checkedProduct([2, $0 / max(1, headWidth)]) ?? .max } }

  static let models: [any ZooModel] = [
    EfficientViT(
      "efficientvit-b0", widths: [8, 16, 32, 64, 128], depths: [1, 2, 2, 2, 2], headWidth: 16, headWidths: [1024, 1280]),
    EfficientViT(
      "efficientvit-b1", widths: [16, 32, 64, 128, 256], depths: [1, 2, 3, 3, 4], headWidth: 16,
      headWidths: [1536, 1600]),
    EfficientViT(
      "efficientvit-b2", widths: [24, 48, 96, 192, 384], depths: [1, 3, 4, 4, 6], headWidth: 32,
      headWidths: [2304, 2560]),
    EfficientViT(
      "efficientvit-b3", widths: [32, 64, 128, 256, 512], depths: [1, 4, 6, 6, 9], headWidth: 32,
      headWidths: [2304, 2560]),
  ]

  public func graph(image: Int, batch: Int) throws(ModelError) -> Graph {
    try checkSizes()
    var builder = GraphBuilder(name: name, image: image, batch: batch)
    var x = try activated("stem.in_conv", builder.image(), widths[0], kernel: 3, stride: 2, &builder)
    for index in 0..<depths[0] { x = try separable("stem.res\(index)", x, &builder) }
    for stage in 0..<4 {
      let (blocks, width, depth) = ("stages.\(stage).blocks", widths[stage + 1], depths[stage + 1])
      x = try inverted(blocks + ".0.main", x, width, stride: 2, &builder)
      for index in 1..<(stage < 2 ? depth : depth + 1) {
        let block = "\(blocks).\(index)"
        if stage < 2 {
          x = try residual(block, x, &builder)
        } else {
          x = try attention(block + ".context_module", x, &builder)
          x = try residual(block + ".local_module", x, &builder)
        }
      }
    }
    x = try activated("head.in_conv", x, headWidths[0], &builder)
    x = try builder.op("head.global_pool", .average, x)
    x = try builder.linear("head.classifier.0", x, headWidths[0], headWidths[1])
    x = try builder.norm("head.classifier.1", x, epsilon: 1e-5)
    x = try builder.op("head.classifier.2", .elementwise(.hardSwish(gate: nil)), x)
    return builder.finish(try builder.linear("head.classifier.4", x, headWidths[1], classes))
  }

  private func checkSizes() throws(ModelError) {
    for (what, sizes, count) in [("widths", widths, 5), ("depths", depths, 5), ("widths of the head", headWidths, 2)]
    where sizes.count != count {
      throw .tensor(name: name, problem: "\(what) must be \(count), got \(sizes.count)")
    }
    for (what, sizes) in [
      ("width", widths), ("depth", depths), ("width of heads", [headWidth]), ("width of the head", headWidths),
      ("classes", [classes]),
    ] {
      try Zoo.check(what, sizes, of: self)
    }
    for width in widths.suffix(2) where width % headWidth != 0 {
      throw .tensor(name: name, problem: "width \(width) must be a multiple of the width of heads, \(headWidth)")
    }
  }

  // MARK: Blocks

  /// A convolution and hard-swish.
  private func activated(
    _ name: String, _ x: TensorID, _ outputs: Int, kernel: Int = 1, stride: Int = 1, groups: Int = 1,
    _ builder: inout GraphBuilder
  ) throws(ModelError) -> TensorID {
    let y = try builder.convolution(name + ".conv", x, outputs, kernel: kernel, stride: stride, groups: groups)
    return try builder.op(name + ".act", .elementwise(.hardSwish(gate: nil)), y)
  }

  /// A depthwise separable convolution with its residual.
  private func separable(_ name: String, _ x: TensorID, _ builder: inout GraphBuilder) throws(ModelError) -> TensorID {
    let width = builder.columns(x)
    var y = try activated(name + ".main.depth_conv", x, width, kernel: 3, groups: width, &builder)
    y = try builder.convolution(name + ".main.point_conv.conv", y, width)
    return try builder.op(name + ".add", .add, y, x)
  }

  /// An inverted bottleneck: four times the channels, a depthwise convolution over them, and `outputs` again.
  private func inverted(
    _ name: String, _ x: TensorID, _ outputs: Int, stride: Int, _ builder: inout GraphBuilder
  ) throws(ModelError) -> TensorID {
    let hidden = 4 * builder.columns(x)
    var y = try activated(name + ".inverted_conv", x, hidden, &builder)
    y = try activated(name + ".depth_conv", y, hidden, kernel: 3, stride: stride, groups: hidden, &builder)
    return try builder.convolution(name + ".point_conv.conv", y, outputs)
  }

  private func residual(_ name: String, _ x: TensorID, _ builder: inout GraphBuilder) throws(ModelError) -> TensorID {
    let y = try inverted(name + ".main", x, builder.columns(x), stride: 1, &builder)
    return try builder.op(name + ".add", .add, y, x)
  }

  /// Multi-scale linear attention with its residual: for each head Q·(Kᵀ·[V 1]), its first d columns over the last.
  private func attention(
    _ block: String, _ x: TensorID, _ builder: inout GraphBuilder
  ) throws(ModelError) -> TensorID {
    let (name, width) = (block + ".main", builder.columns(x))
    let (heads, d) = (2 * width / headWidth, headWidth)
    let qkv = try builder.convolution(name + ".qkv.conv", x, 3 * width)
    var y = try builder.convolution(name + ".aggreg.0.0", qkv, 3 * width, kernel: 5, groups: 3 * width)
    y = try builder.convolution(name + ".aggreg.0.1", y, 3 * width, groups: 3 * width / d)
    let scales = try builder.op(name + ".scales", .concatenate, qkv, y)
    // The channels of a head stand together: its query, key and value.
    func part(_ what: String, _ index: Int) throws(ModelError) -> TensorID {
      try builder.op(
        "\(name).\(what)", .selectColumns(first: index * d, step: 3 * d, width: d, count: heads), scales)
    }
    let q = try builder.op(name + ".relu_q", .elementwise(.relu), part("q", 0))
    let k = try builder.op(name + ".relu_k", .elementwise(.relu), part("k", 1))
    let v = try builder.op(name + ".pad", .appendColumn(heads: heads, value: 1), part("v", 2))
    let narrow = HeadLayout.columns(first: 0, step: d, width: d)
    let wide = HeadLayout.columns(first: 0, step: d + 1, width: d + 1)
    let sums = HeadProduct(heads: heads, a: HeadOperand(narrow, transposed: true), b: HeadOperand(wide), stacked: true)
    let products = HeadProduct(heads: heads, a: HeadOperand(narrow), b: HeadOperand(.stacked), stacked: false)
    y = try builder.op(name + ".kv", .headProduct(sums), k, v)
    y = try builder.op(name + ".values", .headProduct(products), q, y)
    y = try builder.op(name + ".divide", .divide(heads: heads, epsilon: 1e-15), y)
    y = try builder.convolution(name + ".proj.conv", y, width)
    return try builder.op(block + ".add", .add, y, x)
  }
}

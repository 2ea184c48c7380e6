/// The sizes that make one Vision Transformer differ from another.
///
/// The position embedding has one row for each token of the image size, so other sizes have other numbers of parameters.
public struct VisionTransformer: ZooModel, Hashable {
  public var name: String
  /// D: elements of a token.
  public var width: Int
  /// Encoder blocks.
  public var depth: Int
  public var heads: Int
  /// Side of a patch, pixels.
  public var patch: Int
  public var classes: Int

  public init(_ name: String, width: Int, depth: Int, heads: Int, patch: Int = 16, classes: Int = 1000) {
    self.name = name
    self.width = width
    self.depth = depth
    self.heads = heads
    self.patch = patch
    self.classes = classes
  }

  public var imageStep: Int { patch }
  public var stageWidths: [Int] { [width] }
  public var stageDepths: [Int] { [depth] }
  public var stageHeads: [Int] { [heads] }

  static let models: [any ZooModel] = [
    VisionTransformer("deit-tiny", width: 192, depth: 12, heads: 3),
    VisionTransformer("deit-small", width: 384, depth: 12, heads: 6),
    VisionTransformer("deit-base", width: 768, depth: 12, heads: 12),
    VisionTransformer("vit-base", width: 768, depth: 12, heads: 12),
    VisionTransformer("vit-large", width: 1024, depth: 24, heads: 16),
  ]

  public func graph(image: Int, batch: Int) throws(ModelError) -> Graph {
    for (what, size) in [("width", width), ("depth", depth), ("heads", heads), ("classes", classes)] {
      try Zoo.check(what, [size], of: self)
    }
    var builder = GraphBuilder(name: name, image: image, batch: batch)
    let side = image / patch
    var x = builder.image()
    x = try builder.linear("patch_embed.proj", x, patch * patch * 3, width, .patchEmbedding(patch: patch))
    x = try builder.op("cls_token", .classToken, x, builder.tensor("cls_token.token", [1, width], .parameter))
    let table = builder.tensor("pos_embed.table", [1, side * side + 1, width], .parameter)
    x = try builder.op("pos_embed", .add, x, table)
    for index in 0..<depth { x = try block("blocks.\(index)", x, &builder) }
    x = try builder.norm("norm", x, epsilon: 1e-6)
    x = try builder.op("select", .selectToken(0), x)
    return builder.finish(try builder.linear("head", x, width, classes))
  }

  private func block(_ name: String, _ input: TensorID, _ builder: inout GraphBuilder) throws(ModelError) -> TensorID {
    var x = try builder.norm(name + ".norm1", input, epsilon: 1e-6)
    let qkv = try builder.linear(name + ".attn.qkv", x, width, 3 * width)
    x = try builder.op(name + ".attn.scores", .headProduct(.scores(heads: heads, width: width)), qkv, qkv)
    x = try builder.op(
      name + ".attn.scale", .elementwise(.scale(1 / Float(width / heads).squareRoot())), x)
    x = try builder.op(name + ".attn.softmax", .softmax, x)
    x = try builder.op(name + ".attn.values", .headProduct(.values(heads: heads, width: width)), x, qkv)
    x = try builder.linear(name + ".attn.proj", x, width, width)
    let middle = try builder.op(name + ".add1", .add, x, input)
    x = try builder.norm(name + ".norm2", middle, epsilon: 1e-6)
    x = try builder.linear(name + ".mlp.fc1", x, width, 4 * width)
    x = try builder.op(name + ".mlp.gelu", .elementwise(.gelu), x)
    x = try builder.linear(name + ".mlp.fc2", x, 4 * width, width)
    return try builder.op(name + ".add2", .add, x, middle)
  }
}

/// The sizes that make one Vision Transformer differ from another.
public struct VisionTransformer: Sendable, Hashable {
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
}

/// The built-in models.
///
/// ```swift
/// let graph = try Zoo.graph("deit-tiny", image: 224, batch: 1)
/// print(graph.macs, graph.parameters)
/// ```
public enum Zoo {
  /// All of them, in the order in which they are listed.
  public static let models = [
    VisionTransformer("deit-tiny", width: 192, depth: 12, heads: 3),
    VisionTransformer("deit-small", width: 384, depth: 12, heads: 6),
    VisionTransformer("deit-base", width: 768, depth: 12, heads: 12),
    VisionTransformer("vit-base", width: 768, depth: 12, heads: 12),
    VisionTransformer("vit-large", width: 1024, depth: 24, heads: 16),
  ]

  /// Largest image side, pixels.
  public static let largestImage = 4096
  public static let largestBatch = 1024
  /// Bound on width, depth, heads and classes.
  static let largestSize = 65536

  /// The graph of the model called `name` for `batch` square images of side `image` pixels.
  ///
  /// The position embedding has one row for each token of that image size, so other sizes than 224 have other
  /// numbers of parameters.
  ///
  /// - Throws: `ModelError.unknownModel`, `.image` or `.batch`.
  public static func graph(_ name: String, image: Int = 224, batch: Int = 1) throws(ModelError) -> Graph {
    guard let model = models.first(where: { $0.name == name }) else {
      throw .unknownModel(name: name, suggestion: nearest(to: name, in: models.map(\.name)))
    }
    return try graph(model, image: image, batch: batch)
  }

  /// Everything that is wrong with a request for a model, of which `graph` throws the first.
  public static func mistakes(_ name: String, image: Int = 224, batch: Int = 1) -> [ModelError] {
    var mistakes: [ModelError] = []
    // Of an unknown model the other values can still be checked against what any model takes.
    var model = models.first { $0.name == name } ?? models[0]
    if model.name != name {
      mistakes.append(.unknownModel(name: name, suggestion: nearest(to: name, in: models.map(\.name))))
    }
    model.depth = 1
    for (image, batch) in [(image, 1), (model.patch, batch)] {
      do { _ = try graph(model, image: image, batch: batch) } catch { mistakes.append(error) }
    }
    return mistakes
  }

  /// The graph of any Vision Transformer.
  ///
  /// - Throws: `ModelError.image`, `.batch`, or what `Graph.validate()` finds wrong with the sizes of `model`.
  public static func graph(_ model: VisionTransformer, image: Int = 224, batch: Int = 1) throws(ModelError) -> Graph {
    guard model.patch > 0, 1...largestImage ~= image, image % model.patch == 0 else {
      throw .image(image, patch: model.patch)
    }
    guard 1...largestBatch ~= batch else { throw .batch(batch) }
    for (what, size) in [
      ("width", model.width), ("depth", model.depth), ("heads", model.heads), ("classes", model.classes),
    ] where !(1...largestSize ~= size) {
      throw .tensor(name: model.name, problem: "\(what) \(size) must be from 1 to \(largestSize)")
    }
    var builder = GraphBuilder(name: model.name, image: image, batch: batch)
    try builder.build(model)
    try builder.graph.validate()
    return builder.graph
  }
}

/// Appends operators; the shapes of their results follow from their inputs.
private struct GraphBuilder {
  var graph: Graph

  init(name: String, image: Int, batch: Int) {
    graph = Graph(name: name, image: image, batch: batch, tensors: [], operators: [])
  }

  mutating func build(_ model: VisionTransformer) throws(ModelError) {
    let width = model.width
    let side = graph.image / model.patch
    var x = tensor("image", [graph.batch, graph.image, graph.image, 3], .input)
    x = try linear("patch_embed.proj", .patchEmbedding(patch: model.patch), x, model.patch * model.patch * 3, width)
    x = try op("cls_token", .classToken, x, tensor("cls_token.token", [1, width], .parameter))
    x = try op("pos_embed", .add, x, tensor("pos_embed.table", [1, side * side + 1, width], .parameter))
    for index in 0..<model.depth { x = try block("blocks.\(index)", x, model) }
    x = try norm("norm", x, width)
    x = try op("select", .selectToken(0), x)
    x = try linear("head", .linear, x, width, model.classes)
    graph.tensors[x].role = .output
  }

  private mutating func block(_ name: String, _ input: TensorID, _ model: VisionTransformer) throws(ModelError)
    -> TensorID
  {
    let width = model.width
    var x = try norm(name + ".norm1", input, width)
    let qkv = try linear(name + ".attn.qkv", .linear, x, width, 3 * width)
    x = try op(name + ".attn.scores", .headProduct(.scores(heads: model.heads, width: model.width)), qkv, qkv)
    let depth = Float(width / model.heads)
    x = try op(name + ".attn.scale", .elementwise(.scale(1 / depth.squareRoot())), x)
    x = try op(name + ".attn.softmax", .softmax, x)
    x = try op(name + ".attn.values", .headProduct(.values(heads: model.heads, width: model.width)), x, qkv)
    x = try linear(name + ".attn.proj", .linear, x, width, width)
    let middle = try op(name + ".add1", .add, x, input)
    x = try norm(name + ".norm2", middle, width)
    x = try linear(name + ".mlp.fc1", .linear, x, width, 4 * width)
    x = try op(name + ".mlp.gelu", .elementwise(.gelu), x)
    x = try linear(name + ".mlp.fc2", .linear, x, 4 * width, width)
    return try op(name + ".add2", .add, x, middle)
  }

  private mutating func linear(
    _ name: String, _ operation: GraphOperation, _ x: TensorID, _ inputs: Int, _ outputs: Int
  ) throws(ModelError) -> TensorID {
    let weight = tensor(name + ".weight", [inputs, outputs], .parameter)
    return try op(name, operation, x, weight, tensor(name + ".bias", [outputs], .parameter))
  }

  private mutating func norm(_ name: String, _ x: TensorID, _ width: Int) throws(ModelError) -> TensorID {
    let gain = tensor(name + ".weight", [width], .parameter)
    return try op(name, .layerNorm(epsilon: 1e-6), x, gain, tensor(name + ".bias", [width], .parameter))
  }

  private mutating func op(_ name: String, _ operation: GraphOperation, _ inputs: TensorID...) throws(ModelError)
    -> TensorID
  {
    let shape: [Int]
    do {
      shape = try operation.outputShape(inputs.map { graph.tensors[$0].shape })
    } catch {
      throw .graphOperator(name: name, problem: error.problem)
    }
    let output = tensor(name + ".out", shape, .activation)
    graph.operators.append(GraphOperator(name: name, operation: operation, inputs: inputs, output: output))
    return output
  }

  private mutating func tensor(_ name: String, _ shape: [Int], _ role: TensorRole) -> TensorID {
    graph.tensors.append(Tensor(name: name, shape: shape, role: role))
    return graph.tensors.count - 1
  }
}

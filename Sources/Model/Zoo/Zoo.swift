/// Sizes of one model of a family, from which its graph follows for any image and batch.
public protocol ZooModel: Sendable {
  var name: String { get }
  /// Image sides are multiples of so many pixels.
  var imageStep: Int { get }
  /// Elements of a token or pixel, from the first stage to the last.
  var stageWidths: [Int] { get }
  /// Blocks, stage by stage.
  var stageDepths: [Int] { get }
  /// Heads of the stages with attention.
  var stageHeads: [Int] { get }

  /// The graph; `Zoo.graph` checks image and batch before it asks for one.
  ///
  /// - Throws: `ModelError` if a size is out of bounds or doesn't fit the others.
  func graph(image: Int, batch: Int) throws(ModelError) -> Graph
}

/// The built-in models.
///
/// ```swift
/// let graph = try Zoo.graph("deit-tiny", image: 224, batch: 1)
/// print(graph.macs, graph.parameters)
/// ```
public enum Zoo {
  /// All of them, in the order in which they are listed.
  public static let models: [any ZooModel] = VisionTransformer.models + EfficientViT.models

  /// Largest image side, pixels.
  public static let largestImage = 4096
  public static let largestBatch = 1024
  /// Bound on widths, depths, heads and classes.
  static let largestSize = 65536

  /// The graph of the model called `name` for `batch` square images of side `image` pixels.
  ///
  /// - Throws: `ModelError.unknownModel`, `.image` or `.batch`.
  public static func graph(_ name: String, image: Int = 224, batch: Int = 1) throws(ModelError) -> Graph {
    guard let model = models.first(where: { $0.name == name }) else { throw unknown(name) }
    return try graph(model, image: image, batch: batch)
  }

  /// The graph of any model of a family.
  ///
  /// - Throws: `ModelError.image`, `.batch`, or what is wrong with the sizes of `model`.
  public static func graph(_ model: any ZooModel, image: Int = 224, batch: Int = 1) throws(ModelError) -> Graph {
    if let mistake = mistakes(model, image: image, batch: batch).first { throw mistake }
    let graph = try model.graph(image: image, batch: batch)
    try graph.validate()
    return graph
  }

  /// Everything that is wrong with a request for a model, of which `graph` throws the first.
  public static func mistakes(_ name: String, image: Int = 224, batch: Int = 1) -> [ModelError] {
    if let model = models.first(where: { $0.name == name }) { return mistakes(model, image: image, batch: batch) }
    // The other values can still be checked: against the model that was meant, or else against what any would refuse.
    let meant = nearest(to: name, in: models.map(\.name))
    let model = models.first { $0.name == meant } ?? models.min { $0.imageStep < $1.imageStep }
    return [unknown(name)] + (model.map { mistakes($0, image: image, batch: batch) } ?? [])
  }

  static func check(_ what: String, _ sizes: [Int], of model: some ZooModel) throws(ModelError) {
    for size in sizes where !(1...largestSize ~= size) {
      throw .tensor(name: model.name, problem: "\(what) \(size) must be from 1 to \(largestSize)")
    }
  }

  private static func mistakes(_ model: any ZooModel, image: Int, batch: Int) -> [ModelError] {
    var mistakes: [ModelError] = []
    if model.imageStep <= 0 || !(1...largestImage ~= image) || image % model.imageStep != 0 {
      mistakes.append(.image(image, step: model.imageStep))
    }
    if !(1...largestBatch ~= batch) { mistakes.append(.batch(batch)) }
    return mistakes
  }

  private static func unknown(_ name: String) -> ModelError {
    .unknownModel(name: name, suggestion: nearest(to: name, in: models.map(\.name)))
  }
}

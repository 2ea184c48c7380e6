/// Which model to run, as a run configuration asks for it; whether it exists is for the model zoo, or the file system, to say.
public struct ModelRequest: Sendable, Hashable {
  /// A built-in model's name, or the path of an ONNX file.
  public var name: String
  /// Image side in pixels and images at once; `nil` where the configuration leaves them open.
  public var image: Int?
  public var batch: Int?
  /// Where each of them stands (the model itself, for what is left open).
  public var nameMark: SourceMark
  public var imageMark: SourceMark
  public var batchMark: SourceMark

  public init(
    name: String, image: Int? = nil, batch: Int? = nil, nameMark: SourceMark, imageMark: SourceMark? = nil,
    batchMark: SourceMark? = nil
  ) {
    self.name = name
    self.image = image
    self.batch = batch
    self.nameMark = nameMark
    self.imageMark = imageMark ?? nameMark
    self.batchMark = batchMark ?? nameMark
  }

  /// Whether `name` is the path of an ONNX file; in a configuration it is relative to that one's directory.
  public var isFile: Bool { name.hasSuffix(".onnx") }

  /// Reads `model`: a name, or a mapping with `name`, `image` and `batch`; `nil` if a mistake was reported.
  package static func decode(_ node: ConfigNode, log: DiagnosticLog) -> ModelRequest? {
    if let text = node.text, isName(text) || text.hasSuffix(".onnx") {
      return ModelRequest(name: text, nameMark: node.mark)
    }
    var keys = Section(node, "model", log: log)
    let isFile = node["name"]?.text?.hasSuffix(".onnx") == true
    let name = isFile ? keys.value("name", expected: "the path of a file")?.text : keys.name()
    let image = keys.has("image") ? keys.number("image", Bounds.image) : keys.absent("image")
    let batch = keys.has("batch") ? keys.number("batch", Bounds.batch) : keys.absent("batch")
    keys.finish()
    return name.map {
      ModelRequest(
        name: $0, image: image, batch: batch, nameMark: keys.place("name"), imageMark: keys.place("image"),
        batchMark: keys.place("batch"))
    }
  }
}

/// A run configuration: a model, and an accelerator or the file that describes it.
public struct RunDescription: Sendable, Hashable {
  public enum AcceleratorSource: Sendable, Hashable {
    /// A path relative to the directory of the configuration.
    case path(String, SourceMark)
    case inline(ConfigNode)
  }

  public var model: ModelRequest?
  /// What others published about the design (`published`), as it stands there; whoever compares with it reads it.
  public var published: ConfigNode?
  /// `nil` if it is missing or wrong; `mistakes` then says so.
  public var accelerator: AcceleratorSource?
  public var mistakes: [Diagnostic] = []

  /// Reads a run configuration, or an accelerator's description that stands alone (no `model`, `accelerator` or `published`).
  ///
  /// An inline accelerator isn't looked into, nor is what is published.
  public init(_ node: ConfigNode) {
    guard ["model", "accelerator", "published"].contains(where: { node[$0] != nil }) else {
      accelerator = .inline(node)
      return
    }
    let log = DiagnosticLog()
    var keys = Section(node, "the run configuration", log: log)
    model = keys.value("model", expected: nil).flatMap { ModelRequest.decode($0, log: log) }
    let expected = "the path of an accelerator's description, or the description itself"
    if let value = keys.value("accelerator", expected: expected) {
      switch value.content {
      case .mapping: accelerator = .inline(value)
      case .scalar(let path) where !path.isEmpty && !path.unicodeScalars.contains("\0"):
        accelerator = .path(path, value.mark)
      default: log.report(value.mark, "accelerator is \(value.kind)", expected: expected)
      }
    }
    published = keys.value("published", expected: nil)
    keys.finish()
    mistakes = log.found
  }
}

extension Section {
  /// Makes a key known that may be left out and has no default.
  fileprivate mutating func absent(_ key: String) -> Int? {
    _ = value(key, expected: nil)
    return nil
  }
}

import Hardware

/// A model on an accelerator, as a file and the `--set` options on top of it describe them.
///
/// ```swift
/// let run = try RunConfiguration.load(path: "configs/deit-tiny-zcu102.yaml", overrides: ["engines.array.rows=16"])
/// ```
public struct RunConfiguration: Sendable, Hashable {
  /// `nil` if the file describes an accelerator alone.
  public var model: ModelRequest?
  public var accelerator: Accelerator
  /// What others published about the design, as it stands in the file.
  public var published: ConfigNode?
  /// The file that was asked for.
  public var sourcePath: String
  /// The file that describes the accelerator: `sourcePath` itself if the description stands there.
  public var acceleratorPath: String

  /// Reads a run configuration or an accelerator's description.
  ///
  /// - Parameter overrides: `path=value`, as after `--set`. Paths that begin with `model.` are the model's, all others
  ///   the accelerator's; `accelerator=PATH` takes another one, and the value `null` takes a key away.
  /// - Throws: `DiagnosticError` with every mistake of all files and options.
  public static func load(path: String, overrides: [String] = []) throws(DiagnosticError) -> RunConfiguration {
    let text = try InputFile.read(path: path, limit: InputFile.configurationLimit)
    return try parse(text: text, file: path, overrides: overrides)
  }

  /// The same for a text that was read from `file`; the path of an accelerator is relative to that file's directory.
  public static func parse(
    text: String, file: String, overrides: [String] = []
  ) throws(DiagnosticError) -> RunConfiguration {
    var mistakes = Mistakes()
    let options = overrides.compactMap { text in
      mistakes.collect { () throws(DiagnosticError) in try Override(text) }
    }
    let source = ConfigurationSource(try ConfigNode.parse(yaml: text, file: file), file: file)
    return try resolve(source, options, mistakes)
  }

  /// `source` with `options` on top; `mistakes` are those found already.
  static func resolve(
    _ source: ConfigurationSource, _ options: [Override], _ earlier: Mistakes = Mistakes()
  ) throws(DiagnosticError) -> RunConfiguration {
    var mistakes = earlier
    let (file, root) = (source.file, mistakes.applyForRun(options, to: source.root))
    let description = RunDescription(root)
    mistakes.found += description.mistakes

    var path = file
    let node: ConfigNode?
    switch description.accelerator {
    case nil: node = nil
    case .inline(let inline): node = inline
    case .path(let name, let mark):
      path = ConfigurationSource.resolve(name, besides: mark.file.hasPrefix("--") ? file : mark.file)
      node = mistakes.collect { [path] () throws(DiagnosticError) in try source.files.node(path, from: mark) }
    }
    let changed = node.map { mistakes.apply(options.filter { !$0.isForRun }, to: $0) }
    let accelerator = changed.flatMap { node in
      mistakes.collect { () throws(DiagnosticError) in try Accelerator.decode(node) }
    }
    if let error = DiagnosticError(mistakes.found) { throw error }
    guard let accelerator else { throw DiagnosticError(Diagnostic(root.mark, "there is no accelerator")) }
    return RunConfiguration(
      model: description.model, accelerator: accelerator, published: description.published, sourcePath: file,
      acceleratorPath: path)
  }
}

extension ConfigNode {
  /// The run configuration that this is, or that has only this accelerator.
  fileprivate var asRun: ConfigNode {
    if ["model", "accelerator", "published"].contains(where: { self[$0] != nil }) { return self }
    return ConfigNode(.mapping([Entry(key: "accelerator", keyMark: mark, value: self)]), at: mark)
  }
}

/// The mistakes of several steps of which each can fail alone.
struct Mistakes {
  var found: [Diagnostic] = []

  mutating func collect<Value>(_ step: () throws(DiagnosticError) -> Value) -> Value? {
    do {
      return try step()
    } catch {
      found += error.diagnostics
      return nil
    }
  }

  /// The run configuration with every option that is for it and leads somewhere.
  mutating func applyForRun(_ options: [Override], to root: ConfigNode) -> ConfigNode {
    let options = options.filter(\.isForRun)
    return options.isEmpty ? root : apply(options, to: root.asRun)
  }

  /// `node` with every option that leads somewhere.
  mutating func apply(_ options: [Override], to node: ConfigNode) -> ConfigNode {
    options.reduce(node) { node, option in
      collect { () throws(DiagnosticError) in try node.setting(path: option.path, to: option.value) } ?? node
    }
  }
}

import Hardware
import Synchronization

/// A configuration, read and parsed once: variants of it cost no parsing.
///
/// ```swift
/// let source = try ConfigurationSource(path: "configs/deit-tiny-zcu102.yaml")
/// let rows = Override(path: "engines.array.rows", value: ConfigNode(.scalar("16"), at: SourceMark(file: "here")))
/// let smaller = try source.configuration([rows])
/// ```
public struct ConfigurationSource: Sendable {
  public let root: ConfigNode
  /// What paths are relative to.
  public let file: String
  let files = ParsedFiles()

  /// - Parameter root: a run configuration or an accelerator's description.
  public init(_ root: ConfigNode, file: String) {
    self.root = root
    self.file = file
  }

  /// Reads a file.
  ///
  /// - Parameter mark: the place to blame if it can't be read; the file itself by default.
  /// - Throws: `DiagnosticError` if it can't be read or isn't YAML.
  public init(path: String, from mark: SourceMark? = nil) throws(DiagnosticError) {
    self.init(try ParsedFiles().node(path, from: mark), file: path)
  }

  /// The configuration with `overrides`, the last of which wins.
  ///
  /// - Throws: `DiagnosticError` with every mistake of all files and values.
  public func configuration(_ overrides: [Override] = []) throws(DiagnosticError) -> RunConfiguration {
    try RunConfiguration.resolve(self, overrides)
  }

  /// The model that the configuration asks for, even if its accelerator is wrong.
  public func model(_ overrides: [Override] = []) -> ModelRequest? {
    var mistakes = Mistakes()
    return RunDescription(mistakes.applyForRun(overrides, to: root)).model
  }

  /// A path that is relative to the directory of `file`, in which it stands.
  public static func resolve(_ path: String, besides file: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return file[...slash] + path
  }
}

/// Descriptions that several configurations name, each read once.
final class ParsedFiles: Sendable {
  private let nodes = Mutex<[String: ConfigNode]>([:])

  /// - Throws: `DiagnosticError` if the file can't be read (the fault of `mark`) or isn't YAML.
  func node(_ path: String, from mark: SourceMark?) throws(DiagnosticError) -> ConfigNode {
    if let node = nodes.withLock({ $0[path] }) { return node }
    let text = try InputFile.read(path: path, limit: InputFile.configurationLimit, from: mark)
    let node = try ConfigNode.parse(yaml: text, file: path)
    nodes.withLock { $0[path] = node }
    return node
  }
}

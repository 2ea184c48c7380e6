import Hardware

/// One value of a configuration that is set to another one: `path=value` of `--set`, or a point of a sweep.
public struct Override: Sendable, Hashable {
  /// Without the prefix `accelerator.`.
  public let path: String
  public let value: ConfigNode
  /// Whether it changes the run configuration and not the accelerator's description.
  public let isForRun: Bool

  /// - Parameters:
  ///   - path: begins with `model` for what is the model's; `accelerator` alone takes another description.
  ///   - value: `null` takes a key away. Its place is what mistakes are blamed on.
  public init(path: String, value: ConfigNode) {
    isForRun = path == "model" || path == "accelerator" || path.hasPrefix("model.")
    let prefix = "accelerator."
    self.path = path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    self.value = value
  }

  /// Reads `path=value`. The value is YAML: `32`, `200MHz`, `null` or even `{model: ideal, latency: 20}`.
  ///
  /// - Throws: `DiagnosticError` if there is no `=` or the value is no YAML.
  init(_ text: String) throws(DiagnosticError) {
    let mark = SourceMark(file: "--set \(text)")
    guard let equals = text.firstIndex(of: "="), text[text.startIndex] != "=", text.index(after: equals) < text.endIndex
    else {
      throw DiagnosticError(
        Diagnostic(mark, "there is no path=value", expected: "something like engines.array.rows=32"))
    }
    do {
      let value = try ConfigNode.parse(yaml: String(text[text.index(after: equals)...]), file: mark.file)
      self.init(path: String(text[..<equals]), value: value.moved(to: mark))
    } catch {
      throw DiagnosticError(
        error.diagnostics.map {
          Diagnostic(mark, $0.message, expected: $0.expected, suggestion: $0.suggestion)
        }) ?? error
    }
  }
}

extension ConfigNode {
  /// The same with one place for everything.
  fileprivate func moved(to mark: SourceMark) -> ConfigNode {
    switch content {
    case .null, .scalar: ConfigNode(content, at: mark)
    case .sequence(let elements): ConfigNode(.sequence(elements.map { $0.moved(to: mark) }), at: mark)
    case .mapping(let entries):
      ConfigNode(
        .mapping(entries.map { Entry(key: $0.key, keyMark: mark, value: $0.value.moved(to: mark)) }), at: mark)
    }
  }
}

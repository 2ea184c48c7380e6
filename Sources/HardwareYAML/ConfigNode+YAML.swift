import Hardware
import Yams

extension ConfigNode {
  /// The value that one YAML document describes.
  ///
  /// The subset is that of configuration files: no anchors, aliases, tags or several documents. Duplicate keys are kept
  /// for the decoder to report.
  /// - Parameters:
  ///   - file: the name for messages.
  ///   - firstLine: the number of the first line, for a text that stands inside another file.
  /// - Throws: `DiagnosticError` with the place where the text stops being such YAML.
  public static func parse(yaml: String, file: String, firstLine: Int = 1) throws(DiagnosticError) -> ConfigNode {
    var text = try YAMLText(yaml, file: file, firstLine: firstLine)
    var renamed: [Unicode.Scalar: Unicode.Scalar] = [:]
    while true {
      do {
        guard let node = try Parser(yaml: text.text, resolver: .basic, encoding: .utf8).singleRoot() else {
          throw DiagnosticError(
            Diagnostic(
              SourceMark(file: file, line: firstLine, column: 1), "there is nothing in it", expected: "keys and values")
          )
        }
        return try Builder(text: text, renamed: renamed).build(node, depth: 0)
      } catch let error as DiagnosticError {
        throw error
      } catch YamlError.duplicatedKeysInMapping(_, let context) where text.rename(context.mark, &renamed) {
        continue
      } catch {
        throw DiagnosticError(Diagnostic(yamlError: error, in: text))
      }
    }
  }
}

extension YAMLText {
  /// Makes one of several equal keys different, so that Yams, which stops at duplicates, can go on: its first
  /// character gives way to one that stands nowhere else. Columns stay the same.
  fileprivate mutating func rename(_ mark: Mark, _ renamed: inout [Unicode.Scalar: Unicode.Scalar]) -> Bool {
    // Each takes another parse: together they may read half a million characters.
    guard let index = index(line: mark.line, column: mark.column), renamed.count * scalars.count < 1 << 19,
      let stand = Unicode.Scalar(0xE000 + UInt32(renamed.count)), !contains(stand),
      scalars[index].properties.isAlphabetic
    else { return false }
    renamed[stand] = scalars[index]
    replace(at: index, with: stand)
    return true
  }
}

/// Turns Yams' nodes into configuration values.
private struct Builder {
  let text: YAMLText
  let renamed: [Unicode.Scalar: Unicode.Scalar]

  func build(_ node: Node, depth: Int) throws(DiagnosticError) -> ConfigNode {
    let mark = place(node)
    guard depth <= 16 else { throw DiagnosticError(Diagnostic(mark, "values are nested more than 16 deep")) }
    switch node {
    case .scalar(let scalar):
      try refuse(scalar.tag, of: scalar.style == .plain ? nil : .str, at: mark)
      let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
      return ConfigNode(isNull ? .null : .scalar(scalar.string), at: mark)
    case .sequence(let sequence):
      try refuse(sequence.tag, of: .seq, at: mark)
      var elements: [ConfigNode] = []
      for element in sequence { elements.append(try build(element, depth: depth + 1)) }
      return ConfigNode(.sequence(elements), at: mark)
    case .mapping(let mapping):
      try refuse(mapping.tag, of: .map, at: mark)
      var entries: [ConfigNode.Entry] = []
      for (key, value) in mapping {
        guard case .scalar(let scalar) = key else {
          throw DiagnosticError(Diagnostic(place(key), "a key is not a word", expected: "key: value"))
        }
        entries.append(
          ConfigNode.Entry(
            key: original(scalar.string), keyMark: place(key), value: try build(value, depth: depth + 1)))
      }
      return ConfigNode(.mapping(entries), at: mark)
    case .alias:
      throw DiagnosticError(Diagnostic(mark, "aliases are not allowed", expected: "the value itself"))
    }
  }

  private func place(_ node: Node) -> SourceMark {
    text.mark(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }

  private func original(_ key: String) -> String {
    guard let first = key.unicodeScalars.first, let letter = renamed[first] else { return key }
    return String(Character(letter)) + String(key.unicodeScalars.dropFirst())
  }

  /// A tag could make a value mean something else than it says.
  private func refuse(_ tag: Tag, of usual: Tag.Name?, at mark: SourceMark) throws(DiagnosticError) {
    guard tag.rawValue != "", tag.rawValue != usual?.rawValue else { return }
    throw DiagnosticError(Diagnostic(mark, "tags such as \(quoted(tag.rawValue)) are not allowed"))
  }
}

extension Diagnostic {
  fileprivate init(yamlError error: any Error, in text: YAMLText) {
    let start = text.mark(line: 1, column: 1)
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let detail = context.map { " (\($0.text))" } ?? ""
      self.init(text.mark(line: mark.line, column: mark.column), "this is not valid YAML: \(problem)\(detail)")
    case .duplicatedKeysInMapping(let keys, let context):
      self.init(
        text.mark(line: context.mark.line, column: context.mark.column),
        "duplicate key " + keys.map(quoted).joined(separator: ", "))
    case .reader(let problem, _, _, _): self.init(start, "this is not valid YAML: \(problem)")
    default: self.init(start, "this is not valid YAML")
    }
  }
}

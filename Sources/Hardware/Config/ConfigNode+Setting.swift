extension ConfigNode {
  /// A copy with one value replaced or added, as `--set` on the command line does.
  ///
  /// `engines.array.rows` goes through a mapping to the element of a list whose `name` is `array`. Mappings on the way
  /// that don't exist are made; whether their keys mean anything is for the decoder to say. A `null` value takes the
  /// last key away, so that its default holds.
  /// - Throws: `DiagnosticError` if the path leads nowhere. Its place, and that of the new value, is the option itself.
  public func setting(path: String, to value: ConfigNode) throws(DiagnosticError) -> ConfigNode {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 16, parts.allSatisfy({ !$0.isEmpty }) else {
      let problem = parts.count > 16 ? "has more than 16 parts" : "has an empty part"
      throw DiagnosticError(
        Diagnostic(value.mark, "the path \(quoted(path)) \(problem)", expected: "a path such as engines.array.rows"))
    }
    return try setting(parts[...], parents: [], to: value)
  }

  /// The same with a scalar.
  public func setting(path: String, to text: String) throws(DiagnosticError) -> ConfigNode {
    let mark = SourceMark(file: "--set \(path)=\(text)")
    return try setting(path: path, to: ConfigNode(.scalar(text), at: mark))
  }

  private func setting(
    _ path: ArraySlice<String>, parents: [String], to value: ConfigNode
  ) throws(DiagnosticError) -> ConfigNode {
    guard let part = path.first else { return value }
    let (rest, here) = (path.dropFirst(), parents + [part])
    func wrong(_ message: String, expected: String? = nil, suggestion: String? = nil) -> DiagnosticError {
      DiagnosticError(Diagnostic(value.mark, message, expected: expected, suggestion: suggestion))
    }
    var copy = self
    switch content {
    case .mapping(var entries):
      let removes = rest.isEmpty && value.content == .null
      if let index = entries.firstIndex(where: { $0.key == part }) {
        if removes {
          entries.remove(at: index)
        } else {
          entries[index].value = try entries[index].value.setting(rest, parents: here, to: value)
        }
      } else if !removes {
        let empty = ConfigNode(.mapping([]), at: value.mark)
        let made = try empty.setting(rest, parents: here, to: value)
        entries.append(Entry(key: part, keyMark: value.mark, value: made))
      }
      copy.content = .mapping(entries)
    case .sequence(var elements):
      let names = elements.compactMap { $0["name"]?.text }
      guard let index = elements.firstIndex(where: { $0["name"]?.text == part }) else {
        throw wrong(
          "there is no \(quoted(part)) in \(parents.joined(separator: "."))",
          expected: names.isEmpty ? nil : alternatives(names), suggestion: didYouMean(part, among: names))
      }
      if rest.isEmpty, value.content == .null {
        elements.remove(at: index)
      } else {
        elements[index] = try elements[index].setting(rest, parents: here, to: value)
      }
      copy.content = .sequence(elements)
    case .scalar, .null:
      throw wrong(
        "\(parents.isEmpty ? "the file" : parents.joined(separator: ".")) is \(kind): it has no \(quoted(part))")
    }
    return copy
  }
}

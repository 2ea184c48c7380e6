extension ConfigNode {
  /// The value on one line of YAML, which reads back as an equal value: `32`, `200MHz`, `{model: ideal, latency: 20}`.
  public var inlineYAML: String {
    switch content {
    case .null: "null"
    case .scalar(let text): Self.scalar(text)
    case .sequence(let elements): "[" + elements.map(\.inlineYAML).joined(separator: ", ") + "]"
    case .mapping(let entries):
      "{" + entries.map { "\(Self.scalar($0.key)): \($0.value.inlineYAML)" }.joined(separator: ", ") + "}"
    }
  }

  /// In double quotes where it would be read as something else.
  private static func scalar(_ text: String) -> String {
    let isPlain =
      text.unicodeScalars.allSatisfy { plain.contains($0) } && !["", "~", "null", "Null", "NULL"].contains(text)
    if isPlain, text.first != "-", text.first != " ", text.last != " " { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case _ where scalar.value < 0x20 || (0x7F...0xA0).contains(scalar.value) || scalar.value == 0xFEFF:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      case "\u{2028}", "\u{2029}": quoted += "\\u" + String(scalar.value, radix: 16)
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+ ".unicodeScalars)
}

/// A JSON value whose objects keep their keys in the order in which they were written.
enum JSON: Sendable {
  case null
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([(key: String, value: JSON)])

  init(_ value: Double?) { self = value.map { $0.isFinite ? .number($0) : .null } ?? .null }

  /// Two-space indentation, one value a line; integers exact, other numbers in the shortest form that reads back.
  var text: String {
    var text = ""
    write(to: &text, indentation: "")
    return text + "\n"
  }

  private func write(to text: inout String, indentation: String) {
    let inner = indentation + "  "
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.description
    case .string(let value): JSON.quote(value, to: &text)
    case .array(let values):
      if values.isEmpty { return text += "[]" }
      text += "[\n"
      for (index, value) in values.enumerated() {
        text += inner
        value.write(to: &text, indentation: inner)
        text += index + 1 < values.count ? ",\n" : "\n"
      }
      text += indentation + "]"
    case .object(let members):
      if members.isEmpty { return text += "{}" }
      text += "{\n"
      for (index, member) in members.enumerated() {
        text += inner
        JSON.quote(member.key, to: &text)
        text += ": "
        member.value.write(to: &text, indentation: inner)
        text += index + 1 < members.count ? ",\n" : "\n"
      }
      text += indentation + "}"
    }
  }

  fileprivate static func quote(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

/// Strings as JSON and YAML both read them.
public enum JSONText {
  public static func string(_ text: String) -> String {
    var quoted = ""
    JSON.quote(text, to: &quoted)
    return quoted
  }
}

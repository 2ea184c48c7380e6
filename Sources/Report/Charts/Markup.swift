/// HTML or SVG that can't be broken by what it shows: text that is put into it is escaped, only literals of the source and
/// other markup stand as they are.
///
/// ```swift
/// let cell: Markup = "<td>\(layer.name)</td>"
/// ```
struct Markup: Sendable, Hashable, ExpressibleByStringInterpolation {
  private(set) var text: String

  init(stringLiteral value: String) { text = value }

  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// The parts one after the other.
  init(_ parts: [Markup], separator: String = "\n") { text = parts.map(\.text).joined(separator: separator) }

  /// Text of the source itself, such as a script or a style: nothing that comes from a file.
  init(source: String) { text = source }

  /// A name that may break behind its points and slashes.
  init(breaking name: String) {
    text = name.map { Markup.escaped(String($0)) + ("./_".contains($0) ? "<wbr>" : "") }.joined()
  }

  static func + (left: Markup, right: Markup) -> Markup { Markup([left, right], separator: "") }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate(set) var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

    mutating func appendLiteral(_ literal: String) { text += literal }

    /// Escaped, good within an element and within a quoted attribute.
    mutating func appendInterpolation(_ string: String) { text += Markup.escaped(string) }

    mutating func appendInterpolation(_ number: Int) { text += String(number) }

    /// A coordinate: with two decimals, and none that are 0.
    mutating func appendInterpolation(_ place: Double) { text += Markup.coordinate(place) }

    mutating func appendInterpolation(_ markup: Markup) { text += markup.text }

    mutating func appendInterpolation(_ parts: [Markup]) { text += Markup(parts).text }
  }

  /// Characters that steer a reader of markup become references; those that no document may hold become U+FFFD.
  static func escaped(_ string: String) -> String {
    var text = ""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      case "\n", "\t": text.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || 0x7F..<0xA0 ~= scalar.value || scalar.value & 0xFFFE == 0xFFFE:
        text += "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// `12`, `12.5`, `-0.25`; 0 for what is not a number.
  static func coordinate(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    var digits = NumberText.fixed(value, 2)
    while digits.last == "0" { digits.removeLast() }
    if digits.last == "." { digits.removeLast() }
    return digits == "-0" || digits.isEmpty ? "0" : digits
  }
}

/// Reads JSON objects of names and numbers.
struct CalibrationScanner {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  /// An object: `member` reads each value.
  mutating func object(
    _ member: (inout CalibrationScanner, String) throws(CalibrationError) -> Void
  ) throws(CalibrationError) {
    try take("{", "an object")
    if next() == UInt8(ascii: "}") { return position += 1 }
    while true {
      let name = try string()
      try take(":", "':'")
      try member(&self, name)
      if next() == UInt8(ascii: "}") { return position += 1 }
      try take(",", "',' or '}'")
    }
  }

  mutating func number() throws(CalibrationError) -> Double {
    _ = next()
    let digits = bytes[position...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "+-.eE".utf8.contains($0) }
    guard let value = Double(String(decoding: digits, as: UTF8.self)) else { throw mistake("expected a number") }
    guard value.isFinite else { throw mistake("the number is too large") }
    position = digits.endIndex
    return value
  }

  mutating func end() throws(CalibrationError) {
    if next() != nil { throw mistake("expected the end of the file") }
  }

  /// An error at the place that is read next.
  func mistake(_ problem: String) -> CalibrationError {
    let read = bytes.prefix(position)
    let line = read.count { $0 == UInt8(ascii: "\n") } + 1
    let start = read.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return .file(line: line, column: String(decoding: read[start...], as: UTF8.self).count + 1, problem: problem)
  }

  /// The next byte that isn't blank.
  private mutating func next() -> UInt8? {
    while position < bytes.count, " \t\r\n".utf8.contains(bytes[position]) { position += 1 }
    return position < bytes.count ? bytes[position] : nil
  }

  private mutating func take(_ character: Unicode.Scalar, _ what: String) throws(CalibrationError) {
    guard next() == UInt8(ascii: character) else { throw mistake("expected \(what)") }
    position += 1
  }

  private mutating func string() throws(CalibrationError) -> String {
    try take("\"", "a name in quotes")
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try escape().utf8
      case 0..<0x20: throw mistake("a control character in a name")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw mistake("the name doesn't end")
  }

  private mutating func escape() throws(CalibrationError) -> String {
    let plain: [UInt8: String] = [
      UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
      UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]
    let letter = position + 1 < bytes.count ? bytes[position + 1] : 0
    if let text = plain[letter] {
      position += 2
      return text
    }
    let digits = bytes[min(position + 2, bytes.count)...].prefix(4)
    guard letter == UInt8(ascii: "u"), digits.count == 4, digits.allSatisfy({ $0 != UInt8(ascii: "+") }),
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16), let scalar = Unicode.Scalar(code)
    else { throw mistake("an escape that isn't one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX (one code unit)") }
    position += 6
    return String(scalar)
  }

  /// A name as JSON text.
  static func quoted(_ name: String) -> String {
    var text = "\""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "\"", "\\": text += "\\\(scalar)"
      case "\u{0}"..<"\u{20}":
        let code = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - code.count) + code
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}

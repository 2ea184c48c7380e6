/// JSON as it is written: numbers keep their text, so that 1 and 1.0 differ, and no key may come twice.
public indirect enum JSONValue: Sendable, Hashable {
  case null
  case boolean(Bool)
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Why a text isn't JSON, and at which byte.
  public struct Failure: Error, CustomStringConvertible {
    public var offset: Int
    public var problem: String
    public var description: String { "byte \(offset): \(problem)" }
  }

  /// - Throws: `Failure`.
  public init(parsing text: String) throws(Failure) {
    var parser = JSONParser(text)
    self = try parser.document()
  }

  public subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  public var text: String? { if case .string(let text) = self { text } else { nil } }
  public var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  public var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
  public var real: Double? { if case .number(let text) = self { Double(text) } else { nil } }

  /// Written without fraction and exponent.
  public var isInteger: Bool {
    if case .number(let text) = self { text.allSatisfy { $0.isNumber || $0 == "-" } } else { false }
  }
}

private struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  mutating func document() throws(JSONValue.Failure) -> JSONValue {
    let value = try value(depth: 0)
    skipBlanks()
    if position < bytes.count { throw failure("more behind the value") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONValue.Failure) -> JSONValue {
    if depth > 100 { throw failure("too deep") }
    skipBlanks()
    switch peek {
    case UInt8(ascii: "{"): return try object(depth)
    case UInt8(ascii: "["): return try array(depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func object(_ depth: Int) throws(JSONValue.Failure) -> JSONValue {
    var members: [String: JSONValue] = [:]
    position += 1
    skipBlanks()
    if take("}") { return .object(members) }
    repeat {
      skipBlanks()
      guard peek == UInt8(ascii: "\"") else { throw failure("expected a key") }
      let key = try string()
      skipBlanks()
      guard take(":") else { throw failure("expected ':'") }
      if members.updateValue(try value(depth: depth + 1), forKey: key) != nil { throw failure("'\(key)' comes twice") }
      skipBlanks()
    } while take(",")
    guard take("}") else { throw failure("expected ',' or '}'") }
    return .object(members)
  }

  private mutating func array(_ depth: Int) throws(JSONValue.Failure) -> JSONValue {
    var elements: [JSONValue] = []
    position += 1
    skipBlanks()
    if take("]") { return .array(elements) }
    repeat {
      elements.append(try value(depth: depth + 1))
      skipBlanks()
    } while take(",")
    guard take("]") else { throw failure("expected ',' or ']'") }
    return .array(elements)
  }

  private mutating func string() throws(JSONValue.Failure) -> String {
    var text: [UInt8] = []
    position += 1
    while let byte = peek, byte != UInt8(ascii: "\"") {
      if byte < 0x20 { throw failure("a control character in a string") }
      position += 1
      text += byte == UInt8(ascii: "\\") ? try escape() : [byte]
    }
    guard take("\"") else { throw failure("the string doesn't end") }
    return String(decoding: text, as: UTF8.self)
  }

  /// What vitsim writes: no pairs of surrogates.
  private mutating func escape() throws(JSONValue.Failure) -> [UInt8] {
    guard let byte = peek else { throw failure("the string doesn't end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      let digits = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
      guard digits.utf8.count == 4, let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) else {
        throw failure("not four digits of a character")
      }
      position += 4
      return Array(String(Character(scalar)).utf8)
    default: throw failure("an unknown escape")
    }
  }

  private mutating func number() throws(JSONValue.Failure) -> JSONValue {
    let start = position
    while let byte = peek, "+-.0123456789Ee".utf8.contains(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil else {
      throw failure("'\(text)' is no value")
    }
    return .number(text)
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONValue.Failure) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw failure("no value") }
    position += word.utf8.count
    return value
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipBlanks() { while let byte = peek, " \n\r\t".utf8.contains(byte) { position += 1 } }

  private func failure(_ problem: String) -> JSONValue.Failure { JSONValue.Failure(offset: position, problem: problem) }
}

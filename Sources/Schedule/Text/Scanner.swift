import Hardware

/// A mistake in one line, at a byte of the text.
struct Mistake: Error {
  var at: Int
  var message: String
  var expected: String?
  var suggestion: String?

  init(_ at: Int, _ message: String, expected: String? = nil, suggestion: String? = nil) {
    self.at = at
    self.message = message
    self.expected = expected
    self.suggestion = suggestion
  }
}

/// Reads the words and numbers of one line after the other.
struct Scanner {
  let bytes: [UInt8]
  /// Next byte to read.
  private(set) var at = 0
  /// End of the present line, without its comment once that is reached.
  private(set) var end = 0
  /// First byte of the present line, and its number from 1; 0 before the first.
  private(set) var lineStart = 0
  private(set) var line = 0
  private var nextLine = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  /// Goes to the next line; false after the last.
  mutating func advance() -> Bool {
    guard nextLine < bytes.count else { return false }
    lineStart = nextLine
    at = nextLine
    end = bytes[nextLine...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    nextLine = end + 1
    if end > at, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    line += 1
    return true
  }

  /// The place of a byte of the present line; columns count characters.
  func mark(_ position: Int, file: String) -> SourceMark {
    let before = bytes[lineStart..<max(lineStart, min(position, bytes.count))]
    return SourceMark(file: file, line: line, column: 1 + before.reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) })
  }

  // MARK: Words

  /// Skips blanks; a comment ends the line.
  mutating func skipSpaces() {
    while at < end, bytes[at] == 32 || bytes[at] == 9 { at += 1 }
    if at < end, bytes[at] == UInt8(ascii: "#") { end = at }
  }

  /// Whether nothing but blanks and a comment is left of the line.
  mutating func atEnd() -> Bool {
    skipSpaces()
    return at >= end
  }

  mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard at < end, bytes[at] == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar, in what: String) throws(Mistake) {
    if !accept(character) { throw unexpected("'\(character)' in \(what)") }
  }

  mutating func expectEnd() throws(Mistake) {
    if !atEnd() { throw unexpected("the end of the line") }
  }

  /// Gives up the rest of the line.
  mutating func leaveLine() { at = end }

  /// Whether the letters that come next are `word`.
  func peek(_ word: StaticString) -> Bool {
    var copy = self
    return copy.letters().elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
  }

  /// Reads `word` if it comes next.
  mutating func acceptWord(_ word: StaticString) -> Bool {
    guard peek(word) else { return false }
    at += word.utf8CodeUnitCount
    return true
  }

  /// What stands here isn't `expected`.
  func unexpected(_ expected: String) -> Mistake {
    let stop = bytes[at..<max(at, end)].firstIndex { $0 == 32 } ?? end
    let found =
      at >= end ? "the line ends" : "found \(quoted(String(decoding: bytes[at..<max(at + 1, stop)], as: UTF8.self)))"
    return Mistake(at, found, expected: expected)
  }

  /// Letters; empty if there are none.
  mutating func letters() -> ArraySlice<UInt8> {
    let start = at
    while at < end, UInt8(ascii: "a")...UInt8(ascii: "z") ~= bytes[at] | 0x20 { at += 1 }
    return bytes[start..<at]
  }

  /// Letters and hyphens; empty if there are none.
  mutating func word() -> ArraySlice<UInt8> {
    let start = at
    while at < end, UInt8(ascii: "a")...UInt8(ascii: "z") ~= bytes[at] | 0x20 || bytes[at] == UInt8(ascii: "-") {
      at += 1
    }
    return bytes[start..<at]
  }

  /// A bare or quoted name.
  mutating func name(_ what: String) throws(Mistake) -> ArraySlice<UInt8> {
    if accept("\"") { return try quotedName(what) }
    let start = at
    while at < end, TextWriter.isBare(bytes[at]) { at += 1 }
    if at == start { throw unexpected(what) }
    return bytes[start..<at]
  }

  private mutating func quotedName(_ what: String) throws(Mistake) -> ArraySlice<UInt8> {
    let start = at - 1
    var name = ""
    while at < end {
      let byte = bytes[at]
      at += 1
      switch byte {
      case UInt8(ascii: "\""): return Array(name.utf8)[...]
      case UInt8(ascii: "\\"): name.unicodeScalars.append(try escape())
      case 32..<127: name.unicodeScalars.append(Unicode.Scalar(byte))
      default: throw Mistake(at - 1, "a byte that isn't printable ASCII in \(what)", expected: "\\u{…}")
      }
    }
    throw Mistake(start, "\(what) has no closing quote")
  }

  private mutating func escape() throws(Mistake) -> Unicode.Scalar {
    let start = at - 1
    if accept("\"") { return "\"" }
    if accept("\\") { return "\\" }
    if accept("u"), accept("{"), let value = digits(radix: 16), let value = UInt32(exactly: value),
      let scalar = Unicode.Scalar(value), accept("}")
    {
      return scalar
    }
    throw Mistake(start, "unknown escape", expected: "\\\", \\\\ or \\u{…}")
  }

  // MARK: Numbers

  /// A decimal number from `least` up.
  mutating func decimal(_ what: String, atLeast least: Int = 0) throws(Mistake) -> Int {
    let start = at
    guard let value = digits(radix: 10) else {
      if at > start { throw Mistake(start, "\(what) is too large", expected: "at most \(Int.max)") }
      throw unexpected(what)
    }
    if value < least { throw Mistake(start, "\(what) is \(value)", expected: "at least \(least)") }
    return value
  }

  /// An address: hexadecimal with `0x`, or decimal.
  mutating func address(_ what: String) throws(Mistake) -> Int {
    let start = at
    guard at + 1 < end, bytes[at] == UInt8(ascii: "0"), bytes[at + 1] == UInt8(ascii: "x") else {
      return try decimal(what)
    }
    at += 2
    let first = at
    if let value = digits(radix: 16) { return value }
    if at > first { throw Mistake(start, "\(what) is too large", expected: "at most 0x\(String(Int.max, radix: 16))") }
    throw unexpected("hexadecimal digits")
  }

  /// A decimal number, negative with `-`.
  mutating func signed(_ what: String) throws(Mistake) -> Int {
    accept("-") ? -(try decimal(what)) : try decimal(what)
  }

  /// A finite number, correctly rounded: digits, point and exponent, as `description` writes them.
  mutating func real<Real: BinaryFloatingPoint & LosslessStringConvertible>(_ what: String) throws(Mistake) -> Real {
    let start = at
    while at < end, Self.isOfNumber(bytes[at]) { at += 1 }
    // Longer ones than anybody needs aren't worth their memory.
    if at - start > 64 { throw Mistake(start, "the \(what) has \(at - start) characters", expected: "at most 64") }
    guard let value = Real(String(decoding: bytes[start..<at], as: UTF8.self)) else {
      at = start
      throw unexpected("the \(what), a decimal number")
    }
    if !value.isFinite { throw Mistake(start, "the \(what) is too large", expected: "a finite number") }
    return value
  }

  private static func isOfNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: "E"): true
    default: false
    }
  }

  /// Exactly `count` bytes, each as two hexadecimal digits.
  mutating func hexBytes(_ count: Int, _ what: String) throws(Mistake) -> [UInt8] {
    let start = at
    while at < end, Self.hexDigit(bytes[at]) != nil { at += 1 }
    guard at - start == 2 * count else {
      throw Mistake(start, "\(at - start) hexadecimal digits", expected: "\(2 * count): \(what)")
    }
    return stride(from: start, to: at, by: 2).map {
      (Self.hexDigit(bytes[$0]) ?? 0) << 4 | (Self.hexDigit(bytes[$0 + 1]) ?? 0)
    }
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 97...102: byte - 87
    case 65...70: byte - 55
    default: nil
    }
  }

  /// `nil` without a digit, or past the digits where the value doesn't fit.
  private mutating func digits(radix: Int) -> Int? {
    let start = at
    var value = 0
    var fits = true
    while at < end {
      let byte = bytes[at]
      guard let digit = Self.hexDigit(byte).map(Int.init), digit < radix else { break }
      let (scaled, overflow) = value.multipliedReportingOverflow(by: radix)
      let (sum, carry) = scaled.addingReportingOverflow(digit)
      if overflow || carry { fits = false }
      value = fits ? sum : 0
      at += 1
    }
    return at > start && fits ? value : nil
  }
}

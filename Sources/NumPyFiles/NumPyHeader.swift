/// The beginning of an `.npy` file: type, order and shape (numpy.lib.format).
struct NumPyHeader {
  var type: ElementType
  var isBigEndian = false
  /// The first index runs fastest.
  var isFortranOrder = false
  var shape: [Int]
  /// Bytes of the header, and of the elements behind it.
  private(set) var size = 0
  private(set) var dataSize = 0

  /// Bytes of a header that is read: shapes of 64 dimensions have less.
  static let limit = 1 << 16
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  init(type: ElementType, shape: [Int]) {
    self.type = type
    self.shape = shape
  }

  /// Parses the header at the beginning of `bytes`, of which the first `limit` are enough.
  init(parsing bytes: ArraySlice<UInt8>) throws(Problem) {
    guard bytes.starts(with: Self.magic) else { throw Problem("isn't an .npy file: its first bytes are others") }
    let start = bytes.startIndex + Self.magic.count
    guard bytes.count >= 12 else { throw Problem("ends within its header") }
    let version = bytes[start]
    guard 1...3 ~= version else { throw Problem("has version \(version) of the form; 1 to 3 are known") }
    let lengthBytes = version == 1 ? 2 : 4
    let length = (0..<lengthBytes).reduce(0) { $0 | Int(bytes[start + 2 + $1]) << (8 * $1) }
    let text = start + 2 + lengthBytes
    guard length <= Self.limit - 12 else { throw Problem("has a header of \(length) bytes, more than any array needs") }
    guard length <= bytes.endIndex - text else { throw Problem("ends within its header") }
    var literal = PythonLiteral(bytes[text..<text + length])
    let fields = try literal.dictionary()
    guard case .text(let descr) = fields["descr"], case .truth(let isFortran) = fields["fortran_order"],
      case .tuple(let shape) = fields["shape"], fields.count == 3
    else { throw Problem("has a header without the fields descr, fortran_order and shape") }

    guard let type = ElementType(rawValue: String(descr.dropFirst())), let order = descr.first, "<>|=".contains(order)
    else {
      throw Problem(
        "has elements of the type '\(descr)'", "convert it first, for example with array.astype('float32')")
    }
    self.type = type
    self.shape = shape
    isBigEndian = order == ">"
    isFortranOrder = isFortran
    size = text + length - bytes.startIndex
    guard shape.count <= 64, let dataSize = Self.product([type.size] + shape) else {
      throw Problem("has an impossible shape, \(shape.prefix(64))")
    }
    self.dataSize = dataSize
  }

  /// Nil if it overflows, also of a part of the factors: then strides can't be counted.
  private static func product(_ factors: [Int]) -> Int? {
    var product = 1
    for factor in factors {
      guard case (let next, false) = product.multipliedReportingOverflow(by: max(1, factor)) else { return nil }
      product = next
    }
    return factors.contains(0) ? 0 : product
  }

  /// The bytes that NumPy writes: version 1, room for the first dimension to grow, elements from a multiple of 64 on.
  var bytes: [UInt8] {
    let dimensions = shape.map(String.init)
    let tuple = dimensions.count == 1 ? "(\(dimensions[0]),)" : "(\(dimensions.joined(separator: ", ")))"
    let descr = (type.size == 1 ? "|" : "<") + type.rawValue
    var text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': \(tuple), }"
    if let first = dimensions.first { text += String(repeating: " ", count: 21 - min(21, first.count)) }
    text += String(repeating: " ", count: 63 - (Self.magic.count + 4 + text.utf8.count) % 64) + "\n"
    return Self.magic + [1, 0, UInt8(text.utf8.count & 255), UInt8(text.utf8.count >> 8)] + Array(text.utf8)
  }
}

/// The part of Python's literals that headers are written in: a dictionary of texts, truth values and tuples of numbers.
private struct PythonLiteral {
  enum Value {
    case text(String)
    case truth(Bool)
    case tuple([Int])
  }

  private let bytes: ArraySlice<UInt8>
  private var at: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    at = bytes.startIndex
  }

  mutating func dictionary() throws(Problem) -> [String: Value] {
    var fields: [String: Value] = [:]
    try expect("{")
    while !accept("}") {
      guard let key = text(), accept(":") else { throw unreadable() }
      guard fields.updateValue(try value(), forKey: key) == nil else { throw unreadable() }
      if !accept(",") {
        try expect("}")
        break
      }
    }
    skipSpaces()
    if at < bytes.endIndex { throw unreadable() }
    return fields
  }

  private mutating func value() throws(Problem) -> Value {
    if let text = text() { return .text(text) }
    if accept("True") { return .truth(true) }
    if accept("False") { return .truth(false) }
    try expect("(")
    var numbers: [Int] = []
    while !accept(")") {
      numbers.append(try number())
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return .tuple(numbers)
  }

  private mutating func number() throws(Problem) -> Int {
    skipSpaces()
    let digits = bytes[at...].prefix { 48...57 ~= $0 }
    guard let number = Int(String(decoding: digits, as: UTF8.self)) else { throw unreadable() }
    at += digits.count
    _ = accept("L")  // As Python 2 wrote it.
    return number
  }

  private mutating func text() -> String? {
    skipSpaces()
    guard at < bytes.endIndex, bytes[at] == UInt8(ascii: "'") || bytes[at] == UInt8(ascii: "\""),
      let end = bytes[(at + 1)...].firstIndex(of: bytes[at])
    else { return nil }
    defer { at = end + 1 }
    return String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
  }

  private mutating func accept(_ word: String) -> Bool {
    skipSpaces()
    guard bytes[at...].starts(with: word.utf8) else { return false }
    at += word.utf8.count
    return true
  }

  private mutating func expect(_ word: String) throws(Problem) {
    if !accept(word) { throw unreadable() }
  }

  private mutating func skipSpaces() {
    while at < bytes.endIndex, bytes[at] == 32 || bytes[at] == 10 || bytes[at] == 9 { at += 1 }
  }

  private func unreadable() -> Problem {
    // Structured types have a list of fields in place of a text.
    let isStructured = at < bytes.endIndex && bytes[at] == UInt8(ascii: "[")
    return isStructured
      ? Problem("has elements with several fields", "write one array for each field")
      : Problem("has a header that can't be understood, at its byte \(at - bytes.startIndex)")
  }
}

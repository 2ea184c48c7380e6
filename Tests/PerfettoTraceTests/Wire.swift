import Foundation

/// Protocol buffers as bytes: fields by number, with nothing known of any message.
struct Wire {
  enum Value {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
  }
  struct Broken: Error {}

  private(set) var fields: [(number: Int, value: Value)] = []

  init(_ bytes: ArraySlice<UInt8>) throws {
    var rest = bytes
    while !rest.isEmpty {
      let key = try Self.varint(&rest)
      switch key & 7 {
      case 0: fields.append((Int(key >> 3), .number(try Self.varint(&rest))))
      case 1: fields.append((Int(key >> 3), .number(Self.fixed(try Self.take(8, &rest)))))
      case 2: fields.append((Int(key >> 3), .bytes(try Self.take(Int(try Self.varint(&rest)), &rest))))
      case 5: fields.append((Int(key >> 3), .number(Self.fixed(try Self.take(4, &rest)))))
      default: throw Broken()
      }
    }
  }

  func number(_ field: Int) -> UInt64? {
    for case (field, .number(let value)) in fields { return value }
    return nil
  }

  func messages(_ field: Int) throws -> [Wire] {
    try fields.compactMap { if case (field, .bytes(let bytes)) = $0 { try Wire(bytes) } else { nil } }
  }

  func text(_ field: Int) -> String? {
    for case (field, .bytes(let bytes)) in fields { return String(decoding: bytes, as: UTF8.self) }
    return nil
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) throws -> UInt64 {
    var (value, shift) = (UInt64(0), UInt64(0))
    while let byte = rest.popFirst() {
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw Broken()
  }

  private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw Broken() }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private static func fixed(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

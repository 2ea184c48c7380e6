/// How a file holds one element: the `descr` of its header.
enum ElementType: String, CaseIterable {
  case bool = "b1"
  case int8 = "i1"
  case uint8 = "u1"
  case int16 = "i2"
  case uint16 = "u2"
  case int32 = "i4"
  case uint32 = "u4"
  case int64 = "i8"
  case uint64 = "u8"
  case float16 = "f2"
  case float32 = "f4"
  case float64 = "f8"

  /// Bytes of an element.
  var size: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16, .float16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  init(_ elements: NumPyElements) {
    self =
      switch elements {
      case .bool: .bool
      case .int8: .int8
      case .uint8: .uint8
      case .int16: .int16
      case .uint16: .uint16
      case .int32: .int32
      case .uint32: .uint32
      case .int64: .int64
      case .uint64: .uint64
      case .float32: .float32
      case .float64: .float64
      }
  }

  /// `bytes` as elements, one behind the other.
  func elements(of bytes: ArraySlice<UInt8>, bigEndian: Bool) -> NumPyElements {
    func load<Bits: FixedWidthInteger>(_: Bits.Type) -> [Bits] {
      bytes.withUnsafeBytes { buffer in
        (0..<buffer.count / size).map {
          let bits = buffer.loadUnaligned(fromByteOffset: $0 * size, as: Bits.self)
          return bigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits)
        }
      }
    }
    return switch self {
    case .bool: .bool(bytes.map { $0 != 0 })
    case .int8: .int8(bytes.map { Int8(bitPattern: $0) })
    case .uint8: .uint8(Array(bytes))
    case .int16: .int16(load(Int16.self))
    case .uint16: .uint16(load(UInt16.self))
    case .int32: .int32(load(Int32.self))
    case .uint32: .uint32(load(UInt32.self))
    case .int64: .int64(load(Int64.self))
    case .uint64: .uint64(load(UInt64.self))
    case .float16: .float32(load(UInt16.self).map { Float(Float16(bitPattern: $0)) })
    case .float32: .float32(load(UInt32.self).map { Float(bitPattern: $0) })
    case .float64: .float64(load(UInt64.self).map { Double(bitPattern: $0) })
    }
  }
}

extension NumPyElements {
  /// Little-endian, one behind the other.
  var bytes: [UInt8] {
    func store<Bits: FixedWidthInteger>(_ values: [Bits]) -> [UInt8] {
      values.map(\.littleEndian).withUnsafeBytes { Array($0) }
    }
    return switch self {
    case .bool(let values): values.map { $0 ? 1 : 0 }
    case .int8(let values): values.map { UInt8(bitPattern: $0) }
    case .uint8(let values): values
    case .int16(let values): store(values)
    case .uint16(let values): store(values)
    case .int32(let values): store(values)
    case .uint32(let values): store(values)
    case .int64(let values): store(values)
    case .uint64(let values): store(values)
    case .float32(let values): store(values.map(\.bitPattern))
    case .float64(let values): store(values.map(\.bitPattern))
    }
  }
}

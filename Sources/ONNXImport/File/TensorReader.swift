import Foundation

/// Tensors of a file, with what the file claims checked against the bytes that are there.
struct TensorReader {
  /// Of the model's file; external data is looked for beside it.
  var path: String

  /// - Throws: a claim that doesn't hold. Data that isn't there at all gives `.missing`.
  func constant(_ proto: Onnx_TensorProto, name: String) throws(Problem) -> Constant {
    let shape = proto.dims.map { Int($0) }
    guard shape.count <= Limits.rank, let count = Limits.count(shape) else {
      throw Problem("its dimensions \(shape.prefix(Limits.rank + 1)) are negative, too many, or too large")
    }
    guard let type = ElementType(rawValue: proto.dataType) else {
      throw Problem(
        "\(ElementType.name(proto.dataType)) isn't supported: float, float16, bfloat16, double, int8, uint8, int32, int64, bool are"
      )
    }
    func make(_ elements: Constant.Elements) -> Constant { Constant(name: name, shape: shape, elements: elements) }
    if proto.dataLocation == .external {
      switch try external(proto, bytes: count * type.size) {
      case .success(let data): return make(decode(data, as: type))
      case .failure(let why): return make(.missing(type, why.text))
      }
    }
    if !proto.rawData.isEmpty {
      guard proto.rawData.count == count * type.size else {
        throw Problem(
          "\(shape) of \(type.name) are \(count * type.size) bytes, but the file holds \(proto.rawData.count)")
      }
      return make(decode(proto.rawData, as: type))
    }
    guard let elements = try typed(proto, type, count) else {
      if count > 0 {
        return make(.missing(type, "the file doesn't hold its data (a stripped file gives a graph alone)"))
      }
      return make(decode(Data(), as: type))
    }
    return make(elements)
  }

  /// Elements that are really there.
  func held(_ proto: Onnx_TensorProto) -> Int {
    guard proto.dataLocation == .external else {
      return proto.rawData.count + proto.floatData.count + proto.int32Data.count + proto.int64Data.count
        + proto.doubleData.count
    }
    guard let type = ElementType(rawValue: proto.dataType), let count = Limits.count(proto.dims.map { Int($0) }),
      case .success? = try? external(proto, bytes: count * type.size, read: false)
    else { return 0 }
    return count
  }

  /// The field for the type; `nil` if it is empty.
  private func typed(_ proto: Onnx_TensorProto, _ type: ElementType, _ count: Int) throws(Problem) -> Constant.Elements?
  {
    func check<T>(_ values: [T]) throws(Problem) -> [T]? {
      if values.isEmpty { return nil }
      guard values.count == count else {
        throw Problem("\(proto.dims) are \(count) numbers, but the file holds \(values.count)")
      }
      return values
    }
    func narrow<T: FixedWidthInteger>(_ values: [Int32]) throws(Problem) -> [T] {
      guard values.allSatisfy({ T(exactly: $0) != nil }) else { throw Problem("it holds numbers beyond \(type.name)") }
      return values.map { T(truncatingIfNeeded: $0) }
    }
    switch type {
    case .float: return try check(proto.floatData).map { .float($0) }
    case .double: return try check(proto.doubleData).map { .float($0.map(Float.init)) }
    case .int64: return try check(proto.int64Data).map { .int64($0) }
    default: break
    }
    guard let values = try check(proto.int32Data) else { return nil }
    switch type {
    case .int8: return .int8(try narrow(values))
    case .uint8: return .uint8(try narrow(values))
    case .bool: return .bool(values.map { $0 != 0 })
    case .float16: return .float(try (narrow(values) as [UInt16]).map { Float(Float16(bitPattern: $0)) })
    case .bfloat16: return .float(try (narrow(values) as [UInt16]).map { Float(bitPattern: UInt32($0) << 16) })
    default: return .int32(values)
    }
  }

  /// - Parameter data: a whole number of elements, little-endian.
  private func decode(_ data: Data, as type: ElementType) -> Constant.Elements {
    func load<T: BitwiseCopyable>(_: T.Type) -> [T] {
      let size = MemoryLayout<T>.size
      return data.withUnsafeBytes { bytes in
        (0..<bytes.count / size).map { bytes.loadUnaligned(fromByteOffset: $0 * size, as: T.self) }
      }
    }
    switch type {
    case .float: return .float(load(Float.self))
    case .double: return .float(load(Double.self).map(Float.init))
    case .float16: return .float(load(UInt16.self).map { Float(Float16(bitPattern: $0)) })
    case .bfloat16: return .float(load(UInt16.self).map { Float(bitPattern: UInt32($0) << 16) })
    case .int8: return .int8(load(Int8.self))
    case .uint8: return .uint8(load(UInt8.self))
    case .int32: return .int32(load(Int32.self))
    case .int64: return .int64(load(Int64.self))
    case .bool: return .bool(load(UInt8.self).map { $0 != 0 })
    }
  }

  /// - Parameter read: else only whether they are there is looked at.
  /// - Returns: the bytes, or why they aren't there.
  private func external(
    _ proto: Onnx_TensorProto, bytes: Int, read: Bool = true
  ) throws(Problem) -> Result<Data, Problem> {
    var entries: [String: String] = [:]
    for entry in proto.externalData { entries[entry.key] = entry.value }
    let location = entries["location"] ?? ""
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !location.hasPrefix("/"), !location.contains("\0"), !parts.contains("..") else {
      throw Problem("its external data must lie beside the model, not at '\(location)'")
    }
    func number(_ key: String) throws(Problem) -> Int? {
      guard let text = entries[key] else { return nil }
      guard let value = Int(text), value >= 0 else {
        throw Problem("\(key) '\(text)' of its external data isn't a number from 0 on")
      }
      return value
    }
    let (offset, length) = (try number("offset") ?? 0, try number("length") ?? bytes)
    guard length == bytes else {
      throw Problem("its external data should be \(bytes) bytes, and is declared as \(length)")
    }

    let directory = URL(fileURLWithPath: path).deletingLastPathComponent().resolvingSymlinksInPath()
    let url = directory.appendingPathComponent(location).resolvingSymlinksInPath()
    guard url.path.hasPrefix(directory.path.hasSuffix("/") ? directory.path : directory.path + "/") else {
      throw Problem("its external data must lie beside the model, not behind a link at '\(location)'")
    }
    guard let size = Self.size(ofFile: url.path) else {
      return .failure(
        Problem(
          "its data should be in '\(location)' beside the model, where no such file is (a stripped file gives a graph alone)"
        ))
    }
    guard offset <= size, bytes <= size - offset else {
      throw Problem("its \(bytes) bytes from \(offset) on are beyond '\(location)', which has \(size)")
    }
    guard bytes <= Limits.externalBytes else {
      throw Problem("its \(bytes) bytes of external data are too many: at most \(Limits.externalBytes) are read")
    }
    if !read { return .success(Data()) }
    do {
      let handle = try FileHandle(forReadingFrom: url)
      defer { try? handle.close() }
      try handle.seek(toOffset: UInt64(offset))
      guard let data = bytes == 0 ? Data() : try handle.read(upToCount: bytes), data.count == bytes else {
        return .failure(Problem("'\(location)' ended while it was read"))
      }
      return .success(data)
    } catch {
      return .failure(Problem("'\(location)' can't be read"))
    }
  }

  /// Bytes of a regular file; `nil` if there is none.
  static func size(ofFile path: String) -> Int? {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      attributes[.type] as? FileAttributeType == .typeRegular
    else { return nil }
    return (attributes[.size] as? NSNumber)?.intValue
  }
}

/// Elements of an array, in C order (the last index runs fastest).
public enum NumPyElements: Sendable, Hashable {
  case bool([Bool])
  case int8([Int8])
  case uint8([UInt8])
  case int16([Int16])
  case uint16([UInt16])
  case int32([Int32])
  case uint32([UInt32])
  case int64([Int64])
  case uint64([UInt64])
  /// Half precision is read as this, which holds every half.
  case float32([Float])
  case float64([Double])

  public var count: Int {
    switch self {
    case .bool(let values): values.count
    case .int8(let values): values.count
    case .uint8(let values): values.count
    case .int16(let values): values.count
    case .uint16(let values): values.count
    case .int32(let values): values.count
    case .uint32(let values): values.count
    case .int64(let values): values.count
    case .uint64(let values): values.count
    case .float32(let values): values.count
    case .float64(let values): values.count
    }
  }
}

/// An array of numbers, as `.npy` files hold it.
///
/// ```swift
/// let images = try NumPyArray(reading: "images.npy")   // shape [250, 28, 28], .uint8
/// try NumPyArray(shape: [2], elements: .float32([0.5, 1])).write(to: "logits.npy")
/// ```
public struct NumPyArray: Sendable, Hashable {
  /// Empty for a single number.
  public var shape: [Int]
  /// As many as the product of `shape`.
  public var elements: NumPyElements

  public init(shape: [Int], elements: NumPyElements) {
    self.shape = shape
    self.elements = elements
  }

  /// Every element as the nearest float32; true is 1.
  public var floats: [Float] {
    switch elements {
    case .bool(let values): values.map { $0 ? 1 : 0 }
    case .int8(let values): values.map { Float($0) }
    case .uint8(let values): values.map { Float($0) }
    case .int16(let values): values.map { Float($0) }
    case .uint16(let values): values.map { Float($0) }
    case .int32(let values): values.map { Float($0) }
    case .uint32(let values): values.map { Float($0) }
    case .int64(let values): values.map { Float($0) }
    case .uint64(let values): values.map { Float($0) }
    case .float32(let values): values
    case .float64(let values): values.map { Float($0) }
    }
  }

  /// Every element as an integer; true is 1. Nil if one of them isn't an integer, or doesn't fit.
  public var integers: [Int]? {
    switch elements {
    case .bool(let values): values.map { $0 ? 1 : 0 }
    case .int8(let values): values.map { Int($0) }
    case .uint8(let values): values.map { Int($0) }
    case .int16(let values): values.map { Int($0) }
    case .uint16(let values): values.map { Int($0) }
    case .int32(let values): values.map { Int($0) }
    case .uint32(let values): values.map { Int($0) }
    case .int64(let values): values.map { Int($0) }
    case .uint64(let values): all(values) { Int(exactly: $0) }
    case .float32(let values): all(values) { Int(exactly: $0) }
    case .float64(let values): all(values) { Int(exactly: $0) }
    }
  }

  private func all<Value>(_ values: [Value], _ convert: (Value) -> Int?) -> [Int]? {
    let converted = values.compactMap(convert)
    return converted.count == values.count ? converted : nil
  }
}

/// Types of elements that the importer reads.
enum ElementType: Int32 {
  case float = 1
  case uint8 = 2
  case int8 = 3
  case int32 = 6
  case int64 = 7
  case bool = 9
  case float16 = 10
  case double = 11
  case bfloat16 = 16

  /// Bytes of an element in raw data.
  var size: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .float16, .bfloat16: 2
    case .float, .int32: 4
    case .int64, .double: 8
    }
  }

  var name: String { String(describing: self) }

  /// The name in ONNX's documents, for messages.
  static func name(_ code: Int32) -> String { ElementType(rawValue: code)?.name ?? "type \(code)" }
}

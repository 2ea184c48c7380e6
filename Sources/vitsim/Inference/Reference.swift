import Inference
import NumPyFiles

/// Labels and logits in files.
struct Reference<Value> {
  let path: String
  let values: Value

  /// Puts the file's name before what `body` finds wrong.
  func blaming<Result>(_ body: () throws -> Result) throws -> Result { try vitsim.blaming(path, body) }
}

extension Reference where Value: Collection {
  /// Before the images run: with another number of rows, which one belongs to which image is anyone's guess.
  func check(images: Int, limit: Int?) throws {
    let taken = min(limit ?? images, images)
    guard values.count == images || values.count == taken else {
      throw CommandFailure(
        .badInput, "\(path): holds \(values.count) rows for \(images) images; give one for each image")
    }
  }
}

extension Reference where Value == [Int] {
  /// One integer an image.
  static func labels(_ path: String) throws -> Reference {
    let array = try NumPyArray(readingFrom: path)
    guard array.shape.count == 1 || array.shape.dropFirst().allSatisfy({ $0 == 1 }), let labels = array.integers else {
      throw CommandFailure(
        .badInput, "\(path): has shape \(array.shape) and elements of type \(array.typeName); labels are [N] integers")
    }
    return Reference(path: path, values: labels)
  }
}

extension Reference where Value == [[Float]] {
  /// A row of `classes` values an image.
  static func logits(_ path: String, classes: Int) throws -> Reference {
    let array = try NumPyArray(readingFrom: path)
    let floats = array.floats
    guard array.shape.count > 1, array.shape.dropFirst().reduce(1, *) == classes else {
      throw CommandFailure(
        .badInput, "\(path): has shape \(array.shape); the model gives \(classes) logits an image: [N, \(classes)]")
    }
    let rows = stride(from: 0, to: floats.count, by: classes).map { Array(floats[$0..<$0 + classes]) }
    return Reference(path: path, values: rows)
  }

  static func write(_ rows: Value, classes: Int, to path: String) throws {
    try NumPyArray(shape: [rows.count, classes], elements: .float32(rows.flatMap { $0 })).write(to: path)
  }
}

extension NumPyArray {
  /// NumPy's name of the elements' type.
  var typeName: String {
    switch elements {
    case .bool: "bool"
    case .int8: "int8"
    case .uint8: "uint8"
    case .int16: "int16"
    case .uint16: "uint16"
    case .int32: "int32"
    case .uint32: "uint32"
    case .int64: "int64"
    case .uint64: "uint64"
    case .float32: "float32"
    case .float64: "float64"
    }
  }
}

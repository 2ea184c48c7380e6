import Foundation

/// A node of the file.
struct Node {
  /// Its name, or its first output's if it has none.
  var name: String
  var type: String
  /// Empty: ONNX's own.
  var domain: String
  /// Empty where an optional input is left out.
  var inputs: [String]
  var outputs: [String]
  private var attributes: [String: Onnx_AttributeProto] = [:]

  /// The type as messages show it.
  var qualifiedType: String { domain.isEmpty ? type : "\(domain)::\(type)" }

  init(_ proto: Onnx_NodeProto, number: Int) throws(Problem) {
    type = proto.opType
    domain = proto.domain == "ai.onnx" ? "" : proto.domain
    inputs = proto.input
    outputs = proto.output
    name = proto.name.isEmpty ? (proto.output.first { !$0.isEmpty } ?? "node \(number)") : proto.name
    for attribute in proto.attribute where attributes.updateValue(attribute, forKey: attribute.name) != nil {
      throw Problem("attribute '\(attribute.name)' is there twice")
    }
  }

  /// Whether input `index` is there.
  func has(_ index: Int) -> Bool { index < inputs.count && !inputs[index].isEmpty }

  func has(_ attribute: String) -> Bool { attributes[attribute] != nil }

  private func find(_ name: String, _ type: Onnx_AttributeProto.AttributeType) throws(Problem) -> Onnx_AttributeProto? {
    guard let attribute = attributes[name] else { return nil }
    guard attribute.type == type else {
      throw Problem("attribute '\(name)' must be of type \(String(describing: type).uppercased())")
    }
    return attribute
  }

  func int(_ name: String) throws(Problem) -> Int? { try find(name, .int).map { Int($0.i) } }
  func float(_ name: String) throws(Problem) -> Float? { try find(name, .float)?.f }
  func ints(_ name: String) throws(Problem) -> [Int]? { try find(name, .ints)?.ints.map { Int($0) } }
  func floats(_ name: String) throws(Problem) -> [Float]? { try find(name, .floats)?.floats }
  func tensor(_ name: String) throws(Problem) -> Onnx_TensorProto? { try find(name, .tensor)?.t }
  func string(_ name: String) throws(Problem) -> String? {
    try find(name, .string).map { String(decoding: $0.s, as: UTF8.self) }
  }

  /// `Mod` of C's kind isn't supported.
  func checkModulo() throws(Problem) {
    if type == "Mod", try int("fmod") ?? 0 != 0 {
      throw Problem("fmod = 1 isn't supported: only the modulo that rounds down is")
    }
  }

  /// A list of so many integers within `range`.
  func ints(_ name: String, count: Int, in range: ClosedRange<Int>) throws(Problem) -> [Int]? {
    guard let values = try ints(name) else { return nil }
    guard values.count == count, values.allSatisfy(range.contains) else {
      throw Problem(
        "attribute '\(name)' must be \(count) numbers from \(range.lowerBound) to \(range.upperBound), got \(values)")
    }
    return values
  }
}

/// JSON Schema (draft 2020-12), as much of it as docs/schemas uses; any other keyword is refused, so that none is there that
/// nobody checks.
public struct JSONSchema: Sendable {
  private let documents: [String: JSONValue]
  private let name: String

  /// The schema called `name` of `documents`, which refer to each other by their names.
  public init(_ name: String, of documents: [String: JSONValue]) {
    self.name = name
    self.documents = documents
  }

  private static let annotations: Set = ["$schema", "title", "description", "$defs"]
  private static let keywords: Set = [
    "$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "const", "minimum", "maximum",
  ]

  /// What is wrong with the schema itself: unknown keywords, references to nothing, required keys that aren't described,
  /// properties without a description.
  public var mistakes: [String] {
    guard let root = documents[name] else { return ["there is no schema \(name)"] }
    return mistakes(root, at: "#")
  }

  private func mistakes(_ schema: JSONValue, at path: String) -> [String] {
    guard let members = schema.members else { return ["\(path): a schema must be an object"] }
    var found = members.keys.filter { !Self.annotations.contains($0) && !Self.keywords.contains($0) }.sorted()
      .map { "\(path): unknown keyword '\($0)'" }
    if let reference = members["$ref"], resolve(reference, in: name) == nil {
      found.append("\(path): a reference to nothing")
    }
    let properties = members["properties"]?.members ?? [:]
    for key in members["required"]?.elements ?? [] where properties[key.text ?? ""] == nil {
      found.append("\(path): '\(key.text ?? "")' is required, but not described")
    }
    for (key, property) in properties.sorted(by: { $0.key < $1.key }) {
      if property["description"] == nil { found.append("\(path).\(key): no description") }
      found += mistakes(property, at: "\(path).\(key)")
    }
    for (key, definition) in (members["$defs"]?.members ?? [:]).sorted(by: { $0.key < $1.key }) {
      found += mistakes(definition, at: "\(path)/$defs/\(key)")
    }
    for key in ["items", "additionalProperties"] {
      if let inner = members[key] { found += mistakes(inner, at: "\(path)/\(key)") }
    }
    return found
  }

  /// Where `value` isn't what the schema says. A key that the schema doesn't name is one of them, although readers of the
  /// format have to pass over such keys: what vitsim prints is documented.
  public func violations(_ value: JSONValue) -> [String] {
    guard let root = documents[name] else { return ["there is no schema \(name)"] }
    return violations(value, root, in: name, at: "$")
  }

  private func violations(_ value: JSONValue, _ schema: JSONValue, in document: String, at path: String) -> [String] {
    var found: [String] = []
    if let reference = schema["$ref"] {
      guard let (target, home) = resolve(reference, in: document) else { return ["\(path): a reference to nothing"] }
      found += violations(value, target, in: home, at: path)
    }
    if let type = schema["type"] {
      let types = type.elements ?? [type]
      if !types.contains(where: { Self.isOf(value, $0.text ?? "") }) {
        return found + ["\(path): is no \(types.compactMap(\.text).joined(separator: " or "))"]
      }
    }
    if let constant = schema["const"], constant != value { found.append("\(path): isn't the constant") }
    if let values = schema["enum"]?.elements, !values.contains(value) { found.append("\(path): isn't in the enum") }
    if let number = value.real {
      if let least = schema["minimum"]?.real, number < least { found.append("\(path): is below \(least)") }
      if let most = schema["maximum"]?.real, number > most { found.append("\(path): is above \(most)") }
    }
    if let elements = value.elements, let items = schema["items"] {
      for (index, element) in elements.enumerated() {
        found += violations(element, items, in: document, at: "\(path)[\(index)]")
      }
    }
    if let members = value.members, schema["properties"] != nil || schema["additionalProperties"] != nil {
      found += violations(of: members, schema, in: document, at: path)
    }
    return found
  }

  private func violations(
    of members: [String: JSONValue], _ schema: JSONValue, in document: String, at path: String
  ) -> [String] {
    let properties = schema["properties"]?.members ?? [:]
    var found = (schema["required"]?.elements ?? []).compactMap(\.text).filter { members[$0] == nil }.map {
      "\(path): '\($0)' is missing"
    }
    for (key, member) in members.sorted(by: { $0.key < $1.key }) {
      if let property = properties[key] ?? schema["additionalProperties"] {
        found += violations(member, property, in: document, at: "\(path).\(key)")
      } else {
        found.append("\(path): '\(key)' isn't described")
      }
    }
    return found
  }

  /// `#/$defs/NAME`, or the name of another document.
  private func resolve(_ reference: JSONValue, in document: String) -> (JSONValue, String)? {
    guard let text = reference.text else { return nil }
    if let root = documents[text] { return (root, text) }
    guard text.hasPrefix("#/$defs/"), let definition = documents[document]?["$defs"]?[String(text.dropFirst(8))] else {
      return nil
    }
    return (definition, document)
  }

  private static func isOf(_ value: JSONValue, _ type: String) -> Bool {
    switch (type, value) {
    case ("null", .null), ("boolean", .boolean), ("string", .string), ("array", .array), ("object", .object),
      ("number", .number):
      true
    case ("integer", .number): value.isInteger
    default: false
    }
  }
}

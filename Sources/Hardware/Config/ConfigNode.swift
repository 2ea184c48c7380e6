/// A configuration value with its place in the source, as a YAML parser leaves it: untyped, duplicates kept.
public struct ConfigNode: Sendable, Hashable {
  public enum Content: Sendable, Hashable {
    /// Nothing stands after the key.
    case null
    /// As written, without quotes.
    case scalar(String)
    case sequence([ConfigNode])
    /// In the order of the source; a key may stand twice.
    case mapping([Entry])
  }

  /// One key of a mapping.
  public struct Entry: Sendable, Hashable {
    public var key: String
    public var keyMark: SourceMark
    public var value: ConfigNode

    public init(key: String, keyMark: SourceMark, value: ConfigNode) {
      self.key = key
      self.keyMark = keyMark
      self.value = value
    }
  }

  public var content: Content
  public var mark: SourceMark

  public init(_ content: Content, at mark: SourceMark) {
    self.content = content
    self.mark = mark
  }

  /// The value of the first entry with `key`; `nil` for other keys and for nodes that aren't mappings.
  public subscript(key: String) -> ConfigNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The text of a scalar.
  public var text: String? {
    guard case .scalar(let text) = content else { return nil }
    return text
  }

  /// What kind of value this is, for messages.
  package var kind: String {
    switch content {
    case .null: "nothing"
    case .scalar(let text): quoted(text)
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

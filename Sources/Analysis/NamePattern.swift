/// A name in which `*` stands for any characters: `dma.*`.
public struct NamePattern: Sendable, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ text: String) { description = text }

  public func matches(_ name: String) -> Bool {
    var (name, pattern) = (Substring(name), Substring(description))
    // The rest of the pattern behind the last `*`, and where the rest of the name began there.
    var retry: (pattern: Substring, name: Substring)?
    while !name.isEmpty {
      if pattern.first == "*" {
        pattern = pattern.dropFirst()
        retry = (pattern, name)
      } else if pattern.first == name.first {
        (name, pattern) = (name.dropFirst(), pattern.dropFirst())
      } else if let last = retry {
        (pattern, name) = (last.pattern, last.name.dropFirst())
        retry = (pattern, name)
      } else {
        return false
      }
    }
    return pattern.allSatisfy { $0 == "*" }
  }
}

extension [NamePattern] {
  /// Whether one of them says so.
  public func matches(_ name: String) -> Bool { contains { $0.matches(name) } }
}

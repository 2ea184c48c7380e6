/// The mistakes found so far in one pass.
package final class DiagnosticLog {
  package private(set) var found: [Diagnostic] = []

  package init() {}

  package func report(_ mark: SourceMark, _ message: String, expected: String? = nil, suggestion: String? = nil) {
    found.append(Diagnostic(mark, message, expected: expected, suggestion: suggestion))
  }
}

/// A mapping that is being read key by key.
///
/// Every getter reports what is wrong and then gives `nil`, so that reading goes on; what depends on a `nil` is skipped
/// and never reported a second time. `finish()` reports the keys that nobody asked for.
package struct Section {
  /// What the mapping describes, for messages: `engine 'array'`.
  let title: String
  package let mark: SourceMark
  package let log: DiagnosticLog
  private let entries: [ConfigNode.Entry]
  private let isMapping: Bool
  private var known: [String] = []
  private var missing: [(key: String, expected: String)] = []

  package init(_ node: ConfigNode, _ title: String, log: DiagnosticLog) {
    self.title = title
    mark = node.mark
    self.log = log
    guard case .mapping(let all) = node.content else {
      (entries, isMapping) = ([], false)
      log.report(node.mark, "\(title) is \(node.kind)", expected: "a mapping of keys to values")
      return
    }
    var first: [String: SourceMark] = [:]
    entries = all.filter { entry in
      guard let earlier = first.updateValue(entry.keyMark, forKey: entry.key) else { return true }
      first[entry.key] = earlier
      log.report(
        entry.keyMark, "duplicate key \(quoted(entry.key)) in \(title); it stands first in line \(earlier.line)")
      return false
    }
    isMapping = true
  }

  /// The value of `key`; a missing key is reported by `finish()` if `expected` says what it should hold.
  package mutating func value(_ key: String, expected: String?) -> ConfigNode? {
    known.append(key)
    if let entry = entries.first(where: { $0.key == key }) { return entry.value }
    if let expected { missing.append((key, expected)) }
    return nil
  }

  /// Where the value of `key` stands; the mapping itself if there is none.
  package func place(_ key: String) -> SourceMark { entries.first { $0.key == key }?.value.mark ?? mark }

  /// Whether the key is there at all.
  package func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

  package func report(_ key: String, _ message: String, expected: String? = nil, suggestion: String? = nil) {
    log.report(place(key), message, expected: expected, suggestion: suggestion)
  }

  /// Reports keys that were never read, and missing ones unless a misspelt key explains them.
  package func finish() {
    guard isMapping else { return }
    let absent = known.filter { !has($0) }
    var explained = Set<String>()
    for entry in entries where !known.contains(entry.key) {
      let suggestion = didYouMean(entry.key, among: absent) ?? didYouMean(entry.key, among: known)
      if let suggestion { explained.insert(suggestion) }
      log.report(
        entry.keyMark, "unknown key \(quoted(entry.key)) in \(title)",
        expected: suggestion == nil ? "one of " + known.joined(separator: ", ") : nil, suggestion: suggestion)
    }
    for (key, expected) in missing where !explained.contains(key) {
      log.report(mark, "missing key '\(key)' in \(title)", expected: expected)
    }
  }

  // MARK: Values

  /// A quantity within `range`.
  package mutating func number(
    _ key: String, _ range: ClosedRange<Int>, _ quantity: Quantity = .count, default: Int? = nil
  ) -> Int? {
    let expected = quantity.expectation(range)
    guard let node = value(key, expected: `default` == nil ? expected : nil) else { return `default` }
    guard let text = node.text else {
      log.report(node.mark, "\(key) is \(node.kind)", expected: expected)
      return nil
    }
    do {
      let value = try quantity.parse(text)
      if range.contains(value) { return value }
      let problem = value == 0 ? "is zero" : value < range.lowerBound ? "is too small" : "is too large"
      log.report(node.mark, "\(key) \(quoted(text)) \(problem)", expected: expected)
    } catch {
      log.report(node.mark, "\(key) \(quoted(text)) \(error.reason)", expected: expected, suggestion: error.suggestion)
    }
    return nil
  }

  /// One of the words of an enumeration, or of some of them.
  package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, among choices: [Choice] = Array(Choice.allCases), default: Choice? = nil
  ) -> Choice? {
    let expected = alternatives(choices.map(\.rawValue))
    guard let node = value(key, expected: `default` == nil ? expected : nil) else { return `default` }
    return Self.word(node, key, among: choices, log: log)
  }

  /// `node` as one of the words of an enumeration, or of some of them.
  static func word<Choice: RawRepresentable<String> & CaseIterable>(
    _ node: ConfigNode, _ what: String, among choices: [Choice] = Array(Choice.allCases), log: DiagnosticLog
  ) -> Choice? {
    let words = choices.map(\.rawValue)
    if let text = node.text, let choice = choices.first(where: { $0.rawValue == text }) { return choice }
    log.report(
      node.mark, "\(what) is \(node.kind)", expected: alternatives(words),
      suggestion: node.text.flatMap { didYouMean($0, among: words) })
    return nil
  }

  /// Cycles out of a period: `3/4`.
  mutating func duty(_ key: String) -> Duty? {
    let longest = Bounds.dutyPeriod
    guard let node = value(key, expected: nil) else { return .always }
    if let text = node.text, let duty = Duty(text, longest: longest) { return duty }
    log.report(
      node.mark, "\(key) is \(node.kind)",
      expected: "open cycles and the period that they are part of, such as 3/4, from 1/1 to \(longest)/\(longest)")
    return nil
  }

  package mutating func flag(_ key: String, default: Bool) -> Bool? {
    guard let node = value(key, expected: nil) else { return `default` }
    switch node.text {
    case "true": return true
    case "false": return false
    default:
      log.report(node.mark, "\(key) is \(node.kind)", expected: "true or false")
      return nil
    }
  }

  /// A name that can stand in every text form; `reserved` ones are refused.
  package mutating func name(_ key: String = "name", reserved: Set<String> = []) -> String? {
    let expected = "a name of lower-case letters, digits, '-' and '_' that begins with a letter"
    guard let node = value(key, expected: expected) else { return nil }
    guard let text = node.text, isName(text) else {
      log.report(node.mark, "\(key) of \(title) is \(node.kind)", expected: expected)
      return nil
    }
    if reserved.contains(text) {
      log.report(node.mark, "the name '\(text)' is reserved", expected: "another name")
      return nil
    }
    return text
  }

  /// A list of one to `limit` elements.
  package mutating func list(_ key: String, of what: String, limit: Int) -> [ConfigNode]? {
    let expected = "a list of 1 to \(limit) \(what)"
    guard let node = value(key, expected: expected) else { return nil }
    guard case .sequence(let elements) = node.content else {
      log.report(node.mark, "\(key) is \(node.kind)", expected: expected)
      return nil
    }
    if elements.isEmpty {
      log.report(node.mark, "\(key) is an empty list", expected: expected)
      return nil
    }
    if elements.count > limit {
      log.report(elements[limit].mark, "\(key) has \(elements.count) elements", expected: expected)
      return nil
    }
    return elements
  }
}

/// Whether a name matches `[a-z][a-z0-9_-]*`, has at most 64 characters and isn't YAML's word for nothing.
func isName(_ text: String) -> Bool {
  guard let first = text.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
  return text.utf8.count <= 64 && text != "null"
    && text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
        UInt8(ascii: "_"):
        true
      default: false
      }
    }
}

/// `a, b or c`.
public func alternatives(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " or " + last
}

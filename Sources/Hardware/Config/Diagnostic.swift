/// A place in an input: a file (or whatever else was read, such as a `--set` option), a line and a column.
public struct SourceMark: Sendable, Hashable, Comparable {
  /// The file as the user named it.
  public var file: String
  /// From 1; 0 stands for the input as a whole.
  public var line: Int
  /// In characters, from 1.
  public var column: Int

  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// The input as a whole: a file that can't be opened has no lines.
  public init(file: String) { self.init(file: file, line: 0, column: 0) }

  public static func < (left: Self, right: Self) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}

extension SourceMark: CustomStringConvertible {
  /// `file:line:column`.
  public var description: String { line > 0 ? "\(file):\(line):\(column)" : file }
}

/// One mistake in an input.
public struct Diagnostic: Error, Sendable, Hashable {
  public var mark: SourceMark
  /// What is wrong, in lower case and without a full stop: `unknown key 'row'`.
  public var message: String
  /// What would be right: `a size such as 512KiB`.
  public var expected: String?
  /// The known word that was probably meant.
  public var suggestion: String?

  public init(_ mark: SourceMark, _ message: String, expected: String? = nil, suggestion: String? = nil) {
    self.mark = mark
    self.message = message
    self.expected = expected
    self.suggestion = suggestion
  }
}

extension Diagnostic: CustomStringConvertible {
  /// `file:line:column: error: message; expected …; did you mean '…'?`
  public var description: String {
    var text = "\(mark): error: \(message)"
    if let expected { text += "; expected \(expected)" }
    if let suggestion { text += "; did you mean '\(suggestion)'?" }
    return text
  }
}

/// Every mistake that one pass over an input found, in the order of their places.
public struct DiagnosticError: Error, Sendable, Hashable {
  /// Never empty, sorted by place, each mistake once.
  public let diagnostics: [Diagnostic]

  public init(_ first: Diagnostic) { diagnostics = [first] }

  /// `nil` if `found` is empty.
  public init?(_ found: [Diagnostic]) {
    guard !found.isEmpty else { return nil }
    var seen = Set<Diagnostic>()
    let unique = found.filter { seen.insert($0).inserted }
    // Mistakes at one place keep the order in which they were found.
    diagnostics = unique.enumerated().sorted { ($0.element.mark, $0.offset) < ($1.element.mark, $1.offset) }
      .map(\.element)
  }
}

extension DiagnosticError: CustomStringConvertible {
  /// One diagnostic a line.
  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}

/// `text` in single quotes as part of a message: control characters escaped, cut at 48 characters.
public func quoted(_ text: String) -> String {
  var result = "'"
  for (index, scalar) in text.unicodeScalars.enumerated() {
    if index == 48 { return result + "…'" }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
      result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "'"
}

/// The candidate nearest to `word`, if one is so near that it was probably meant: at most a third of its characters
/// added, dropped, replaced or swapped with their neighbour. Case, `-` and `_` don't count; of equals, the first wins.
public func didYouMean(_ word: String, among candidates: some Sequence<String>) -> String? {
  func folded(_ text: String) -> [UInt8] {
    text.lowercased().utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
  }
  guard !word.isEmpty, word.utf8.count <= 64 else { return nil }
  let target = folded(word)
  var best: (distance: Int, candidate: String)?
  for candidate in candidates where candidate != word {
    let letters = folded(candidate)
    let distance = editDistance(target, letters)
    guard distance <= max(1, letters.count / 3), distance < max(letters.count, target.count) else { continue }
    if distance < best?.distance ?? .max { best = (distance, candidate) }
  }
  return best?.candidate
}

/// Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours, each counting 1.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 1...a.count {
    var row = [Int](repeating: i, count: b.count + 1)
    for j in 1...b.count {
      let replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      row[j] = min(replaced, last[j] + 1, row[j - 1] + 1)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], beforeLast[j - 2] + 1) }
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}

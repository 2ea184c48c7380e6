import Hardware

/// Text that is about to be parsed as YAML: checked, with its lines known.
///
/// Marks of libyaml count lines by all of YAML's line breaks and columns in Unicode scalars; so does this.
struct YAMLText {
  private(set) var scalars: [Unicode.Scalar]
  /// Index of the first scalar of each line.
  private let lines: [Int]
  let file: String
  /// Number of the first line.
  let firstLine: Int

  /// - Throws: `DiagnosticError` for characters that YAML forbids, and for anchors and aliases: a description has no
  ///   use for them, and a handful can stand for billions of values.
  init(_ text: String, file: String, firstLine: Int) throws(DiagnosticError) {
    scalars = Array(text.unicodeScalars)
    if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
    self.file = file
    self.firstLine = firstLine
    lines = Self.lineStarts(scalars)
    for (index, scalar) in scalars.enumerated() {
      if !Self.isAllowed(scalar) {
        let code = String(scalar.value, radix: 16, uppercase: true)
        throw DiagnosticError(Diagnostic(mark(index), "the character U+\(code) can't stand in YAML"))
      }
      if scalar == "&" || scalar == "*", index + 1 < scalars.count, Self.isWord(scalars[index + 1]),
        index == 0 || !Self.isWord(scalars[index - 1])
      {
        throw DiagnosticError(
          Diagnostic(
            mark(index), "anchors and aliases (\(scalar) before a word, even in a comment) are not allowed",
            expected: "the value itself"))
      }
    }
  }

  var text: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// The place of one of libyaml's marks, which count from 1 and may lie behind the end.
  func mark(line: Int, column: Int) -> SourceMark {
    line <= lines.count
      ? SourceMark(file: file, line: line + firstLine - 1, column: column)
      : SourceMark(
        file: file, line: lines.count + firstLine - 1, column: scalars.count - lines[lines.count - 1] + 1)
  }

  /// Index of the scalar at one of libyaml's marks.
  func index(line: Int, column: Int) -> Int? {
    guard lines.indices.contains(line - 1) else { return nil }
    let index = lines[line - 1] + column - 1
    return scalars.indices.contains(index) ? index : nil
  }

  func contains(_ scalar: Unicode.Scalar) -> Bool { scalars.contains(scalar) }

  mutating func replace(at index: Int, with scalar: Unicode.Scalar) { scalars[index] = scalar }

  private func mark(_ index: Int) -> SourceMark {
    let line = lines.lastIndex { $0 <= index } ?? 0
    return mark(line: line + 1, column: index - lines[line] + 1)
  }

  private static func lineStarts(_ scalars: [Unicode.Scalar]) -> [Int] {
    var starts = [0]
    for (index, scalar) in scalars.enumerated() {
      switch scalar {
      case "\r" where index + 1 < scalars.count && scalars[index + 1] == "\n": break
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": starts.append(index + 1)
      default: break
      }
    }
    return starts
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }

  /// Whether a character can be part of an anchor's name.
  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
    default: false
    }
  }
}

import Hardware

/// Reads the cells of one record by the names of their columns.
///
/// Every getter notes what is wrong and then gives some value, so that reading goes on; the caller throws what was found.
struct RecordDecoder {
  private let record: [CSVTable.Cell]
  private let positions: [String: Int]
  private(set) var found: [Diagnostic] = []

  /// - Parameter positions: index of each column, by its name.
  init(_ record: [CSVTable.Cell], positions: [String: Int]) {
    self.record = record
    self.positions = positions
  }

  /// The cell's text without blanks at both ends.
  func text(_ column: String) -> String { cell(column).text.trimmed }

  /// A whole number; the range's lower bound after a mistake.
  mutating func integer(_ column: String, _ range: ClosedRange<Int>) -> Int {
    if let value = Int(text(column)), range.contains(value) { return value }
    report(column, expected: "a whole number\(Self.bounds(range))")
    return range.lowerBound
  }

  /// A finite number; the range's lower bound after a mistake.
  mutating func real(_ column: String, _ range: ClosedRange<Double>) -> Double {
    if let value = Double(text(column)), value.isFinite, range.contains(value) { return value }
    let upper = range.upperBound.isFinite ? " from \(range.lowerBound) to \(range.upperBound)" : ""
    report(column, expected: "a number" + (upper.isEmpty ? " of at least \(range.lowerBound)" : upper))
    return range.lowerBound
  }

  /// `count` whole numbers with blanks between them; as many of the range's lower bound after a mistake.
  mutating func integers(_ column: String, _ range: ClosedRange<Int>, count: Int) -> [Int] {
    let words = text(column).split(whereSeparator: \.isWhitespace)
    if words.count != count {
      report(column, "\(words.count) numbers", expected: "\(count)")
      return []
    }
    return words.enumerated().map { index, word in
      if let value = Int(word), range.contains(value) { return value }
      report(column, "number \(index + 1), \(quoted(String(word)))", expected: "a whole number\(Self.bounds(range))")
      return range.lowerBound
    }
  }

  /// What one of some words stands for; the first one's meaning after a mistake.
  mutating func choice<Meaning>(_ column: String, _ first: (String, Meaning), _ others: (String, Meaning)...) -> Meaning
  {
    choice(column, first, others)
  }

  /// One of the words of an enumeration; `first` after a mistake.
  mutating func choice<Word: RawRepresentable<String> & CaseIterable>(_ column: String, first: Word) -> Word {
    choice(
      column, (first.rawValue, first), Word.allCases.filter { $0.rawValue != first.rawValue }.map { ($0.rawValue, $0) })
  }

  private mutating func choice<Meaning>(
    _ column: String, _ first: (String, Meaning), _ others: [(String, Meaning)]
  ) -> Meaning {
    let word = text(column)
    let choices = [first] + others
    if let choice = choices.first(where: { $0.0 == word }) { return choice.1 }
    let words = choices.map(\.0)
    report(
      column, expected: words.map { "'\($0)'" }.joined(separator: " or "), suggestion: didYouMean(word, among: words))
    return first.1
  }

  /// Notes a mistake in a cell.
  ///
  /// - Parameter problem: what is wrong; the cell's text by default.
  mutating func report(_ column: String, _ problem: String? = nil, expected: String, suggestion: String? = nil) {
    let cell = cell(column)
    found.append(
      Diagnostic(
        cell.mark, "column '\(column)': \(problem ?? quoted(cell.text))", expected: expected, suggestion: suggestion))
  }

  private func cell(_ column: String) -> CSVTable.Cell {
    positions[column].map { record[$0] } ?? CSVTable.Cell(text: "", mark: SourceMark(file: ""))
  }

  private static func bounds(_ range: ClosedRange<Int>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (.min, .max): ""
    case (let lower, .max): " of at least \(lower)"
    case (let lower, let upper): " from \(lower) to \(upper)"
    }
  }
}

extension String {
  /// Without blanks at both ends.
  var trimmed: String {
    var view = self[...]
    while view.first?.isWhitespace == true { view.removeFirst() }
    while view.last?.isWhitespace == true { view.removeLast() }
    return String(view)
  }
}

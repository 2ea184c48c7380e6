import Hardware

/// A table read from CSV text (RFC 4180; lines may also end with LF alone), cells with their places.
struct CSVTable {
  struct Cell {
    var text: String
    var mark: SourceMark
  }

  /// The first record.
  let header: [Cell]
  /// The others; empty lines are skipped.
  let records: [[Cell]]

  /// - Throws: `DiagnosticError` for an empty text, a quote that isn't closed and records longer or shorter than the
  ///   header.
  init(parsing text: String, file: String) throws(DiagnosticError) {
    var reader = Reader(text: text, file: file)
    var records: [[Cell]] = []
    while let record = try reader.record() {
      if record.count > 1 || record.first?.text.isEmpty == false { records.append(record) }
    }
    guard let header = records.first else {
      throw DiagnosticError(
        Diagnostic(SourceMark(file: file), "the table is empty", expected: "a line of column names"))
    }
    let ragged = records.dropFirst().filter { $0.count != header.count }.compactMap { record in
      record.first.map {
        Diagnostic($0.mark, "\(record.count) cells in a table of \(header.count) columns")
      }
    }
    if let error = DiagnosticError(ragged) { throw error }
    self.header = header
    self.records = Array(records.dropFirst())
  }
}

/// Walks over CSV text, one record at a time.
private struct Reader {
  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var mark: SourceMark

  init(text: String, file: String) {
    scalars = Array(text.unicodeScalars)
    mark = SourceMark(file: file, line: 1, column: 1)
    if scalars.first == "\u{FEFF}" { position = 1 }
  }

  /// The next record; `nil` at the end of the text.
  mutating func record() throws(DiagnosticError) -> [CSVTable.Cell]? {
    guard position < scalars.count else { return nil }
    var cells: [CSVTable.Cell] = []
    while true {
      cells.append(try cell())
      guard let next = advance() else { return cells }
      if next == "\r", peek == "\n" { _ = advance() }
      if next != "," { return cells }
    }
  }

  /// One cell; stops before the comma or the line break behind it.
  private mutating func cell() throws(DiagnosticError) -> CSVTable.Cell {
    let start = mark
    var text = String.UnicodeScalarView()
    if peek == "\"" {
      _ = advance()
      while true {
        guard let next = advance() else {
          throw DiagnosticError(Diagnostic(start, "the quote that opens this cell is never closed"))
        }
        if next == "\"" {
          guard peek == "\"" else { break }
          _ = advance()
        }
        text.append(next)
      }
    }
    while let next = peek, next != ",", next != "\r", next != "\n" {
      text.append(next)
      _ = advance()
    }
    return CSVTable.Cell(text: String(text), mark: start)
  }

  private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func advance() -> Unicode.Scalar? {
    guard position < scalars.count else { return nil }
    let next = scalars[position]
    position += 1
    if next == "\n" || (next == "\r" && peek != "\n") {
      mark.line += 1
      mark.column = 1
    } else {
      mark.column += 1
    }
    return next
  }
}

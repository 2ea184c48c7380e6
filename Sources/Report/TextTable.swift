/// Rows of cells in aligned columns, two spaces apart.
struct TextTable {
  enum Alignment { case left, right }

  private let alignments: [Alignment]
  private var rows: [[String]]

  init(_ columns: [(title: String, alignment: Alignment)]) {
    alignments = columns.map(\.alignment)
    rows = [columns.map(\.title)]
  }

  /// Appends a row; missing cells stay empty.
  mutating func add(_ cells: [String]) {
    rows.append(cells + Array(repeating: "", count: max(0, alignments.count - cells.count)))
  }

  /// The lines, the titles first, without blanks at their ends.
  var lines: [String] {
    let widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for column in alignments.indices {
        if column > 0 { line += "  " }
        let blanks = String(repeating: " ", count: widths[column] - row[column].count)
        line += alignments[column] == .left ? row[column] + blanks : blanks + row[column]
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}

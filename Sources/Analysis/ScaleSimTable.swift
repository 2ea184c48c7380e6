import Hardware

/// One row of a table of SCALE-Sim results: a GEMM on one array and what the tool reported for it.
public struct ScaleSimRow: Sendable, Hashable {
  /// Place of the row in its file.
  public var mark: SourceMark
  public var model: String
  public var layer: String
  public var m: Int
  public var n: Int
  public var k: Int
  public var arrayRows: Int
  public var arrayColumns: Int
  public var dataflow: Dataflow
  /// As the tool reports it: the index of the last cycle, one less than their count.
  public var cycles: Int
  /// In percent, six decimals.
  public var utilisation: Double
  public var stallCycles: Int
  public var bandwidthMode: String

  /// Why the row can't be compared with a machine that never waits for memory; `nil` when it can.
  public var reasonToLeaveOut: String? {
    if bandwidthMode != "CALC" { return "bandwidth_mode is \(quoted(bandwidthMode)), not 'CALC'" }
    if stallCycles != 0 { return "stall_cycles is not 0" }
    return nil
  }
}

extension ScaleSimRow {
  /// The columns that a table must have, in any order and among others.
  public static let columns = [
    "model", "layer", "M", "N", "K", "array_rows", "array_cols", "dataflow", "cycles", "utilisation", "stall_cycles",
    "bandwidth_mode",
  ]

  /// Largest M, N, K and largest side of the array.
  public static let largestSize = 500_000
  public static let largestSide = 4096

  /// The rows of a CSV table.
  ///
  /// - Throws: every mistake of the table at once: missing and doubled columns, cells that are no numbers or out of
  ///   range, unknown dataflows, no row at all.
  public static func parse(_ text: String, file: String) throws(DiagnosticError) -> [ScaleSimRow] {
    let table = try CSVTable(parsing: text, file: file)
    let header = table.header.map { $0.text.trimmed }
    var found: [Diagnostic] = []
    let missing = columns.filter { !header.contains($0) }
    if !missing.isEmpty {
      let others = header.filter { !columns.contains($0) }
      found.append(
        Diagnostic(
          table.header.first?.mark ?? SourceMark(file: file),
          "no column \(missing.map { "'\($0)'" }.joined(separator: ", "))",
          expected: "a table of SCALE-Sim results with the columns \(columns.joined(separator: ", "))",
          suggestion: missing.lazy.compactMap { didYouMean($0, among: others) }.first))
    }
    for (index, cell) in table.header.enumerated()
    where columns.contains(header[index]) && header[..<index].contains(header[index]) {
      found.append(Diagnostic(cell.mark, "column '\(header[index])' stands twice"))
    }
    if let error = DiagnosticError(found) { throw error }
    if table.records.isEmpty {
      throw DiagnosticError(Diagnostic(SourceMark(file: file), "the table has no rows"))
    }
    let positions = Dictionary(header.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let rows = table.records.map { record in
      RowDecoder(record: record, positions: positions).decode(&found)
    }
    if let error = DiagnosticError(found) { throw error }
    return rows
  }
}

/// Turns the cells of one record into a row.
private struct RowDecoder {
  let record: [CSVTable.Cell]
  let positions: [String: Int]

  func decode(_ found: inout [Diagnostic]) -> ScaleSimRow {
    let size = 1...ScaleSimRow.largestSize
    let side = 1...ScaleSimRow.largestSide
    let start = record.first?.mark ?? SourceMark(file: "")
    return ScaleSimRow(
      mark: start, model: text("model"), layer: text("layer"),
      m: integer("M", size, &found), n: integer("N", size, &found), k: integer("K", size, &found),
      arrayRows: integer("array_rows", side, &found), arrayColumns: integer("array_cols", side, &found),
      dataflow: dataflow(&found), cycles: integer("cycles", 0...Int.max, &found), utilisation: percent(&found),
      stallCycles: integer("stall_cycles", 0...Int.max, &found), bandwidthMode: text("bandwidth_mode"))
  }

  private func cell(_ column: String) -> CSVTable.Cell {
    positions[column].map { record[$0] } ?? CSVTable.Cell(text: "", mark: SourceMark(file: ""))
  }

  private func text(_ column: String) -> String { cell(column).text.trimmed }

  private func integer(_ column: String, _ range: ClosedRange<Int>, _ found: inout [Diagnostic]) -> Int {
    if let value = Int(text(column)), range.contains(value) { return value }
    let bounds =
      range.upperBound == .max ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
    return report(column, "a whole number \(bounds)", &found) ?? range.lowerBound
  }

  private func percent(_ found: inout [Diagnostic]) -> Double {
    if let value = Double(text("utilisation")), value.isFinite, value >= 0 { return value }
    return report("utilisation", "a number of percent", &found) ?? 0
  }

  private func dataflow(_ found: inout [Diagnostic]) -> Dataflow {
    switch text("dataflow") {
    case "os": .outputStationary
    case "ws": .weightStationary
    case "is": .inputStationary
    default: report("dataflow", "'os', 'ws' or 'is'", &found) ?? .outputStationary
    }
  }

  /// Notes the mistake; always `nil`, so that a caller can go on with some value.
  private func report<Value>(_ column: String, _ expected: String, _ found: inout [Diagnostic]) -> Value? {
    let cell = cell(column)
    found.append(Diagnostic(cell.mark, "column '\(column)': \(quoted(cell.text))", expected: expected))
    return nil
  }
}

extension String {
  /// Without blanks at both ends.
  fileprivate var trimmed: String {
    var view = self[...]
    while view.first?.isWhitespace == true { view.removeFirst() }
    while view.last?.isWhitespace == true { view.removeLast() }
    return String(view)
  }
}

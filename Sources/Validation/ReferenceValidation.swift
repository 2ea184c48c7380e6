import Hardware

/// A reference table beside vitsim's own results, row by row.
///
/// ```swift
/// let validation = try ReferenceValidation(parsing: text, file: "table.csv", on: bench, threads: 2)
/// print(validation.exact, validation.passed)
/// ```
public struct ReferenceValidation: Sendable {
  /// One row of the table.
  public struct Row: Sendable, Hashable {
    public enum Outcome: Sendable, Hashable {
      case compared([Comparison])
      /// Why the row can't be compared.
      case leftOut(String)
    }

    /// Place of the row in its file.
    public let mark: SourceMark
    /// The case in a few words.
    public let label: String
    public let outcome: Outcome
    /// How near it has to come.
    public let target: ReferenceTarget

    /// Empty for a row that is left out.
    public var comparisons: [Comparison] {
      if case .compared(let comparisons) = outcome { comparisons } else { [] }
    }
  }

  public let kind: ReferenceKind
  /// In the order of the table.
  public let rows: [Row]

  /// Reads a table of a known kind and computes every row that can be compared; equal cases once.
  ///
  /// - Parameters:
  ///   - threads: at most so many cases at once; the result doesn't depend on it.
  ///   - progress: called from any thread with the number of cases that are done and of all.
  /// - Throws: `DiagnosticError` with every mistake of the table; for the first case in the table that can't be computed
  ///   what `Bench` throws.
  public init(
    parsing text: String, file: String, on bench: Bench, threads: Int = 1,
    progress: @Sendable (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws {
    let table = try CSVTable(parsing: text, file: file)
    let row = try ReferenceKind.row(of: table.header, file: file)
    if table.records.isEmpty {
      throw DiagnosticError(Diagnostic(SourceMark(file: file), "the table has no rows"))
    }
    kind = row.kind
    rows = try Self.compare(row, table, on: bench, threads: threads, progress: progress)
  }

  private static func compare<R: ReferenceRow>(
    _: R.Type, _ table: CSVTable, on bench: Bench, threads: Int, progress: (Int, Int) -> Void
  ) throws -> [Row] {
    let positions = Dictionary(
      table.header.enumerated().map { ($1.text.trimmed, $0) }, uniquingKeysWith: { first, _ in first })
    var found: [Diagnostic] = []
    let rows = table.records.map { record in
      var cells = RecordDecoder(record, positions: positions)
      let row = R(&cells)
      found += cells.found
      return row
    }
    if let error = DiagnosticError(found) { throw error }

    var cases: [R.Case] = []
    var indices: [R.Case: Int] = [:]
    for row in rows where row.reasonToLeaveOut == nil && indices[row.input] == nil {
      indices[row.input] = cases.count
      cases.append(row.input)
    }
    let results = concurrently(cases.count, threads: threads, progress: progress) {
      try R.result(of: cases[$0], on: bench)
    }
    return try zip(rows, table.records).map { row, record in
      let mark = record.first?.mark ?? SourceMark(file: "")
      guard row.reasonToLeaveOut == nil, let index = indices[row.input] else {
        return Row(
          mark: mark, label: row.label, outcome: .leftOut(row.reasonToLeaveOut ?? "no result"), target: row.target)
      }
      let result = try results[index].get()
      return Row(
        mark: mark, label: row.label, outcome: .compared(row.comparisons(with: result)), target: row.target)
    }
  }
}

extension ReferenceValidation {
  private var comparedRows: [Row] { rows.filter { !$0.comparisons.isEmpty } }
  private var differences: [Double] { comparedRows.map(\.relativeDifference) }

  /// Rows that were compared.
  public var compared: Int { comparedRows.count }
  /// Rows of which every quantity is the table's.
  public var exact: Int { comparedRows.count { $0.comparisons.allSatisfy(\.isExact) } }
  /// Rows that aren't within their targets.
  public var missed: Int { comparedRows.count { !$0.target.isMet(by: $0.comparisons) } }
  /// Rows that can't be compared.
  public var leftOut: Int { rows.count - compared }
  /// The largest relative difference; 0 without rows.
  public var largestDifference: Double { differences.max() ?? 0 }
  /// The mean of the rows' relative differences; 0 without rows.
  public var meanDifference: Double { differences.isEmpty ? 0 : differences.reduce(0, +) / Double(compared) }
  /// Whether there was something to compare and all of it is within the target.
  public var passed: Bool { compared > 0 && missed == 0 && kind.target.isMet(byMean: meanDifference) }
}

extension ReferenceValidation.Row {
  /// The largest of the row's quantities.
  public var relativeDifference: Double { comparisons.map(\.relativeDifference).max() ?? 0 }
}

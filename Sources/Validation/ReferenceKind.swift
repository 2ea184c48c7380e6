import Hardware

/// A kind of reference table, known by its columns.
public struct ReferenceKind: Sendable, Hashable {
  /// Short, for people and programs: `scale-sim`.
  public let name: String
  /// What the table holds, in one line.
  public let summary: String
  /// The columns that a table of this kind must have, in any order and among others.
  public let columns: [String]
  /// How near rows have to come that don't say otherwise.
  public let target: ReferenceTarget

  /// Every kind that is known, in the order of the list.
  public static var all: [ReferenceKind] { knownRows.map { $0.kind } }
}

/// How near the rows of a table have to come.
public struct ReferenceTarget: Sendable, Hashable {
  /// Percent that each row may be off; 0: not at all.
  public let each: Double
  /// Percent that the rows may be off on average; `nil`: as much as each.
  public let mean: Double?

  /// Every quantity as the table prints it.
  public static let exact = ReferenceTarget(each: 0, mean: nil)

  /// Each row within `each` percent, and the mean within `mean` percent.
  public static func within(percent each: Double, mean: Double? = nil) -> ReferenceTarget {
    ReferenceTarget(each: each, mean: mean)
  }

  private init(each: Double, mean: Double?) {
    self.each = each
    self.mean = mean
  }

  /// Whether a row with these quantities is near enough.
  public func isMet(by comparisons: [Comparison]) -> Bool {
    comparisons.allSatisfy { $0.isExact || each > 0 && 100 * $0.relativeDifference <= each }
  }

  /// Whether rows that are off by `relativeDifference` on average are near enough.
  public func isMet(byMean relativeDifference: Double) -> Bool {
    mean.map { 100 * relativeDifference <= $0 } ?? true
  }
}

extension ReferenceKind {
  /// The kind of table whose columns are all in `header`.
  ///
  /// - Throws: `DiagnosticError`: a column that stands twice; columns of no known kind, with the nearest one.
  static func row(of header: [CSVTable.Cell], file: String) throws(DiagnosticError) -> any ReferenceRow.Type {
    let names = header.map { $0.text.trimmed }
    let present = Set(names)
    // Of two kinds that fit, the one that asks for more.
    let fitting = knownRows.filter { present.isSuperset(of: $0.kind.columns) }
    guard let row = fitting.max(by: { $0.kind.columns.count < $1.kind.columns.count }) else {
      throw DiagnosticError(unknown(names, at: header.first?.mark ?? SourceMark(file: file)))
    }
    let doubled = header.indices.filter {
      row.kind.columns.contains(names[$0]) && names[..<$0].contains(names[$0])
    }
    if let error = DiagnosticError(
      doubled.map { Diagnostic(header[$0].mark, "column '\(names[$0])' stands twice") })
    {
      throw error
    }
    return row
  }

  private static func unknown(_ names: [String], at mark: SourceMark) -> Diagnostic {
    func known(_ kind: ReferenceKind) -> Double {
      Double(kind.columns.count { names.contains($0) }) / Double(kind.columns.count)
    }
    let expected = "the columns of " + alternatives(all.map(\.name)) + " ('vitsim validate --list' names them)"
    var nearest: ReferenceKind?
    for kind in all where known(kind) > (nearest.map(known) ?? 0) { nearest = kind }
    guard let nearest else {
      return Diagnostic(mark, "the columns are those of no known table", expected: expected)
    }
    let missing = nearest.columns.filter { !names.contains($0) }
    let others = names.filter { !nearest.columns.contains($0) }
    return Diagnostic(
      mark,
      "the columns are those of no known table; the nearest is \(nearest.name), without "
        + missing.map { "'\($0)'" }.joined(separator: ", "),
      expected: expected, suggestion: missing.lazy.compactMap { didYouMean($0, among: others) }.first)
  }
}

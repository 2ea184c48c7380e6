import Validation

/// A reference table beside vitsim's results, as text, JSON or CSV (docs/output.md).
public struct ReferenceReport: Sendable {
  private let validation: ReferenceValidation

  public init(_ validation: ReferenceValidation) { self.validation = validation }

  /// A line for each quantity of each row that was compared, one for each reason to leave rows out, and a summary.
  public var text: String {
    var table = TextTable([
      ("line", .right), ("case", .left), ("quantity", .left), ("expected", .right), ("got", .right), ("off", .right),
    ])
    for row in validation.rows {
      for (index, comparison) in row.comparisons.enumerated() {
        let (expected, got) = comparison.brief
        table.add([
          index == 0 ? "\(row.mark.line)" : "", index == 0 ? row.label : "", comparison.quantity, expected, got,
          Self.off(comparison),
        ])
      }
    }
    var lines = validation.compared > 0 ? table.lines : []
    for (reason, rows) in reasons {
      lines.append("left out: \(rows.count) rows, the first in line \(rows[0].mark.line): \(reason)")
    }
    lines.append(summary)
    return lines.joined(separator: "\n") + "\n"
  }

  /// Why rows were left out, and which, in the order of the table.
  private var reasons: [(reason: String, rows: [ReferenceValidation.Row])] {
    var result: [(reason: String, rows: [ReferenceValidation.Row])] = []
    for row in validation.rows {
      guard case .leftOut(let reason) = row.outcome else { continue }
      if let index = result.firstIndex(where: { $0.reason == reason }) {
        result[index].rows.append(row)
      } else {
        result.append((reason, [row]))
      }
    }
    return result
  }

  private var summary: String {
    let differences =
      "largest difference \(NumberText.fixed(100 * validation.largestDifference, 3))%, mean "
      + "\(NumberText.fixed(100 * validation.meanDifference, 3))%"
    return "\(validation.kind.name): \(validation.compared) rows compared, \(validation.exact) exact, "
      + "\(validation.missed) beyond the target (\(targets)), \(differences); "
      + "\(validation.leftOut) left out: \(validation.passed ? "passed" : "MISSED")"
  }

  /// The kind's target, and those of rows that have others.
  private var targets: String {
    let kind = validation.kind.target
    var others: [(target: ReferenceTarget, rows: Int)] = []
    for row in validation.rows where row.target != kind && !row.comparisons.isEmpty {
      if let index = others.firstIndex(where: { $0.target == row.target }) {
        others[index].rows += 1
      } else {
        others.append((row.target, 1))
      }
    }
    return ([kind.text] + others.map { "\($0.rows) rows \($0.target.text)" }).joined(separator: "; ")
  }

  private static func off(_ comparison: Comparison) -> String {
    if comparison.isExact { return "0" }
    let relative = comparison.relativeDifference
    return relative.isFinite ? NumberText.fixed(100 * relative, 3) + "%" : "beyond measure"
  }

  /// One object.
  public var json: String {
    JSON.object([
      ("format", .string("vitsim-validation")), ("version", .integer(1)), ("kind", .string(validation.kind.name)),
      (
        "target",
        .object([
          ("each_percent", .number(validation.kind.target.each)), ("mean_percent", JSON(validation.kind.target.mean)),
        ])
      ),
      ("compared", .integer(validation.compared)), ("exact", .integer(validation.exact)),
      ("missed", .integer(validation.missed)), ("left_out", .integer(validation.leftOut)),
      ("largest_difference", JSON(validation.largestDifference)), ("mean_difference", JSON(validation.meanDifference)),
      ("passed", .boolean(validation.passed)), ("rows", .array(validation.rows.map(Self.json))),
    ]).text
  }

  private static func json(_ row: ReferenceValidation.Row) -> JSON {
    var members: [(key: String, value: JSON)] = [("line", .integer(row.mark.line)), ("case", .string(row.label))]
    switch row.outcome {
    case .leftOut(let reason): members.append(("left_out", .string(reason)))
    case .compared(let comparisons):
      members.append(
        (
          "each_percent", .number(row.target.each)
        ))
      members.append(
        (
          "quantities",
          .array(
            comparisons.map {
              .object([
                ("quantity", .string($0.quantity)), ("expected", .string($0.expectedText)),
                ("got", .string($0.gotText)),
                ("relative_difference", JSON($0.relativeDifference)),
              ])
            })
        ))
    }
    return .object(members)
  }

  /// A record for each quantity of each row; rows that are left out have the reason instead.
  public var csv: String {
    var table = [["line", "case", "quantity", "expected", "got", "relative_difference", "left_out", "each_percent"]]
    for row in validation.rows {
      switch row.outcome {
      case .leftOut(let reason): table.append(["\(row.mark.line)", row.label, "", "", "", "", reason, ""])
      case .compared(let comparisons):
        table += comparisons.map {
          [
            "\(row.mark.line)", row.label, $0.quantity, $0.expectedText, $0.gotText, Self.number($0.relativeDifference),
            "", "\(row.target.each)",
          ]
        }
      }
    }
    return CSVText.table(table)
  }

  /// An empty cell for what has no value.
  private static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "" }

  /// The kinds of table that are known: names, targets, columns.
  public static var kinds: String {
    ReferenceKind.all.map { kind in
      "\(kind.name): \(kind.summary)\n  target: \(kind.target.text)\n  columns: \(kind.columns.joined(separator: ", "))\n"
    }.joined()
  }
}

extension ReferenceTarget {
  /// `exact`, or how far rows may be off.
  fileprivate var text: String {
    if each == 0 { return "exact" }
    return "each within \(each)%" + (mean.map { ", the mean within \($0)%" } ?? "")
  }
}

extension Comparison {
  /// Both for people: of several numbers how many there are, or the first that differs with its index.
  fileprivate var brief: (expected: String, got: String) {
    guard case .integers(let expected, let got) = figures else { return (expectedText, gotText) }
    guard let index = zip(expected, got).enumerated().first(where: { $1.0 != $1.1 })?.offset else {
      return ("\(expected.count) numbers", "\(got.count) numbers")
    }
    return ("[\(index)] \(expected[index])", "[\(index)] \(got[index])")
  }

  fileprivate var expectedText: String {
    switch figures {
    case .integer(let expected, _): "\(expected)"
    case .real(let expected, _, let decimals): NumberText.fixed(expected, decimals)
    case .integers(let expected, _): expected.map(String.init).joined(separator: " ")
    }
  }

  fileprivate var gotText: String {
    switch figures {
    case .integer(_, let got): "\(got)"
    case .real(_, let got, let decimals): NumberText.fixed(got, decimals)
    case .integers(_, let got): got.map(String.init).joined(separator: " ")
    }
  }
}

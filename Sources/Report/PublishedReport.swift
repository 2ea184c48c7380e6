import Validation

/// Published figures beside the machine's, as text, JSON, CSV, and as a page with a plot (docs/output.md).
public struct PublishedReport: Sendable {
  let rows: [PublishedValidation.Row]

  public init(_ validation: PublishedValidation) { rows = validation.rows }

  /// One table, and what can't be compared with the reason.
  public var text: String {
    var table = TextTable([
      ("design", .left), ("quantity", .left), ("published", .right), ("simulated", .right), ("error", .right),
      ("band", .right), ("why", .left),
    ])
    for row in compared { table.add(row.cells) }
    var lines = table.lines
    for row in leftOut { lines.append("not compared: \(row.design.name), \(row.quantity.name): \(row.reason)") }
    return lines.joined(separator: "\n") + "\n"
  }

  var compared: [PublishedValidation.Row] { rows.filter { $0.simulated != nil } }
  var leftOut: [PublishedValidation.Row] { rows.filter { $0.simulated == nil } }

  /// One object.
  public var json: String {
    JSON.object([
      ("format", .string("vitsim-published")), ("version", .integer(1)), ("rows", .array(rows.map(Self.json))),
    ]).text
  }

  private static func json(_ row: PublishedValidation.Row) -> JSON {
    .object([
      ("configuration", .string(row.path)), ("design", .string(row.design.name)),
      ("source", .string(row.design.source)), ("quantity", .string(row.quantity.name)),
      ("unit", .string(row.quantity.unit.rawValue)), ("published", .number(row.quantity.value)),
      ("simulated", JSON(row.simulated)), ("error", JSON(row.error)), ("least", JSON(row.band?.lowerBound)),
      ("most", JSON(row.band?.upperBound)), ("deviations", .array(row.quantity.deviations.map(JSON.string))),
      ("left_out", row.simulated == nil ? .string(row.reason) : .null),
    ])
  }

  /// A record for each figure.
  public var csv: String {
    var table = [
      [
        "configuration", "design", "quantity", "unit", "published", "simulated", "error", "least", "most", "deviations",
        "left_out",
      ]
    ]
    func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    for row in rows {
      table.append([
        row.path, row.design.name, row.quantity.name, row.quantity.unit.rawValue, number(row.quantity.value),
        number(row.simulated), number(row.error), number(row.band?.lowerBound), number(row.band?.upperBound),
        row.quantity.deviations.joined(separator: " "), row.simulated == nil ? row.reason : "",
      ])
    }
    return CSVText.table(table)
  }

  /// Every point against what was published, whatever its unit.
  public var svg: String {
    var names: [String] = []
    var points: [ScatterPlot.Point] = []
    for row in compared {
      if !names.contains(row.design.name) { names.append(row.design.name) }
      guard let simulated = row.simulated, let series = names.firstIndex(of: row.design.name) else { continue }
      points.append(
        ScatterPlot.Point(
          x: row.quantity.value, y: simulated, series: series, band: row.band,
          label: "\(row.design.name), \(row.quantity.name): published \(row.published), simulated \(row.cells[3])"))
    }
    return ScatterPlot(
      title: "Simulated against published, each in its own unit", xTitle: "published", yTitle: "simulated",
      series: names, points: points
    ).svg
  }
}

extension PublishedValidation.Row {
  /// Design, quantity, published, simulated, error, band, deviations.
  var cells: [String] {
    [
      design.name, quantity.name, published, simulated.map(number) ?? "-", errorText,
      band.map { "\(number($0.lowerBound)) … \(number($0.upperBound))" } ?? "-",
      quantity.deviations.joined(separator: ", "),
    ]
  }

  var published: String { "\(number(quantity.value)) \(quantity.unit.rawValue)" }

  /// Why there is nothing to compare.
  var reason: String {
    switch quantity.measure {
    case .none(let reason): reason
    case .ratio(let over, let unit): "\(unit.rawValue) has no value here or in \(over)"
    default: "the design has nothing to divide by"
    }
  }

  /// With as many decimals as were published.
  private func number(_ value: Double) -> String {
    quantity.unit == .cycles && value.magnitude < 9e15
      ? NumberText.grouped(Int(value.rounded())) : NumberText.fixed(value, quantity.decimals)
  }

  private var errorText: String {
    guard let error else { return "-" }
    if simulated == quantity.value { return "0" }
    if error.magnitude < 0.00005 { return "<0.01%" }
    return (error > 0 ? "+" : "") + NumberText.fixed(error * 100, 2) + "%"
  }
}

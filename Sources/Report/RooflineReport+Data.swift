import Analysis
import Model

extension RooflineReport {
  /// One object; docs/schemas/roofline.json.
  public var json: String {
    JSON.object([
      ("format", .string("vitsim-roofline")), ("version", .integer(1)),
      (
        "roofs",
        roofs.map {
          .object([
            ("name", .string($0.name)), ("peak_flops_per_second", .number($0.peak)),
            ("bandwidth_bytes_per_second", .number($0.bandwidth)), ("element_bytes", .integer($0.elementBytes)),
            ("ridge", JSON($0.ridge)),
          ])
        } ?? .null
      ),
      (
        "rooflines",
        .array(
          models.flatMap { sizes in
            zip(sizes, Roofline.growth(sizes)).map { self.json($0, $1, first: sizes[0].image) }
          })
      ),
    ]).text
  }

  private func json(_ roofline: Roofline, _ growth: Roofline.Growth, first: Int) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("model", .string(roofline.model)), ("image", .integer(roofline.image)), ("batch", .integer(roofline.batch)),
      ("total", .object(counts(roofline.total, of: roofline))),
      (
        "kinds",
        .array(
          roofline.kinds.map {
            .object(
              [("kind", .string($0.name)), ("operators", .integer($0.operators))] + counts($0, of: roofline))
          })
      ),
    ]
    if perOperator {
      members.append(
        (
          "operators",
          .array(
            roofline.operators.map {
              .object(
                [("name", .string($0.name)), ("kind", .string($0.kind?.rawValue ?? ""))] + counts($0, of: roofline))
            })
        ))
    }
    members.append(
      (
        "growth",
        .object([
          ("over_image", .integer(first)), ("pixels", .number(growth.pixels)), ("flops", .number(growth.flops)),
          ("memory_operations", .number(growth.memoryOperations)), ("intensity", .number(growth.intensity)),
        ])
      ))
    return .object(members)
  }

  private func counts(_ row: Roofline.Row, of roofline: Roofline) -> [(key: String, value: JSON)] {
    let work = row.work
    var members: [(key: String, value: JSON)] = [
      ("flops", .integer(work.flops)), ("elements_read", .integer(work.read)),
      ("elements_written", .integer(work.written)), ("memory_operations", .integer(work.memoryOperations)),
      ("intensity", JSON(work.intensity)),
    ]
    if let roofs {
      let placement = roofline.placement(of: row, under: roofs)
      members += [
        ("attainable_flops_per_second", JSON(placement.rate)), ("bound", .string(placement.bound.rawValue)),
        ("milliseconds", JSON(placement.seconds * 1e3)),
        ("memory_bound_milliseconds", JSON(placement.memoryBoundSeconds * 1e3)),
      ]
    }
    return members
  }

  /// A record for each kind, or each operator, and one called `total`, of each model and size.
  public var csv: String {
    var header = ["model", "image", "batch", "operator", "kind", "operators", "flops", "elements_read"]
    header += ["elements_written", "memory_operations", "intensity"]
    if roofs != nil { header += ["attainable_flops_per_second", "bound", "milliseconds", "memory_bound_milliseconds"] }
    var table = [header]
    for roofline in rooflines {
      for row in (perOperator ? roofline.operators : roofline.kinds) + [roofline.total] {
        table.append(
          [
            "\(roofline.model)", "\(roofline.image)", "\(roofline.batch)",
            perOperator || row.kind == nil ? row.name : "",
          ]
            + cells(row, of: roofline))
      }
    }
    return CSVText.table(table)
  }

  private func cells(_ row: Roofline.Row, of roofline: Roofline) -> [String] {
    let work = row.work
    var cells = [row.kind?.rawValue ?? "", "\(row.operators)", "\(work.flops)", "\(work.read)", "\(work.written)"]
    cells += ["\(work.memoryOperations)", work.intensity.map { "\($0)" } ?? ""]
    if let roofs {
      func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "" }
      let placement = roofline.placement(of: row, under: roofs)
      cells += [number(placement.rate), placement.bound.rawValue, number(placement.seconds * 1e3)]
      cells.append(number(placement.memoryBoundSeconds * 1e3))
    }
    return cells
  }
}

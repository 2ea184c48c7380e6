import Analysis
import Machine

extension ComparisonReport {
  /// One object.
  public var json: String {
    JSON.object([
      ("format", .string("vitsim-comparison")), ("version", .integer(2)), ("threshold", .number(threshold)),
      ("comparisons", .array(comparisons.map(json))),
    ]).text
  }

  private func json(_ comparison: DesignComparison) -> JSON {
    .object([
      ("one_model", .boolean(comparison.isOfOneModel)),
      ("designs", .array(comparison.designs.indices.map { json(comparison, $0) })),
      ("layers", .array(rows(of: comparison).map(json))),
    ])
  }

  private func json(_ comparison: DesignComparison, _ index: Int) -> JSON {
    func figures(_ value: (DesignFigure) -> Double?) -> JSON {
      .object(
        DesignFigure.allCases.map { figure in
          guard figure.isCount, let count = value(figure).flatMap(Int.init(exactly:)) else {
            return (figure.rawValue, JSON(value(figure)))
          }
          return (figure.rawValue, .integer(count))
        })
    }
    let summary = comparison.designs[index].summary
    let model = summary.model
    return .object([
      ("configuration", .string(paths[index])),
      (
        "model",
        .object([("name", .string(model.name)), ("image", .integer(model.image)), ("batch", .integer(model.batch))])
      ),
      ("accelerator", .string(summary.accelerator.name)),
      ("device", summary.accelerator.device.map { .string($0.name) } ?? .null),
      ("figures", figures { comparison.value($0, of: index) }),
      (
        "of_first",
        .object(DesignFigure.allCases.map { ($0.rawValue, JSON(comparison.ratio($0, of: index))) })
      ),
    ])
  }

  private func json(_ row: Row) -> JSON {
    .object([
      ("name", .string(row.name)), ("count", .integer(row.layers.lazy.compactMap { $0?.count }.first ?? 1)),
      (
        "designs",
        .array(
          row.layers.indices.map { design in
            guard let layer = row.layers[design] else { return .null }
            return .object([
              ("cycles", .integer(layer.cycles)), ("milliseconds", JSON(row.milliseconds(design))),
              ("of_first", JSON(row.ratio(design))), ("macs", .integer(layer.macs)),
              ("utilization", JSON(row.utilization(design))), ("gops", JSON(row.gops(design))),
              ("gops_per_dsp", JSON(row.gopsPerDSP(design))), ("dram_bytes", .integer(layer.dramBytes)),
              ("stack", SummaryReport.stack(layer.stack)),
              ("reason", row.reason(design, threshold: threshold).map { json($0, row, design) } ?? .null),
            ])
          })
      ),
    ])
  }

  private func json(_ reason: DifferenceReason, _ row: Row, _ design: Int) -> JSON {
    .object([
      ("kind", .string(reason.kind.rawValue)), ("part", .string(reason.part.name)),
      ("milliseconds", .number(reason.milliseconds)), ("share", .number(reason.share)),
      ("first_share", .number(reason.firstShare)), ("wait", reason.wait.map { .string($0.name) } ?? .null),
      ("wait_share", .number(reason.waitShare)), ("first_wait_share", .number(reason.firstWaitShare)),
      ("text", .string(sentence(reason, row, design))),
    ])
  }

  /// A record for each design's total with all figures, and one for each of its layers.
  public var csv: String {
    let figures = DesignFigure.allCases
    var table = [
      ["configuration", "model", "image", "batch", "accelerator", "device", "layer", "count"] + figures.map(\.rawValue)
        + figures.map { $0.rawValue + "_of_first" } + ["reason"]
    ]
    for comparison in comparisons {
      for index in comparison.designs.indices {
        table += rows(of: comparison).compactMap { record($0, comparison, index) }
      }
    }
    return CSVText.table(table)
  }

  /// `nil` for a layer that the design hasn't.
  private func record(_ row: Row, _ comparison: DesignComparison, _ index: Int) -> [String]? {
    guard let layer = row.layers[index] else { return nil }
    let summary = comparison.designs[index].summary
    let isTotal = row.name == "total"
    func value(_ figure: DesignFigure, _ design: Int) -> Double? {
      if isTotal { return comparison.value(figure, of: design) }
      return switch figure {
      case .cycles: row.layers[design].map { Double($0.cycles) }
      case .milliseconds: row.milliseconds(design)
      case .utilization: row.utilization(design)
      case .gops: row.gops(design)
      case .gopsPerDSP: row.gopsPerDSP(design)
      case .dramBytes: row.layers[design].map { Double($0.dramBytes) }
      default: nil
      }
    }
    func number(_ figure: DesignFigure) -> String {
      guard let value = value(figure, index) else { return "" }
      return figure.isCount ? Int(exactly: value).map(String.init) ?? "\(value)" : "\(value)"
    }
    func ratio(_ figure: DesignFigure) -> String {
      guard let own = value(figure, index), let first = value(figure, 0), first != 0 else { return "" }
      return "\(own / first)"
    }
    return [
      paths[index], summary.model.name, "\(summary.model.image)", "\(summary.model.batch)", summary.accelerator.name,
      summary.accelerator.device?.name ?? "", row.name, "\(layer.count)",
    ] + DesignFigure.allCases.map(number) + DesignFigure.allCases.map(ratio)
      + [row.reason(index, threshold: threshold).map { sentence($0, row, index) } ?? ""]
  }
}

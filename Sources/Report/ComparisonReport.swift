import Analysis
import Hardware

/// Several runs side by side, as text, JSON or CSV (docs/output.md).
public struct ComparisonReport: Sendable {
  private let comparison: DesignComparison
  private let paths: [String]

  /// - Parameter paths: where each design is from.
  public init(_ comparison: DesignComparison, paths: [String]) {
    self.comparison = comparison
    self.paths = paths
  }

  private var designs: [(index: Int, path: String, summary: Summary)] {
    zip(paths, comparison.designs).enumerated().map { ($0.offset, $0.element.0, $0.element.1) }
  }

  /// The designs by number; a line for each figure, with each design's and what it is of the first one's; what to know of them.
  public var text: String {
    var lines = designs.map { index, path, summary in
      let model = summary.model
      let what = model.image > 0 ? "\(model.name), image \(model.image), batch \(model.batch)" : model.name
      return "\(index + 1)  \(what) on \(summary.accelerator.name) (\(path))"
    }
    var table = TextTable(
      [("", .left)]
        + designs.flatMap { index, _, _ -> [(title: String, alignment: TextTable.Alignment)] in
          index == 0 ? [("1", .right)] : [("\(index + 1)", .right), ("of 1", .right)]
        })
    for figure in ComparedFigure.allCases {
      let cells = designs.flatMap { index, _, _ -> [String] in
        let value = comparison.value(figure, of: index).map(figure.text) ?? "-"
        return index == 0 ? [value] : [value, comparison.ratio(figure, of: index).map(Self.times) ?? "-"]
      }
      table.add([figure.title] + cells)
    }
    lines += [""] + table.lines
    let unbound = designs.filter { $0.summary.accelerator.device == nil }
    if !unbound.isEmpty {
      lines.append("")
      for (_, _, summary) in unbound {
        lines.append(
          "\(summary.accelerator.name) names no device: its DSP blocks are those that its multipliers would take")
      }
    }
    if !comparison.isOfOneModel {
      if unbound.isEmpty { lines.append("") }
      lines.append("the models differ: what is compared is not the same work")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  static func times(_ ratio: Double) -> String { NumberText.fixed(ratio, ratio < 0.1 ? 4 : 2) + "×" }

  /// One object.
  public var json: String {
    JSON.object([
      ("format", .string("vitsim-comparison")), ("version", .integer(1)),
      ("one_model", .boolean(comparison.isOfOneModel)), ("designs", .array(designs.map(json))),
    ]).text
  }

  private func json(_ design: (index: Int, path: String, summary: Summary)) -> JSON {
    func figures(_ value: (ComparedFigure) -> Double?) -> JSON {
      .object(
        ComparedFigure.allCases.map { figure in
          guard figure.isCount, let count = value(figure), count.rounded() == count, count.magnitude < 9e15 else {
            return (figure.rawValue, JSON(value(figure)))
          }
          return (figure.rawValue, .integer(Int(count)))
        })
    }
    let model = design.summary.model
    return .object([
      ("configuration", .string(design.path)),
      (
        "model",
        .object([("name", .string(model.name)), ("image", .integer(model.image)), ("batch", .integer(model.batch))])
      ),
      ("accelerator", .string(design.summary.accelerator.name)),
      ("device", design.summary.accelerator.device.map { .string($0.name) } ?? .null),
      ("figures", figures { comparison.value($0, of: design.index) }),
      ("of_first", figures { comparison.ratio($0, of: design.index) }),
    ])
  }

  /// A record for each design.
  public var csv: String {
    let figures = ComparedFigure.allCases
    func number(_ value: Double?, _ figure: ComparedFigure? = nil) -> String {
      guard let value else { return "" }
      return figure?.isCount == true && value.magnitude < 9e15 ? "\(Int(value))" : "\(value)"
    }
    var table = [
      ["configuration", "model", "image", "batch", "accelerator", "device"] + figures.map(\.rawValue)
        + figures.map { $0.rawValue + "_of_first" }
    ]
    for (index, path, summary) in designs {
      let model = summary.model
      table.append(
        [
          path, model.name, "\(model.image)", "\(model.batch)", summary.accelerator.name,
          summary.accelerator.device?.name ?? "",
        ] + figures.map { number(comparison.value($0, of: index), $0) }
          + figures.map { number(comparison.ratio($0, of: index)) })
    }
    return CSVText.table(table)
  }
}

extension ComparedFigure {
  var title: String {
    switch self {
    case .cycles: "cycles"
    case .milliseconds: "ms"
    case .framesPerSecond: "FPS"
    case .gops: "GOPS"
    case .dsps: "DSP"
    case .gopsPerDSP: "GOPS/DSP"
    case .framesPerSecondPerDSP: "FPS/DSP"
    case .dspUtilization: "DSP utilization"
    }
  }

  fileprivate var isCount: Bool { self == .cycles || self == .dsps }

  func text(_ value: Double) -> String {
    switch self {
    case .cycles, .dsps: value.magnitude < 9e15 ? NumberText.grouped(Int(value)) : "\(value)"
    case .milliseconds, .gopsPerDSP: NumberText.fixed(value, 3)
    case .framesPerSecond: NumberText.fixed(value, 2)
    case .gops: NumberText.fixed(value, 1)
    case .framesPerSecondPerDSP: NumberText.fixed(value, 4)
    case .dspUtilization: NumberText.percent(value)
    }
  }
}

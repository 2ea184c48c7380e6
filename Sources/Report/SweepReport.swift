import Analysis
import Exploration
import Schedule

/// A sweep's points as JSON or CSV, and its Pareto front as text (docs/output.md).
public struct SweepReport: Sendable {
  let result: SweepResult
  private let isOnFront: Set<Int>

  public init(_ result: SweepResult) {
    self.result = result
    isOnFront = Set(result.front)
  }

  /// A record for each point; counters exact.
  public var csv: String {
    let figures = DesignFigure.allCases
    var table = [
      ["point", "model", "image", "batch"] + result.paths + ["status", "error", "pareto"] + figures.map(\.rawValue)
    ]
    for (index, point) in result.points.enumerated() {
      let model = point.model.map { [$0.name, "\($0.image)", "\($0.batch)"] } ?? ["", "", ""]
      let outcome = [point.outcome.status, point.error ?? "", "\(isOnFront.contains(index))"]
      let values = figures.map { figure in
        point.figures?[figure].map { value in figure.count(value).map(String.init) ?? "\(value)" } ?? ""
      }
      table.append(["\(index + 1)"] + model + point.settings.map { $0 ?? "" } + outcome + values)
    }
    return CSVText.table(table)
  }

  /// One object.
  public var json: String {
    JSON.object([
      ("format", .string("vitsim-sweep")), ("version", .integer(1)), ("name", .string(result.name)),
      ("paths", .array(result.paths.map(JSON.string))),
      (
        "objectives",
        .array(
          result.objectives.map {
            .object([("figure", .string($0.figure.rawValue)), ("better", .string($0.maximize ? "more" : "less"))])
          })
      ),
      ("front", .array(result.front.map { .integer($0 + 1) })),
      ("points", .array(result.points.indices.map(json))),
    ]).text
  }

  private func json(_ index: Int) -> JSON {
    let point = result.points[index]
    let settings = zip(result.paths, point.settings).compactMap { path, text in
      text.map { (key: path, value: Self.value($0)) }
    }
    let figures = DesignFigure.allCases.map { figure in
      (figure.rawValue, figure.count(point.figures?[figure]).map(JSON.integer) ?? JSON(point.figures?[figure]))
    }
    return .object([
      ("point", .integer(index + 1)), ("model", point.model.map(json) ?? .null), ("settings", .object(settings)),
      ("status", .string(point.outcome.status)), ("error", point.error.map(JSON.string) ?? .null),
      ("pareto", .boolean(isOnFront.contains(index))),
      ("figures", point.figures == nil ? .null : .object(figures)),
    ])
  }

  private func json(_ model: ModelReference) -> JSON {
    .object([("name", .string(model.name)), ("image", .integer(model.image)), ("batch", .integer(model.batch))])
  }

  /// Numbers and truth values as such; all else as YAML.
  private static func value(_ text: String) -> JSON {
    switch text {
    case "true", "false": .boolean(text == "true")
    case "null": .null
    default: Int(text).flatMap { "\($0)" == text ? .integer($0) : nil } ?? .string(text)
    }
  }
}

extension SweepPoint {
  var error: String? { if case .failed(let failure) = outcome { failure.message } else { nil } }
}

extension DesignFigure {
  /// A counter, exact; `nil` for rates.
  fileprivate func count(_ value: Double?) -> Int? { isCount ? value.flatMap(Int.init(exactly:)) : nil }
}

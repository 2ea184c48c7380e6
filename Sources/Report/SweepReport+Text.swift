import Analysis
import Exploration
import Schedule

extension SweepReport {
  private static let shownRows = 20
  private static let shownErrors = 10
  /// What the front's table shows besides its objectives.
  private static let usual: [DesignFigure] = [.framesPerSecond, .milliseconds, .dsps, .bram36, .dspEfficiency]

  /// How many points are done, the Pareto front of each model, the errors by how often they are.
  public var text: String {
    let failed = result.points.count { $0.figures == nil }
    var lines = ["\(result.name): \(NumberText.count(result.points.count, "point")), \(failed) failed"]
    var fronts: [(title: String, points: [Int])] = []
    for index in result.front {
      guard let model = result.points[index].model else { continue }
      let title = model.image > 0 ? "\(model.name), image \(model.image)" : model.name
      if fronts.last?.title != title { fronts.append((title, [])) }
      fronts[fronts.count - 1].points.append(index)
    }
    let objectives = result.objectives.map { "\($0.maximize ? "more" : "less") \($0.figure.title)" }
    for front in fronts {
      lines += ["", "Pareto front of \(front.title): \(objectives.joined(separator: ", "))", ""]
      lines += table(of: Array(front.points.prefix(Self.shownRows)))
      let rest = front.points.count - Self.shownRows
      if rest > 0 { lines.append("and \(rest) more: --format csv has all of them") }
    }
    return (lines + failures).joined(separator: "\n") + "\n"
  }

  private func table(of points: [Int]) -> [String] {
    let objectives = result.objectives.map(\.figure)
    let figures = objectives + Self.usual.filter { !objectives.contains($0) }
    var table = TextTable(
      [("point", .right), ("batch", .right)] + Self.shortened(result.paths).map { ($0, .right) }
        + figures.map { ($0.title, .right) })
    for index in points {
      let point = result.points[index]
      let cells = figures.map { figure in point.figures?[figure].map(figure.text) ?? "-" }
      table.add(["\(index + 1)", point.model.map { "\($0.batch)" } ?? "-"] + point.settings.map { $0 ?? "-" } + cells)
    }
    return table.lines
  }

  /// Each path's last parts, as many as tell it from the others.
  static func shortened(_ paths: [String]) -> [String] {
    let parts = paths.map { $0.split(separator: ".").map(String.init) }
    return parts.indices.map { index in
      for count in 1..<max(1, parts[index].count) {
        let end = parts[index].suffix(count)
        if !parts.indices.contains(where: { $0 != index && parts[$0].suffix(count) == end }) {
          return end.joined(separator: ".")
        }
      }
      return paths[index]
    }
  }

  /// The errors, the most frequent first, each with the first point that has it.
  private var failures: [String] {
    var groups: [SweepFailure: (count: Int, first: Int)] = [:]
    for (index, point) in result.points.enumerated() {
      guard case .failed(let failure) = point.outcome else { continue }
      groups[failure, default: (0, index)].count += 1
    }
    if groups.isEmpty { return [] }
    let sorted = groups.sorted { ($1.value.count, $0.value.first) < ($0.value.count, $1.value.first) }
    var table = TextTable([("failed", .right), ("first", .right), ("status", .left), ("error", .left)])
    for (failure, group) in sorted.prefix(Self.shownErrors) {
      table.add(["\(group.count)", "\(group.first + 1)", failure.kind.rawValue, failure.message])
    }
    let rest = sorted.count - Self.shownErrors
    return [""] + table.lines + (rest > 0 ? ["and \(rest) more errors: --format csv has all of them"] : [])
  }
}

extension SweepReport {
  /// `120 of 400 designs, 3 failed, 88.2 a second, 0:03 left`.
  public static func line(_ progress: SweepProgress) -> String {
    var parts = ["\(progress.evaluated) of \(progress.total) designs"]
    if progress.failed > 0 { parts.append("\(progress.failed) failed") }
    parts.append("\(NumberText.fixed(progress.rate, 1)) a second")
    if let remaining = progress.remaining { parts.append("\(clock(remaining)) left") }
    return parts.joined(separator: ", ")
  }

  /// `h:mm:ss`, or `m:ss` below an hour.
  static func clock(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded(.up))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":" + two(whole % 60)
  }

  /// `400 designs: 280 evaluated in 3.2 s (88.2 a second), 3 of them failed, 120 there before`.
  public static func statistics(of run: SweepRun) -> String {
    let progress = run.progress
    var text = "\(progress.total + run.kept) designs: \(progress.evaluated) evaluated"
    if progress.evaluated > 0 {
      text += " in \(NumberText.fixed(progress.seconds, 1)) s (\(NumberText.fixed(progress.rate, 1)) a second)"
    }
    if progress.failed > 0 { text += ", \(progress.failed) of them failed" }
    if run.kept > 0 { text += ", \(run.kept) there before" }
    return text
  }
}

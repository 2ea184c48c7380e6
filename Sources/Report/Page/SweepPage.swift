import Analysis
import Exploration
import Schedule

/// A sweep as one HTML file: the Pareto front among all points, and the figures of each (docs/report.md).
///
/// The same result gives the same bytes, however many points it has: charts draw points that would cover each other once.
public struct SweepPage: Sendable {
  let result: SweepResult
  private let reproduction: ReportPage.Reproduction
  private let isOnFront: Set<Int>

  /// Rows of the table of points at most.
  static let shownPoints = 2000

  public init(_ result: SweepResult, reproduction: ReportPage.Reproduction) {
    self.result = result
    self.reproduction = reproduction
    isOnFront = Set(result.front)
  }

  /// The whole file.
  public var html: String {
    let failed = result.points.count { $0.figures == nil }
    return PageFrame(
      title: result.name,
      subtitle: "\(NumberText.count(result.points.count, "point")), \(NumberText.grouped(failed)) failed",
      sections: [frontSection, pointSection, failureSection, reproductionSection].compactMap { $0 },
      footer: "vitsim \(reproduction.version)"
    ).html.text
  }

  // MARK: Front

  /// A model with an image side: only its points are the same work.
  private struct Work: Hashable {
    var name: String
    var image: Int
    var title: String { image > 0 ? "\(name), image \(image)" : name }
  }

  private func work(of point: Int) -> Work? { result.points[point].model.map { Work(name: $0.name, image: $0.image) } }

  private var frontSection: PageSection? {
    var works: [Work] = []
    for index in result.front {
      if let work = work(of: index), !works.contains(work) { works.append(work) }
    }
    guard !works.isEmpty else { return nil }
    let objectives = result.objectives.map { "\($0.maximize ? "more" : "less") \($0.figure.title)" }
    return PageSection(
      id: "front", title: "Pareto front", brief: "Front",
      note: """
        Blue is on the front: no other point of the same model is at least as good in all of this and better in one: \
        \(objectives.joined(separator: ", ")). Grey are the others.
        """,
      body: Markup(
        works.map { work in
          let front = result.front.filter { self.work(of: $0) == work }
          return """
            <h3>\(work.title)</h3>
            <div class="wide" tabindex="0">\(chart(of: work, front: front)?.svg ?? "")</div>
            \(table(of: front))
            """
        }))
  }

  /// The first objective up, the second across; `nil` of a single one.
  private func chart(of work: Work, front: [Int]) -> ScatterChart? {
    guard result.objectives.count > 1 else { return nil }
    let (up, across) = (result.objectives[0], result.objectives[1])
    var cells: Set<[Int]> = []
    let members = front + result.points.indices.filter { !isOnFront.contains($0) && self.work(of: $0) == work }
    let values = members.compactMap { index -> (index: Int, x: Double, y: Double)? in
      guard let figures = result.points[index].figures, let x = figures[across.figure], let y = figures[up.figure]
      else {
        return nil
      }
      return (index, x, y)
    }
    let (xScale, yScale) = (Scale.spread(values.map(\.x)), Scale.spread(values.map(\.y)))
    let points = values.compactMap { index, x, y -> ScatterChart.Point? in
      guard let atX = xScale.place(x), let atY = yScale.place(y) else { return nil }
      // Points as near as this cover each other; those of the front come first and all stay.
      let isNew = cells.insert([Int(atX * ScatterChart.width / 3), Int(atY * ScatterChart.height / 3)]).inserted
      guard isNew || isOnFront.contains(index) else { return nil }
      return ScatterChart.Point(
        x: x, y: y, paint: isOnFront.contains(index) ? ChartPalette.paint(series: 0) : "other",
        weight: isOnFront.contains(index) ? 0.03 : 0, name: isOnFront.contains(index) ? "\(index + 1)" : "",
        label: label(of: index, [up.figure, across.figure]))
    }
    // With two objectives the front is a line.
    let isLine = result.objectives.count == 2 && up.maximize && !across.maximize
    let line = FrontChart.steps(of: values.map { (cost: $0.x, gain: $0.y) }, until: xScale.domain.upperBound)
    return ScatterChart(
      title: "\(up.figure.title) against \(across.figure.title)", x: (across.figure.title, xScale),
      y: (up.figure.title, yScale),
      lines: isLine ? [ScatterChart.Line(points: line, paint: "soft", isDashed: true)] : [],
      points: points)
  }

  private func label(of index: Int, _ figures: [DesignFigure]) -> String {
    let point = result.points[index]
    let values = figures.map { figure in "\(point.figures?[figure].map(figure.text) ?? "-") \(figure.title)" }
    let settings = zip(result.paths, point.settings).compactMap { path, value in value.map { "\(path)=\($0)" } }
    return (["point \(index + 1)", values.joined(separator: ", ")] + settings).joined(separator: "\n")
  }

  // MARK: Tables

  private var pointSection: PageSection {
    let shown = Array(result.points.indices.prefix(Self.shownPoints))
    let rest = result.points.count - shown.count
    return PageSection(
      id: "points", title: "All points", brief: "Points",
      note: """
        A click on a head sorts, another one the other way round. \
        \(rest > 0 ? "The first \(NumberText.grouped(shown.count)): --format csv has all of them." : "")
        """,
      body: table(of: shown))
  }

  private func table(of points: [Int]) -> Markup {
    let figures = DesignFigure.allCases.filter { figure in points.contains { result.points[$0].figures?[figure] != nil }
    }
    let heads = SweepReport.shortened(result.paths) + figures.map(\.title)
    let rows = points.map { index -> Markup in
      let point = result.points[index]
      let settings = point.settings.map { "<td class=\"n\">\($0 ?? "")</td>" as Markup }
      let cells = figures.map { figure -> Markup in
        let value = point.figures?[figure]
        return "<td class=\"n\" data-v=\"\(value.map { "\($0)" } ?? "")\">\(value.map(figure.text) ?? "-")</td>"
      }
      let key: Markup = isOnFront.contains(index) ? "<i class=\"key \(ChartPalette.paint(series: 0))\"></i>" : ""
      return """
        <tr><td class="n" data-v="\(index + 1)">\(key)\(index + 1)</td><td>\(point.model?.name ?? "-")</td>\
        <td class="n">\(point.model.map { $0.image > 0 ? "\($0.image)" : "-" } ?? "-")</td>\
        <td class="n">\(point.model.map { "\($0.batch)" } ?? "-")</td><td>\(point.outcome.status)</td>\
        \(Markup(settings + cells, separator: ""))</tr>
        """
    }
    return """
      <div class="wide tall" tabindex="0"><table class="sorts">
      <thead><tr><th class="n">point</th><th>model</th><th class="n">image</th><th class="n">batch</th><th>status</th>\
      \(heads.map { "<th class=\"n\">\($0)</th>" })</tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table></div>
      """
  }

  /// Each error once.
  private var failureSection: PageSection? {
    var counts: [String: (count: Int, first: Int)] = [:]
    for (index, point) in result.points.enumerated() {
      if let error = point.error { counts[error, default: (0, index)].count += 1 }
    }
    guard !counts.isEmpty else { return nil }
    let rows = counts.sorted { $0.value.first < $1.value.first }.map { error, group -> Markup in
      "<tr><td class=\"n\">\(group.count)</td><td class=\"n\">\(group.first + 1)</td><td>\(error)</td></tr>"
    }
    return PageSection(
      id: "failures", title: "Points that failed", brief: "Failed",
      body: """
        <div class="wide tall" tabindex="0"><table class="plain">
        <thead><tr><th class="n">points</th><th class="n">first</th><th>error</th></tr></thead>
        <tbody>\(rows)</tbody>
        </table></div>
        """)
  }

  private var reproductionSection: PageSection {
    PageSection(
      id: "reproduce", title: "How to reproduce", brief: "Reproduce",
      note: """
        Made by vitsim \(reproduction.version) with the command below, in the directory that its paths are relative to. A point by itself: \
        <code>vitsim report</code> with the sweep's base and the point's settings after <code>--set</code>.
        """,
      body: "<pre tabindex=\"0\">\(reproduction.command.map(ReportPage.quoted).joined(separator: " "))</pre>")
  }
}

import Analysis
import Exploration
import Machine

extension ReportPage {
  /// Who was the reason that time passed: by unit, along the run, and by layer.
  static func pathSection(_ page: ReportPage) -> PageSection? {
    let bodies = page.designs.enumerated().compactMap { index, design -> Markup? in
      guard let explanation = design.explanation, design.run.cycles > 0 else { return nil }
      let heading: Markup = page.isComparison ? page.heading(index) : ""
      return "\(heading)\n\(page.path(explanation, number: index))"
    }
    guard !bodies.isEmpty else { return nil }
    return PageSection(
      id: "path", title: "Critical path", brief: "Critical path",
      note: """
        From the last cycle back to the first: the unit that was the reason that time passed, in each cycle exactly one. A layer's window \
        is bound by what the path spends it on: a matrix engine's steps (compute), beats and the DRAM's bus (bandwidth), the vector unit, or \
        nobody's throughput: filling, draining, latencies, ports and tokens (dependency). Reached is the most of its roofs over its cycles; \
        more than 100% where it was worked on in earlier windows.
        """,
      body: Markup(bodies))
  }

  private func path(_ explanation: Explanation, number: Int) -> Markup {
    let cycles = explanation.run.cycles
    return """
      \(Self.keys(of: explanation.total))
      \(Self.bar(explanation.total, of: cycles, named: "critical path"))
      \(units(explanation, number: number))
      \(boundLayers(explanation))
      """
  }

  /// The units on the path, on the timeline's axis.
  private func units(_ explanation: Explanation, number: Int) -> Markup {
    let (schedule, cycles) = (explanation.schedule, explanation.run.cycles)
    let bins = TimelineBins(path: explanation.path, schedule: schedule, cycles: cycles, limit: columns)
    let stacks = explanation.path.stacks(of: schedule)
    let rows = zip(schedule.accelerator.queues, stacks).enumerated().compactMap { unit, row -> Markup? in
      let (queue, stack) = row
      guard stack.total > 0 else { return nil }
      return """
        <div class="l">\(queue.name) <b>\(NumberText.percent(Double(stack.total) / Double(cycles)))</b></div>
        \(track(of: unit, in: bins, number: number, name: queue.name, stack: stack))
        """
    }
    return """
      <h3>Along the run</h3>
      \(StackMarkup.keys(of: stacks))
      <div class="tracks">
      \(rows)
      <div class="l">cycle</div>
      \(axis(designs[number], number: number))
      </div>
      """
  }

  /// Layers of one name together, as among the cycle stacks.
  private func boundLayers(_ explanation: Explanation) -> Markup {
    let groups = LayerGroup.all(of: explanation.summary)
    let largest = groups.map(\.cycles).max() ?? 0
    let rows = groups.map { group -> Markup in
      let layers = group.layers.map { explanation.bounds[$0] }
      let path = Self.sum(layers.map(\.path))
      let roof = layers.reduce(0) { $0 + $1.roofline }
      let reached = group.cycles == 0 ? "-" : NumberText.percent(Double(roof) / Double(group.cycles))
      return """
        <tr><td class="name">\(Markup(breaking: group.name))</td>\
        <td class="n">\(group.layers.count > 1 ? "×\(group.layers.count)" : "")</td>\
        <td class="n">\(NumberText.grouped(group.cycles))</td><td>\(group.cycles == 0 ? "-" : path.largest.rawValue)</td>\
        <td class="n">\(reached)</td><td class="b">\(Self.bar(path, of: largest, named: group.name))</td></tr>
        """
    }
    return """
      <h3>What bounds the layers</h3>
      \(Self.keys(of: explanation.total))
      <div class="wide"><table>
      <thead><tr><th>layers</th><th></th><th class="n">cycles</th><th>bound</th><th class="n">reached</th><th></th></tr></thead>
      <tbody>\(rows)</tbody>
      </table></div>
      """
  }

  // MARK: Bounds

  private static func sum(_ bounds: [BoundCycles]) -> BoundCycles {
    bounds.reduce(into: BoundCycles()) { sum, path in
      for bound in Bound.allCases { sum[bound] += path[bound] }
    }
  }

  private static func paint(_ bound: Bound) -> String {
    ChartPalette.paint(series: Bound.allCases.firstIndex(of: bound) ?? 0)
  }

  private static func bar(_ path: BoundCycles, of whole: Int, named name: String) -> Markup {
    let segments = Bound.allCases.map { bound in
      StackBar.Segment(
        paint: paint(bound), amount: path[bound],
        label: "\(name)\n\(bound.rawValue) \(share(path[bound], of: path)), \(NumberText.grouped(path[bound])) cycles")
    }
    let words = Bound.allCases.map { "\($0.rawValue) \(share(path[$0], of: path))" }
    return StackBar(segments: segments, whole: whole, description: "\(name): \(words.joined(separator: ", "))").svg
  }

  private static func keys(of total: BoundCycles) -> Markup {
    let items = Bound.allCases.map {
      "<li><i class=\"key \(paint($0))\"></i>\($0.rawValue) \(share(total[$0], of: total))</li>" as Markup
    }
    return "<ul class=\"keys\">\(items)</ul>"
  }

  private static func share(_ cycles: Int, of path: BoundCycles) -> String {
    NumberText.percent(path.total == 0 ? 0 : Double(cycles) / Double(path.total))
  }
}

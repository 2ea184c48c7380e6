import Analysis
import Machine

extension ReportPage {
  /// The cycle stack of every layer: repeated blocks first added up by name, then one by one.
  static func layerSection(_ page: ReportPage) -> PageSection? {
    PageSection(
      id: "layers", title: "Cycle stack per layer", brief: "Layers",
      note: """
        A layer's cycles are its window, from the end of all earlier layers to its own, as the matrix engine saw it that did \
        most MACs; windows add up to the run. Layers of the same name in repeated blocks are added up: \
        <code>*</code> is the block's number\(page.isComparison ? "" : ", and × says how many there are").
        """,
      body: page.isComparison ? page.groupsBesideEachOther : page.each(page.layers))
  }

  private func layers(of design: Design) -> Markup {
    let summary = design.summary
    let groups = LayerGroup.all(of: summary)
    let keys = StackMarkup.keys(of: [summary.total.stack])
    guard groups.count < summary.layers.count else { return keys + "\n" + everyLayer(summary) }
    let largest = groups.map(\.cycles).max() ?? 0
    let rows = groups.map { group -> Markup in
      """
      <tr><td class="name">\(Markup(breaking: group.name))</td><td class="n">\(group.layers.count > 1 ? "×\(group.layers.count)" : "")</td>\
      <td class="n">\(NumberText.grouped(group.cycles))</td><td class="n">\(share(group.cycles, summary))</td>\
      <td class="b">\(StackMarkup.bar(group.stack, of: largest, named: group.name))</td></tr>
      """
    }
    return """
      \(keys)
      <div class="wide"><table>
      <thead><tr><th>layers</th><th></th><th class="n">cycles</th><th class="n">of all</th><th></th></tr></thead>
      <tbody>\(rows)</tbody>
      <tfoot><tr><td>total</td><td class="n">\(summary.layers.count)</td><td class="n">\(NumberText.grouped(summary.total.cycles))</td>\
      <td class="n">\(share(summary.total.cycles, summary))</td><td></td></tr></tfoot>
      </table></div>
      <details><summary>All \(summary.layers.count) layers in order</summary>
      \(everyLayer(summary))
      </details>
      """
  }

  private func everyLayer(_ summary: Summary) -> Markup {
    let largest = summary.layers.map(\.cycles).max() ?? 0
    let rows = summary.layers.map { layer -> Markup in
      """
      <tr><td class="name">\(Markup(breaking: layer.name))</td><td class="n">\(NumberText.grouped(layer.cycles))</td>\
      <td class="n">\(share(layer.cycles, summary))</td>\
      <td class="b">\(StackMarkup.bar(layer.stack, of: largest, named: layer.name))</td></tr>
      """
    }
    return """
      <div class="wide"><table>
      <thead><tr><th>layer</th><th class="n">cycles</th><th class="n">of all</th><th></th></tr></thead>
      <tbody>\(rows)</tbody>
      </table></div>
      """
  }

  private func share(_ cycles: Int, _ summary: Summary) -> String {
    NumberText.percent(summary.total.cycles == 0 ? 0 : Double(cycles) / Double(summary.total.cycles))
  }

  // MARK: Several designs

  /// For each name a bar of each design, in time, as clocks may differ; and why it differs from the first one's.
  private var groupsBesideEachOther: Markup {
    let report = ComparisonReport([comparison], paths: designs.map(\.name))
    let rows = report.rows(of: comparison)
    // The total stands behind the layers, without a bar.
    let longest = rows.dropLast().flatMap { row in designs.indices.compactMap(row.milliseconds) }.max() ?? 0
    let lines = rows.enumerated().flatMap { place, row -> [Markup] in
      let present = designs.indices.filter { row.layers[$0] != nil }
      return present.map { index in
        line(row, index, isFirst: index == present.first, longest: place + 1 < rows.count ? longest : nil, report)
      }
    }
    return """
      \(StackMarkup.keys(of: designs.map(\.summary.total.stack)))
      <div class="wide"><table>
      <thead><tr><th>layers</th><th></th><th class="n">cycles</th><th class="n">ms</th><th class="n">of 1</th><th></th><th>why</th></tr></thead>
      <tbody>\(lines)</tbody>
      </table></div>
      """
  }

  private func line(
    _ row: ComparisonReport.Row, _ index: Int, isFirst: Bool, longest: Double?, _ report: ComparisonReport
  ) -> Markup {
    guard let layer = row.layers[index] else { return "" }
    let bar = longest.map { longest in
      let whole = Int((longest / 1e3 * Double(designs[index].summary.accelerator.clock)).rounded())
      return StackMarkup.bar(layer.stack, of: whole, named: "\(index + 1) \(row.name)")
    }
    let ratio = index == 0 ? nil : row.ratio(index)
    let reason = index == 0 ? nil : row.reason(index, threshold: report.threshold)
    return """
      <tr><td class="name">\(isFirst ? Markup(breaking: row.name) : "")</td>\
      <td class="n"><i class="key \(ChartPalette.paint(series: index))"></i>\(index + 1)</td>\
      <td class="n">\(NumberText.grouped(layer.cycles))</td>\
      <td class="n">\(NumberText.fixed(comparison.milliseconds(layer, of: index), 3))</td>\
      <td class="n">\(ratio.map(ComparisonReport.times) ?? "")</td>\
      <td class="b">\(bar ?? "")</td>\
      <td class="why">\(reason.map { report.words($0, row, index) } ?? "")</td></tr>
      """
  }
}

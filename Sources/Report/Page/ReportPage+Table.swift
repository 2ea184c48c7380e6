import Analysis
import Machine

extension ReportPage {
  /// Every figure of every layer, in a table that sorts.
  static func tableSection(_ page: ReportPage) -> PageSection? {
    PageSection(
      id: "table", title: "All layers in figures", brief: "Table",
      note: """
        A click on a head sorts, another one the other way round. Stacks in cycles; utilization of the engines in the cycles \
        that the layer's matmuls own. Figures are defined as in docs/output.md of vitsim.
        """,
      body: page.each(page.table))
  }

  /// One figure: its head, its text, and the number that it sorts by.
  private struct Column {
    let title: String
    let text: (SummaryRow) -> String
    let value: (SummaryRow) -> String
  }

  private func table(of design: Design) -> Markup {
    let summary = design.summary
    let columns = columns(of: summary)
    let heads = columns.map { "<th class=\"n\">\($0.title)</th>" as Markup }
    let rows = summary.layers.enumerated().map { index, layer -> Markup in
      """
      <tr><td>\(layer.name)</td><td class="n">\(index + 1)</td>\(cells(of: layer, columns))</tr>
      """
    }
    return """
      <div class="wide tall" tabindex="0"><table class="sorts">
      <thead><tr><th>layer</th><th class="n">#</th>\(heads)</tr></thead>
      <tbody>
      \(rows)
      </tbody>
      <tfoot><tr><td>total</td><td></td>\(cells(of: summary.total, columns))</tr></tfoot>
      </table></div>
      """
  }

  private func cells(of row: SummaryRow, _ columns: [Column]) -> Markup {
    Markup(columns.map { "<td class=\"n\" data-v=\"\($0.value(row))\">\($0.text(row))</td>" }, separator: "")
  }

  private func columns(of summary: Summary) -> [Column] {
    func count(_ title: String, _ value: @escaping (SummaryRow) -> Int) -> Column {
      Column(title: title, text: { NumberText.grouped(value($0)) }, value: { String(value($0)) })
    }
    func rate(
      _ title: String, _ value: @escaping (SummaryRow) -> Double?, _ text: @escaping (Double) -> String
    ) -> Column {
      Column(title: title, text: { value($0).map(text) ?? "-" }, value: { value($0).map(\.description) ?? "" })
    }
    let total = Double(max(1, summary.total.cycles))
    var columns = [
      count("cycles") { $0.cycles }, rate("share", { Double($0.cycles) / total }, NumberText.percent),
      count("MACs") { $0.macs }, rate("utilization", { $0.metrics.engineUtilization }, NumberText.percent),
      rate("GOPS", { $0.metrics.gops }, { NumberText.fixed($0, 1) }), count("DRAM read") { $0.traffic.dramRead },
      count("DRAM written") { $0.traffic.dramWritten }, rate("op/B", { $0.metrics.intensity }, NumberText.short),
    ]
    for part in StackMarkup.order where summary.total.stack[part] > 0 {
      columns.append(count(part.name) { $0.stack[part] })
    }
    return columns
  }
}

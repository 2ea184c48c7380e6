import Analysis
import Machine

extension ReportPage {
  /// The whole run of every unit; of several designs, bars as long as their runs take.
  static func stackSection(_ page: ReportPage) -> PageSection? {
    PageSection(
      id: "units", title: "Where the cycles go", brief: "Units",
      note: """
        Every cycle of every unit falls to exactly one part: blue is work, yellow to brown overhead, red to purple waiting \
        for another unit, a port or the DRAM. A whole bar is the run\(page.isComparison ? ", in time" : "").
        """,
      body: page.unitStacks)
  }

  private var unitStacks: Markup {
    let longest = designs.map(\.summary.total.metrics.milliseconds).max() ?? 0
    let bodies = designs.enumerated().map { index, design -> Markup in
      let head: Markup =
        isComparison
        ? """
        <tr><th colspan="4"><i class="key \(ChartPalette.paint(series: index))"></i>\(index + 1) \(design.name)</th></tr>

        """ : ""
      // As many cycles of this design's clock as the slowest run takes.
      let whole = Int((longest * Double(design.summary.accelerator.clock) / 1e3).rounded())
      return "<tbody>\(head)\(design.summary.units.map { row($0, of: isComparison ? whole : $0.stack.total) })</tbody>"
    }
    return """
      \(StackMarkup.keys(of: designs.flatMap { $0.summary.units.map(\.stack) }))
      <div class="wide"><table>
      <thead><tr><th>unit</th><th class="n">busy</th><th></th><th>largest parts</th></tr></thead>
      \(bodies)
      </table></div>
      """
  }

  private func row(_ unit: UnitSummary, of whole: Int) -> Markup {
    """
    <tr><td>\(unit.name)</td><td class="n">\(NumberText.percent(unit.busy))</td>\
    <td class="b">\(StackMarkup.bar(unit.stack, of: whole, named: unit.name))</td>\
    <td class="name">\(StackMarkup.words(unit.stack, limit: 3))</td></tr>
    """
  }
}

import Analysis

extension ReportPage {
  /// What the design takes of its device.
  static func resourceSection(_ page: ReportPage) -> PageSection? {
    PageSection(
      id: "resources", title: "Resources", brief: "Resources",
      note: "DSP blocks and memories follow from the description; LUTs and flip-flops are those that it declares.",
      body: page.each(page.resources))
  }

  private func resources(of design: Design) -> Markup {
    let summary = design.summary
    let rows = summary.resourceUses.map { use -> Markup in
      let bar = use.budget.map { budget in
        StackBar(
          segments: [
            StackBar.Segment(
              paint: ChartPalette.paint(series: 0), amount: use.used,
              label: "\(NumberText.grouped(use.used)) of \(NumberText.grouped(budget)) \(use.name)")
          ],
          // A design that doesn't fit fills the bar.
          whole: max(budget, use.used), description: "\(use.name): \(use.share.map(NumberText.percent) ?? "-")"
        ).svg
      }
      return """
        <tr><td>\(use.name)</td><td class="n">\(NumberText.grouped(use.used))</td>\
        <td class="n">\(use.budget.map(NumberText.grouped) ?? "-")</td><td class="n">\(use.share.map(NumberText.percent) ?? "-")</td>\
        <td class="b">\(bar ?? "")</td></tr>
        """
    }
    return """
      <div class="wide"><table>
      <thead><tr><th>resource</th><th class="n">used</th><th class="n">\(summary.accelerator.device?.name ?? "no device")</th>\
      <th class="n">share</th><th></th></tr></thead>
      <tbody>\(rows)</tbody>
      </table></div>
      """
  }
}

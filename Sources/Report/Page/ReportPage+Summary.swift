import Analysis
import Machine

extension ReportPage {
  /// The headline: of a run its figures and where its cycles went, of a comparison a table against the first.
  static func summarySection(_ page: ReportPage) -> PageSection? {
    PageSection(
      id: "summary", title: "Summary", brief: "Summary", body: page.isComparison ? page.comparedFigures : page.headline)
  }

  private var headline: Markup {
    each { design in
      let summary = design.summary
      let whole = summary.total.stack
      return """
        <dl class="figures">
        \(figures(of: summary).map { "<div><dt>\($0.name)</dt><dd>\($0.value) <small>\($0.unit)</small></dd></div>" })
        </dl>
        \(StackMarkup.bar(whole, of: whole.total, named: "all layers"))
        \(StackMarkup.keys(whole))
        """
    }
  }

  private func figures(of summary: Summary) -> [(name: String, value: String, unit: String)] {
    let total = summary.total
    let isModel = summary.model.image > 0
    let bytes = NumberText.bytes(total.traffic.dramRead + total.traffic.dramWritten).split(separator: " ")
    var figures = [
      ("cycles", NumberText.grouped(total.cycles), ""),
      ("time", NumberText.fixed(total.metrics.milliseconds, 3), "ms"),
      ("arithmetic", NumberText.fixed(total.metrics.gops, 1), "GOPS"),
      ("MAC utilization", NumberText.percent(total.metrics.utilization), ""),
    ]
    // A single product isn't an image.
    if isModel { figures.insert(("throughput", NumberText.fixed(summary.framesPerSecond, 2), "FPS"), at: 2) }
    if let gops = total.metrics.gopsPerDSP, let efficiency = total.metrics.dspEfficiency {
      figures += [
        ("DSP efficiency", NumberText.percent(efficiency), ""),
        ("GOPS/DSP", NumberText.fixed(gops, 3), ""),
      ]
      if isModel, let frames = summary.framesPerSecondPerDSP {
        figures.append(("FPS/DSP", NumberText.fixed(frames, 4), ""))
      }
    }
    figures += [
      ("multiply-accumulates", NumberText.count(total.macs), ""),
      ("DRAM traffic", String(bytes.first ?? ""), String(bytes.last ?? "")),
    ]
    return figures
  }

  private var comparedFigures: Markup {
    let heads = designs.indices.map { index -> Markup in
      let ratio: Markup = index == 0 ? "" : "<th class=\"n\">of 1</th>"
      return "<th class=\"n\"><i class=\"key \(ChartPalette.paint(series: index))\"></i>\(index + 1)</th>\(ratio)"
    }
    let rows = DesignFigure.allCases.map { figure -> Markup in
      let cells = designs.indices.map { index -> Markup in
        let value = comparison.value(figure, of: index).map(figure.text) ?? "-"
        let ratio = comparison.ratio(figure, of: index).map(ComparisonReport.times) ?? "-"
        return index == 0
          ? "<td class=\"n\">\(value)</td>" : "<td class=\"n\">\(value)</td><td class=\"n\">\(ratio)</td>"
      }
      return "<tr><td>\(figure.title)</td>\(cells)</tr>"
    }
    var remarks = designs.filter { $0.summary.accelerator.device == nil }.map {
      "\($0.summary.accelerator.name) names no device: its DSP blocks are those that its multipliers would take."
    }
    if !comparison.isOfOneModel { remarks.append("The models differ: what is compared is not the same work.") }
    return """
      \(designs.indices.map(named))
      <div class="wide"><table class="plain">
      <thead><tr><th></th>\(heads)</tr></thead>
      <tbody>\(rows)</tbody>
      </table></div>
      \(remarks.map { "<p class=\"note\">\($0)</p>" })
      """
  }

  private func named(_ index: Int) -> Markup {
    let summary = designs[index].summary
    let model = summary.model
    let size = model.image > 0 ? ", image \(model.image), batch \(model.batch)" : ""
    return """
      \(heading(index))
      <p class="note">\(model.name)\(size) on \(summary.accelerator.name): \(summary.accelerator.brief)</p>
      """
  }
}

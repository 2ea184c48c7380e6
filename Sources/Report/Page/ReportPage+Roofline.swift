import Analysis
import Machine

extension ReportPage {
  /// Layers by arithmetic intensity and rate under the roof; of several designs their totals under each one's roof.
  static func rooflineSection(_ page: ReportPage) -> PageSection? {
    let rooflines = page.isComparison ? [page.comparedRoofline] : page.designs.map(page.roofline)
    guard rooflines.contains(where: { !$0.points.isEmpty }) else { return nil }
    let what: Markup =
      page.isComparison
      ? "Circles are layers, each in its design's colour; the larger, the more of the run."
      : "Circles are layers, the larger, the more of the run; the colour is that of the largest part of the layer's stack but idle."
    return PageSection(
      id: "roofline", title: "Roofline", brief: "Roofline",
      note: """
        \(what) Across, operations for each byte that the layer moves to or from DRAM; up, operations a second while a matrix engine is \
        at it, waiting included. A layer whose bytes came while the engine was at earlier ones may stand above the slope. \(page.left)
        """,
      body: "<div class=\"wide\" tabindex=\"0\">\(rooflines.map(\.svg))</div>")
  }

  private func roofline(of design: Design) -> ScatterChart {
    // Of layers that are alike, the largest names them all.
    var named: Set<String> = []
    let layers = drawn(design).sorted { (-$0.row.cycles, $0.row.name) < (-$1.row.cycles, $1.row.name) }
    let points = layers.map { layer in
      let name = LayerName.pattern(layer.row.name)
      let isFirst = named.insert(name).inserted && named.count <= 10
      let part = StackMarkup.largest(layer.row.stack).first { $0 != .idle } ?? .idle
      return point(layer, of: design, paint: ChartPalette.paint(part), name: isFirst ? name : "")
    }
    return chart(points, designs: [design])
  }

  private var comparedRoofline: ScatterChart {
    let points = designs.enumerated().flatMap { index, design in
      drawn(design).map { layer in
        var point = point(layer, of: design, paint: ChartPalette.paint(series: index), name: "")
        point.label = "\(index + 1) " + point.label
        return point
      }
    }
    return chart(points, designs: designs)
  }

  /// The layers that have a place, with the cycles of their engine.
  private func drawn(_ design: Design) -> [(row: SummaryRow, cycles: Int)] {
    zip(design.summary.layers, design.run.engineCycles(of: design.schedule)).filter { row, cycles in
      row.macs > 0 && cycles > 0 && row.metrics.intensity != nil
    }.map { (row: $0.0, cycles: $0.1) }
  }

  private func point(
    _ layer: (row: SummaryRow, cycles: Int), of design: Design, paint: String, name: String
  ) -> ScatterChart.Point {
    let (row, summary) = (layer.row, design.summary)
    let intensity = row.metrics.intensity ?? 0
    let gops = 2 * Double(row.macs) * Double(summary.accelerator.clock) / Double(layer.cycles) / 1e9
    return ScatterChart.Point(
      x: intensity, y: gops, paint: paint, weight: Double(row.cycles) / Double(max(1, summary.total.cycles)),
      name: name,
      label: """
        \(row.name)
        \(NumberText.short(intensity)) op/B, \(NumberText.fixed(gops, 1)) GOPS in \(NumberText.grouped(layer.cycles)) cycles of \
        the engine
        \(StackMarkup.words(row.stack, limit: 3))
        """)
  }

  private func chart(_ points: [ScatterChart.Point], designs: [Design]) -> ScatterChart {
    let roofs = designs.map { MachineRoofs($0.summary.accelerator) }
    // To the right there is room for names.
    let x = Scale.logarithmic(points.map(\.x) + [4 * (points.map(\.x).max() ?? 1)] + roofs.map(\.ridge))
    let y = Scale.logarithmic(points.map(\.y) + roofs.map { $0.peak / 1e9 })
    var lines: [ScatterChart.Line] = []
    for (index, roof) in roofs.enumerated() {
      let (peak, bandwidth) = (roof.peak / 1e9, roof.bandwidth / 1e9)
      let limit = MachineRoofs.channelsLimit(designs[index].summary.accelerator) ? "DMA" : "DRAM"
      let paint = isComparison ? ChartPalette.paint(series: index) : "soft"
      let number = isComparison ? "\(index + 1): " : ""
      let ridge = min(x.domain.upperBound, max(x.domain.lowerBound, roof.ridge))
      lines.append(
        ScatterChart.Line(
          points: [(ridge, peak), (x.domain.upperBound, peak)], paint: paint,
          name: "\(number)\(NumberText.short(peak)) GOPS"))
      guard ridge > x.domain.lowerBound else { continue }
      let start = max(x.domain.lowerBound, y.domain.lowerBound / bandwidth)
      lines.append(
        ScatterChart.Line(
          points: [start, ridge].map { ($0, roof.attainable($0) / 1e9) }, paint: paint,
          name: "\(number)\(NumberText.short(bandwidth)) GB/s \(limit)"))
    }
    return ScatterChart(
      title: "Roofline", x: ("operations / DRAM byte", x), y: ("GOPS", y), lines: lines,
      points: points)
  }

  /// How many layers have no place in the picture.
  private var left: String {
    func counts(_ isLeft: (SummaryRow) -> Bool) -> String {
      designs.map { String($0.summary.layers.count(where: isLeft)) }.joined(separator: ", ")
    }
    let still = counts { $0.macs == 0 }
    let local = counts { $0.macs > 0 && $0.metrics.intensity == nil }
    return "Not shown: layers without multiply-accumulates (\(still)), and with none of their bytes in DRAM (\(local))."
  }
}

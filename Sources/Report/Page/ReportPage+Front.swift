import Analysis
import Hardware

extension ReportPage {
  /// Images a second against DSP blocks, with the designs that no other one beats in both. Of several designs only.
  static func frontSection(_ page: ReportPage) -> PageSection? {
    guard page.isComparison else { return nil }
    let comparison = page.comparison
    let places = page.designs.indices.filter { comparison.value(.dsps, of: $0) ?? 0 > 0 }
    guard !places.isEmpty else { return nil }
    // A single product has no images, and images of different models aren't the same work.
    let isFrames = comparison.isOfOneModel && places.allSatisfy { comparison.value(.framesPerSecond, of: $0) != nil }
    let figure: DesignFigure = isFrames ? .framesPerSecond : .gops
    let chart = FrontChart(
      title: "\(figure.title) against DSP blocks", x: "DSP blocks", y: figure.title,
      points: places.map { index in
        let (dsps, rate) = (comparison.value(.dsps, of: index) ?? 0, comparison.value(figure, of: index) ?? 0)
        let name = page.designs[index].summary.accelerator.name
        return FrontChart.Point(
          cost: dsps, gain: rate, paint: ChartPalette.paint(series: index), name: "\(index + 1) \(name)",
          label:
            "\(index + 1) \(page.designs[index].name)\n\(figure.text(rate)) \(figure.title), \(NumberText.short(dsps)) DSP"
        )
      })
    return PageSection(
      id: "front", title: isFrames ? "FPS against DSPs" : "GOPS against DSPs", brief: "Front",
      note: """
        Up and to the left is better. The line is the Pareto front: no other design here has as much \(figure.title) with \
        fewer DSP blocks.
        """,
      body: "<div class=\"wide\" tabindex=\"0\">\(chart.scatter.svg)</div>")
  }
}

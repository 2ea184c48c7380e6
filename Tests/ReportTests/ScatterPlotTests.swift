import Testing

@testable import Report

@Suite struct ScatterPlotTests {
  private func plot(_ points: [ScatterPlot.Point], series: [String] = ["a"]) -> String {
    ScatterPlot(title: "t", xTitle: "x", yTitle: "y", series: series, points: points).svg
  }

  private func point(_ x: Double, _ y: Double, band: ClosedRange<Double>? = nil, label: String = "p")
    -> ScatterPlot.Point
  {
    ScatterPlot.Point(x: x, y: y, series: 0, band: band, label: label)
  }

  /// Centres of the points, those of the legend left out.
  private func centres(_ svg: String) -> [(x: Double, y: Double)] {
    svg.matches(of: /<circle cx="([\d.]+)" cy="([\d.]+)" r="4" fill="[^"]*"><title>/).compactMap {
      guard let x = Double($0.output.1), let y = Double($0.output.2) else { return nil }
      return (x, y)
    }
  }

  /// The diagonal runs from corner to corner, and what is equal lies on it.
  @Test func equalNumbersLieOnTheDiagonal() throws {
    let svg = plot([point(1, 1), point(10, 10), point(31.6227766, 31.6227766), point(1000, 1000)])
    let diagonal = try #require(
      svg.firstMatch(of: /<line class="a" x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"/)?.output)
    let numbers = [diagonal.1, diagonal.2, diagonal.3, diagonal.4].compactMap { Double($0) }
    try #require(numbers.count == 4)
    let (x1, y1, x2, y2) = (numbers[0], numbers[1], numbers[2], numbers[3])
    let found = centres(svg)
    #expect(found.count == 4)
    for (x, y) in found {
      let (across, up) = ((x - x1) / (x2 - x1), (y - y1) / (y2 - y1))
      #expect(abs(across - up) < 1e-3)
    }
    // 1, 10, √1000 and 1000 on three decades.
    for (place, expected) in zip(found, [0, 1 / 3.0, 0.5, 1]) {
      let across = (place.x - x1) / (x2 - x1)
      #expect(abs(across - expected) < 1e-3)
    }
  }

  @Test func moreIsHigher() {
    let found = centres(plot([point(10, 5), point(10, 20)]))
    #expect(found.count == 2 && found[0].x == found[1].x && found[0].y > found[1].y)
  }

  @Test func axesHoldBandsToo() {
    let svg = plot([point(10, 20, band: 0.5...2000)])
    #expect(svg.contains(">0.1</text>") && svg.contains(">10000</text>") && !svg.contains(">100000</text>"))
    #expect(svg.contains("stroke-opacity=\".6\""))
    #expect(!plot([point(10, 20)]).contains("stroke-opacity=\".6\""))
  }

  @Test func namesAreEscapedAndBothSchemesAreReadable() {
    let svg = plot([point(1, 2, label: "a<b & \"c\"")], series: ["x<y"])
    #expect(svg.contains("a&lt;b &amp; &quot;c&quot;") && svg.contains(">x&lt;y</text>"))
    #expect(svg.contains("prefers-color-scheme:dark"))
  }

  /// What has no place on a logarithmic axis isn't drawn, and doesn't end the drawing.
  @Test(arguments: [0, -1, .infinity, .nan]) func numbersWithoutALogarithm(value: Double) {
    #expect(centres(plot([point(value, 3), point(2, 3)])).count == 1)
    #expect(centres(plot([point(2, value), point(2, 3)])).count == 1)
    #expect(centres(plot([])).isEmpty)
  }

  @Test func logarithms() {
    for (value, expected) in [
      (1.0, 0.0), (2, 0.30102999566), (1000, 3), (0.04, -1.39794000867), (57_625, 4.76061093694),
    ] {
      #expect(abs(Decade.logarithm(value) - expected) < 1e-8, "\(value)")
    }
    #expect([0.01, 0.099, 0.1, 1, 9.99, 10].map(Decade.floor) == [-2, -2, -1, 0, 0, 1])
    #expect([-2, 0, 3].map(Decade.label) == ["0.01", "1", "1000"])
  }
}

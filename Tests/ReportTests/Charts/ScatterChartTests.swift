import Testing

@testable import Report

@Suite struct ScatterChartTests {
  private func chart(_ points: [ScatterChart.Point], lines: [ScatterChart.Line] = []) -> String {
    ScatterChart(
      title: "t", x: ("x", .logarithmic(points.map(\.x))), y: ("y", .linear(points.map(\.y))), lines: lines,
      points: points
    ).svg.text
  }

  private func point(_ x: Double, _ y: Double, name: String = "", label: String = "p") -> ScatterChart.Point {
    ScatterChart.Point(x: x, y: y, paint: "s-0", name: name, label: label)
  }

  private func circles(_ svg: String) -> [(x: Double, y: Double)] {
    svg.matches(of: /<circle class="[\w-]+" cx="([\d.]+)" cy="([\d.]+)"/).compactMap {
      guard let x = Double($0.output.1), let y = Double($0.output.2) else { return nil }
      return (x, y)
    }
  }

  @Test func pointsLieWhereTheirTicksAre() throws {
    let svg = chart([point(1, 0), point(10, 50), point(100, 100)])
    let found = circles(svg)
    let columns = svg.matches(of: /<line class="grid" x1="([\d.]+)" y1="[\d.]+" x2="([\d.]+)"/).filter {
      $0.output.1 == $0.output.2
    }
    .compactMap { Double($0.output.1) }
    try #require(found.count == 3 && columns.count == 7)
    #expect([columns[0], columns[3], columns[6]] == found.map(\.x))
    #expect(found[0].y > found[1].y && abs(found[0].y - found[1].y - (found[1].y - found[2].y)) < 0.02)
  }

  @Test(arguments: [Double.nan, .infinity, 0, -1]) func pointsWithoutAPlaceAreLeftOut(value: Double) {
    #expect(circles(chart([point(value, 3), point(2, 3)])).count == 1)
    #expect(circles(chart([])).isEmpty)
    #expect(circles(chart([point(3, 4)])).count == 1)
  }

  @Test func namesAreEscapedAndCoverNoOther() {
    let svg = chart([point(10, 5, name: "a<b"), point(10, 5, name: "c\"d", label: "<&>")])
    #expect(
      svg.contains(">a&lt;b</text>") && svg.contains(">c&quot;d</text>") && svg.contains("<title>&lt;&amp;&gt;</title>")
    )
    let places = svg.matches(of: /<text class="name" x="([\d.]+)" y="([\d.]+)"/).map { "\($0.output.1) \($0.output.2)" }
    #expect(places.count == 2 && Set(places).count == 2)
  }

  /// Where there is no room left, a name is left out.
  @Test func manyNamesOnOnePlace() {
    let svg = chart((0..<200).map { point(10, 5, name: "number \($0)") })
    let names = svg.matches(of: /class="name"/).count
    #expect((2..<60).contains(names))
  }

  @Test func theFrontIsWhatNoOtherBeats() {
    func front(_ points: [(Double, Double)]) -> [Int] { FrontChart.front(points.map { (cost: $0.0, gain: $0.1) }) }
    #expect(front([(1, 1), (2, 2), (3, 1.5), (2, 1), (4, 4)]) == [0, 1, 4])
    #expect(front([(2, 5), (1, 5), (1, 4)]) == [1])
    #expect(front([(1, 5), (1, 5)]) == [0])
    #expect(front([]).isEmpty && front([(3, 3)]) == [0])
    #expect(front([(.nan, 9), (1, .nan), (2, .infinity), (3, 1)]) == [3])
  }
}

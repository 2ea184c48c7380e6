import Testing

@testable import Report

@Suite struct StackBarTests {
  private struct Rectangle {
    var (x, width): (Double, Double)
    var paint: String
  }

  private func bar(_ amounts: [Int], whole: Int) -> String {
    StackBar(
      segments: amounts.enumerated().map {
        .init(paint: "p\($0.offset)", amount: $0.element, label: "part \($0.offset)")
      },
      whole: whole, description: "bar"
    ).svg.text
  }

  private func rectangles(_ svg: String) -> [Rectangle] {
    svg.matches(of: /<rect class="(\w+)" x="([\d.]+)" width="([\d.]+)"/).compactMap {
      guard let x = Double($0.output.2), let width = Double($0.output.3) else { return nil }
      return Rectangle(x: x, width: width, paint: String($0.output.1))
    }
  }

  /// Segments follow each other without gaps, and the last one ends at the share of the whole.
  @Test(arguments: [
    ([1, 2, 3], 6), ([1, 1, 1], 3), ([7, 0, 13, 5], 50), ([1_000_000_007, 3, 999], 2_000_000_000),
    (Array(repeating: 1, count: 997), 997), ([Int.max / 4, Int.max / 4], Int.max),
  ])
  func widthsAddUp(amounts: [Int], whole: Int) throws {
    let found = rectangles(bar(amounts, whole: whole))
    #expect(found.count == amounts.filter { $0 > 0 }.count)
    var end = 0.0
    for rectangle in found {
      #expect(abs(rectangle.x - end) < 0.006)
      end = rectangle.x + rectangle.width
    }
    let share = Double(amounts.reduce(0, +)) / Double(whole) * StackBar.width
    #expect(abs(end - share) < 0.02)
  }

  @Test func ofNothingThereIsNothing() {
    #expect(rectangles(bar([], whole: 5)).isEmpty)
    #expect(rectangles(bar([0, 0], whole: 5)).isEmpty)
    #expect(rectangles(bar([3], whole: 0)).isEmpty)
  }

  @Test func labelsAreEscaped() {
    let svg = StackBar(
      segments: [.init(paint: "p", amount: 1, label: "<a & b>")], whole: 1, description: "\"quoted\""
    ).svg.text
    #expect(svg.contains("<title>&lt;a &amp; b&gt;</title>") && svg.contains("aria-label=\"&quot;quoted&quot;\""))
  }
}

@Suite struct StepPathTests {
  @Test func outlines() {
    #expect(StepPath.area([3, 3, 1, 0, 4], height: 10) == "M0 10v-3h2v2h1v1h1v-4h1V10z")
    #expect(StepPath.area([0, 0, 5], height: 10) == "M0 10h2v-5h1V10z")
    #expect(StepPath.area([10], height: 10) == "M0 10v-10h1V10z")
  }

  @Test func ofNothingThereIsNothing() {
    #expect(StepPath.area([], height: 10).isEmpty && StepPath.area([0, 0], height: 10).isEmpty)
  }
}

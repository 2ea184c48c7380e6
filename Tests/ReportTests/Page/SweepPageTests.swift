import Analysis
import Exploration
import Schedule
import Testing

@testable import Report

@Suite struct SweepPageTests {
  private static let model = ModelReference(name: "deit", image: 64, batch: 1)

  private static func point(
    _ fps: Double, _ dsps: Double, model: ModelReference = model, setting: String = "1"
  ) -> SweepPoint {
    SweepPoint(
      settings: [setting], model: model,
      outcome: .done(DesignFigures { $0 == .framesPerSecond ? fps : $0 == .dsps ? dsps : nil }))
  }

  private static func html(_ points: [SweepPoint], objectives: [SweepObjective] = SweepObjective.usual) -> String {
    let result = SweepResult(name: "shapes", paths: ["engines.array.rows"], points: points, objectives: objectives)
    return SweepPage(result, reproduction: .init(version: "1.2.3", command: ["vitsim", "sweep", "a b.yaml"])).html
  }

  private func circles(_ html: String, _ paint: String) -> Int {
    html.matches(of: /<circle class="([\w-]+)"/).count { $0.output.1 == paint }
  }

  @Test func theFrontIsThatOfTheResult() {
    let html = Self.html([Self.point(10, 100), Self.point(20, 200), Self.point(5, 150), Self.point(20, 300)])
    #expect(circles(html, "s-0") == 2 && circles(html, "other") == 2)
    #expect(html.contains("<title>shapes</title>") && html.contains("4 points, 0 failed"))
    #expect(html.contains("class=\"line soft dashed\"") && html.contains("engines.array.rows=1</title>"))
    #expect(html.contains("vitsim sweep &#39;a b.yaml&#39;</pre>"))
  }

  @Test func modelsHaveFrontsOfTheirOwn() {
    let other = ModelReference(name: "<vit>", image: 32, batch: 2)
    let html = Self.html([Self.point(10, 100), Self.point(1, 100, model: other)])
    #expect(html.contains("<h3>deit, image 64</h3>") && html.contains("<h3>&lt;vit&gt;, image 32</h3>"))
    #expect(html.matches(of: /<svg class="plot"/).count == 2)
  }

  /// A hundred thousand points are a page of bounded size, and no point of the front is lost.
  @Test func manyPoints() {
    let points = (0..<100_000).map { Self.point(Double($0 % 313), Double(1 + $0 / 313)) }
    let html = Self.html(points)
    #expect(html.utf8.count < 6_000_000)
    let result = SweepResult(name: "", paths: ["a"], points: points, objectives: SweepObjective.usual)
    #expect(circles(html, "s-0") == result.front.count)
    #expect(html.contains("The first 2,000"))
  }

  @Test func failuresAreListedOnce() {
    let failed = SweepPoint(settings: [nil], model: Self.model, outcome: .failed(SweepFailure(.invalid, "rows is <0>")))
    let html = Self.html([Self.point(1, 1), failed, failed])
    #expect(html.contains("<tr><td class=\"n\">2</td><td class=\"n\">2</td><td>rows is &lt;0&gt;</td></tr>"))
    #expect(html.contains("3 points, 2 failed"))
    let alone = Self.html([failed])
    #expect(!alone.contains("id=\"front\"") && alone.contains("id=\"points\""))
    #expect(Self.html([]).contains("0 points"))
  }

  /// With one objective there is no plane, with three no line.
  @Test func otherObjectives() {
    let points = [Self.point(10, 100), Self.point(20, 200)]
    #expect(!Self.html(points, objectives: [SweepObjective(.framesPerSecond)]).contains("class=\"plot\""))
    let turned = Self.html(points, objectives: [SweepObjective(.dsps), SweepObjective(.framesPerSecond)])
    #expect(turned.contains("class=\"plot\"") && !turned.contains("class=\"line"))
  }
}

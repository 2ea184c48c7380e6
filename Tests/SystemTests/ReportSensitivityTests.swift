import Exploration
import Foundation
import Hardware
import HardwareYAML
import Model
import Report
import Testing

/// What a report says of knobs.
@Suite struct ReportSensitivityTests {
  /// Every knob has a row, the largest gain first, with the figures of the run that it was moved in.
  @Test func everyKnobHasARow() throws {
    let file = CLIProgram.package.appendingPathComponent("configs/accelerators/edge-16x16.yaml")
    let accelerator = try Accelerator.parse(yaml: try String(contentsOf: file, encoding: .utf8), file: file.path)
    let graph = try Zoo.graph(
      VisionTransformer("speck", width: 48, depth: 1, heads: 3, patch: 4, classes: 10), image: 24)
    let evaluation = try Evaluation(graph, on: accelerator)
    let (schedule, run) = (evaluation.schedule, evaluation.run)
    let explanation = Explanation(schedule: schedule, run: run, graph: graph)
    let report = SummaryReport(evaluation.summary, engine: .event, configuration: "")
    let design = ReportPage.Design(name: "a", schedule: schedule, run: run, report: report, explanation: explanation)
    let html = ReportPage([design], reproduction: .init(version: "1", command: [])).html
    let section = try #require(html.firstMatch(of: /(?s)<section id="sensitivity">(.*?)<\/section>/)).output.1
    let rows = section.matches(
      of: /(?s)<tr><td>(.*?)<\/td><td class="n">(.*?)<\/td><td class="n">(.*?)<\/td>(.*?)<\/tr>/)
    let results = try #require(explanation.sensitivity).results
    #expect(rows.count == results.count && results.count > 10)
    for (row, result) in zip(rows, results) {
      let knob = result.knob
      #expect([row.output.1, row.output.2, row.output.3].map(String.init) == [knob.key, knob.from, knob.to])
      switch result.outcome {
      case .ran(let effect):
        #expect(row.output.4.contains("data-v=\"\(effect.speedup)\""), "\(knob.key)")
        #expect(row.output.4.contains("data-v=\"\(effect.framesPerSecond)\""), "\(knob.key)")
      case .failed: #expect(row.output.4.contains("can&#39;t be: "), "\(knob.key)")
      }
    }
  }
}

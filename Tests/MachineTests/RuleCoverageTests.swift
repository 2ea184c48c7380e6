import Foundation
import Testing

/// docs/timing.md and the probes keep step: every rule has a probe that bears its number, and no probe a number of its own.
@Suite struct RuleCoverageTests {
  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  @Test func everyRuleHasAProbe() throws {
    let document = try String(
      contentsOf: Self.tests.appendingPathComponent("../../docs/timing.md"), encoding: .utf8)
    let rules = Set(document.matches(of: /\| \*\*([GABMDRV]\d+a?)\*\*/).map { $0.output.1.lowercased() })
    #expect(rules.count > 30)

    var probed: Set<String> = []
    for file in try FileManager.default.contentsOfDirectory(atPath: Self.tests.path) where file.hasPrefix("Rule") {
      let source = try String(contentsOf: Self.tests.appendingPathComponent(file), encoding: .utf8)
      for match in source.matches(of: /func ((?:[gabmdrv]\d+a?)+)[A-Z]/) {
        for rule in match.output.1.matches(of: /[gabmdrv]\d+a?/) { probed.insert(String(rule.output)) }
      }
    }
    #expect(rules.subtracting(probed).sorted() == [])
    #expect(probed.subtracting(rules).sorted() == [])
  }
}

import Foundation
import Testing

/// docs/timing.md and the probes keep step: every rule has a probe that bears its number, and the list of probes in the
/// document is that of the sources.
@Suite struct RuleCoverageTests {
  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  @Test func everyRuleHasItsProbes() throws {
    let document = try String(
      contentsOf: Self.tests.appendingPathComponent("../../docs/timing.md"), encoding: .utf8)
    let rules = Set(document.matches(of: /\| \*\*([GABMDRV]\d+a?)\*\*/).map { $0.output.1.lowercased() })
    #expect(rules.count > 30)

    var probes: [String: Set<String>] = [:]
    for file in try FileManager.default.contentsOfDirectory(atPath: Self.tests.path) where file.hasPrefix("Rule") {
      let source = try String(contentsOf: Self.tests.appendingPathComponent(file), encoding: .utf8)
      for match in source.matches(of: /func (((?:[gabmdrv]\d+a?)+)[A-Z]\w*)\(/) {
        for rule in match.output.2.matches(of: /[gabmdrv]\d+a?/) {
          probes[String(rule.output), default: []].insert(String(match.output.1))
        }
      }
    }
    #expect(rules.subtracting(probes.keys).sorted() == [])
    #expect(Set(probes.keys).subtracting(rules).sorted() == [])

    for rule in rules {
      let row = try #require(
        document.split(separator: "\n").first { $0.lowercased().hasPrefix("| \(rule) | `") },
        "no row of probes for \(rule)")
      let listed = Set(row.matches(of: /`(\w+)`/).map { String($0.output.1) })
      #expect(listed == probes[rule], "docs/timing.md, probes of \(rule)")
    }
  }
}

import Foundation
import Machine
import Testing

@testable import Analysis
@testable import Report

@Suite struct SummaryReportTests {
  @Test func textHasATableAHeadlineAndEveryUnit() throws {
    let report = try Fixture.report()
    let text = report.text()
    let lines = text.split(separator: "\n")
    #expect(lines.first == "two-layers, image 32, batch 2 on tiny: 100 MHz, 16 MAC/cycle")
    for start in [
      "layer ", "first ", "second ", "total ", "unit ", "array ", "vector ", "dma.all ", "DRAM ", "resource ",
    ] {
      #expect(lines.filter { $0.hasPrefix(start) }.count == 1, "a line that starts with \(start)")
    }
    #expect(text.contains("\(report.summary.total.cycles) cycles = "))
    #expect(!text.contains("\u{1B}"))
    #expect(!lines.contains { $0.hasSuffix(" ") })
  }

  @Test func colourIsAllThatColourAdds() throws {
    let report = try Fixture.report()
    let coloured = report.text(colour: true)
    #expect(coloured.contains("\u{1B}[32mbusy"))
    #expect(coloured.replacing(#/\u{1B}\[[0-9]+m/#, with: "") == report.text())
  }

  @Test func jsonHoldsTheCountersExactly() throws {
    let report = try Fixture.report()
    let object = try JSONSerialization.jsonObject(with: Data(report.json.utf8))
    let root = try #require(object as? [String: Any])
    #expect(root["configuration"] as? String == "model: two-layers\n")
    let total = try #require(root["total"] as? [String: Any])
    #expect(total["cycles"] as? Int == report.summary.total.cycles)
    #expect(total["fps"] as? Double == report.summary.framesPerSecond)
    let stack = try #require(total["stack"] as? [String: Int])
    #expect(stack.count == Part.allCases.count)
    #expect(stack.values.reduce(0, +) == report.summary.total.cycles)
    let layers = try #require(root["layers"] as? [[String: Any]])
    #expect(layers.compactMap { $0["cycles"] as? Int }.reduce(0, +) == report.summary.total.cycles)
    #expect(layers.compactMap { $0["name"] as? String } == ["first", "second"])
    let read = try #require(total["buffer_read_bytes"] as? [String: Int])
    #expect(
      read == Dictionary(uniqueKeysWithValues: zip(["act", "wgt", "acc"], report.summary.total.traffic.bufferRead)))
    #expect(((root["resources"] as? [String: [String: Any]])?["dsp"])?["used"] as? Int == 8)
  }

  @Test func csvColumnsAddUpToTheTotal() throws {
    let report = try Fixture.report()
    let records = report.csv.split(separator: "\r\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(records.count == 4)
    #expect(Set(records.map(\.count)).count == 1)
    let counters = records[0].indices.filter { column in
      column > 0 && records.dropFirst().allSatisfy { Int($0[column]) != nil }
    }
    #expect(counters.count >= 1 + Part.allCases.count + 1 + 2 + 6)
    for column in counters {
      let values = records.dropFirst().compactMap { Int($0[column]) }
      #expect(values.dropLast().reduce(0, +) == values.last, "column \(records[0][column])")
    }
  }
}

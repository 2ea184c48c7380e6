import Foundation
import Testing

/// `vitsim validate` as a user runs it, against results of hardware and tools that aren't ours.
@Suite struct CLIValidateTests {
  private static let fixtures = "Tests/SystemTests/Fixtures/reference/"

  private func summary(_ result: CLIProgram.Result) -> String {
    result.output.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
  }

  /// Every row that can be compared, to the cycle and to the integer.
  @Test(arguments: [
    ("scalesim", "scale-sim: 265 rows compared, 265 exact", 0), ("st_ws_array", "st-ws: 49 rows compared, 49 exact", 0),
    ("st_os_array", "st-os: 115 rows compared, 115 exact", 0),
    ("axis_sa_stream_os", "axis-sa: 251 rows compared, 251 exact", 140),
    ("ita_core", "ita-core: 142 rows compared, 142 exact", 157),
    ("ita_core_scaling", "ita-core-scaling: 16 rows compared, 16 exact", 0),
    ("ita_core_stall_patterns", "ita-core-stalls: 38 rows compared, 38 exact", 0),
    ("ita_core_segments", "ita-core-segments: 287 rows compared, 287 exact", 0),
    ("golden_int_nonlinear", "integer-functions: 62 rows compared, 62 exact", 55),
    ("ita_softmax_golden", "ita-softmax: 12 rows compared, 12 exact", 0),
    ("ita_gelu_golden", "ita-gelu: 256 rows compared, 256 exact", 0),
  ])
  func everyRowIsExact(table: String, expected: String, leftOut: Int) throws {
    let result = try CLIProgram.run(["validate", "--reference", Self.fixtures + table + ".csv"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(summary(result).hasPrefix(expected), "\(summary(result))")
    #expect(summary(result).hasSuffix("\(leftOut) left out: passed"), "\(summary(result))")
    #expect(leftOut == 0 || result.output.contains("\nleft out: "))
  }

  /// One figure that is off by one is found, wherever it stands.
  @Test(arguments: [
    ("scalesim", ",1547,39.197843,", ",1548,39.197843,"),
    ("st_ws_array", "WS,1,1,8,2,1,3,10,7,14,14", "WS,1,1,8,2,1,3,10,7,14,15"),
    ("ita_core_stall_patterns", ",2,1,0,0,0,0,586,64,", ",2,1,0,0,0,0,587,64,"),
    ("axis_sa_stream_os", "", ""),
  ])
  func oneCycleOffIsFound(table: String, right: String, wrong: String) throws {
    let scratch = try Scratch()
    var text = try String(
      contentsOf: CLIProgram.package.appendingPathComponent(Self.fixtures + table + ".csv"), encoding: .utf8)
    if right.isEmpty {
      // The last row's total.
      let lines = text.split(whereSeparator: \.isNewline)
      let header = lines[0].split(separator: ",").map(String.init)
      let column = try #require(header.firstIndex(of: "total_cycles"))
      let last = try #require(
        lines.last { $0.hasSuffix(",0,1") && $0.contains(",1.0,1.0,") })
      var cells = last.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      cells[column] = String(try #require(Int(cells[column])) + 1)
      text = text.replacing(last, with: cells.joined(separator: ","), maxReplacements: 1)
    } else {
      #expect(text.contains(right))
      text = text.replacing(right, with: wrong, maxReplacements: 1)
    }
    let result = try CLIProgram.run(["validate", "--reference", try scratch.write(text, to: "wrong.csv")])
    #expect(result.status == 1)
    #expect(summary(result).contains(" 1 beyond the target (exact)"), "\(summary(result))")
    #expect(summary(result).hasSuffix(": MISSED"))
  }

  @Test func aTableThatHasNothingToCompareDoesNotPass() throws {
    let scratch = try Scratch()
    let text = try String(
      contentsOf: CLIProgram.package.appendingPathComponent(Self.fixtures + "scalesim.csv"), encoding: .utf8)
    let path = try scratch.write(text.replacing(",CALC", with: ",USER"), to: "user.csv")
    let result = try CLIProgram.run(["validate", "--reference", path])
    #expect(result.status == 2)
    #expect(result.output.contains("left out: 265 rows, the first in line 2: bandwidth_mode is 'USER', not 'CALC'"))
    #expect(result.errors.contains("no row can be compared"))
  }

  @Test func forPrograms() throws {
    let table = Self.fixtures + "ita_core_scaling.csv"
    let json = try CLIProgram.run(["validate", "--reference", table, "--format", "json"])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(object["format"] as? String == "vitsim-validation" && object["version"] as? Int == 1)
    #expect(object["compared"] as? Int == 16 && object["passed"] as? Bool == true)
    #expect((object["rows"] as? [[String: Any]])?.count == 16)
    let csv = try CLIProgram.run(["validate", "--reference", table, "--format", "csv", "--threads", "1"])
    let lines = csv.output.split(whereSeparator: \.isNewline)
    #expect(lines.first == "line,case,quantity,expected,got,relative_difference,left_out")
    #expect(lines.count == 1 + 16 * 4)
  }

  @Test func theKindsAreListed() throws {
    let result = try CLIProgram.run(["validate", "--list"])
    #expect(
      result.status == 0 && result.output.contains("ita-core-stalls: ") && result.output.contains("target: exact"))
    #expect(try CLIProgram.run(["validate"]).status == 2)
    let unknown = try CLIProgram.run(["validate", "--reference", "examples/README.md"])
    #expect(unknown.status == 2)
  }
}

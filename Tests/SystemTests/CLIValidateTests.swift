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
    ("ita_hwpe", "ita-hwpe: 8 rows compared, 8 exact", 31),
    ("ita_hwpe_jobs", "ita-hwpe-jobs: 159 rows compared, 159 exact", 0),
    ("gemmini_exec", "gemmini-exec: 83 rows compared, 83 exact", 0),
    ("golden_int_nonlinear", "integer-functions: 62 rows compared, 62 exact", 55),
    ("ita_softmax_golden", "ita-softmax: 12 rows compared, 12 exact", 0),
    ("ita_gelu_golden", "ita-gelu: 256 rows compared, 256 exact", 0),
    ("gemmini_dma", "gemmini-dma: 113 rows compared, 113 exact", 0),
    // Whole products are near: deviation D18.
    ("gemmini_gemm", "gemmini-gemm: 72 rows compared, 60 exact", 0),
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
    ("st_os_array", "OS,1,1,2,0,1,5,5,5,5,", "OS,1,1,2,0,1,5,5,5,6,"),
    ("ita_core_scaling", ",1,2,1,1,268,", ",1,2,1,1,269,"),
    ("ita_core_segments", ",identity,1,5,320,575,", ",identity,1,5,321,575,"),
    ("ita_hwpe", ",18,10,18,2968,5288,", ",18,10,18,2968,5289,"),
    ("ita_hwpe_jobs", "128,64,64,64,1,12,5,22,3081,3648,3912", "128,64,64,64,1,12,5,22,3081,3648,3913"),
    ("gemmini_exec", "OS,8,16,16,16,0,0,1,0,0,31,575,", "OS,8,16,16,16,0,0,1,0,0,31,576,"),
    ("ita_core", ",1.00,1.00,1.00,1,268,", ",1.00,1.00,1.00,1,269,"),
    ("golden_int_nonlinear", "f64,1,0.02,32,2880", "f64,1,0.02,32,2881"),
    ("ita_softmax_golden", "64,4,127 122 118", "64,4,127 123 118"),
    ("ita_gelu_golden", "127,-1801114,-127,", "127,-1801114,-126,"), ("axis_sa_stream_os", "", ""),
    ("gemmini_dma", "mvin,1,16,48,256,0,0,50,147,", "mvin,1,16,48,256,0,0,50,148,"),
    // Beyond its 3 %.
    ("gemmini_gemm", "115,118,17,17,1,1,24,", "115,118,18,17,1,1,24,"),
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
      let changed = text.replacing(right, with: wrong, maxReplacements: 1)
      #expect(changed != text)
      text = changed
    }
    let result = try CLIProgram.run(["validate", "--reference", try scratch.write(text, to: "wrong.csv")])
    #expect(result.status == 1)
    #expect(summary(result).contains(" 1 beyond the target ("), "\(summary(result))")
    #expect(summary(result).hasSuffix(": MISSED"))
  }

  /// Of several numbers the text shows the first that differs, with its place, however long the row is.
  @Test func theTextShowsWhereNumbersDiffer() throws {
    let scratch = try Scratch()
    let x = [Int](repeating: -128, count: 63) + [127]
    func table(_ y: [Int]) -> String {
      "S,row,x,y\n64,1,\(x.map(String.init).joined(separator: " ")),\(y.map(String.init).joined(separator: " "))\n"
    }
    let right = [Int](repeating: 0, count: 63) + [255]
    let same = try CLIProgram.run(["validate", "--reference", try scratch.write(table(right), to: "right.csv")])
    #expect(same.status == 0 && same.output.contains("64 numbers  64 numbers"), "\(same.output)")
    let wrong = table(right.dropLast() + [254])
    let result = try CLIProgram.run(["validate", "--reference", try scratch.write(wrong, to: "wrong.csv")])
    #expect(result.status == 1 && result.output.contains("[63] 254  [63] 255  0.394%"), "\(result.output)")
  }

  @Test func aDifferenceWithoutAValueIsAnEmptyCell() throws {
    let scratch = try Scratch()
    let table = "x,gelu_int32,y_int8,q_b,q_c,q_1,mul,shift,add\n127,-1801114,0,-80,-7091,-7091,74,20,0\n"
    let path = try scratch.write(table, to: "table.csv")
    let result = try CLIProgram.run(["validate", "--reference", path, "--format", "csv"])
    #expect(result.status == 1)
    #expect(result.output.hasSuffix(",y_int8,0,-127,,,0.0\r\n"), "\(result.output)")
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
    #expect(lines.first == "line,case,quantity,expected,got,relative_difference,left_out,each_percent")
    #expect(lines.count == 1 + 16 * 4)
  }

  @Test func theKindsAreListed() throws {
    let result = try CLIProgram.run(["validate", "--list"])
    #expect(
      result.status == 0 && result.output.contains("ita-core-stalls: ") && result.output.contains("target: exact"))
    #expect(try CLIProgram.run(["validate", "--list", "--format", "json"]).status == 2)
    #expect(try CLIProgram.run(["validate", "--list", "--reference", "README.md"]).status == 2)
    let unknown = try CLIProgram.run(["validate", "--reference", "examples/README.md"])
    #expect(unknown.status == 2)
  }
}

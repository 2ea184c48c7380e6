import Hardware
import Machine
import Testing

@testable import Analysis

@Suite struct ScaleSimTests {
  static let header = ScaleSimRow.columns.joined(separator: ",") + "\n"

  /// M = 5, N = 7, K = 11 on 4×3; what the tool reports is one less than the sum of its folds.
  @Test(arguments: [
    // ⌈11/4⌉·⌈7/3⌉ folds of: load 4 + rows 5 + skew (4 + 3 − 2)
    (Dataflow.weightStationary, 3 * 3 * (4 + 5 + 5)),
    // ⌈11/4⌉·⌈5/3⌉ folds of: load 4 + columns 7 + skew 5
    (.inputStationary, 3 * 2 * (4 + 7 + 5)),
    // ⌈5/4⌉·⌈7/3⌉ folds of: K 11 + skew 5
    (.outputStationary, 2 * 3 * (11 + 5)),
  ])
  func foldsNeverOverlap(dataflow: Dataflow, total: Int) throws {
    let accelerator = ScaleSim.accelerator(rows: 4, columns: 3, dataflow: dataflow)
    #expect(try Simulator.run(ScaleSim.schedule(m: 5, k: 11, n: 7, on: accelerator)).cycles == total)
  }

  @Test func aRightRowPassesAndOneDigitOffFails() throws {
    // os, 5×11 times 11×7 on 4×3: 96 cycles; 100·385 / (95·12) = 33.771930 (33.7719298…)
    let rows = ["95,33.77193", "95,33.771931", "96,33.77193", "95,33.771929"].map { "a,b,5,7,11,4,3,os,\($0),0,CALC\n" }
    let result = try ScaleSimValidation(ScaleSimRow.parse(Self.header + rows.joined(), file: "t.csv"))
    #expect(result.compared == 4)
    #expect(result.mismatches.map(\.row.mark.line) == [3, 4, 5])
    #expect(result.mismatches.map(\.cyclesDiffer) == [false, true, false])
    #expect(result.mismatches.map(\.utilisationDiffers) == [true, false, true])
  }

  @Test func rowsWithOtherModesAreLeftOut() throws {
    let text = Self.header + "a,b,5,7,11,4,3,os,1,2,3,CALC\na,b,5,7,11,4,3,os,1,2,0,USER\n"
    let result = try ScaleSimValidation(ScaleSimRow.parse(text, file: "t.csv"))
    #expect(result.compared == 0)
    #expect(
      result.leftOut.map(\.reason) == ["stall_cycles is not 0", "bandwidth_mode is 'USER', not 'CALC'"])
  }

  @Test func columnsInAnyOrderAmongOthers() throws {
    let text =
      "extra,K,N,M,dataflow,\"array_cols\",array_rows,utilisation,cycles,bandwidth_mode,stall_cycles,layer,model\r\n"
      + "\"x,y\",11,7,5,is,3,4,33.5,95,CALC,0,\"a \"\"b\"\"\",vit\r\n"
    let rows = try ScaleSimRow.parse(text, file: "t.csv")
    #expect(rows.count == 1)
    #expect(rows.first.map { [$0.m, $0.n, $0.k, $0.arrayRows, $0.arrayColumns, $0.cycles] } == [5, 7, 11, 4, 3, 95])
    #expect(rows.first?.dataflow == .inputStationary)
    #expect(rows.first?.layer == "a \"b\"")
    #expect(rows.first?.mark.line == 2)
  }

  @Test func everyBadCellIsNamedWithItsPlace() throws {
    let text = Self.header + "a,b,0,7,-1,4,3,os,95,33,0,CALC\na,b,5,x,11,4,99999999,rs,95.5,nan,0,CALC\n"
    let error = try #require(throws: DiagnosticError.self) { try ScaleSimRow.parse(text, file: "t.csv") }
    #expect(
      error.diagnostics.map { "\($0.mark.line):\($0.mark.column)" } == [
        "2:5", "2:9", "3:7", "3:14", "3:23", "3:26", "3:31",
      ])
    #expect(
      error.diagnostics.first?.description.hasPrefix("t.csv:2:5: error: column 'M': '0'; expected a whole") == true)
  }

  @Test(arguments: [
    ("", "the table is empty"), (header, "the table has no rows"),
    (header + "a,b\n", "2 cells in a table of 12 columns"),
    ("\(header.replacing("model,layer,", with: ""))5\n", "1 cells in a table of 10 columns"),
    (
      "design,layer,M,N,K,array_rows,array_cols,dataflow,cycles,utilisation,stalls,bandwidth_mode\n",
      "no column 'model', 'stall_cycles'"
    ), ("\"abc", "the quote that opens this cell is never closed"),
    (header.dropLast() + ",M\n1\n", "1 cells in a table of 13 columns"),
    (header.dropLast() + ",M\na,b,5,7,11,4,3,os,95,33.7,0,CALC,5\n", "column 'M' stands twice"),
  ])
  func tablesThatAreNone(text: String, message: String) throws {
    let error = try #require(throws: DiagnosticError.self) { try ScaleSimRow.parse(String(text), file: "t.csv") }
    #expect(error.diagnostics.first?.message == message)
  }

  @Test func aMisspeltColumnIsSuggested() throws {
    let text = Self.header.replacing("utilisation", with: "utilization") + "a,b,5,7,11,4,3,os,95,33.7,0,CALC\n"
    let error = try #require(throws: DiagnosticError.self) { try ScaleSimRow.parse(text, file: "t.csv") }
    #expect(error.diagnostics.map(\.suggestion) == ["utilization"])
  }
}

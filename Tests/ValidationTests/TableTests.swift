import Hardware
import Testing

@testable import Validation

/// Reading tables: columns in any order, every mistake with its place, rows that can't be compared.
@Suite struct TableTests {
  private static let header = ScaleSimRow.kind.columns.joined(separator: ",") + "\n"
  /// No row of these tests gets as far as an accelerator.
  private static let bench = Bench { path, _ in
    throw DiagnosticError(Diagnostic(SourceMark(file: path), "isn't needed here"))
  }

  private func error(_ text: String) throws -> DiagnosticError {
    try #require(throws: DiagnosticError.self) {
      try ReferenceValidation(parsing: text, file: "t.csv", on: Self.bench)
    }
  }

  @Test func kindsAreToldApartByTheirColumns() {
    for kind in ReferenceKind.all {
      #expect(ReferenceKind.all.count { Set($0.columns).isSuperset(of: kind.columns) && $0.name == kind.name } == 1)
      #expect(Set(kind.columns).count == kind.columns.count && !kind.summary.isEmpty)
    }
    #expect(Set(ReferenceKind.all.map(\.name)).count == ReferenceKind.all.count)
  }

  @Test func rowsThatCannotBeComparedAreLeftOut() throws {
    let text = Self.header + "a,b,5,7,11,4,3,os,1,2,3,CALC\na,b,5,7,11,4,3,os,1,2,0,USER\n"
    let validation = try ReferenceValidation(parsing: text, file: "t.csv", on: Self.bench)
    #expect(validation.compared == 0 && validation.leftOut == 2 && !validation.passed)
    #expect(
      validation.rows.map(\.outcome) == [
        .leftOut("stall_cycles is not 0: memory made the array wait"), .leftOut("bandwidth_mode is 'USER', not 'CALC'"),
      ])
  }

  @Test func columnsInAnyOrderAmongOthers() throws {
    let text =
      "extra,K,N,M,dataflow,\"array_cols\",array_rows,utilisation,cycles,bandwidth_mode,stall_cycles,layer,model\r\n"
      + "\"x,y\",11,7,5,is,3,4,33.5,95,USER,0,\"a \"\"b\"\"\",vit\r\n"
    let validation = try ReferenceValidation(parsing: text, file: "t.csv", on: Self.bench)
    #expect(
      validation.rows.map(\.label) == ["vit a \"b\", M 5, N 7, K 11, 4x3 input-stationary"]
        && validation.rows.first?.mark.line == 2)
  }

  @Test func everyBadCellIsNamedWithItsPlace() throws {
    let text = Self.header + "a,b,0,7,-1,4,3,os,95,33,0,CALC\na,b,5,x,11,4,99999999,rs,95.5,nan,0,CALC\n"
    let error = try error(text)
    #expect(
      error.diagnostics.map { "\($0.mark.line):\($0.mark.column)" } == [
        "2:5", "2:9", "3:7", "3:14", "3:23", "3:26", "3:31",
      ])
    #expect(
      error.diagnostics.first?.description.hasPrefix("t.csv:2:5: error: column 'M': '0'; expected a whole") == true)
  }

  @Test(arguments: [
    ("", "the table is empty"), (header, "the table has no rows"),
    (header + "a,b\n", "2 cells in a table of 12 columns"), ("\"abc", "the quote that opens this cell is never closed"),
    (header.dropLast() + ",M\na,b,5,7,11,4,3,os,95,33.7,0,CALC,5\n", "column 'M' stands twice"),
    ("red,green\n1,2\n", "the columns are those of no known table"),
    (
      header.replacing("utilisation", with: "utilization") + "a,b,5,7,11,4,3,os,95,33.7,0,CALC\n",
      "the columns are those of no known table; the nearest is scale-sim, without 'utilisation'"
    ),
  ])
  func tablesThatAreNone(text: String, message: String) throws {
    #expect(try error(String(text)).diagnostics.first?.message == message)
  }
}

import Analysis
import Foundation
import Hardware
import HardwareYAML
import Testing

/// `vitsim validate` against SCALE-Sim's own results.
@Suite struct CLIValidateTests {
  static let table = CLIProgram.package.appendingPathComponent("Tests/SystemTests/Fixtures/scalesim.csv")

  @Test func noMismatchInTheWholeTable() throws {
    let result = try CLIProgram.run(["validate", "--reference", Self.table.path])
    #expect(result.output == "265 rows compared, 0 mismatches, 0 left out\n")
    #expect(result.status == 0)
  }

  @Test func aRowThatIsOneCycleOffIsFound() throws {
    let scratch = try Scratch()
    let text = try String(contentsOf: Self.table, encoding: .utf8)
    let wrong = try scratch.write(
      text.replacing(",1547,39.197843,", with: ",1548,39.197843,", maxReplacements: 1), to: "wrong.csv")
    let result = try CLIProgram.run(["validate", "--reference", wrong])
    #expect(result.status == 1)
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.first?.contains("wrong.csv:2:1: deit_small qk_t_per_head") == true)
    #expect(lines.first?.hasSuffix("cycles 1547, expected 1548") == true)
    #expect(lines.last == "265 rows compared, 1 mismatches, 0 left out")
  }

  @Test func aTableThatHasNothingToCompareDoesNotPass() throws {
    let scratch = try Scratch()
    let text = try String(contentsOf: Self.table, encoding: .utf8)
    let path = try scratch.write(text.replacing(",CALC", with: ",USER"), to: "user.csv")
    let result = try CLIProgram.run(["validate", "--reference", path])
    #expect(result.status == 2)
    #expect(result.output.contains("left out: 265 rows"))
    #expect(result.errors.contains("no row can be compared"))
  }

  @Test func theKnobsAreThoseOfTheShippedDescription() throws {
    let path = CLIProgram.package.appendingPathComponent("configs/accelerators/scale-sim.yaml").path
    #expect(try RunConfiguration.load(path: path).accelerator == ScaleSim.accelerator())
  }
}

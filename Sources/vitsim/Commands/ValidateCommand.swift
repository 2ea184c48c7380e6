import Analysis
import ArgumentParser
import Report

struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Compare the machine with another simulator's results, row by row.",
    discussion: """
      The table is CSV with the columns of SCALE-Sim results: \
      \(ScaleSimRow.columns.joined(separator: ", ")). Every row is run in SCALE-Sim mode \
      (docs/scale-sim.md). Exits with 1 if one differs.

      EXAMPLES:
        vitsim validate --reference Tests/SystemTests/Fixtures/scalesim.csv
      """)

  @Option(help: ArgumentHelp("Table of results.", valueName: "file.csv"), completion: .file(extensions: ["csv"]))
  var reference: String

  func run() throws {
    let rows = try ScaleSimRow.parse(try Loading.text(reference), file: reference)
    let progress = ProgressLine()
    let validation = try ScaleSimValidation(rows) { progress.show("row \($0 + 1) of \(rows.count)") }
    progress.clear()
    Console.print(validation.text)
    if validation.compared == 0 { throw CommandFailure(.badInput, "\(reference): no row can be compared") }
    if !validation.mismatches.isEmpty { throw CommandFailure(.checkFailed) }
  }
}

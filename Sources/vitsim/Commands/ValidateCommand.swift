import ArgumentParser
import Foundation
import Hardware
import HardwareYAML
import Report
import Validation

struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Compare the machine with other people's hardware and tools, row by row.",
    discussion: """
      The table is CSV and known by its columns; --list names the kinds, their columns and \
      their targets. Every row is run on an accelerator that a file in 'configs' describes. \
      Exits with 1 if a target is missed.

      EXAMPLES:
        vitsim validate --list
        vitsim validate --reference Tests/SystemTests/Fixtures/reference/ita_core.csv
        vitsim validate --format csv \\
          --reference Tests/SystemTests/Fixtures/reference/st_ws_array.csv
      """)

  @Option(help: ArgumentHelp("Table of results.", valueName: "file.csv"), completion: .file(extensions: ["csv"]))
  var reference: String?

  @Flag(help: "Print the kinds of table that are known.")
  var list = false

  @Option(help: ArgumentHelp("Threads of this machine; 0: all processors.", valueName: "number"))
  var threads = 0

  @Option(help: "text for people, json or csv for programs.")
  var format: ReportOptions.Format = .text

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard 0...1024 ~= threads else { throw ValidationError("--threads takes 0 (all processors) to 1024") }
    guard (reference == nil) == list else { throw ValidationError("give --reference FILE.csv or --list") }
    if list, format != .text { throw ValidationError("--list is text only") }
  }

  func run() throws {
    guard let reference else { return try output.deliver(ReferenceReport.kinds) }
    let text = try Loading.text(reference)
    guard let configs = ConfigsCommand.directory() else {
      throw CommandFailure(.badInput, "there is no directory 'configs', here or above the program")
    }
    let bench = Bench { path, settings in
      try RunConfiguration.load(path: configs + "/" + path, overrides: settings).accelerator
    }
    let progress = ProgressLine()
    defer { progress.clear() }
    let validation = try ReferenceValidation(
      parsing: text, file: reference, on: bench,
      threads: threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
    ) { done, all in progress.show("\(done) of \(all) cases") }
    progress.clear()
    let report = ReferenceReport(validation)
    switch format {
    case .text: try output.deliver(report.text)
    case .json: try output.deliver(report.json)
    case .csv: try output.deliver(report.csv)
    }
    if validation.compared == 0 { throw CommandFailure(.badInput, "\(reference): no row can be compared") }
    if !validation.passed { throw CommandFailure(.checkFailed) }
  }
}

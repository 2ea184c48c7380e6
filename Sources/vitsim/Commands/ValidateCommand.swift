import ArgumentParser
import Foundation
import Hardware
import HardwareYAML
import Report
import Validation

struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Compare the machine with what others published or measured.",
    discussion: """
      Runs every configuration in 'configs' that says what was published of its design, \
      or those that are named, and prints one table. What nobody published is swept: \
      the band is the least and the most over it. --write makes a page and a plot of it.

      With --reference, a table of other people's results is compared row by row. It is \
      CSV and known by its columns; --list names the kinds, their columns and their \
      targets. Exits with 1 if a target is missed.

      EXAMPLES:
        vitsim validate
        vitsim validate --list
        vitsim validate --reference Tests/SystemTests/Fixtures/reference/ita_core.csv
        vitsim validate --format csv \\
          --reference Tests/SystemTests/Fixtures/reference/st_ws_array.csv
      """)

  @Argument(
    help: "Configurations with a section 'published' instead of all in 'configs'.",
    completion: .file(extensions: ["yaml"]))
  var files: [String] = []

  @Option(help: ArgumentHelp("Table of results.", valueName: "file.csv"), completion: .file(extensions: ["csv"]))
  var reference: String?

  @Flag(help: "Print the kinds of table that are known.")
  var list = false

  @Option(
    help: ArgumentHelp("Write validation.md and validation.svg there too.", valueName: "directory"),
    completion: .directory)
  var write: String?

  @Option(help: ArgumentHelp("Threads of this machine; 0: all processors.", valueName: "number"))
  var threads = 0

  @Option(help: "text for people, json or csv for programs.")
  var format: ReportOptions.Format = .text

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard 0...1024 ~= threads else { throw ValidationError("--threads takes 0 (all processors) to 1024") }
    let published = !files.isEmpty || write != nil
    if [reference != nil, list, published].count(where: { $0 }) > 1 {
      throw ValidationError("give configurations or --reference FILE.csv or --list, and --write without the others")
    }
    if list, format != .text { throw ValidationError("--list is text only") }
  }

  func run() throws {
    try File.check(
      outputs: output.files
        + ["validation.md", "validation.svg"].map { file in ("--write", write.map { "\($0)/\(file)" }) },
      inputs: files.map { ("an input", $0) } + [("--reference", reference)])
    if list { return try output.deliver(ReferenceReport.kinds) }
    if let reference { try compareRows(of: reference) } else { try comparePublished() }
  }

  private func compareRows(of reference: String) throws {
    let text = try Loading.text(reference)
    let configs = try ConfigsCommand.requiredDirectory()
    let bench = Bench { path, settings in
      try RunConfiguration.load(path: configs + "/" + path, overrides: settings).accelerator
    }
    let validation = try withProgress("cases") { progress in
      try ReferenceValidation(
        parsing: text, file: reference, on: bench, threads: threadCount, progress: progress)
    }
    let report = ReferenceReport(validation)
    try deliver(text: report.text, json: report.json, csv: report.csv)
    if validation.compared == 0 { throw CommandFailure(.badInput, "\(reference): no row can be compared") }
    if !validation.passed { throw CommandFailure(.checkFailed) }
  }

  private func comparePublished() throws {
    let entries = files.isEmpty ? try PublishedFiles.all() : try PublishedFiles.entries(files)
    let validation = try withProgress("runs") { progress in
      try PublishedValidation(entries, threads: threadCount, progress: progress)
    }
    let report = PublishedReport(validation)
    if let write {
      try File.write(report.page(plot: "validation.svg"), to: write + "/validation.md")
      try File.write(report.svg, to: write + "/validation.svg")
    }
    try deliver(text: report.text, json: report.json, csv: report.csv)
  }

  private var threadCount: Int { threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount }

  private func deliver(text: String, json: String, csv: String) throws {
    switch format {
    case .text: try output.deliver(text)
    case .json: try output.deliver(json)
    case .csv: try output.deliver(csv)
    }
  }

  private func withProgress<Result>(
    _ what: String, _ work: (_ progress: @Sendable (Int, Int) -> Void) throws -> Result
  ) throws -> Result {
    let line = ProgressLine()
    defer { line.clear() }
    return try work { done, all in line.show("\(done) of \(all) \(what)") }
  }
}

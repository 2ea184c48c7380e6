import ArgumentParser
import Hardware
import Machine
import Report

/// Where a text goes.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write to FILE instead of standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  /// What is written.
  var files: [File.Named] { [("-o", output)] }

  /// Writes a finished text to the file, or to standard output without one.
  func deliver(_ text: String) throws(DiagnosticError) {
    if let output { try File.write(text, to: output) } else { Console.print(text) }
  }
}

/// How a result is written and where to.
struct ReportOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, csv }

  @Option(help: "text for people, json or csv for programs.")
  var format: Format = .text

  @OptionGroup var output: OutputOptions

  func deliver(_ report: SummaryReport) throws(DiagnosticError) {
    switch format {
    case .text: try output.deliver(report.text(colour: output.output == nil && Console.hasColour))
    case .json: try output.deliver(report.json)
    case .csv: try output.deliver(report.csv)
    }
  }
}

/// How a result without a table is written.
enum TextOrJSON: String, ExpressibleByArgument, CaseIterable { case text, json }

/// Which engine executes the schedule.
enum EngineChoice: String, ExpressibleByArgument, CaseIterable {
  case event, literal, both

  /// The engine whose run is reported.
  var reported: EngineKind { self == .literal ? .literal : .event }
}

/// `--set` options.
struct SettingOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a value of the YAML, such as engines.array.rows=32.", valueName: "path=value"))
  var settings: [String] = []
}

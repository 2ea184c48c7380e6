import ArgumentParser
import Hardware
import Machine
import Report

struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Record what happens in every cycle, compare such records, look at them.",
    discussion: """
      EXAMPLES:
        vitsim trace record traces/prime-sizes/case.vsched -o trace.txt
        vitsim trace diff traces/prime-sizes/trace.txt trace.txt
        vitsim trace show trace.txt --unit array --from 0 --to 100
      """,
    subcommands: [Record.self, Diff.self, Show.self])

  struct Record: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Record the trace of a configuration or a schedule.",
      discussion: """
        This is the one way to write a golden file anew: tests and 'trace diff' never do.

        EXAMPLES:
          vitsim trace record traces/prime-sizes/case.vsched -o trace.txt
        """)

    @OptionGroup var workload: WorkloadOptions

    @Option(help: "event: skips ahead; literal: every clock; both: checks that they agree.")
    var engine: EngineChoice = .event

    @OptionGroup var output: OutputOptions

    func run() throws {
      try File.check(outputs: output.files, inputs: workload.files)
      let job = try workload.load()
      try output.deliver(try record(job, on: engine).text)
    }
  }

  struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Name the first event in which two traces differ.",
      discussion: """
        Each side is a trace, or a configuration or schedule to be run now. Exits with 1 if they differ.

        EXAMPLES:
          vitsim trace diff traces/prime-sizes/trace.txt traces/prime-sizes/case.vsched
        """)

    @Argument(
      help: ArgumentHelp("What should be: a trace, a schedule or a configuration.", valueName: "golden"),
      completion: .file())
    var left: String

    @Argument(
      help: ArgumentHelp("What is: a trace, a schedule or a configuration.", valueName: "case"),
      completion: .file())
    var right: String

    @Option(help: "Which engine runs what is not a trace yet.")
    var engine: EngineChoice = .event

    @Option(help: "text for people, json for programs.")
    var format: TextOrJSON = .text

    @OptionGroup var output: OutputOptions

    func run() throws {
      try File.check(outputs: output.files, inputs: [("the golden trace", left), ("the case", right)])
      let report = TraceDifferenceReport(try trace(left), try trace(right), names: (left, right))
      try output.deliver(format == .text ? report.text : report.json)
      if !report.isSame { throw CommandFailure(.checkFailed) }
    }

    private func trace(_ path: String) throws -> TraceFile {
      let text = try Loading.text(path)
      if TraceFile.isTrace(text) { return try TraceFile(parsing: text, file: path) }
      return try record(try WorkloadOptions.parse([path]).load(), on: engine)
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the events of a trace as a table.",
      discussion: """
        EXAMPLES:
          vitsim trace show traces/prime-sizes/trace.txt
          vitsim trace show traces/prime-sizes/trace.txt --unit array --to 50
        """)

    @Argument(help: ArgumentHelp("A trace.", valueName: "file"), completion: .file())
    var file: String

    @Option(help: ArgumentHelp("Only this unit's events.", valueName: "name"))
    var unit: String?

    @Option(help: ArgumentHelp("First cycle.", valueName: "cycle"))
    var from = 0

    @Option(help: ArgumentHelp("Last cycle (default: that of the last event).", valueName: "cycle"))
    var to: Int?

    func run() throws {
      let trace = try TraceFile(parsing: try Loading.text(file), file: file)
      let units = Set(trace.events.map(\.unit)).sorted()
      if let unit, !units.contains(unit) {
        throw DiagnosticError(
          Diagnostic(
            SourceMark(file: file), "no unit \(quoted(unit)) in this trace", expected: units.joined(separator: ", "),
            suggestion: didYouMean(unit, among: units)))
      }
      Console.print(trace.table { (unit == nil || $0.unit == unit) && $0.cycle >= from && $0.cycle <= to ?? .max })
    }
  }

  private static func record(_ job: Job, on engine: EngineChoice) throws -> TraceFile {
    let run = try execute(job.schedule, on: engine, options: RunOptions(trace: true))
    return TraceFile(schedule: job.schedule, run: run)
  }
}

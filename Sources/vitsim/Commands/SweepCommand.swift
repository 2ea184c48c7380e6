import ArgumentParser
import CKernels
import Exploration
import Foundation
import Hardware
import HardwareYAML
import Report
import SweepStore

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Evaluate a grid or a list of designs on all cores: figures of each, and the Pareto front.",
    discussion: """
      SWEEP is a file with a base, what varies, and the models: docs/sweep.md. Results \
      are kept in a store as they end; the same command goes on where it was stopped.

      EXAMPLES:
        vitsim sweep examples/sweeps/array-shapes.yaml
        vitsim sweep examples/sweeps/array-shapes.yaml --format csv -o shapes.csv
        vitsim sweep examples/sweeps/array-shapes.yaml --pareto fps,bram36
      """)

  @Argument(help: "The sweep's file (.yaml).", completion: .file(extensions: ["yaml"]))
  var sweep: String

  @Option(
    help: ArgumentHelp(
      "Where results are kept; by default NAME.sqlite in the working directory for NAME.yaml.", valueName: "file"),
    completion: .file(extensions: ["sqlite"]))
  var store: String?

  @Option(
    help: ArgumentHelp(
      "Figures of the Pareto front, such as fps,dsp; FIGURE:max or FIGURE:min turns one round.",
      valueName: "figures"))
  var pareto = "fps,dsp"

  @Option(help: ArgumentHelp("Designs at once; by default one a core.", valueName: "number"))
  var workers: Int?

  @Option(
    help: ArgumentHelp("Write an HTML file with the front and all points too.", valueName: "file.html"),
    completion: .file(extensions: ["html"]))
  var report: String?

  @Flag(help: "Run designs that don't fit their device.")
  var ignoreBudget = false

  @Option(help: "text for people, json or csv for programs.")
  var format: ReportOptions.Format = .text

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let workers, workers < 1 { throw ValidationError("--workers is \(workers): give 1 or more") }
  }

  func run() throws {
    let objectives = try SweepObjective.list(pareto, at: SourceMark(file: "--pareto \(pareto)"))
    let models = SweepModels()
    let description = try SweepDescription(path: sweep)
    try checkFiles(description)
    let sweep = try Sweep(
      description, file: sweep, keepsBudget: !ignoreBudget
    ) { request throws(DiagnosticError) in try models.model(request) }
    Interruption.watch()
    // A twelfth of a design's time would go into pages that are given back and taken anew.
    ck_keep_freed()
    let resolved = try resolve(sweep)
    let store = try SweepStore(path: storePath)
    defer { store.close() }
    let run = try evaluate(resolved, store)
    guard let result = run.result(by: objectives) else {
      throw CommandFailure(
        .interrupted,
        "stopped: \(run.progress.total - run.progress.evaluated) of \(run.progress.total + run.kept) designs are left; the "
          + "same command goes on with what is in \(storePath)")
    }
    Console.error(SweepReport.statistics(of: run) + ", kept in \(storePath)")
    let missing = result.missingObjectives.map(\.rawValue).joined(separator: ", ")
    if !missing.isEmpty { Console.error("--pareto \(pareto): no point has \(missing), so none is on the front") }
    if let report {
      let command = ["vitsim"] + CommandLine.arguments.dropFirst()
      let page = SweepPage(result, reproduction: .init(version: Vitsim.version, command: command))
      try File.write(page.html, to: report)
    }
    let table = SweepReport(result)
    switch format {
    case .text: try output.deliver(table.text)
    case .json: try output.deliver(table.json)
    case .csv: try output.deliver(table.csv)
    }
    if let failure = Self.failure(of: result) { throw failure }
  }

  /// The store is neither an input nor written over: nor is what SQLite keeps beside it.
  private func checkFiles(_ description: SweepDescription) throws {
    var inputs: [File.Named] = [("the sweep's file", sweep)]
    if case .path(let path, _) = description.base {
      inputs.append(("the sweep's base", ConfigurationSource.resolve(path, besides: sweep)))
    }
    let place = FileIdentity.place(of: storePath)
    let kept = ["", "-wal", "-shm", "-journal"].map { File.Named("the sweep's store", place + $0) }
    if storePath.isEmpty { throw CommandFailure(.badInput, "--store is empty: give the name of a file") }
    try File.check(outputs: [("-o", output.output), ("--report", report)], inputs: inputs + kept)
  }

  private func resolve(_ sweep: Sweep) throws -> ResolvedSweep {
    let line = ProgressLine()
    defer { line.clear() }
    let count = sweep.description.count
    do {
      return try sweep.resolve(workers: workers, isStopped: { Interruption.isPending }) {
        line.show("\($0) of \(count) points read")
      }
    } catch is CancellationError {
      throw CommandFailure(.interrupted, "stopped while the points were read: no design was evaluated")
    }
  }

  private func evaluate(_ resolved: ResolvedSweep, _ store: SweepStore) throws -> SweepRun {
    let line = ProgressLine()
    defer { line.clear() }
    return try resolved.run(
      store: store, workers: workers, isStopped: { Interruption.isPending },
      progress: { progress in line.show(SweepReport.line(progress)) })
  }

  /// Where the results are.
  private var storePath: String {
    if let store { return store }
    let file = URL(fileURLWithPath: sweep)
    let name = ["yaml", "yml"].contains(file.pathExtension) ? file.deletingPathExtension() : file
    return name.lastPathComponent + ".sqlite"
  }

  /// The gravest failure if no point is done, or a defect.
  private static func failure(of result: SweepResult) -> CommandFailure? {
    var worst = ExitStatus.done
    for point in result.points {
      guard case .failed(let failure) = point.outcome else { continue }
      worst = worst.worse(ExitStatus(failure.kind))
    }
    if worst == .defect { return CommandFailure(.defect, "the simulator has a defect: see the points 'defect'") }
    if worst == .done || result.points.contains(where: { $0.figures != nil }) { return nil }
    return CommandFailure(worst, "no point is done")
  }
}

extension ExitStatus {
  fileprivate init(_ kind: SweepFailure.Kind) {
    switch kind {
    case .invalid, .notCompiled, .notRun: self = .badInput
    case .doesNotFit: self = .doesNotFit
    case .defect: self = .defect
    }
  }
}

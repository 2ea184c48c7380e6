import Analysis
import ArgumentParser
import Machine
import Report
import Schedule

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Run configurations side by side: cycles, FPS, GOPS, DSP efficiency, each held against the first.",
    discussion: """
      All of them run the same model, or --different-models says that they need not. \
      Figures are those of 'vitsim run'; a ratio is the design's figure over the first \
      one's.

      EXAMPLES:
        vitsim compare configs/deit-tiny-zcu102.yaml configs/deit-tiny-edge.yaml
        vitsim compare --model deit-tiny configs/accelerators/zcu102-32x32.yaml \\
          configs/accelerators/broadcast-64x32.yaml --format csv
        vitsim compare --different-models configs/deit-tiny-zcu102.yaml \\
          configs/efficientvit-b1-zcu102.yaml
      """)

  @Argument(
    help: "Configurations, or descriptions of accelerators with --model; two or more.",
    completion: .file(extensions: ["yaml"]))
  var files: [String]

  @OptionGroup var model: ModelOptions

  @Flag(help: "Compare them although their models differ.")
  var differentModels = false

  @Option(help: "event: skips ahead; literal: every clock; both: checks that they agree.")
  var engine: EngineChoice = .event

  @Flag(help: "Run designs that don't fit their device.")
  var ignoreBudget = false

  @Option(help: "text for people, json or csv for programs.")
  var format: ReportOptions.Format = .text

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if files.count < 2 { throw ValidationError("give two configurations or more") }
  }

  func run() throws {
    let jobs = try files.map { try model.compile(try Loading.configuration(try Loading.text($0), file: $0)) }
    if !ignoreBudget { for job in jobs { try job.checkBudget() } }
    if !differentModels { try Job.checkOneModel(jobs, names: files) }
    let comparison = DesignComparison(
      try jobs.map { job in
        let run = try execute(job.schedule, on: engine, options: Summary.runOptions)
        return Summary(schedule: job.schedule, run: run)
      })
    let report = ComparisonReport(comparison, paths: files)
    switch format {
    case .text: try output.deliver(report.text)
    case .json: try output.deliver(report.json)
    case .csv: try output.deliver(report.csv)
    }
  }
}

extension Job {
  /// Refuses to compare different work unasked.
  static func checkOneModel(_ jobs: [Job], names: [String]) throws(CommandFailure) {
    let models = jobs.map(\.schedule.model)
    guard let other = models.firstIndex(where: { $0 != models[0] }) else { return }
    throw CommandFailure(
      .badInput,
      "\(names[0]) runs \(models[0].text), \(names[other]) runs \(models[other].text): give them one --model, or say "
        + "--different-models")
  }
}

extension ModelReference {
  fileprivate var text: String { "\(name), image \(image), batch \(batch)" }
}

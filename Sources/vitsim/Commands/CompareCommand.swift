import Analysis
import ArgumentParser
import HardwareYAML
import Machine
import Report
import Schedule

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract:
      "Run configurations side by side, in total and by layer, each held against the first, and say why they differ.",
    discussion: """
      All of them run the same model with the same precision, or --different-models says \
      that they need not. Figures are those of 'vitsim run'; a ratio is the design's figure \
      over the first one's. A difference of --threshold times or more is explained: where \
      the time went.

      EXAMPLES:
        vitsim compare configs/deit-tiny-zcu102.yaml configs/deit-tiny-edge.yaml
        vitsim compare --models deit-tiny,deit-small --format csv \\
          configs/accelerators/zcu102-32x32.yaml configs/accelerators/edge-16x16.yaml
        vitsim compare --different-models configs/deit-tiny-zcu102.yaml \\
          configs/efficientvit-b1-zcu102.yaml
      """)

  @Argument(
    help: "Configurations, or descriptions of accelerators with --model; two or more.",
    completion: .file(extensions: ["yaml"]))
  var files: [String]

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp("Several models one after the other, instead of the configurations'.", valueName: "name,name"))
  var models: String?

  @Flag(help: "Compare them although their models or their precision differ.")
  var differentModels = false

  @Option(help: ArgumentHelp("Explain differences of so many times or more.", valueName: "ratio"))
  var threshold = 1.1

  @Option(help: "event: skips ahead; literal: every clock; both: checks that they agree.")
  var engine: EngineChoice = .event

  @Flag(help: "Run designs that don't fit their device.")
  var ignoreBudget = false

  @Option(help: "text for people, json or csv for programs.")
  var format: ReportOptions.Format = .text

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if files.count < 2 { throw ValidationError("give two configurations or more") }
    if !(threshold >= 1 && threshold.isFinite) { throw ValidationError("--threshold is a ratio, 1 or more") }
    if models != nil, model.model != nil { throw ValidationError("give --model or --models, not both") }
    if let models, models.split(separator: ",", omittingEmptySubsequences: false).contains("") {
      throw ValidationError("--models takes names with commas between them, such as deit-tiny,deit-small")
    }
  }

  func run() throws {
    try File.check(outputs: output.files, inputs: files.map { ("an input", $0) } + model.files)
    let configurations = try files.map { try Loading.configuration(try Loading.text($0), file: $0) }
    let names = models.map { $0.split(separator: ",").map(String.init) }
    let comparisons =
      try names.map { try $0.map { try compare(configurations, model: $0, option: "--models") } }
      ?? [compare(configurations, model: model.model, option: "--model")]
    let report = ComparisonReport(comparisons, paths: files, threshold: threshold)
    switch format {
    case .text: try output.deliver(report.text)
    case .json: try output.deliver(report.json)
    case .csv: try output.deliver(report.csv)
    }
  }

  private func compare(
    _ configurations: [RunConfiguration], model name: String?, option: String
  ) throws -> DesignComparison {
    let jobs = try configurations.map { try model.compile($0, model: name, option: option) }
    if !ignoreBudget { for job in jobs { try job.checkBudget() } }
    if !differentModels { try Job.checkSameWork(jobs, names: files) }
    return DesignComparison(
      try jobs.map { job in
        ComparedDesign(
          schedule: job.schedule, run: try execute(job.schedule, on: engine, options: Summary.runOptions))
      })
  }
}

extension Job {
  /// Refuses to hold designs against each other that don't do the same work.
  static func checkSameWork(_ jobs: [Job], names: [String]) throws(CommandFailure) {
    switch DesignMismatch.first(among: jobs.map(\.schedule)) {
    case nil: return
    case .model(let index):
      throw CommandFailure(
        .badInput,
        "\(names[0]) runs \(jobs[0].schedule.model.text), \(names[index]) runs \(jobs[index].schedule.model.text): give "
          + "them one --model, or say --different-models")
    case .precision(let index, let operation, let first, let other):
      throw CommandFailure(
        .badInput,
        "\(names[0]) computes \(operation.rawValue) with \(first.rawValue), \(names[index]) with \(other.rawValue): one in "
          + "integers, one in floating point; give them one algorithm, or say --different-models")
    }
  }
}

extension ModelReference {
  fileprivate var text: String { "\(name), image \(image), batch \(batch)" }
}

import Analysis
import ArgumentParser
import Exploration
import Machine
import Report
import Schedule

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write one HTML file with all there is to see of a run, or of several beside each other.",
    discussion: """
      Of one configuration or schedule: figures, cycle stacks, critical path, what each \
      knob would buy, roofline, timeline, buffers, traffic, resources, all layers, the \
      resolved configuration. Of several, each is held against the first, as by 'vitsim \
      compare'. The file opens in any browser, without a network.

      EXAMPLES:
        vitsim report configs/deit-tiny-zcu102.yaml -o report.html
        vitsim report configs/deit-tiny-edge.yaml --set clock=150MHz \\
          --no-sensitivity -o edge.html
        vitsim report --model deit-tiny configs/accelerators/zcu102-32x32.yaml \\
          configs/accelerators/broadcast-64x32.yaml -o compared.html
      """)

  @Argument(
    help: "Configurations (.yaml) or schedules (.vsched), or descriptions of accelerators with --model.",
    completion: .file(extensions: ["yaml", "vsched"]))
  var inputs: [String] = []

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp("Description of the accelerator, instead of the configuration's.", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var accelerator: String?

  @OptionGroup var settings: SettingOptions

  @Flag(help: "Compare them although their models differ.")
  var differentModels = false

  @Option(help: "event: skips ahead; literal: every clock; both: checks that they agree.")
  var engine: EngineChoice = .event

  @Flag(
    inversion: .prefixedNo,
    help: "Run the model again with each knob moved; by default of a single configuration.")
  var sensitivity: Bool?

  @Flag(help: "Run designs that don't fit their device.")
  var ignoreBudget = false

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file.html"),
    completion: .file(extensions: ["html"]))
  var output: String

  func run() throws {
    try File.check(
      outputs: [("-o", output)],
      inputs: inputs.map { ("an input", $0) } + [("--accelerator", accelerator)] + model.files)
    let jobs = try inputs.isEmpty ? [workload(nil).load()] : inputs.map { try workload($0).load() }
    if sensitivity == true, let index = jobs.firstIndex(where: { $0.graph == nil }) {
      throw CommandFailure(
        .badInput,
        "\(inputs[index]) is a schedule, compiled already: --sensitivity compiles the model anew and needs a configuration"
      )
    }
    if !ignoreBudget { for job in jobs { try job.checkBudget() } }
    if !differentModels { try Job.checkSameWork(jobs, names: inputs) }
    let designs = try zip(jobs, inputs.isEmpty ? [accelerator ?? ""] : inputs).map { job, name in
      let run = try execute(job.schedule, on: engine, options: Summary.runOptions)
      let summary = Summary(schedule: job.schedule, run: run)
      return ReportPage.Design(
        name: name, schedule: job.schedule, run: run,
        report: SummaryReport(summary, engine: engine.reported, configuration: job.configuration),
        explanation: Explanation(
          schedule: job.schedule, run: run, graph: sensitivity ?? (jobs.count == 1) ? job.graph : nil),
        namesModel: job.graph != nil)
    }
    let command = ["vitsim"] + CommandLine.arguments.dropFirst()
    let page = ReportPage(designs, reproduction: .init(version: Vitsim.version, command: command))
    try File.write(page.html, to: output)
  }

  private func workload(_ input: String?) -> WorkloadOptions {
    var options = WorkloadOptions()
    options.input = input
    options.model = model
    options.accelerator = accelerator
    options.settings = settings
    return options
  }
}

import Analysis
import ArgumentParser
import Exploration
import Report

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say why a design is as fast as it is: critical path, bound of every layer, what each knob would buy.",
    discussion: """
      The critical path goes through the executed schedule: who was the reason that time \
      passed. For the knobs the model is compiled and executed again, on all cores, with \
      one of them moved a step.

      EXAMPLES:
        vitsim explain configs/deit-tiny-zcu102.yaml
        vitsim explain configs/deit-tiny-edge.yaml --no-sensitivity --steps 30
        vitsim explain configs/deit-tiny-zcu102.yaml --format json -o why.json
      """)

  @OptionGroup var workload: WorkloadOptions

  @Flag(inversion: .prefixedNo, help: "Run the model again with each knob moved; by default if there is one.")
  var sensitivity: Bool?

  @Option(help: ArgumentHelp("The longest steps of the critical path to show.", valueName: "number"))
  var steps = 10

  @Flag(help: "Explain a design that doesn't fit its device.")
  var ignoreBudget = false

  @Option(help: "text for people, json or csv (the critical path) for programs.")
  var format: ReportOptions.Format = .text

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if steps < 0 { throw ValidationError("--steps is a number of steps, 0 or more") }
  }

  func run() throws {
    try File.check(outputs: output.files, inputs: workload.files)
    let job = try workload.load()
    if !ignoreBudget { try job.checkBudget() }
    if sensitivity == true, job.graph == nil {
      throw CommandFailure(.badInput, "a schedule can't be compiled again with a knob moved: leave --sensitivity out")
    }
    let run = try execute(job.schedule, on: .event, options: Summary.runOptions)
    // The path alone goes into CSV.
    let graph = sensitivity ?? true && format != .csv ? job.graph : nil
    let report = ExplanationReport(
      Explanation(schedule: job.schedule, run: run, graph: graph), configuration: job.configuration, longest: steps)
    switch format {
    case .text: try output.deliver(report.text)
    case .json: try output.deliver(report.json)
    case .csv: try output.deliver(report.csv)
    }
  }
}

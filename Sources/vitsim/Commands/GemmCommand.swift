import Analysis
import ArgumentParser
import Compiler
import Hardware
import Report

struct GemmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gemm",
    abstract: "Execute one matrix product, M×K times K×N, on an accelerator.",
    discussion: """
      The operands come from DRAM and the results go back, unless --on-chip leaves \
      them in the buffers.

      EXAMPLES:
        vitsim gemm 197 768 192 --accelerator configs/accelerators/zcu102-32x32.yaml
        vitsim gemm 197 64 197 --on-chip --dataflow os \\
          --accelerator configs/designs/st-os.yaml
        vitsim gemm 8 8 8 --schedule \\
          --accelerator configs/accelerators/zcu102-32x32.yaml
      """)

  @Argument(help: "Rows of the left operand.") var m: Int
  @Argument(help: "Columns of the right operand.") var n: Int
  @Argument(help: "Columns of the left operand.") var k: Int

  @Option(
    help: ArgumentHelp("Description of the accelerator.", valueName: "file"), completion: .file(extensions: ["yaml"]))
  var accelerator: String

  @Flag(help: "Operands are in the buffers at the start and results stay there.")
  var onChip = false

  @Option(help: "Dataflow of all engines: ws, os, is or their full names.")
  var dataflow: Dataflow?

  @OptionGroup var settings: SettingOptions

  @Option(help: "event: skips ahead; literal: every clock; both: checks that they agree.")
  var engine: EngineChoice = .event

  @Flag(help: "Run a design that doesn't fit its device.")
  var ignoreBudget = false

  @Flag(help: "Print the schedule instead of running it.")
  var schedule = false

  @OptionGroup var report: ReportOptions

  func validate() throws {
    for (name, size) in [("M", m), ("N", n), ("K", k)] where size < 1 {
      throw ValidationError("\(name) is \(size); expected a whole number from 1 on")
    }
  }

  func run() throws {
    try File.check(outputs: report.output.files, inputs: [("--accelerator", accelerator)])
    var design = try Loading.accelerator(accelerator, overrides: settings.settings)
    if let dataflow {
      for engine in design.engines.indices { design.engines[engine].dataflow = dataflow }
    }
    let job = Job(schedule: try Compiler.gemm(m: m, k: k, n: n, on: design, operandsOnChip: onChip))
    if schedule { return try report.output.deliver(job.schedule.text) }
    if !ignoreBudget { try job.checkBudget() }
    let run = try execute(job.schedule, on: engine, options: Summary.runOptions)
    let summary = Summary(schedule: job.schedule, run: run)
    try report.deliver(SummaryReport(summary, engine: engine.reported, configuration: job.configuration))
  }
}

extension Dataflow: ExpressibleByArgument {
  public init?(argument: String) {
    switch argument {
    case "ws": self = .weightStationary
    case "os": self = .outputStationary
    case "is": self = .inputStationary
    default: self.init(rawValue: argument)
    }
  }
}

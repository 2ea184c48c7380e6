import Analysis
import ArgumentParser
import Machine
import Report

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Execute a model on an accelerator: cycles, FPS, DSP efficiency, and where the time went.",
    discussion: """
      INPUT is a configuration (model and accelerator) or a schedule. Without one, \
      --model and --accelerator say what to run.

      EXAMPLES:
        vitsim run configs/deit-tiny-zcu102.yaml
        vitsim run configs/deit-tiny-zcu102.yaml --format json -o run.json
        vitsim run configs/deit-tiny-zcu102.yaml --model deit-small
        vitsim run configs/deit-tiny-zcu102.yaml --set clock=300MHz
        vitsim run configs/deit-tiny-zcu102.yaml --trace run.perfetto
        vitsim run traces/prime-sizes/case.vsched --vcd run.vcd --window 100:200
      """)

  @OptionGroup var workload: WorkloadOptions

  @Option(help: "event: skips ahead; literal: every clock; both: checks that they agree.")
  var engine: EngineChoice = .event

  @Flag(help: "Run a design that doesn't fit its device.")
  var ignoreBudget = false

  @OptionGroup(title: "Trace options") var trace: TraceOptions

  @OptionGroup(title: "Waveform options") var waveform: WaveformOptions

  @OptionGroup var report: ReportOptions

  func run() throws {
    try File.check(
      outputs: [("--trace", trace.trace), ("--vcd", waveform.vcd)] + report.output.files, inputs: workload.files)
    let job = try workload.load()
    if !ignoreBudget { try job.checkBudget() }
    try trace.check(job.schedule)
    let run = try execute(job.schedule, on: engine, options: Summary.runOptions)
    let recording = try waveform.recording(job.schedule, run)
    try trace.write(job.schedule, run)
    try waveform.write(recording)
    let summary = Summary(schedule: job.schedule, run: run)
    try report.deliver(SummaryReport(summary, engine: engine.reported, configuration: job.configuration))
  }
}

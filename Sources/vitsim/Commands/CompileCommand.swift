import ArgumentParser

struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Compile a model for an accelerator into a schedule that a person can read and diff.",
    discussion: """
      'vitsim run' and 'vitsim lint' take the schedule as their input.

      EXAMPLES:
        vitsim compile configs/deit-tiny-zcu102.yaml -o deit-tiny.vsched
        vitsim run deit-tiny.vsched
      """)

  @OptionGroup var workload: WorkloadOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    try File.check(outputs: output.files, inputs: workload.files)
    let job = try workload.load()
    try output.deliver(job.schedule.text)
  }
}

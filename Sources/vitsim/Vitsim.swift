import ArgumentParser

@main
struct Vitsim: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "vitsim",
    abstract: "Cycle-accurate simulation of accelerators for Vision Transformers.",
    discussion: """
      EXAMPLES:
        vitsim run configs/deit-tiny-zcu102.yaml
        vitsim configs
        vitsim help run

      EXIT STATUS:
        0   done, nothing wrong
        1   a check failed: lint findings, traces or rows that differ
        2   bad input: configuration, schedule, arguments, files
        3   the design doesn't fit its device
        70  a defect of vitsim
        130 interrupted, and what was done is kept (sweep)
      """,
    version: version,
    subcommands: [
      RunCommand.self, CompileCommand.self, LintCommand.self, ModelsCommand.self, ConfigsCommand.self,
      CompareCommand.self, CosimCommand.self, ExplainCommand.self, GemmCommand.self, InferCommand.self,
      ReportCommand.self, RooflineCommand.self, SweepCommand.self, TraceCommand.self, ValidateCommand.self,
    ])

  static func main() {
    Console.prepare()
    TemporaryFile.watch()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      ExitStatus(error).exit(after: error)
    }
  }
}

import ArgumentParser
import Hardware
import Validation

struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Find every mistake in configurations and schedules, before any cycle is run.",
    discussion: """
      Of a schedule it proves: no buffer overflows, nothing is read that was never \
      written, tokens can't deadlock, every operator of the model is there in full. A \
      configuration is decoded, held against its device's budget, and compiled.

      EXAMPLES:
        vitsim lint configs/deit-tiny-zcu102.yaml
        vitsim lint traces/prime-sizes/case.vsched
      """)

  @Argument(
    help: "Configurations (.yaml) and schedules (.vsched).", completion: .file(extensions: ["yaml", "vsched"]))
  var files: [String]

  func run() throws {
    var worst = ExitStatus.done
    for file in files {
      do {
        try check(file)
        Console.print("\(file): no mistakes")
      } catch {
        let status = ExitStatus(error)
        Console.print(status.message(for: error))
        worst = worst.worse(status)
      }
    }
    if worst != .done { throw CommandFailure(worst) }
  }

  private func check(_ path: String) throws {
    let text = try Loading.text(path)
    if Loading.isSchedule(text, path: path) {
      let findings = Loading.findings(try Loading.schedule(text, file: path), text: text, file: path)
      if let error = DiagnosticError(findings) { throw CommandFailure(.checkFailed, error.description) }
      return
    }
    let configuration = try Loading.configuration(text, file: path)
    if let published = configuration.published { _ = try PublishedDesign(published) }
    try Job.checkBudget(of: configuration.accelerator)
    guard let model = configuration.model else { return }
    let schedule = try Loading.compile(model, for: configuration.accelerator).schedule
    let compiled = schedule.text
    if let error = DiagnosticError(Loading.findings(schedule, text: compiled, file: "\(path) (compiled)")) {
      throw CommandFailure(.defect, error.description)
    }
  }
}

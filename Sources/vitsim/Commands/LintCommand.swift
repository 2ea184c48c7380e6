import ArgumentParser
import Hardware
import Report
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
        vitsim lint configs/deit-tiny-zcu102.yaml --format json
      """)

  @Argument(
    help: "Configurations (.yaml) and schedules (.vsched).", completion: .file(extensions: ["yaml", "vsched"]))
  var files: [String]

  @Option(help: "text for people, json for programs.")
  var format: TextOrJSON = .text

  @OptionGroup var output: OutputOptions

  func run() throws {
    try File.check(outputs: output.files, inputs: files.map { ("an input", $0) })
    var worst = ExitStatus.done
    let checked = files.map { path in
      do {
        try check(path)
        return LintReport.File(clean: path)
      } catch {
        let status = ExitStatus(error)
        worst = worst.worse(status)
        return LintReport.File(path, status, error)
      }
    }
    let report = LintReport(checked)
    try output.deliver(format == .text ? report.text : report.json)
    if worst != .done { throw CommandFailure(worst) }
  }

  private func check(_ path: String) throws {
    let text = try Loading.text(path)
    if Loading.isSchedule(text, path: path) {
      let findings = Loading.findings(try Loading.schedule(text, file: path), text: text, file: path)
      if let error = DiagnosticError(findings) { throw ScheduleMistakes(error, .checkFailed) }
      return
    }
    let configuration = try Loading.configuration(text, file: path)
    if let published = configuration.published { _ = try PublishedDesign(published) }
    try Job.checkBudget(of: configuration.accelerator)
    guard let model = configuration.model else { return }
    let schedule = try Loading.compile(model, for: configuration.accelerator).schedule
    let compiled = schedule.text
    if let error = DiagnosticError(Loading.findings(schedule, text: compiled, file: "\(path) (compiled)")) {
      throw ScheduleMistakes(error, .defect)
    }
  }
}

/// What lint found in a schedule, and whose mistakes they are.
struct ScheduleMistakes: Error {
  let error: DiagnosticError
  let status: ExitStatus

  init(_ error: DiagnosticError, _ status: ExitStatus) {
    self.error = error
    self.status = status
  }
}

extension LintReport.File {
  fileprivate init(_ path: String, _ status: ExitStatus, _ error: any Error) {
    let text = status.message(for: error)
    let known = error as? DiagnosticError ?? (error as? ScheduleMistakes)?.error
    let kind: Status =
      switch status {
      case .done: .clean
      case .checkFailed: .checkFailed
      case .badInput: .badInput
      case .doesNotFit: .doesNotFit
      case .defect, .interrupted: .defect
      }
    self.init(
      path, kind, findings: known?.diagnostics ?? [Diagnostic(SourceMark(file: path), text)], text: text)
  }
}

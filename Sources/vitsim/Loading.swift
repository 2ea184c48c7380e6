import Compiler
import Exploration
import Foundation
import Hardware
import HardwareYAML
import Model
import ONNXImport
import Report
import Schedule

/// What a command works on.
struct Job {
  let schedule: Schedule
  /// The model that it was compiled from; `nil` of a schedule that was read.
  var graph: Graph?
  /// The ONNX file that the model is from.
  var modelFile: String?

  /// Refuses a design that its device hasn't the room for.
  func checkBudget() throws(CommandFailure) { try Self.checkBudget(of: schedule.accelerator) }

  static func checkBudget(of accelerator: Accelerator) throws(CommandFailure) {
    guard let device = accelerator.device else { return }
    let violations = Resources.estimate(accelerator).violations(on: device)
    if violations.isEmpty { return }
    throw CommandFailure(
      .doesNotFit,
      "\(accelerator.name) doesn't fit \(device.name):\n"
        + violations.map { "  " + $0 + "\n" }.joined() + "make it smaller, or run it all the same with --ignore-budget")
  }

  /// The configuration with everything resolved, as YAML: `vitsim run` takes it and gives the same result.
  /// A schedule of something else than a model has only its accelerator to show.
  var configuration: String {
    let model = schedule.model
    let yaml = schedule.accelerator.yaml
    guard model.image > 0 else { return yaml }
    let lines = yaml.split(separator: "\n").map { "  \($0)\n" }.joined()
    if let modelFile {
      let path = URL(fileURLWithPath: modelFile).path
      return "model:\n  name: \(JSONText.string(path))\n  batch: \(model.batch)\naccelerator:\n\(lines)"
    }
    return "model:\n  name: \(model.name)\n  image: \(model.image)\n  batch: \(model.batch)\naccelerator:\n\(lines)"
  }
}

/// From files to what they describe.
enum Loading {
  /// Larger schedules are mistakes.
  static let scheduleLimit = 1 << 30

  /// The accelerator of a description or of a run configuration.
  static func accelerator(_ path: String, overrides: [String]) throws(DiagnosticError) -> Accelerator {
    try RunConfiguration.load(path: path, overrides: overrides).accelerator
  }

  /// A run configuration; if it has mistakes, those of its model are among them.
  static func configuration(
    _ text: String, file: String, overrides: [String] = []
  ) throws(DiagnosticError) -> RunConfiguration {
    do {
      return try RunConfiguration.parse(text: text, file: file, overrides: overrides)
    } catch {
      guard let node = try? ConfigNode.parse(yaml: text, file: file), let model = RunDescription(node).model,
        !model.isFile
      else {
        throw error
      }
      do {
        _ = try graph(model)
      } catch let modelError {
        throw DiagnosticError(error.diagnostics + modelError.diagnostics) ?? error
      }
      throw error
    }
  }

  static func isSchedule(_ text: String, path: String) -> Bool {
    path.hasSuffix(".vsched") || text.hasPrefix("vsched")
  }

  /// The text of a configuration, a schedule or a trace.
  static func text(_ path: String) throws(DiagnosticError) -> String {
    let isConfiguration = path.hasSuffix(".yaml") || path.hasSuffix(".yml")
    return try InputFile.read(
      path: path, limit: isConfiguration ? InputFile.configurationLimit : scheduleLimit)
  }

  /// A schedule with its accelerator from its text.
  static func schedule(_ text: String, file: String) throws(DiagnosticError) -> Schedule {
    let source = try ScheduleText.acceleratorSource(of: text, file: file)
    let accelerator: Accelerator
    do {
      accelerator = try Accelerator.parse(yaml: source.yaml, file: file, firstLine: source.firstLine)
    } catch {
      throw DiagnosticError(
        error.diagnostics.map { diagnostic in
          var diagnostic = diagnostic
          // The lines of the embedded YAML begin behind "  | ".
          if diagnostic.mark.line > 0 { diagnostic.mark.column += 4 }
          return diagnostic
        }) ?? error
    }
    return try Schedule(parsing: text, file: file, accelerator: accelerator)
  }

  /// What lint finds in a schedule, with the lines of its text. One that names a built-in model is held against it.
  static func findings(_ schedule: Schedule, text: String, file: String) -> [Diagnostic] {
    let findings: [LintFinding]
    if Zoo.models.contains(where: { $0.name == schedule.model.name }) {
      do {
        let graph = try Zoo.graph(schedule.model.name, image: schedule.model.image, batch: schedule.model.batch)
        findings = Lint.check(schedule, against: try Compiler.operators(of: graph))
      } catch {
        return [Diagnostic(SourceMark(file: file), "model \(schedule.model.name): \(error)")]
      }
    } else {
      findings = Lint.check(schedule)
    }
    if findings.isEmpty { return [] }
    let lines = ScheduleText.lineNumbers(of: text)
    return findings.map { finding in
      let line = finding.instruction.flatMap { lines.indices.contains($0) ? lines[$0] : nil }
      let mark = line.map { SourceMark(file: file, line: $0, column: 1) } ?? SourceMark(file: file)
      return Diagnostic(mark, "\(finding)")
    }
  }

  /// The schedule of a configuration's model on `accelerator`.
  static func compile(_ request: ModelRequest, for accelerator: Accelerator) throws -> Job {
    let (graph, file) = try model(request)
    return Job(schedule: try Compiler.compile(graph, for: accelerator), graph: graph, modelFile: file)
  }

  /// The graph of a built-in model or of an ONNX file, and the path of that.
  static func model(_ request: ModelRequest) throws -> (graph: Graph, file: String?) {
    guard request.isFile else { return (try graph(request), nil) }
    let path = resolved(request)
    if request.image != nil {
      throw DiagnosticError(Diagnostic(request.imageMark, "an ONNX file says itself how large its image is"))
    }
    return (try ONNXModel(contentsOf: path).graph(batch: request.batch), path)
  }

  /// A model of a sweep: its graph, and what identifies it.
  ///
  /// - Throws: `DiagnosticError` at the place of the request.
  static func sweepModel(_ request: ModelRequest) throws(DiagnosticError) -> SweepModel {
    guard request.isFile else { return SweepModel(try graph(request)) }
    if request.image != nil {
      throw DiagnosticError(Diagnostic(request.imageMark, "an ONNX file says itself how large its image is"))
    }
    let path = resolved(request)
    do {
      let graph = try ONNXModel(contentsOf: path).graph(batch: request.batch)
      return SweepModel(graph, file: try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      let message = (error as? ONNXError)?.description ?? "\(quoted(path)) can't be read"
      throw DiagnosticError(Diagnostic(request.nameMark, message))
    }
  }

  /// A file that a configuration names is relative to that one's directory; one of the command line is as it is.
  private static func resolved(_ request: ModelRequest) -> String {
    let file = request.nameMark.file
    guard !request.name.hasPrefix("/"), !file.hasPrefix("--"), file != request.name, let slash = file.lastIndex(of: "/")
    else {
      return request.name
    }
    return file[...slash] + request.name
  }

  private static func graph(_ request: ModelRequest) throws(DiagnosticError) -> Graph {
    let (image, batch) = (request.image ?? 224, request.batch ?? 1)
    do {
      return try Zoo.graph(request.name, image: image, batch: batch)
    } catch {
      let mistakes = Zoo.mistakes(request.name, image: image, batch: batch)
      let diagnostics = mistakes.map { Diagnostic(request.place(of: $0), $0.description) }
      throw DiagnosticError(diagnostics) ?? DiagnosticError(Diagnostic(request.place(of: error), error.description))
    }
  }
}

extension ModelRequest {
  /// The value that `error` blames.
  fileprivate func place(of error: ModelError) -> SourceMark {
    switch error {
    case .image: imageMark
    case .batch: batchMark
    default: nameMark
    }
  }
}

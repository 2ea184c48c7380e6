import ArgumentParser
import Hardware
import HardwareYAML
import Model
import Schedule

/// What a configuration's model gives way to.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A built-in model ('vitsim models') or an ONNX file, instead of the configuration's.", valueName: "name"),
    completion: .list(Zoo.models.map(\.name)))
  var model: String?

  @Option(help: ArgumentHelp("Side of the square image.", valueName: "pixels"))
  var image: Int?

  @Option(help: ArgumentHelp("Images at once.", valueName: "number"))
  var batch: Int?

  /// What is read: built-in models are no files.
  var files: [File.Named] { [("--model", model.flatMap { $0.hasSuffix(".onnx") ? $0 : nil })] }

  var isEmpty: Bool { model == nil && image == nil && batch == nil }

  /// The configuration's model, or the one that is asked for, on its accelerator.
  func compile(_ configuration: RunConfiguration) throws -> Job { try compile(configuration, model: model) }

  /// The same with another model, which `option` has named.
  func compile(_ configuration: RunConfiguration, model: String?, option: String = "--model") throws -> Job {
    var request = configuration.model
    if let model {
      let mark = SourceMark(file: "\(option) \(model)")
      request = ModelRequest(
        name: model, image: request?.image, batch: request?.batch, nameMark: mark, imageMark: request?.imageMark,
        batchMark: request?.batchMark)
    }
    guard var request else {
      throw CommandFailure(
        .badInput, "\(configuration.sourcePath) names no model: add --model NAME ('vitsim models' lists them)")
    }
    if let image {
      request.image = image
      request.imageMark = SourceMark(file: "--image \(image)")
    }
    if let batch {
      request.batch = batch
      request.batchMark = SourceMark(file: "--batch \(batch)")
    }
    return try Loading.compile(request, for: configuration.accelerator)
  }
}

/// What to run: a configuration, a schedule, or a model and an accelerator.
struct WorkloadOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("A configuration (.yaml) or a schedule (.vsched).", valueName: "input"),
    completion: .file(extensions: ["yaml", "vsched"]))
  var input: String?

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp("Description of the accelerator, instead of the configuration's.", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var accelerator: String?

  @OptionGroup var settings: SettingOptions

  /// What is read.
  var files: [File.Named] { [("the input", input), ("--accelerator", accelerator)] + model.files }

  /// Reads the files and compiles the model.
  func load() throws -> Job {
    if let input {
      let text = try Loading.text(input)
      if Loading.isSchedule(text, path: input) { return try loadSchedule(text, file: input) }
      return try model.compile(try configuration(text, file: input))
    }
    guard let accelerator else {
      throw CommandFailure(
        .badInput, "nothing to run: give a configuration or a schedule, or --model and --accelerator")
    }
    return try model.compile(try RunConfiguration.load(path: accelerator, overrides: settings.settings))
  }

  /// The configuration in `text`, its accelerator replaced if another one is asked for.
  private func configuration(_ text: String, file: String) throws(DiagnosticError) -> RunConfiguration {
    guard let accelerator else {
      return try Loading.configuration(text, file: file, overrides: settings.settings)
    }
    var configuration = try Loading.configuration(text, file: file)
    configuration.accelerator = try Loading.accelerator(accelerator, overrides: settings.settings)
    return configuration
  }

  private func loadSchedule(_ text: String, file: String) throws -> Job {
    guard model.isEmpty, accelerator == nil, settings.settings.isEmpty else {
      throw CommandFailure(
        .badInput,
        "\(file) is a schedule, compiled already: --model, --image, --batch, --accelerator and --set "
          + "need a configuration")
    }
    let schedule = try Loading.schedule(text, file: file)
    if let error = DiagnosticError(Loading.findings(schedule, text: text, file: file)) { throw error }
    return Job(schedule: schedule)
  }
}

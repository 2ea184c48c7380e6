import Analysis
import ArgumentParser
import Hardware
import Inference
import Machine
import Model
import Report

struct InferCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "infer",
    abstract: "Run a trained ONNX model's images through an accelerator: values, accuracy, cycles and FPS.",
    discussion: """
      MODEL is a quantized model (QDQ form, as ONNX Runtime's static quantization writes it), or \
      a float one with --calibrate or --calibration. Images of bytes are normalized by --mean \
      and --std; images of floats are the model's input itself.

      EXAMPLES:
        A=configs/accelerators/zcu102-32x32.yaml
        vitsim infer vit.onnx --accelerator $A --images x.npy --labels y.npy
        vitsim infer vit.onnx --accelerator $A --images data.npz:x --compare-with ort.npy
        vitsim infer vit.onnx --accelerator $A --images x.npy --dump-tensors tensors
        vitsim infer float.onnx --accelerator $A --images x.npy --calibrate few.npy
      """)

  @Argument(help: ArgumentHelp("A model.", valueName: "model.onnx"), completion: .file(extensions: ["onnx"]))
  var model: String

  @Option(
    help: ArgumentHelp("Description of the accelerator.", valueName: "file"), completion: .file(extensions: ["yaml"]))
  var accelerator: String

  @OptionGroup var settings: SettingOptions

  @OptionGroup var images: ImageOptions

  @Option(
    help: ArgumentHelp("Class of each image, .npy, .npz or .npz:name.", valueName: "file"),
    completion: .file(extensions: ["npy", "npz"]))
  var labels: String?

  @Option(
    help: ArgumentHelp("Logits of a reference to compare with, .npy, .npz or .npz:name.", valueName: "file"),
    completion: .file(extensions: ["npy", "npz"]))
  var compareWith: String?

  @Option(help: ArgumentHelp("Write the logits, .npy.", valueName: "file"), completion: .file(extensions: ["npy"]))
  var logits: String?

  @OptionGroup var dump: DumpOptions

  @OptionGroup var calibration: CalibrationOptions

  @Option(help: "event: fast; literal: every register; both: checks that they agree on every byte.")
  var engine: EngineChoice = .event

  @Option(
    help: ArgumentHelp("Threads of this machine; 0: all processors. Results don't depend on it.", valueName: "number"))
  var threads = 0

  @Flag(help: "Run a design that doesn't fit its device.")
  var ignoreBudget = false

  @Option(help: "text for people, json or csv for programs.")
  var format: ReportOptions.Format = .text

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard 0...1024 ~= threads else { throw ValidationError("--threads takes 0 (all processors) to 1024") }
  }

  func run() throws {
    try File.check(
      outputs: [("--logits", logits)] + output.files,
      inputs: [
        ("the model", model), ("--accelerator", accelerator), ("--images", File.archive(images.images)),
        ("--labels", labels.map(File.archive)), ("--compare-with", compareWith.map(File.archive)),
      ])
    let accelerator = try Loading.accelerator(accelerator, overrides: settings.settings)
    if !ignoreBudget { try Job.checkBudget(of: accelerator) }
    let imported = try ImportedModel(model, calibration: calibration, normalization: images.normalization)
    let normalization = try images.normalization(for: imported)
    let session: InferenceSession
    do {
      session = try InferenceSession(imported.model, on: accelerator)
    } catch let error as InferenceError {
      throw CommandFailure(.badInput, "\(model): the model \(error.problem)")
    }
    let batch = try images.load(for: session.image)
    let runner = InferenceRunner(
      session: session, engine: engine, threads: threads, normalization: normalization)
    let labels = try labels.map { path in try Reference.labels(path) }
    let reference = try compareWith.map { path in try Reference.logits(path, classes: session.classes) }
    try labels?.check(images: batch.count, limit: images.limit)
    try reference?.check(images: batch.count, limit: images.limit)
    try dump.check(images: batch.count)
    let (rows, run) = try runner.run(batch, limit: images.limit)
    let result = try InferenceResult(
      model: imported.model.graph.name, images: rows.count, engine: engine.reported,
      accuracy: labels.map { labels in try labels.blaming { try Accuracy(rows, labels: labels.values) } },
      agreement: reference.map { reference in
        try reference.blaming { try Agreement(rows, reference: reference.values) }
      })
    try dump.write(session, runner: runner, batch: batch, imported: imported)
    if let logits { try Reference.write(rows, classes: session.classes, to: logits) }
    let summary = SummaryReport(
      Summary(schedule: session.schedule, run: run), engine: engine.reported,
      configuration: accelerator.yaml)
    let report = InferenceReport(result, summary: summary)
    switch format {
    case .text: try output.deliver(report.text)
    case .json: try output.deliver(report.json)
    case .csv: try output.deliver(report.csv)
    }
  }
}

import ArgumentParser
import Foundation
import Hardware
import HardwareYAML
import Inference
import Model
import NumPyFiles
import ONNXImport
import Quantizer

/// Where the scales of a float model come from.
struct CalibrationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Images to calibrate a float model with, .npy or .npz.", valueName: "file"),
    completion: .file(extensions: ["npy", "npz"]))
  var calibrate: String?

  @Option(
    help: ArgumentHelp(
      "Ranges of a float model's tensors, .json, as --save-calibration writes them.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var calibration: String?

  @Option(
    help: ArgumentHelp("Write the ranges that --calibrate finds.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var saveCalibration: String?

  @Flag(help: "Quantize a float model's activations with zero points.")
  var asymmetric = false

  mutating func validate() throws {
    if calibrate != nil, calibration != nil {
      throw ValidationError("--calibrate and --calibration exclude each other")
    }
    if saveCalibration != nil, calibrate == nil { throw ValidationError("--save-calibration goes with --calibrate") }
  }
}

/// A model from an ONNX file, quantized.
struct ImportedModel {
  let file: ONNXModel
  let model: QuantizedModel
  private let presentations: [TensorID: Presentation]

  init(_ path: String, calibration: CalibrationOptions, normalization: Normalization) throws {
    file = try ONNXModel(contentsOf: path)
    presentations = try file.presentations()
    if file.isQuantized {
      if calibration.calibrate != nil || calibration.calibration != nil {
        throw CommandFailure(.badInput, "\(path) is quantized already: leave --calibrate and --calibration out")
      }
      if calibration.asymmetric {
        throw CommandFailure(.badInput, "\(path) is quantized already: leave --asymmetric out")
      }
      model = try file.quantized()
      try checkOutput(path)
      return
    }
    if let type = file.integerInput {
      throw CommandFailure(
        .badInput, "\(path): input '\(file.inputName)' of a float model is \(type): export it with a float input")
    }
    let float = try file.float()
    let table: CalibrationTable
    if let images = calibration.calibrate {
      guard let input = float.graph.tensors.first(where: { $0.role == .input }), input.shape.count == 4 else {
        throw CommandFailure(.badInput, "\(path): takes no image, so that there is nothing to calibrate with")
      }
      let batch = try ImageOptions.load(images, for: Array(input.shape.dropFirst()), normalization: normalization)
      let progress = ProgressLine()
      defer { progress.clear() }
      var calibrator = try Calibrator(float)
      for index in 0..<batch.count {
        try calibrator.add(batch.reals(index, normalization))
        progress.show("calibrated with \(index + 1) of \(batch.count) images")
      }
      table = calibrator.table
      if let file = calibration.saveCalibration { try File.write(table.text, to: file) }
    } else if let ranges = calibration.calibration {
      let text = try InputFile.read(path: ranges, limit: InputFile.configurationLimit * 64)
      do {
        table = try CalibrationTable(parsing: text)
      } catch {
        throw CommandFailure(.badInput, "\(ranges): \(error)")
      }
    } else {
      throw CommandFailure(
        .badInput,
        "\(path) is a float model: give --calibrate IMAGES.npy or --calibration RANGES.json to quantize it, "
          + "or a quantized file in QDQ form")
    }
    do {
      model = try float.quantized(by: table, options: QuantizationOptions(asymmetric: calibration.asymmetric))
    } catch {
      throw CommandFailure(.badInput, "\(calibration.calibration ?? path): \(error)")
    }
    try checkOutput(path)
  }

  /// What makes of bytes the input of a model whose file takes integers; `nil` if it takes real numbers.
  func integerInput() throws -> Normalization? {
    guard let type = file.integerInput else { return nil }
    guard type == "uint8" else {
      throw CommandFailure(
        .badInput,
        "the model's input '\(file.inputName)' is \(type): images are uint8; export it with uint8 or float input")
    }
    guard let input = model.graph.tensors.firstIndex(where: { $0.role == .input }),
      case .int8(let numbers) = model.numbers[input]
    else { return nil }
    // Read as they are by DequantizeLinear, or as real numbers by Cast.
    let isDequantized = presentations[input]?.quantizedName == file.inputName
    let (scale, zero) = isDequantized ? (numbers.scale, Float(numbers.zeroPoint + 128)) : (1, 0)
    return Normalization(mean: [zero / 255], deviation: [1 / (255 * scale)])
  }

  /// Rows of logits have one order; of images, the file's isn't the one in memory.
  private func checkOutput(_ path: String) throws {
    guard let output = model.graph.tensors.firstIndex(where: { $0.role == .output }), let form = presentations[output],
      !form.outputIsInOrder
    else { return }
    throw CommandFailure(
      .badInput,
      "\(path): its output '\(file.outputName)' isn't a row of logits for each image: "
        + "name that as the output (onnx.utils.extract_model)")
  }

  /// A tensor as the file has it: name, shape, and elements in the file's order.
  func presented(_ id: TensorID, _ values: [Int8]) -> (name: String, shape: [Int], elements: NumPyElements) {
    let tensor = model.graph.tensors[id]
    guard let form = presentations[id] else { return (tensor.name, tensor.shape, .int8(values)) }
    let arranged = form.arranged(values)
    // Unsigned tensors of the file are 128 more.
    let elements = form.unsigned ? NumPyElements.uint8(arranged.map { UInt8(bitPattern: $0) ^ 0x80 }) : .int8(arranged)
    return (form.quantizedName ?? form.name, form.shape, elements)
  }
}

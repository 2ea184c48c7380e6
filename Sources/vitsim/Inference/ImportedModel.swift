import ArgumentParser
import Foundation
import Hardware
import Inference
import Model
import NumPyFiles
import ONNXImport
import Quantizer

/// Where the scales of a float model come from.
struct CalibrationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Images to calibrate a float model with, .npy.", valueName: "file"),
    completion: .file(extensions: ["npy", "npz"]))
  var calibrate: String?

  @Option(
    help: ArgumentHelp("Ranges of a float model's tensors, .json, as --save-calibration writes them.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var calibration: String?

  @Option(
    help: ArgumentHelp("Write the ranges that --calibrate finds.", valueName: "file"), completion: .file(extensions: ["json"]))
  var saveCalibration: String?

  @Flag(help: "Quantize a float model's activations with zero points.")
  var asymmetric = false

  mutating func validate() throws {
    if calibrate != nil, calibration != nil { throw ValidationError("--calibrate and --calibration exclude each other") }
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
      model = try file.quantized()
      return
    }
    throw CommandFailure(.badInput, "float")
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

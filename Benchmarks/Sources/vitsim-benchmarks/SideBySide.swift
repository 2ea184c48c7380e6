import Foundation
import HardwareYAML
import Inference
import Machine
import NumPyFiles
import ONNXImport

/// One inference of an ONNX file, exact cycles and values, as `Benchmarks/onnxruntime/run.sh` compares it.
enum SideBySide {
  /// Prints the median and the shortest wall-clock time in milliseconds: `arguments` are MODEL.onnx, ACCELERATOR.yaml,
  /// IMAGES.npy (floats) and the number of threads. Reading, compiling and preparing are not in it, as they aren't in
  /// ONNX Runtime's.
  static func measure(_ arguments: [String]) throws {
    guard arguments.count == 4, let threads = Int(arguments[3]) else {
      print("usage: vitsim-benchmarks MODEL.onnx ACCELERATOR.yaml IMAGES.npy THREADS")
      exit(2)
    }
    let accelerator = try RunConfiguration.load(path: arguments[1], overrides: ["vector.algorithm=float"]).accelerator
    let session = try InferenceSession(ONNXModel(contentsOf: arguments[0]).quantized(), on: accelerator)
    let array = try NumPyArray(reading: arguments[2])
    let images = try ImageBatch(
      .reals(array.floats), shape: array.shape, height: session.image[0], width: session.image[1],
      channels: session.image[2])
    var samples: [Double] = []
    for run in 0..<20 {
      let one = try ImageBatch(
        .reals(images.reals(run % images.count, .half)), shape: [1] + session.image, height: session.image[0],
        width: session.image[1], channels: session.image[2])
      let time = try ContinuousClock().measure { _ = try session.run(one, threads: threads) }
      if run >= 5 { samples.append(Double(time.components.attoseconds) / 1e15 + Double(time.components.seconds) * 1e3) }
    }
    samples.sort()
    print(String(format: "%.1f %.1f", samples[samples.count / 2], samples[0]))
  }
}

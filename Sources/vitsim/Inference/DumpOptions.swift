import ArgumentParser
import Foundation
import Hardware
import Inference
import Machine
import Model
import NumPyFiles
import Report

/// Tensors written out to find where a mismatch begins.
struct DumpOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write the tensors of one image as .npy, with a table of them.", valueName: "directory"),
    completion: .directory)
  var dumpTensors: String?

  @Option(
    name: .customLong("dump-image"), help: ArgumentHelp("Which image's tensors; 0 if left out.", valueName: "index"))
  var dumpImageNumber: Int?

  private var dumpImage: Int { dumpImageNumber ?? 0 }

  func validate() throws {
    if dumpImageNumber != nil, dumpTensors == nil { throw ValidationError("--dump-image goes with --dump-tensors") }
  }

  /// Before the images run: what can't be dumped is refused.
  func check(images: Int) throws {
    guard let dumpTensors else { return }
    guard 0..<images ~= dumpImage else {
      throw CommandFailure(.badInput, "--dump-image \(dumpImage): there are images 0 to \(images - 1)")
    }
    do {
      try FileManager.default.createDirectory(atPath: dumpTensors, withIntermediateDirectories: true)
    } catch {
      throw CommandFailure(.badInput, "\(dumpTensors): can't be made a directory")
    }
  }

  /// Runs the image once more and writes what the vector unit has written of each tensor.
  func write(_ session: InferenceSession, runner: InferenceRunner, batch: ImageBatch, imported: ImportedModel) throws {
    guard let dumpTensors else { return }
    var dump = TensorDump(session.model)
    let image = batch.quantized(dumpImage, by: session.input, runner.normalization)
    _ = try session.integers(of: image, engine: runner.engine.reported, threads: runner.processors) {
      dump.add($0, $1)
    }
    var table = [["tensor", "file", "shape", "scale", "zero_point"]]
    var taken: Set<String> = []
    for (id, values) in dump.tensors.sorted(by: { $0.key < $1.key }) {
      guard case .int8(let numbers) = session.model.numbers[id] else { continue }
      let (name, shape, elements) = imported.presented(id, values)
      var file = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? String($0) : "_" }
        .joined()
      if file.hasPrefix(".") { file = "_" + file }
      while !taken.insert(file).inserted { file += "_" }
      try NumPyArray(shape: shape, elements: elements).write(to: "\(dumpTensors)/\(file).npy")
      let zeroPoint = if case .uint8 = elements { numbers.zeroPoint + 128 } else { numbers.zeroPoint }
      table.append([name, file + ".npy", "\(shape)", "\(numbers.scale)", "\(zeroPoint)"])
    }
    try File.write(CSVText.table(table), to: "\(dumpTensors)/tensors.csv")
  }
}

import Model
import NumPyFiles
import Numerics
import Quantizer
import Testing

@testable import ONNXImport

/// A float file, quantized here with ranges from a few images.
struct CalibrationTests {
  @Test func classesSurvive() throws {
    let model = try Fixture.model("effvit.fp32.op20.onnx").float()
    let archive = try NumPyArchive(reading: Fixture.path("digits.npz"))
    func images(_ name: String) throws -> [[Float]] {
      let all = try #require(archive[name]).floats
      return stride(from: 0, to: all.count, by: 784).map { all[$0..<$0 + 784].map { $0 / 127.5 - 1 } }
    }
    let labels = try #require(archive["labels"]?.integers)
    var calibrator = try Calibrator(model)
    for image in try images("calibration").prefix(4) { try calibrator.add(image) }
    let quantized = try model.quantized(by: calibrator.table)

    let output = try #require(model.graph.tensors.firstIndex { $0.role == .output })
    guard case .int8(let numbers) = quantized.numbers[0] else {
      Issue.record("the input isn't INT8")
      return
    }
    let interpreter = try IntegerInterpreter(quantized, algorithms: .integer)
    var right = 0
    for (image, label) in zip(try images("test").prefix(8), labels) {
      guard case .int8(let logits) = try interpreter.run(input: image.map { numbers.quantize($0) })[output] else {
        return
      }
      right += logits.indices.max { logits[$0] < logits[$1] } == label ? 1 : 0
    }
    #expect(right >= 7, "\(right) of 8")
  }
}

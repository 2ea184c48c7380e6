import Compiler
import Foundation
import Hardware
import HardwareYAML
import Machine
import Model
import Numerics
import ONNXImport
import Quantizer
import Schedule
import TestSupport
import Testing

/// Trained models on shipped accelerators: proofs, and every byte that the vector unit writes.
@Suite struct CompiledModelTests {
  static let models = ["vit", "effvit"]
  static let accelerators = [
    "broadcast-64x32", "edge-16x16", "gemmini-16x16", "hbm-128x128", "output-stationary-32x32", "two-engines",
    "zcu102-32x32",
  ]

  private static func accelerator(_ name: String) throws -> Accelerator {
    let file = CLIProgram.package.appendingPathComponent("configs/accelerators/\(name).yaml")
    return try Accelerator.parse(yaml: try String(contentsOf: file, encoding: .utf8), file: file.path)
  }

  private static func model(_ name: String) throws -> QuantizedModel {
    try ONNXModel(contentsOf: CLIProgram.package.appendingPathComponent("examples/\(name).int8.onnx").path).quantized()
  }

  @Test(arguments: models, accelerators)
  func trainedModelsAreComputedExactly(_ name: String, _ design: String) throws {
    let (model, accelerator) = (try Self.model(name), try Self.accelerator(design))
    let compilation = try Compiler.compile(model, for: accelerator)
    let findings = Lint.check(compilation.schedule, against: try Compiler.operators(of: model.graph))
    try #require(findings.isEmpty, "\(findings.prefix(3))")

    let input = try #require(model.graph.tensors.first { $0.role == .input })
    var random = SplitMix64(seed: 1)
    let pixels = (0..<input.elements).map { _ in Int8(random.int(-128...127)) }
    let tensors = try IntegerInterpreter(model, algorithms: Algorithms(accelerator.vector)).run(input: pixels)
    var image = compilation.image
    image.tensors[compilation.input] = pixels.map { UInt8(bitPattern: $0) }
    var wrong: [String] = []
    var placed = 0
    let result = try Simulator.run(compilation.schedule, image: image) { event in
      guard let part = compilation.placements[event.instruction], case .int8(let all)? = tensors[part.tensor] else {
        return
      }
      placed += event.bytes.count
      let width = model.graph[part.tensor].shape.last ?? 1
      let expected = part.rows.flatMap { row in part.columns.map { UInt8(bitPattern: all[row * width + $0]) } }
      if expected != event.bytes { wrong.append("\(event.instruction): \(model.graph[part.tensor].name)") }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    #expect(placed > 10_000)
    let output = try #require(model.graph.tensors.firstIndex { $0.role == .output })
    guard case .int8(let logits)? = tensors[output] else {
      Issue.record("the interpreter gives no logits")
      return
    }
    #expect(result.image.tensors[compilation.output] == logits.map { UInt8(bitPattern: $0) })
  }
}

import Compiler
import Foundation
import Hardware
import HardwareYAML
import Inference
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
    "broadcast-64x32", "edge-16x16", "gemmini-16x16", "hbm-128x128", "output-stationary-32x32", "trio-vit",
    "two-engines", "zcu102-32x32",
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

  /// A token without a position is loaded to its row, and no instruction writes it.
  @Test func dumpsHoldTheClassToken() throws {
    let tensors = [
      Tensor(name: "x", shape: [1, 4, 4, 3], role: .input), Tensor(name: "w", shape: [12, 8], role: .parameter),
      Tensor(name: "b", shape: [8], role: .parameter), Tensor(name: "patches", shape: [1, 4, 8], role: .activation),
      Tensor(name: "token", shape: [1, 8], role: .parameter), Tensor(name: "all", shape: [1, 5, 8], role: .activation),
      Tensor(name: "p", shape: [1, 5, 8], role: .activation), Tensor(name: "mean", shape: [1, 8], role: .output),
    ]
    let operators = [
      GraphOperator(name: "embed", operation: .patchEmbedding(patch: 2), inputs: [0, 1, 2], output: 3),
      GraphOperator(name: "join", operation: .classToken, inputs: [3, 4], output: 5),
      GraphOperator(name: "softmax", operation: .softmax, inputs: [5], output: 6),
      GraphOperator(name: "mean", operation: .average, inputs: [6], output: 7),
    ]
    let graph = Graph(name: "tokens", image: 4, batch: 1, tensors: tensors, operators: operators)
    let model = try QuantizedModel.synthetic(graph, seed: 1)
    let session = try InferenceSession(model, on: try Self.accelerator("zcu102-32x32"))
    let image = (0..<48).map { Int8($0 * 5 - 120) }
    var dump = TensorDump(model)
    _ = try session.integers(of: image) { dump.add($0, $1) }
    let expected = try IntegerInterpreter(model, algorithms: Algorithms(session.schedule.accelerator.vector)).run(
      input: image)
    for id in [5, 6, 7] { #expect(dump.tensors[id].map { .int8($0) } == expected[id], "\(tensors[id].name)") }
  }
}

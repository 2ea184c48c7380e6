import Model
import NumPyFiles
import Numerics
import Quantizer
import Testing

@testable import ONNXImport

/// Whole models against the integers that their QDQ files define, computed elsewhere from ONNX's definitions.
struct ReferenceTests {
  /// `<model>.reference.npz`: for one image every INT8 tensor, by the name of QuantizeLinear's output, and as `acc:<tensor>`
  /// the INT32 sums of products.
  @Test(arguments: ["vit", "effvit"])
  func integers(name: String) throws {
    let file = try Fixture.model("\(name).int8.qdq.onnx")
    let model = try file.quantized()
    let shown = try file.presentations()
    let reference = try NumPyArchive(reading: Fixture.path("\(name).reference.npz"))
    let names = Dictionary(uniqueKeysWithValues: model.graph.tensors.indices.map { (model.graph[$0].name, $0) })

    let input = try #require(model.graph.tensors.firstIndex { $0.role == .input })
    let pixels = try #require(reference["\(file.inputName)_QuantizeLinear_Output"]?.integers)
    var sums = 0
    let tensors = try IntegerInterpreter(model, algorithms: .float).run(
      input: try #require(shown[input]).memory(pixels)
    ) { op, accumulators in
      guard let place = shown[op.output], let expected = reference["acc:\(place.name)"]?.integers else { return }
      sums += 1
      #expect(place.integers(.int32(accumulators)) == expected, "accumulators of \(op.name)")
    }
    #expect(sums == reference.names.count { $0.hasPrefix("acc:") })

    var compared: Set<String> = []
    for (id, place) in shown {
      guard let quantized = place.quantizedName, let expected = reference[quantized]?.integers else { continue }
      let ours = place.integers(try #require(tensors[id]))
      let differences = zip(ours, expected).count { $0 != $1 }
      #expect(
        ours.count == expected.count && differences == 0,
        "\(differences) of \(expected.count) differ in \(model.graph[id].name)")
      compared.insert(quantized)
    }
    #expect(compared.count > 50)
    #expect(names[file.outputName].map { model.graph[$0].role } == .output)
  }

  /// Unsigned integers with zero points: ONNX Runtime's logits, which float32 sums can move by a step.
  @Test(arguments: ["vit", "effvit"])
  func unsigned(name: String) throws {
    let file = try Fixture.model("\(name).int8.qdq_u8.onnx")
    let model = try file.quantized()
    let shown = try file.presentations()
    let archive = try FormTests.archive.get()
    let pixels = try #require(archive["\(name)_u8.pixels"]?.integers)
    let expected = try #require(archive["\(name)_u8.logits"]?.integers)
    let tensors = try IntegerInterpreter(model, algorithms: .float).run(input: try #require(shown[0]).memory(pixels))
    let output = try #require(model.graph.tensors.firstIndex { $0.role == .output })
    let logits = try #require(shown[output]).integers(try #require(tensors[output]))
    #expect(zip(logits, expected).allSatisfy { abs($0 - $1) <= 1 }, "\(logits) \(expected)")
    #expect(logits.firstIndex(of: logits.max() ?? 0) == expected.firstIndex(of: expected.max() ?? 0))
  }
}

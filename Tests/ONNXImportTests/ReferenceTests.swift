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
}

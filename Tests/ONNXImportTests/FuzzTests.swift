import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@testable import ONNXImport

/// Damaged and hostile files end in a model or in an `ONNXError`, never otherwise.
struct FuzzTests {
  private static let forms = [
    "attention", "linear_attention_rows", "class_token", "conv_same_upper_u8", "layer_scale", "float_attention_flat",
    "float_linear_norm", "concat_scales", "one_token",
  ]

  /// - Returns: whether it is a model.
  @discardableResult
  private func isModel(_ data: Data) -> Bool {
    do {
      let file = try ONNXModel(data, path: "fuzz.onnx")
      if file.isQuantized { _ = try file.quantized() } else { _ = try file.float() }
      return true
    } catch {
      return (try? ONNXModel(data, path: "fuzz.onnx").graph()) != nil
    }
  }

  @Test func truncation() throws {
    for form in Self.forms.prefix(3) {
      let data = try FormTests.data(form)
      for count in 0..<data.count { isModel(data.prefix(count)) }
    }
    for name in ["vit.fp32.op17.stripped.onnx", "effvit.fp32.op23.stripped.onnx"] {
      let data = try Fixture.data(name)
      for count in stride(from: 0, to: data.count, by: 997) {
        #expect(!isModel(data.prefix(count)), "\(name) \(count)")
      }
    }
  }

  @Test func bytes() throws {
    var random = SplitMix64(seed: 7)
    for form in Self.forms {
      let data = try FormTests.data(form)
      for _ in 0..<80 {
        var damaged = data
        for _ in 0..<random.int(1...4) {
          damaged[damaged.startIndex + random.int(0...data.count - 1)] = UInt8(random.int(0...255))
        }
        isModel(damaged)
      }
    }
  }

  /// Sizes, attributes and names that are well-formed and wrong.
  @Test func values() throws {
    var random = SplitMix64(seed: 8)
    for form in Self.forms {
      let model = try Onnx_ModelProto(serializedBytes: FormTests.data(form))
      for _ in 0..<80 {
        var hostile = model
        for _ in 0..<random.int(1...3) { change(&hostile, &random) }
        isModel(try hostile.serializedBytes())
      }
    }
  }

  private func change(_ model: inout Onnx_ModelProto, _ random: inout SplitMix64) {
    let numbers: [Int64] = [0, 1, 2, 3, 5, -1, -2, 7, 1 << 20, 1 << 31, 1 << 40, 1 << 62, .max, .min, .min + 1]
    let node = random.int(0...model.graph.node.count - 1)
    switch random.int(0...9) {
    case 0:
      let axis = random.int(0...model.graph.input[0].type.tensorType.shape.dim.count - 1)
      model.graph.input[0].type.tensorType.shape.dim[axis].dimValue = random.pick(numbers)
    case 1:
      let tensor = random.int(0...model.graph.initializer.count - 1)
      guard !model.graph.initializer[tensor].dims.isEmpty else { return }
      model.graph.initializer[tensor].dims[0] = random.pick(numbers)
      if random.chance(50) { model.graph.initializer[tensor].rawData = Data() }
    case 2, 3:
      // Integers that decide shapes, and others.
      let tensor = random.int(0...model.graph.initializer.count - 1)
      guard model.graph.initializer[tensor].dataType == 7, !model.graph.initializer[tensor].rawData.isEmpty else {
        return
      }
      let place = random.int(0...model.graph.initializer[tensor].rawData.count / 8 - 1) * 8
      withUnsafeBytes(of: random.pick(numbers)) {
        model.graph.initializer[tensor].rawData.replaceSubrange(place..<place + 8, with: $0)
      }
    case 4, 5:
      guard !model.graph.node[node].attribute.isEmpty else { return }
      let attribute = random.int(0...model.graph.node[node].attribute.count - 1)
      model.graph.node[node].attribute[attribute].i = random.pick(numbers)
      if !model.graph.node[node].attribute[attribute].ints.isEmpty {
        let place = random.int(0...model.graph.node[node].attribute[attribute].ints.count - 1)
        model.graph.node[node].attribute[attribute].ints[place] = random.pick(numbers)
      }
      if random.chance(20) { model.graph.node[node].attribute[attribute].ints.append(random.pick(numbers)) }
    case 6:
      let operators = Lowering.operators.union(Folding.operators).sorted()
      model.graph.node[node].opType = random.pick(operators)
    case 7:
      let other = random.int(0...model.graph.node.count - 1)
      guard !model.graph.node[node].input.isEmpty, let name = model.graph.node[other].output.first else { return }
      let input = random.int(0...model.graph.node[node].input.count - 1)
      model.graph.node[node].input[input] = name
    case 8:
      guard !model.graph.node[node].input.isEmpty else { return }
      let input = random.int(0...model.graph.node[node].input.count - 1)
      model.graph.node[node].input[input] =
        model.graph.initializer[random.int(0...model.graph.initializer.count - 1)].name
    default:
      guard !model.graph.node[node].input.isEmpty else { return }
      model.graph.node[node].input.removeLast()
    }
  }

  /// Long chains and wide graphs take neither the stack nor time without end.
  @Test func depth() throws {
    for type in ["Relu", "Identity", "Neg"] {
      var model = try Onnx_ModelProto(serializedBytes: FormTests.data("float_half_weight"))
      let count = 1500
      model.graph.node = (0..<count).map { index in
        .with {
          ($0.opType, $0.name) = (type, "n\(index)")
          ($0.input, $0.output) = ([index == 0 ? "x" : "t\(index - 1)"], [index == count - 1 ? "y" : "t\(index)"])
        }
      }
      isModel(try model.serializedBytes())
      // Each read twice.
      for index in 1..<count { model.graph.node[index].input = ["t\(index - 1)", "t\(index - 1)"] }
      for index in 1..<count { model.graph.node[index].opType = "Add" }
      isModel(try model.serializedBytes())
    }
  }
}

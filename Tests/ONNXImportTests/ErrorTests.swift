import Foundation
import SwiftProtobuf
import Testing

@testable import ONNXImport

/// Every way in which a file can be wrong names the place and says what helps.
struct ErrorTests {
  /// The message of importing a changed form; nil if it is imported.
  private func message(_ form: String, _ change: (inout Onnx_ModelProto) throws -> Void) throws -> String? {
    var model = try Onnx_ModelProto(serializedBytes: FormTests.data(form))
    try change(&model)
    return message(try model.serializedBytes(), path: "\(form).onnx")
  }

  private func message(_ data: Data, path: String = "x.onnx") -> String? {
    do {
      let file = try ONNXModel(data, path: path)
      if file.isQuantized { _ = try file.quantized() } else { _ = try file.float() }
      return nil
    } catch {
      return error.description
    }
  }

  private func expect(
    _ form: String, _ parts: String..., location: SourceLocation = #_sourceLocation,
    change: (inout Onnx_ModelProto) throws -> Void
  ) throws {
    let message = try message(form, change)
    for part in ["\(form).onnx: "] + parts {
      #expect(message?.contains(part) == true, "\(message ?? "imported")", sourceLocation: location)
    }
  }

  @Test func wholeFiles() throws {
    #expect(message(Data())?.contains("holds no graph") == true)
    #expect(message(Data("hello, world".utf8))?.contains("isn't an ONNX model") == true)
    let data = try FormTests.data("gemm")
    #expect(message(data.prefix(data.count / 2))?.contains("cut short") == true)
    #expect(throws: ONNXError.self) { try ONNXModel(contentsOf: "/nonexistent.onnx") }
    #expect(throws: ONNXError.self) { try ONNXModel(contentsOf: "/dev/zero") }
    #expect(throws: ONNXError.self) { try ONNXModel(contentsOf: "/") }
    #expect(throws: ONNXError.self) { try FormTests.model("gemm").float() }
    #expect(throws: ONNXError.self) { try FormTests.model("float_half_weight").quantized() }
  }

  @Test func stripped() throws {
    let file = try Fixture.model("vit.fp32.op23.stripped.onnx")
    let error = #expect(throws: ONNXError.self) { try file.float() }
    #expect(
      error?.description.contains("'patch_embed.proj.weight'") == true
        && error?.description.contains("stripped") == true)
  }

  @Test func unsupportedOperators() throws {
    try expect("conv_relu", "com.acme::Swirl ('node_conv_7')", "Whirl ('node_relu_8')") {
      for (index, node) in $0.graph.node.enumerated() {
        if node.opType == "Conv" {
          $0.graph.node[index].opType = "Swirl"
          $0.graph.node[index].domain = "com.acme"
        }
        if node.opType == "Relu" { $0.graph.node[index].opType = "Whirl" }
      }
    }
    let error = #expect(throws: ONNXError.self) { try Fixture.model("vit.int8.qop.stripped.onnx").graph() }
    #expect(error?.problem.contains("QLinearConv") == true && error?.problem.contains("QDQ") == true)
    // Domains that no node uses do no harm.
    let harmless = try message("gemm") {
      $0.opsetImport.append(.with { ($0.domain, $0.version) = ("com.microsoft.nchwc", 1) })
    }
    #expect(harmless == nil)
    try expect("gemm", "opset 9 isn't supported") { $0.opsetImport[0].version = 9 }
    try expect("gemm", "opset 99 isn't supported") { $0.opsetImport[0].version = 99 }
    try expect("gemm", "which opset") { $0.opsetImport = [] }
  }

  @Test func names() throws {
    try expect("gemm", "(QuantizeLinear)", "depends on its own result") {
      $0.graph.node[last: "QuantizeLinear", from: 0].input[0] = "y"
    }
    try expect("gemm", "nothing makes its input 'w_3'") { $0.graph.initializer.removeAll { $0.name == "w_3" } }
    try expect("gemm", "tensor 's_1'", "made twice") { $0.graph.initializer.append($0.graph.initializer[0]) }
    try expect("gemm", "nothing makes its output 'z'") { $0.graph.output[0].name = "z" }
    try expect("gemm", "one input, and has 2") { $0.graph.input.append(.with { $0.name = "mask" }) }
    try expect("gemm", "one output, and has 2") { $0.graph.output.append(.with { $0.name = "mask" }) }
  }

  @Test func shapes() throws {
    func dimension(_ axis: Int, _ value: Onnx_TensorShapeProto.Dimension.OneOf_Value?) -> (inout Onnx_ModelProto) ->
      Void
    {
      { $0.graph.input[0].type.tensorType.shape.dim[axis].value = value }
    }
    try expect("conv_relu", "tensor 'x'", "dimension 2 of the input is 'side'", change: dimension(2, .dimParam("side")))
    try expect("conv_relu", "tensor 'x'", "empty or too large", change: dimension(2, .dimValue(-5)))
    try expect("conv_relu", "tensor 'x'", "empty or too large", change: dimension(3, .dimValue(1 << 60)))
    try expect("conv_relu", "(Conv)", "doesn't fit 4 channels", change: dimension(1, .dimValue(4)))
    try expect("gemm", "tensor 'w_3'", "[-8, 5]") { $0.change("w_3") { $0.dims[0] = -8 } }
    try expect("gemm", "tensor 'w_3'", "the file holds 40") { $0.change("w_3") { $0.dims[0] = 1 << 30 } }
    try expect("gemm", "tensor 'w_3'", "too large") { $0.change("w_3") { $0.dims = [1 << 40, 1 << 40] } }
    try expect("patches", "(Reshape)", "doesn't have the elements of") { model in
      model.change(model.graph.node[last: "Reshape", from: 0].input[1]) { $0.rawData[0] = 7 }
    }
  }

  /// Empty constants, with other dimensions as large as they like, are computed with like others.
  @Test(
    arguments: [
      [0, 3], [3, 0, 5], [0, 1 << 62], [0, 1 << 62, 4], [1 << 40, 0], [1 << 62, 0], [-1, 0],
    ],
    [
      "Reshape", "Flatten", "Transpose", "Concat", "Gather", "Expand", "Slice", "Split", "Cast", "Neg", "Equal",
      "Shape",
    ])
  func empty(shape: [Int64], type: String) throws {
    try expect("gemm") { model in
      func integers(_ name: String, _ values: [Int64]) {
        model.graph.initializer.append(
          .with { ($0.name, $0.dims, $0.dataType, $0.int64Data) = (name, [Int64(values.count)], 7, values) })
      }
      model.graph.initializer.append(.with { ($0.name, $0.dims, $0.dataType) = ("void", shape, 1) })
      integers("shape", shape)
      integers("none", [])
      integers("one", [1])
      let others: [String: [String]] = [
        "Reshape": ["shape"], "Expand": ["shape"], "Gather": ["none"], "Slice": ["one", "one"], "Equal": ["void"],
        "Concat": ["void"],
      ]
      model.graph.node.append(
        .with { node in
          (node.opType, node.output) = (type, ["bad"])
          node.input = ["void"] + (others[type] ?? [])
          node.attribute = [.with { ($0.name, $0.type, $0.i) = ("axis", .int, 1) }]
          if type == "Cast" { node.attribute = [.with { ($0.name, $0.type, $0.i) = ("to", .int, 6) }] }
        })
      let last = try #require(model.graph.node.firstIndex { $0.opType == "Gemm" || $0.opType == "MatMul" })
      model.graph.node[last].input[1] = "bad"
    }
  }

  /// What other runtimes refuse isn't given a meaning here.
  @Test func misfits() throws {
    try expect("gemm", "(QuantizeLinear)", "has 4 inputs; at most 3") { model in
      model.graph.node[last: "QuantizeLinear", from: 0].input.append("s_1")
    }
    try expect("gemm", "tensor 's_1' must be of a floating-point type, and is int32") {
      $0.change("s_1") { $0.dataType = 6 }
    }
  }

  @Test func data() throws {
    try expect("gemm", "tensor 'w_3'", "the file holds 39") { $0.change("w_3") { $0.rawData.removeLast() } }
    try expect("gemm", "tensor 'w_3'", "type 8 isn't supported") { $0.change("w_3") { $0.dataType = 8 } }
    try expect("gemm", "tensor 'w_3'", "doesn't hold its data") { $0.change("w_3") { $0.rawData = Data() } }
    func external(_ entries: [String: String]) -> (inout Onnx_ModelProto) -> Void {
      {
        $0.change("w_3") { tensor in
          tensor.rawData = Data()
          tensor.dataLocation = .external
          tensor.externalData = entries.map { entry in .with { ($0.key, $0.value) = (entry.key, entry.value) } }
        }
      }
    }
    try expect("gemm", "tensor 'w_3'", "'/etc/passwd'", change: external(["location": "/etc/passwd"]))
    try expect("gemm", "tensor 'w_3'", "beside the model", change: external(["location": "weights/../../x"]))
    try expect("gemm", "tensor 'w_3'", "no such file", change: external(["location": "nowhere.bin"]))
    try expect("gemm", "tensor 'w_3'", "isn't a number", change: external(["location": "a", "offset": "-1"]))
    try expect("gemm", "tensor 'w_3'", "declared as 41", change: external(["location": "a", "length": "41"]))
  }

  @Test func externalData() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vitsim-\(UUID())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    var model = try Onnx_ModelProto(serializedBytes: FormTests.data("gemm"))
    let inside = try ONNXModel(model.serializedBytes(), path: "gemm.onnx").quantized()
    var bytes = Data()
    model.change("w_3") { tensor in
      bytes = tensor.rawData
      tensor.rawData = Data()
      tensor.dataLocation = .external
      tensor.externalData = [("location", "weights.bin"), ("offset", "16")].map { key, value in
        .with { ($0.key, $0.value) = (key, value) }
      }
    }
    let path = directory.appendingPathComponent("gemm.onnx")
    try Data(model.serializedBytes() as Data).write(to: path)
    let weights = directory.appendingPathComponent("weights.bin")
    try (Data(repeating: 7, count: 16) + bytes).write(to: weights)
    #expect(try ONNXModel(contentsOf: path.path).quantized() == inside)
    try bytes.write(to: weights)
    let short = #expect(throws: ONNXError.self) { try ONNXModel(contentsOf: path.path).quantized() }
    #expect(short?.problem.contains("are beyond 'weights.bin', which has 40") == true)
    try FileManager.default.removeItem(at: weights)
    try FileManager.default.createSymbolicLink(atPath: weights.path, withDestinationPath: "/etc/passwd")
    let linked = #expect(throws: ONNXError.self) { try ONNXModel(contentsOf: path.path).quantized() }
    #expect(linked?.problem.contains("behind a link") == true)
  }

  @Test func numbers() throws {
    for (value, text) in [(Float.nan, "nan"), (.infinity, "inf"), (0, "0.0"), (-0.5, "-0.5")] {
      try expect("gemm", "node 'x_Q' (QuantizeLinear)", "scale 's_1' must be positive and finite, and is \(text)") {
        $0.change("s_1") { $0.rawData = withUnsafeBytes(of: value) { Data($0) } }
      }
    }
    try expect("gemm", "zero point 'z_2' must be int8, uint8") {
      $0.change("z_2") { ($0.dataType, $0.rawData) = (7, Data(count: 8)) }
    }
    try expect("gemm", "tensor 'z_2' must be of an integer type") {
      $0.change("z_2") { ($0.dataType, $0.rawData) = (1, Data(count: 4)) }
    }
    try expect("gemm", "(Gemm)", "weight 'w_3' has a zero point other than 0", "symmetrically") {
      $0.change("z_5") { $0.rawData[2] = 3 }
    }
    try expect("gemm", "(Gemm)", "weight 'w_3' has its scales along dimension 0") {
      $0.change("w_3") { $0.dims = [5, 8] }
      $0.graph.node[last: "DequantizeLinear", from: 2].attribute[0].i = 0
      $0.graph.node[last: "Gemm", from: 0].attribute.append(.with { ($0.name, $0.type, $0.i) = ("transB", .int, 0) })
      $0.graph.input[0].type.tensorType.shape.dim[1].dimValue = 5
    }
    try expect("gemm", "bias 'w_7' must have the scale of its input times that of its weight") {
      $0.change("s_8") { $0.rawData[3] ^= 1 }
    }
    try expect("conv_relu", "'relu_8_DQ'", "its scale or zero point isn't that of QuantizeLinear") { model in
      model.graph.initializer.append(.with { ($0.name, $0.dataType, $0.floatData) = ("other", 1, [2]) })
      model.graph.node[last: "DequantizeLinear", from: 0].input[1] = "other"
    }
  }

  @Test func unquantized() throws {
    try expect("gelu", "tensor 'y'", "the output isn't quantized") { model in
      model.graph.node.removeAll { $0.name.hasPrefix("gelu") }
      model.graph.node[last: "Gelu", from: 0].output = ["y"]
    }
    try expect("gelu", "the input 'x' isn't quantized") { model in
      model.graph.node.removeAll { $0.name.hasPrefix("x_") }
      model.graph.node[last: "Gelu", from: 0].input = ["x"]
    }
    // Two activations of which one is a float sum.
    try expect("matmul_then_add", "isn't quantized", "(MatMul) needs QuantizeLinear") { model in
      let product = model.graph.node[last: "MatMul", from: 0].output[0]
      model.graph.node.removeAll { $0.name.hasPrefix("\(product)_") }
      let add = try #require(model.graph.node.firstIndex { $0.opType == "Add" })
      model.graph.node[add].input = [product, "t"]
      let reversed = Onnx_NodeProto.with {
        ($0.opType, $0.name, $0.input, $0.output) = ("Transpose", "t", [product], ["t"])
        $0.attribute = [.with { ($0.name, $0.type, $0.ints) = ("perm", .ints, [1, 0, 2]) }]
      }
      model.graph.node.insert(reversed, at: add)
      model.graph.input[0].type.tensorType.shape.dim[1].dimValue = 1
    }
  }

  @Test func moves() throws {
    try expect("softmax", "(Softmax)", "would have to move") {
      $0.graph.node[last: "Reshape", from: 0].opType = "Transpose"
      $0.graph.node[last: "Transpose", from: 0].input.removeLast()
      $0.graph.node[last: "Transpose", from: 0].attribute = [
        .with { ($0.name, $0.type, $0.ints) = ("perm", .ints, [0, 2, 1]) }
      ]
    }
    try expect("attention", "(Reshape)", "would have to move data") {
      $0.graph.node[last: "Transpose", from: 0].attribute[0].ints = [0, 3, 1, 2]
    }
  }
}

extension [Onnx_NodeProto] {
  /// The last node of a type, or one of those before it.
  subscript(last type: String, from place: Int) -> Onnx_NodeProto {
    get { self[indices.filter { self[$0].opType == type }.reversed()[place]] }
    set { self[indices.filter { self[$0].opType == type }.reversed()[place]] = newValue }
  }
}

extension Onnx_ModelProto {
  mutating func change(_ tensor: String, _ body: (inout Onnx_TensorProto) -> Void) {
    for index in graph.initializer.indices where graph.initializer[index].name == tensor {
      body(&graph.initializer[index])
    }
  }
}

import Model
import Testing

@testable import ONNXImport

/// What becomes of the files' operators.
struct GraphTests {
  /// Multiply-accumulates as counted by hand from the architectures; parameters of the trained models. effvit's file has batch
  /// norm folded into the convolutions (464 parameters fewer than the 125,354 of the model), and its graph a bias of
  /// zeros for each of 992 channels whose products have none.
  @Test(arguments: [
    "vit.int8.qdq", "vit.int8.qdq_u8", "vit.fp32.op17.stripped", "vit.fp32.op23.stripped", "effvit.int8.qdq",
    "effvit.int8.qdq_u8", "effvit.fp32.op17.stripped", "effvit.fp32.op20", "effvit.fp32.op23.stripped",
  ])
  func work(name: String) throws {
    let graph = try Fixture.model("\(name).onnx").graph()
    #expect(graph.macs == (name.hasPrefix("vit") ? 11_161_216 : 2_882_336))
    #expect(graph.parameters == (name.hasPrefix("vit") ? 205_066 : 125_354 - 464 + 992))
    #expect(graph.image == 28 && graph.batch == 1)
  }

  @Test func encoderBlock() throws {
    let graph = try Fixture.model("vit.int8.qdq.onnx").quantized().graph
    let tail = "_quantized"
    #expect(
      graph.lines(0..<17).map { $0.replacing(tail, with: "") } == [
        "patchEmbedding(patch: 4) x patch_embed.proj.weight patch_embed.proj.bias -> [1, 49, 64]",
        "classToken conv2d expand -> [1, 50, 64]",
        "add cat pos_embed -> [1, 50, 64]",
        "layerNorm(epsilon: 1e-06) add blocks.0.norm1.weight blocks.0.norm1.bias -> [1, 50, 64]",
        "linear layer_norm val_12 blocks.0.attn.qkv.bias -> [1, 50, 192]",
        "selectColumns(first: 0, step: 64, width: 64, count: 1) gemm_output_reshape_arg -> [1, 50, 64]",
        "scale(0.25) gemm_output_reshape_arg.columns -> [1, 50, 64]",
        "4 heads 0+16h:16 · 64+16h:16ᵀ stacked mul gemm_output_reshape_arg -> [1, 4, 50, 50]",
        "softmax matmul -> [1, 4, 50, 50]",
        "4 heads stacked · 128+16h:16 side by side softmax gemm_output_reshape_arg -> [1, 50, 64]",
        "linear matmul_1 val_40 blocks.0.attn.proj.bias -> [1, 50, 64]",
        "add add gemm_output_reshape_arg_token_4 -> [1, 50, 64]",
        "layerNorm(epsilon: 1e-06) add_1 blocks.0.norm2.weight blocks.0.norm2.bias -> [1, 50, 64]",
        "linear layer_norm_1 val_44 blocks.0.mlp.fc1.bias -> [1, 50, 256]",
        "gelu gemm_output_reshape_arg_token_10 -> [1, 50, 256]",
        "linear gemm_input_reshape_arg_token_13 val_46 blocks.0.mlp.fc2.bias -> [1, 50, 64]",
        "add add_1 gemm_output_reshape_arg_token_16 -> [1, 50, 64]",
      ])
    #expect(
      graph.lines(60..<62).map { $0.replacing(tail, with: "") } == [
        "selectToken(0) layer_norm_8 -> [1, 64]", "linear layer_norm_8.token head.weight head.bias -> [1, 10]",
      ])
  }

  /// The same block in three exports: GELU in pieces and shapes computed by nodes; one node for attention.
  @Test func exporters() throws {
    let pieces = try Fixture.model("vit.fp32.op17.stripped.onnx").graph().lines(3..<17)
    #expect(pieces[3] == "scale(0.25) /blocks/blocks.0/attn/qkv/Add_output_0.columns -> [1, 50, 64]")
    #expect(pieces[11].hasPrefix("gelu /blocks/blocks.0/mlp/fc1/Add_output_0"))
    let fused = try Fixture.model("vit.fp32.op23.stripped.onnx").graph().lines(5..<9)
    #expect(
      fused.map { $0.prefix { $0 != "[" } } == [
        "4 heads 0+16h:16 · 64+16h:16ᵀ stacked linear linear -> ",
        "scale(0.25) node_scaled_dot_product_attention.scores -> ",
        "softmax node_scaled_dot_product_attention.scale -> ",
        "4 heads stacked · 128+16h:16 side by side node_scaled_dot_product_attention.softmax linear -> ",
      ])
  }

  @Test func linearAttention() throws {
    let model = try Fixture.model("effvit.int8.qdq.onnx").quantized()
    let lines = model.graph.lines(0..<model.graph.operators.count)
    let start = try #require(lines.firstIndex { $0.hasPrefix("concatenate") })
    #expect(
      lines[start..<start + 11] == [
        "concatenate conv2d_6 conv2d_8 -> [1, 7, 7, 192]",
        "selectColumns(first: 8, step: 24, width: 8, count: 8) cat -> [1, 7, 7, 64]",
        "relu cat.columns -> [1, 7, 7, 64]",
        "selectColumns(first: 16, step: 24, width: 8, count: 8) cat -> [1, 7, 7, 64]",
        "selectColumns(first: 0, step: 24, width: 8, count: 8) cat -> [1, 7, 7, 64]",
        "relu cat.columns.3 -> [1, 7, 7, 64]",
        "appendColumn(heads: 8, value: 1.0) cat.columns.2 -> [1, 7, 7, 72]",
        "8 heads 0+8h:8ᵀ · 0+9h:9 stacked node_relu_1 pad -> [1, 8, 8, 9]",
        "8 heads 0+8h:8 · stacked side by side relu matmul -> [1, 7, 7, 72]",
        "divide(heads: 8, epsilon: 1e-05) matmul_1 -> [1, 7, 7, 64]",
        "convolution [1, 1] /[1, 1] +[0, 0, 0, 0] groups 1 _unsafe_view stage1.blocks.1.context_module.main.proj.conv.weight_quantized stage1.blocks.1.context_module.main.proj.conv.weight_bias_quantized -> [1, 7, 7, 32]",
      ])
    let divided = try #require(model.graph.tensors.firstIndex { $0.name == "matmul_1" })
    guard case .int32(let scales) = model.numbers[divided] else { throw Unexpected() }
    #expect(scales.count == 1)
    #expect(
      lines[1] == "hardSwish(gate: Optional(Quantization(scale: 0.007874016, zeroPoint: 0))) getitem -> [1, 14, 14, 16]"
    )
  }

  struct Unexpected: Error {}

  @Test func batch() throws {
    let file = try Fixture.model("vit.fp32.op17.stripped.onnx")
    let (one, eight) = (try file.graph(), try file.graph(batch: 8))
    #expect(eight.batch == 8 && eight.macs == 8 * one.macs && eight.parameters == one.parameters)
    #expect(throws: ONNXError.self) { try file.graph(batch: 0) }
  }

  @Test func ports() throws {
    let file = try Fixture.model("vit.int8.qdq_u8.onnx")
    #expect(file.isQuantized && file.inputName == "x" && file.outputName == "logits")
    #expect(file.inputShape == [1, 1, 28, 28] && file.outputShape == [1, 10])
    let graph = try file.quantized().graph
    #expect(graph.tensors.filter { $0.role == .output }.map(\.name) == ["logits"])
    let shown = try file.presentations()
    let pixels = try #require(shown[0])
    #expect(pixels.unsigned && pixels.quantizedName == "x_QuantizeLinear_Output" && pixels.shape == [1, 1, 28, 28])
  }
}

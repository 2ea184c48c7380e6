import Testing

@testable import Model

struct ZooTests {
  /// Multiply-accumulates of the operators up to the last encoder block.
  private func encoderMACs(_ graph: Graph) -> Int {
    graph.operators.reduce(0) { $0 + ($1.name == "head" ? 0 : graph.macs(of: $1)) }
  }

  /// Patch embedding + 12 × (QKV + Q·Kᵀ + scores·V + projection + both halves of the MLP), 197 tokens.
  @Test func macsOfDeiTTiny() throws {
    let patches = 196 * 768 * 192
    let block =
      197 * 192 * 576 + 3 * 197 * 197 * 64 + 3 * 197 * 197 * 64 + 197 * 192 * 192 + 197 * 192 * 768 + 197 * 768 * 192
    let graph = try Zoo.graph("deit-tiny")
    #expect(encoderMACs(graph) == patches + 12 * block)
    #expect(encoderMACs(graph) == 1_253_491_200)  // 1.2535 G
    #expect(graph.macs == 1_253_491_200 + 192 * 1000)
  }

  @Test func macsOfDeiTSmall() throws {
    let patches = 196 * 768 * 384
    let block =
      197 * 384 * 1152 + 6 * 197 * 197 * 64 + 6 * 197 * 197 * 64 + 197 * 384 * 384 + 197 * 384 * 1536
      + 197 * 1536 * 384
    let graph = try Zoo.graph("deit-small")
    #expect(encoderMACs(graph) == patches + 12 * block)
    #expect(encoderMACs(graph) == 4_598_498_304)  // 4.5985 G
  }

  @Test(arguments: ["deit-base", "vit-base"])
  func macsOfBase(name: String) throws {
    let patches = 196 * 768 * 768
    let block =
      197 * 768 * 2304 + 12 * 197 * 197 * 64 + 12 * 197 * 197 * 64 + 197 * 768 * 768 + 197 * 768 * 3072
      + 197 * 3072 * 768
    let graph = try Zoo.graph(name)
    #expect(encoderMACs(graph) == patches + 12 * block)
    #expect(encoderMACs(graph) == 17_563_060_224)  // 17.5631 G
  }

  @Test func macsOfLarge() throws {
    let patches = 196 * 768 * 1024
    let block = 197 * 1024 * (3072 + 1024 + 4096 + 4096) + 2 * 16 * 197 * 197 * 64
    let graph = try Zoo.graph("vit-large")
    #expect(encoderMACs(graph) == patches + 24 * block)
    #expect(encoderMACs(graph) == 61_553_688_576)
  }

  /// vit-base at 384 pixels: 576 patches, 577 tokens; three images.
  @Test func macsAtAnotherSizeAndBatch() throws {
    let patches = 576 * 768 * 768
    let block = 577 * 768 * (2304 + 768 + 3072 + 3072) + 2 * 12 * 577 * 577 * 64
    #expect(try Zoo.graph("vit-base", image: 384, batch: 3).macs == 3 * (patches + 12 * block + 768 * 1000))
  }

  @Test(arguments: [
    ("deit-tiny", 5_717_416), ("deit-small", 22_050_664), ("deit-base", 86_567_656), ("vit-base", 86_567_656),
    ("vit-large", 304_326_632),
  ])
  func parameters(name: String, count: Int) throws {
    #expect(try Zoo.graph(name).parameters == count)
    #expect(try Zoo.graph(name, batch: 7).parameters == count)
    // 16 pixels: one patch, two tokens instead of 197.
    let widths = try #require(Zoo.models.first { $0.name == name }).stageWidths
    #expect(try Zoo.graph(name, image: 16).parameters == count - 195 * widths[0])
  }

  @Test func elementsWritten() throws {
    let graph = try Zoo.graph("deit-tiny", batch: 2)
    let elements = Dictionary(uniqueKeysWithValues: graph.operators.map { ($0.name, graph.elements(of: $0)) })
    #expect(elements["patch_embed.proj"] == 2 * 196 * 192)
    #expect(elements["cls_token"] == 2 * 192)
    #expect(elements["pos_embed"] == 2 * 197 * 192)
    #expect(elements["blocks.3.norm1"] == 2 * 197 * 192)
    #expect(elements["blocks.3.attn.qkv"] == 2 * 197 * 576)
    #expect(elements["blocks.3.attn.scores"] == 2 * 3 * 197 * 197)
    #expect(elements["blocks.3.attn.scale"] == 2 * 3 * 197 * 197)
    #expect(elements["blocks.3.attn.softmax"] == 2 * 3 * 197 * 197)
    #expect(elements["blocks.3.attn.values"] == 2 * 197 * 192)
    #expect(elements["blocks.3.mlp.gelu"] == 2 * 197 * 768)
    #expect(elements["select"] == 0)
    #expect(elements["head"] == 2 * 1000)
  }

  @Test func structure() throws {
    for model in Zoo.models {
      let graph = try Zoo.graph(model.name)
      if let model = model as? VisionTransformer { #expect(graph.operators.count == 3 + 13 * model.depth + 3) }
      #expect(graph.tensors.filter { $0.role == .output }.map(\.shape) == [[1, 1000]])
      #expect(graph.tensors.filter { $0.role == .input }.map(\.shape) == [[1, 224, 224, 3]])
    }
    let block = try Zoo.graph("deit-tiny").operators[3..<16].map(\.name)
    #expect(
      block == [
        "blocks.0.norm1", "blocks.0.attn.qkv", "blocks.0.attn.scores", "blocks.0.attn.scale", "blocks.0.attn.softmax",
        "blocks.0.attn.values", "blocks.0.attn.proj", "blocks.0.add1", "blocks.0.norm2", "blocks.0.mlp.fc1",
        "blocks.0.mlp.gelu", "blocks.0.mlp.fc2", "blocks.0.add2",
      ])
  }

  /// The residual additions take what the block, or its second half, began with.
  @Test func residuals() throws {
    let graph = try Zoo.graph("deit-tiny")
    func op(_ name: String) throws -> GraphOperator { try #require(graph.operators.first { $0.name == name }) }
    #expect(try op("blocks.4.add1").inputs == [op("blocks.4.attn.proj").output, op("blocks.3.add2").output])
    #expect(try op("blocks.4.add2").inputs == [op("blocks.4.mlp.fc2").output, op("blocks.4.add1").output])
    #expect(
      try op("blocks.4.attn.values").inputs == [op("blocks.4.attn.softmax").output, op("blocks.4.attn.qkv").output])
  }

  @Test(arguments: [0, -16, 8, 225, 4112, Int.max, Int.min])
  func badImage(side: Int) {
    #expect(throws: ModelError.image(side, step: 16)) { try Zoo.graph("deit-tiny", image: side) }
    #expect("\(ModelError.image(side, step: 16))".contains("\(side)"))
  }

  @Test(arguments: [0, -1, 1025, Int.max, Int.min])
  func badBatch(batch: Int) {
    #expect(throws: ModelError.batch(batch)) { try Zoo.graph("deit-tiny", batch: batch) }
  }

  @Test func largest() throws {
    let graph = try Zoo.graph("vit-large", image: 4096, batch: 1024)
    let tokens = 65537
    let block = tokens * 1024 * 12 * 1024 + 2 * tokens * tokens * 1024
    #expect(graph.macs == 1024 * (65536 * 768 * 1024 + 24 * block + 1024 * 1000))
  }

  @Test(arguments: [
    ("deit-tny", "deit-tiny"), ("DeiT-Small", "deit-small"), ("vitbase", "vit-base"),
    ("efficientvitb3", "efficientvit-b3"),
    ("resnet", nil), ("", nil),
  ])
  func unknownName(name: String, suggestion: String?) {
    #expect(throws: ModelError.unknownModel(name: name, suggestion: suggestion)) { try Zoo.graph(name) }
  }

  @Test func everyMistakeOfARequest() {
    #expect(Zoo.mistakes("deit-tiny", image: 64, batch: 3) == [])
    #expect(
      Zoo.mistakes("deit-tinny", image: 225, batch: 0)
        == [.unknownModel(name: "deit-tinny", suggestion: "deit-tiny"), .image(225, step: 16), .batch(0)])
    // The model that was meant takes no image of 240 pixels; of one that nobody knows it can't be said.
    #expect(
      Zoo.mistakes("efficientvit-b4", image: 240)
        == [.unknownModel(name: "efficientvit-b4", suggestion: "efficientvit-b0"), .image(240, step: 32)])
    #expect(Zoo.mistakes("resnet", image: 240) == [.unknownModel(name: "resnet", suggestion: nil)])
    #expect(Zoo.mistakes("resnet", image: 241).count == 2)
  }

  @Test func unknownNameSaysWhatThereIs() {
    let text = "\(ModelError.unknownModel(name: "deit-tny", suggestion: "deit-tiny"))"
    #expect(text.contains("did you mean 'deit-tiny'?") && text.contains("vit-large"))
  }

  @Test func ownSizes() throws {
    let tiny = VisionTransformer("t", width: 8, depth: 1, heads: 2, patch: 4, classes: 3)
    // 4 patches of 48 values, 5 tokens, heads of 4.
    let block = 5 * 8 * 24 + 2 * 2 * 5 * 5 * 4 + 5 * 8 * 8 + 2 * 5 * 8 * 32
    #expect(try Zoo.graph(tiny, image: 8).macs == 4 * 48 * 8 + block + 8 * 3)
    #expect(throws: ModelError.self) { try Zoo.graph(VisionTransformer("t", width: 9, depth: 1, heads: 2)) }
    #expect(throws: ModelError.self) { try Zoo.graph(VisionTransformer("t", width: .max, depth: 1, heads: 2)) }
    #expect(throws: ModelError.self) { try Zoo.graph(VisionTransformer("t", width: 8, depth: 0, heads: 2)) }
    #expect(throws: ModelError.self) { try Zoo.graph(VisionTransformer("t", width: 8, depth: 1, heads: 2, patch: 0)) }
  }
}

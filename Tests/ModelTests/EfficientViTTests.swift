import Testing

@testable import Model

struct EfficientViTTests {
  private static let names = ["efficientvit-b0", "efficientvit-b1", "efficientvit-b2", "efficientvit-b3"]

  /// Exact counts, and the figures that are published, in tenths or hundredths of 10⁹: by the authors at 224, 256 and 288 (B1: 0.52,
  /// 0.68, 0.86; B2: 1.6, 2.1, 2.6; B3: 4.0, 5.2, 6.5), by timm for B0 (0.10).
  @Test(arguments: [
    ("efficientvit-b0", 224, 100_233_216, 0.10, 100.0), ("efficientvit-b1", 224, 519_214_592, 0.52, 100),
    ("efficientvit-b1", 256, 676_915_712, 0.68, 100), ("efficientvit-b1", 288, 855_643_648, 0.86, 100),
    ("efficientvit-b2", 224, 1_584_937_984, 1.6, 10), ("efficientvit-b2", 256, 2_067_533_824, 2.1, 10),
    ("efficientvit-b2", 288, 2_614_475_776, 2.6, 10), ("efficientvit-b3", 224, 3_953_822_208, 4.0, 10),
    ("efficientvit-b3", 256, 5_161_586_688, 5.2, 10), ("efficientvit-b3", 288, 6_530_386_432, 6.5, 10),
  ])
  func macs(name: String, image: Int, count: Int, published: Double, precision: Double) throws {
    let graph = try Zoo.graph(name, image: image)
    #expect(graph.macs == count)
    #expect((Double(count) / 1e9 * precision).rounded() / precision == published)
    #expect(try Zoo.graph(name, image: image, batch: 3).macs == 3 * count)
  }

  /// What the original trains: batch norms have a gain too, and queries, scales and the hidden layer of the head no bias. timm
  /// gives 3.41, 9.10, 24.33 and 48.65 million.
  @Test(arguments: [
    ("efficientvit-b0", 3_410_008, 3_412_064), ("efficientvit-b1", 9_102_024, 9_109_592),
    ("efficientvit-b2", 24_330_712, 24_347_648), ("efficientvit-b3", 48_646_056, 48_680_008),
  ])
  func parameters(name: String, original: Int, count: Int) throws {
    let graph = try Zoo.graph(name)
    #expect(graph.parameters == count)
    #expect(try Zoo.graph(name, image: 32, batch: 2).parameters == count)
    var counted = count
    for op in graph.operators {
      guard case .convolution = op.operation else { continue }
      let bias = graph[op.inputs[2]].elements
      if op.name.contains(".qkv.") || op.name.contains(".aggreg.") {
        counted -= bias
      } else {
        // The last two stages have biases instead of batch norms in front of the last convolution of a block.
        let inner = op.name.contains(".inverted_conv") || op.name.contains(".depth_conv")
        if !inner || !(op.name.hasPrefix("stages.2") || op.name.hasPrefix("stages.3")) { counted += bias }
      }
    }
    let hidden = try #require(graph.tensors.first { $0.name == "head.classifier.0.bias" })
    #expect(counted - hidden.elements == original)
  }

  /// Multiply-accumulates of one block, written out: 14 × 14 pixels of 128 channels, 16 heads of 16.
  @Test func aBlockOfLinearAttention() throws {
    let graph = try Zoo.graph("efficientvit-b1")
    let block = graph.operators.filter { $0.name.hasPrefix("stages.2.blocks.2.") }
    let macs = Dictionary(uniqueKeysWithValues: block.map { ($0.name.dropFirst(18), graph.macs(of: $0)) })
    let pixels = 14 * 14
    #expect(macs["context_module.main.qkv.conv"] == pixels * 128 * 384)
    #expect(macs["context_module.main.aggreg.0.0"] == pixels * 384 * 25)
    #expect(macs["context_module.main.aggreg.0.1"] == pixels * 384 * 16)
    #expect(macs["context_module.main.kv"] == 16 * 16 * pixels * 17)
    #expect(macs["context_module.main.values"] == 16 * pixels * 16 * 17)
    #expect(macs["context_module.main.proj.conv"] == pixels * 256 * 128)
    #expect(macs["local_module.main.inverted_conv.conv"] == pixels * 128 * 512)
    #expect(macs["local_module.main.depth_conv.conv"] == pixels * 512 * 9)
    #expect(macs["local_module.main.point_conv.conv"] == pixels * 512 * 128)
    #expect(
      block.map(\.name).map { $0.dropFirst(18) } == [
        "context_module.main.qkv.conv", "context_module.main.aggreg.0.0", "context_module.main.aggreg.0.1",
        "context_module.main.scales", "context_module.main.q", "context_module.main.relu_q", "context_module.main.k",
        "context_module.main.relu_k", "context_module.main.v", "context_module.main.pad", "context_module.main.kv",
        "context_module.main.values", "context_module.main.divide", "context_module.main.proj.conv",
        "context_module.add", "local_module.main.inverted_conv.conv", "local_module.main.inverted_conv.act",
        "local_module.main.depth_conv.conv", "local_module.main.depth_conv.act", "local_module.main.point_conv.conv",
        "local_module.add",
      ])
  }

  /// Residuals go around a block of the same size; where a stage begins there is none.
  @Test func residuals() throws {
    let graph = try Zoo.graph("efficientvit-b0")
    func op(_ name: String) throws -> GraphOperator { try #require(graph.operators.first { $0.name == name }) }
    #expect(
      try op("stem.res0.add").inputs == [op("stem.res0.main.point_conv.conv").output, op("stem.in_conv.act").output])
    #expect(
      try op("stages.1.blocks.1.add").inputs == [
        op("stages.1.blocks.1.main.point_conv.conv").output, op("stages.1.blocks.0.main.point_conv.conv").output,
      ])
    let context = "stages.3.blocks.2.context_module"
    #expect(
      try op(context + ".add").inputs == [
        op(context + ".main.proj.conv").output, op("stages.3.blocks.1.local_module.add").output,
      ])
    #expect(
      try op("stages.3.blocks.2.local_module.add").inputs == [
        op("stages.3.blocks.2.local_module.main.point_conv.conv").output, op(context + ".add").output,
      ])
    #expect(graph.operators.allSatisfy { $0.name != "stages.2.blocks.0.add" })
  }

  /// Depths count the halving block of the first two stages, and not that of the last two.
  @Test(arguments: zip(names, [[1, 2, 2, 2, 2], [1, 2, 3, 3, 4], [1, 3, 4, 4, 6], [1, 4, 6, 6, 9]]))
  func blocks(name: String, depths: [Int]) throws {
    let names = try Zoo.graph(name, image: 32).operators.map(\.name)
    for stage in 0..<4 {
      let blocks = Set(
        names.filter { $0.hasPrefix("stages.\(stage).") }.map { $0.split(separator: ".")[3] })
      #expect(blocks.count == depths[stage + 1] + (stage < 2 ? 0 : 1))
    }
    #expect(names.count { $0.hasSuffix(".divide") } == depths[3] + depths[4])
  }

  @Test func shapes() throws {
    let graph = try Zoo.graph("efficientvit-b2", image: 96, batch: 2)
    func shape(_ name: String) throws -> [Int] {
      graph[try #require(graph.operators.first { $0.name == name }).output].shape
    }
    #expect(try shape("stem.in_conv.conv") == [2, 48, 48, 24])
    #expect(try shape("stages.0.blocks.0.main.depth_conv.act") == [2, 24, 24, 96])
    #expect(try shape("stages.2.blocks.1.context_module.main.scales") == [2, 6, 6, 1152])
    #expect(try shape("stages.2.blocks.1.context_module.main.relu_k") == [2, 6, 6, 384])
    #expect(try shape("stages.2.blocks.1.context_module.main.pad") == [2, 6, 6, 12 * 33])
    #expect(try shape("stages.2.blocks.1.context_module.main.kv") == [2, 12, 32, 33])
    #expect(try shape("stages.2.blocks.1.context_module.main.divide") == [2, 6, 6, 384])
    #expect(try shape("stages.3.blocks.6.local_module.add") == [2, 3, 3, 384])
    #expect(try shape("head.in_conv.act") == [2, 3, 3, 2304])
    #expect(try shape("head.classifier.4") == [2, 1000])
  }

  @Test(arguments: [0, -32, 16, 225, 240, 4128, Int.max, Int.min])
  func badImage(side: Int) {
    #expect(throws: ModelError.image(side, step: 32)) { try Zoo.graph("efficientvit-b1", image: side) }
    #expect("\(ModelError.image(side, step: 32))".contains("\(side) must be a multiple of 32, from 32 to 4096"))
  }

  @Test func largest() throws {
    let graph = try Zoo.graph("efficientvit-b3", image: 4096, batch: 1024)
    #expect(graph[graph.operators[0].output].shape == [1024, 2048, 2048, 32])
  }

  @Test func ownSizes() throws {
    func model(
      _ widths: [Int] = [2, 3, 4, 6, 9], _ depths: [Int] = [1, 1, 1, 1, 1], headWidth: Int = 3, _ head: [Int] = [5, 7],
      classes: Int = 2
    ) -> EfficientViT {
      EfficientViT("e", widths: widths, depths: depths, headWidth: headWidth, headWidths: head, classes: classes)
    }
    #expect(try Zoo.graph(model(), image: 32).tensors.last?.shape == [1, 2])
    for bad in [
      model([2, 3, 4, 6]), model([2, 3, 4, 6, 10]), model([0, 3, 4, 6, 9]), model([2, 3, 4, 6, .max]),
      model([2, 3, 4, 6, 9], [1, 1, 1, 1, 0]), model([2, 3, 4, 6, 9], [1]), model(headWidth: 0), model(headWidth: .min),
      model([2, 3, 4, 6, 9], headWidth: 3, [5]), model(classes: -1),
    ] {
      #expect(throws: ModelError.self) { try Zoo.graph(bad, image: 32) }
      #expect(bad.stageHeads.count == 2)
    }
  }
}

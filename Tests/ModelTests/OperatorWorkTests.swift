import Testing

@testable import Model

/// FLOPs and elements by the formulas of docs/roofline.md, and figures that others published.
struct OperatorWorkTests {
  private func sum(_ graph: Graph, _ roles: Set<OperatorRole>) -> OperatorWork {
    zip(graph.operators, graph.kinds).filter { roles.contains($1) }.reduce(into: OperatorWork()) {
      $0 += graph.work(of: $1.0)
    }
  }

  private func rounded(_ value: Int, _ unit: Double, _ decimals: Int) -> Double {
    let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
    return (Double(value) / unit * scale).rounded() / scale
  }

  /// What arXiv 2405.00314 counts of a ViT.
  private static let surveyed: Set<OperatorRole> = [
    .patch, .qkv, .scores, .softmax, .values, .projection, .mlp, .activation, .norm,
  ]

  /// Its ViT-Base at 224 pixels: GFLOP, 10⁶ memory operations, intensity, as it prints them.
  @Test(arguments: [
    ([OperatorRole.qkv], 8.37, 28.5, 294.0), ([.scores], 0.72, 9.2, 78), ([.mlp], 22.31, 74.8, 298),
    (Array(surveyed), 35.24, 166.3, 212),
  ])
  func aPublishedViTBase(roles: [OperatorRole], flops: Double, operations: Double, intensity: Double) throws {
    let work = sum(try Zoo.graph("vit-base"), Set(roles))
    #expect(rounded(work.flops, 1e9, 2) == flops)
    #expect(rounded(work.memoryOperations, 1e6, 1) == operations)
    #expect(try #require(work.intensity).rounded() == intensity)
  }

  /// The same at 1024 pixels, where all that grows with the square of the tokens shows.
  @Test func aPublishedViTBaseAt1024Pixels() throws {
    let work = sum(try Zoo.graph("vit-base", image: 1024), Self.surveyed)
    #expect(rounded(work.flops, 1e9, 0) == 1333 && rounded(work.memoryOperations, 1e6, 0) == 10_968)
    #expect(try #require(work.intensity).rounded() == 122)
    // 4096 patches, 4097 tokens of 768, 12 heads, 12 blocks.
    let (p, n, d) = (4096, 4097, 768)
    let (scores, elementwise) = (12 * n * n, 8 * n * 4 * d + 2 * 7 * n * d)
    let products = 2 * n * d * (3 * d + d + 4 * d + 4 * d) + 2 * 2 * n * n * d
    #expect(work.flops == 2 * p * d * d + 12 * (products + 5 * scores + elementwise))
    let weights = d * (3 * d + d + 4 * d + 4 * d)
    #expect(work.read == p * d + d * d + 12 * (n * d * (1 + 2 + 1 + 1 + 1 + 4 + 4 + 2) + 2 * scores + weights))
    #expect(work.written == p * d + 12 * (n * d * (3 + 1 + 1 + 4 + 1 + 4 + 2) + 2 * scores))
  }

  /// BERT-Base with 128 tokens, each projection reading its own input: 192.00, and 211.86 for the FFN.
  @Test func aPublishedBERT() throws {
    func linear(_ inputs: Int, _ outputs: Int) throws -> OperatorWork {
      var builder = GraphBuilder(name: "g", image: 0, batch: 1)
      let x = builder.tensor("x", [1, 128, inputs], .input)
      let graph = builder.finish(try builder.linear("fc", x, inputs, outputs))
      try graph.validate()
      return graph.work(of: graph.operators[0])
    }
    let projection = try linear(768, 768)
    #expect(projection == OperatorWork(flops: 150_994_944, read: 128 * 768 + 768 * 768, written: 128 * 768))
    #expect(projection.intensity == 192)
    var ffn = try linear(768, 3072)
    ffn += try linear(3072, 768)
    #expect((try #require(ffn.intensity) * 100).rounded() == 21_186)
  }

  /// One block of a ViT with 5 tokens of 8 in 2 heads, two images, written out.
  @Test func everyOperatorOfABlock() throws {
    let tiny = VisionTransformer("t", width: 8, depth: 1, heads: 2, patch: 4, classes: 3)
    let graph = try Zoo.graph(tiny, image: 8, batch: 2)
    func work(_ flops: Int, _ read: Int, _ written: Int) -> OperatorWork {
      OperatorWork(flops: flops, read: read, written: written)
    }
    let expected: [(String, OperatorRole, OperatorWork)] = [
      ("patch_embed.proj", .patch, work(2 * 8 * 48 * 8, 8 * 48 + 48 * 8, 64)),
      ("cls_token", .embedding, work(0, 8, 16)), ("pos_embed", .embedding, work(80, 80 + 40, 80)),
      ("blocks.0.norm1", .norm, work(7 * 80, 80, 80)),
      ("blocks.0.attn.qkv", .qkv, work(2 * 10 * 8 * 24, 80 + 192, 240)),
      ("blocks.0.attn.scores", .scores, work(2 * 4 * 5 * 5 * 4, 80 + 80, 100)),
      ("blocks.0.attn.scale", .scale, work(100, 100, 100)),
      ("blocks.0.attn.softmax", .softmax, work(500, 100, 100)),
      ("blocks.0.attn.values", .values, work(2 * 4 * 5 * 5 * 4, 100 + 80, 80)),
      ("blocks.0.attn.proj", .projection, work(2 * 10 * 8 * 8, 80 + 64, 80)),
      ("blocks.0.add1", .residual, work(80, 160, 80)), ("blocks.0.norm2", .norm, work(560, 80, 80)),
      ("blocks.0.mlp.fc1", .mlp, work(2 * 10 * 8 * 32, 80 + 256, 320)),
      ("blocks.0.mlp.gelu", .activation, work(8 * 320, 320, 320)),
      ("blocks.0.mlp.fc2", .mlp, work(2 * 10 * 32 * 8, 320 + 256, 80)),
      ("blocks.0.add2", .residual, work(80, 160, 80)), ("norm", .head, work(560, 80, 80)),
      ("select", .head, work(0, 0, 0)), ("head", .head, work(2 * 2 * 8 * 3, 16 + 24, 6)),
    ]
    #expect(graph.operators.map(\.name) == expected.map(\.0))
    #expect(graph.kinds == expected.map(\.1))
    for (op, row) in zip(graph.operators, expected) { #expect(graph.work(of: op) == row.2, "\(op.name)") }
  }

  /// Kernels with gaps between their places read fewer pixels than there are: held against marking them one by one.
  @Test func pixelsUnderAKernel() throws {
    for kernel in 1...4 {
      for stride in 1...6 {
        for (before, after) in [(0, 0), (1, 2), (3, 0), (0, 5)] where 7 + before + after >= kernel {
          let convolution = Convolution(
            kernel: [kernel, 1], stride: [stride, 1], padding: [before, 0, after, 0], groups: 1)
          var builder = GraphBuilder(name: "g", image: 7, batch: 3)
          let x = builder.tensor("x", [3, 7, 2, 5], .input)
          let graph = builder.finish(try builder.linear("c", x, kernel * 5, 4, .convolution(convolution)))
          var pixels: Set<Int> = []
          for place in 0..<graph.tensors[graph.operators[0].output].shape[1] {
            for tap in 0..<kernel { pixels.insert(place * stride + tap - before) }
          }
          let rows = pixels.intersection(0..<7).count
          let expected = 3 * rows * 2 * 5 + kernel * 5 * 4
          #expect(graph.work(of: graph.operators[0]).read == expected, "\(kernel) \(stride) \(before) \(after)")
        }
      }
    }
  }

  /// What an operator moves is never nothing, but for views; what the bound allows is never less.
  @Test func nothingIsFree() throws {
    for model in Zoo.models {
      let graph = try Zoo.graph(model.name, image: 64, batch: 2)
      for op in graph.operators {
        let work = graph.work(of: op)
        let isView =
          switch op.operation {
          case .selectToken, .selectColumns, .reshape: true
          default: false
          }
        #expect((work.memoryOperations == 0) == isView && work.written == graph.elements(of: op), "\(op.name)")
        #expect(try #require(graph.workBound(of: op)) >= work.flops + work.memoryOperations)
      }
    }
  }

  /// Linear attention: queries, keys and values of both scales, Kᵀ·V, Q·(Kᵀ·V), and the projection behind it.
  @Test func rolesOfLinearAttention() throws {
    let graph = try Zoo.graph("efficientvit-b1")
    let roles = Dictionary(uniqueKeysWithValues: zip(graph.operators.map(\.name), graph.kinds))
    let block = "stages.2.blocks.1.context_module."
    let expected: [(String, OperatorRole)] = [
      ("main.qkv.conv", .qkv), ("main.aggreg.0.0", .depthwise), ("main.aggreg.0.1", .convolution),
      ("main.relu_k", .activation), ("main.kv", .kv), ("main.values", .values), ("main.divide", .other),
      ("main.proj.conv", .projection), ("add", .residual),
    ]
    for (name, role) in expected { #expect(roles[block + name] == role, "\(name)") }
    #expect(roles["stem.in_conv.conv"] == .convolution && roles["head.in_conv.conv"] == .head)
    #expect(roles["stages.0.blocks.0.main.point_conv.conv"] == .pointwise && roles["head.classifier.4"] == .head)
    #expect(!graph.kinds.contains(.mlp) && !graph.kinds.contains(.scores) && !graph.kinds.contains(.norm))
  }

  /// A LayerNorm behind the last sum, as in BERT, is no head: there is no product among what follows.
  @Test func aModelWithoutAHead() throws {
    var builder = GraphBuilder(name: "g", image: 0, batch: 1)
    let x = builder.tensor("x", [1, 4, 8], .input)
    var y = try builder.linear("fc", x, 8, 8)
    y = try builder.op("add", .add, y, x)
    let graph = builder.finish(try builder.norm("norm", y, epsilon: 1e-6))
    #expect(graph.kinds == [.mlp, .residual, .norm])
  }

  /// Sums that don't fit are refused with the graph.
  @Test func overflow() throws {
    let side = 1 << 30
    var graph = Graph(
      name: "g", image: 0, batch: 1,
      tensors: [
        Tensor(name: "x", shape: [side, side], role: .input), Tensor(name: "y", shape: [side, side], role: .output),
      ],
      operators: [GraphOperator(name: "soft", operation: .softmax, inputs: [0], output: 1)])
    #expect(throws: ModelError.graphOperator(name: "soft", problem: "FLOPs or elements read and written overflow")) {
      try graph.validate()
    }
    for id in graph.tensors.indices { graph.tensors[id].shape = [side, side >> 8] }
    try graph.validate()
  }
}

import Compiler
import Hardware
import Model
import Schedule
import Testing

@Suite struct ErrorTests {
  private func error(_ graph: Graph, _ change: (inout Accelerator) -> Void) throws -> CompileError? {
    var accelerator = Accelerator.zcu102
    change(&accelerator)
    do {
      _ = try Compiler.compile(graph, for: accelerator)
      return nil
    } catch {
      return error
    }
  }

  private func small() throws -> Graph {
    try Zoo.graph(VisionTransformer("small", width: 32, depth: 1, heads: 2, patch: 8), image: 32)
  }

  @Test func channelsAreMissing() throws {
    for (index, cargo) in [Cargo.weights, .inputs, .outputs].enumerated() {
      #expect(try error(small()) { $0.channels[index].carries = [] } == .missingChannel(cargo))
    }
  }

  @Test func operationsAreMissing() throws {
    let found = try error(small()) { $0.vector.operations[.gelu] = nil }
    #expect(found == .missingOperation(.gelu, layer: "blocks.0.mlp.fc1"))
  }

  @Test func enginesAreMissing() throws {
    #expect(try error(small()) { $0.engines = [] } == .noEngine)
    #expect(throws: CompileError.noEngine) {
      var none = Accelerator.zcu102
      none.engines = []
      return try Compiler.gemm(m: 1, k: 1, n: 1, on: none, operandsOnChip: true)
    }
  }

  /// A row of softmax, of LayerNorm and its parameters, an accumulator: the layer, the buffer and the bytes are named.
  @Test func buffersAreTooSmall() throws {
    // 17 tokens of 32 columns: a row of LayerNorm is the largest thing that must be on chip at once.
    #expect(
      try error(small()) { $0.buffers[0].bytes = 24 }
        == .doesNotFit(
          layer: "patch_embed.proj", what: "a tile of activations", buffer: "activations", needed: 89, available: 24))
    #expect(
      try error(small()) {
        $0.buffers[1].bytes = 128
        $0.buffers[2].wordBytes = 32
      }
        == .doesNotFit(
          layer: "blocks.0.norm1", what: "LayerNorm's parameters", buffer: "weights", needed: 160, available: 128))
    #expect(
      try error(small()) { $0.buffers[2].bytes = 4 }
        == .doesNotFit(
          layer: "patch_embed.proj", what: "an accumulator", buffer: "accumulators", needed: 4, available: 2))
    let wide = try Zoo.graph(VisionTransformer("wide", width: 4, depth: 1, heads: 4, patch: 1), image: 32)
    #expect(
      try error(wide) { $0.buffers[0].bytes = 1000 }
        == .doesNotFit(
          layer: "blocks.0.attn", what: "one row of scores", buffer: "activations", needed: 1027, available: 1000))
  }

  /// Refused by the plan: what would take more memory and time than there is must not be emitted first.
  @Test func hopelesslyLongSchedulesAreRefusedAtOnce() throws {
    // No layer alone is too long.
    let large = try Zoo.graph("deit-tiny", image: 4096)
    guard case .tooManyInstructions(_, limit: 1_500_000)? = try error(large, { _ in }) else {
      Issue.record("deit-tiny at 4096 pixels was compiled")
      return
    }
  }

  @Test func invalidGraphsAreRefused() throws {
    var graph = try small()
    graph.tensors[0].shape = [1, 32, 32]
    guard case .invalidModel? = try error(graph, { _ in }) else {
      Issue.record("a graph with an image of three dimensions was compiled")
      return
    }
  }

  @Test func unsupportedGraphsAreRefused() throws {
    func refused(_ tensors: [([Int], TensorRole)], _ operators: [(String, GraphOperation, [Int], Int)]) throws
      -> String?
    {
      let graph = Graph(
        name: "odd", image: 0, batch: 1,
        tensors: tensors.enumerated().map { Tensor(name: "t\($0)", shape: $1.0, role: $1.1) },
        operators: operators.map { GraphOperator(name: $0, operation: $1, inputs: $2, output: $3) })
      guard case .unsupported(let layer, _)? = try error(graph, { _ in }) else { return nil }
      return layer
    }
    #expect(
      try refused(
        [([1, 4, 8], .input), ([1, 8], .parameter), ([1, 5, 8], .output)], [("token", .classToken, [0, 1], 2)])
        == "token")
    #expect(
      try refused(
        [([4, 8], .input), ([8, 8], .input), ([8], .parameter), ([4, 8], .output)],
        [("product", .linear, [0, 1, 2], 3)])
        == "product")
  }

  /// Operators that can't be joined to a product stand alone and still compile.
  @Test(arguments: Accelerator.all)
  func operatorsAlone(_ accelerator: Accelerator) throws {
    let shape = [2, 5, 16]
    let graph = Graph(
      name: "alone", image: 0, batch: 2,
      tensors: [
        Tensor(name: "x", shape: shape, role: .input), Tensor(name: "position", shape: [1, 5, 16], role: .parameter),
        Tensor(name: "moved", shape: shape, role: .activation), Tensor(name: "curved", shape: shape, role: .activation),
        Tensor(name: "twice", shape: shape, role: .activation), Tensor(name: "soft", shape: shape, role: .activation),
        Tensor(name: "out", shape: shape, role: .output),
      ],
      operators: [
        GraphOperator(name: "move", operation: .add, inputs: [0, 1], output: 2),
        GraphOperator(name: "curve", operation: .elementwise(.gelu), inputs: [2], output: 3),
        GraphOperator(name: "double", operation: .add, inputs: [3, 3], output: 4),
        GraphOperator(name: "soften", operation: .softmax, inputs: [4], output: 5),
        GraphOperator(name: "sum", operation: .add, inputs: [5, 2], output: 6),
      ])
    check(try Compiler.compile(graph, for: accelerator))
  }

  @Test func messagesNameThePlace() {
    let error = CompileError.doesNotFit(
      layer: "blocks.0.attn", what: "one row of scores", buffer: "activations", needed: 1027, available: 1000)
    #expect("\(error)".hasPrefix("blocks.0.attn: one row of scores needs 1027 bytes of buffer 'activations'"))
  }

  @Test func hugeRowsAreRefused() throws {
    for shape in [[1 << 56, 1], [1, 1 << 56]] {
      for operation in [GraphOperation.elementwise(.gelu), .softmax] {
        let graph = Graph(
          name: "huge", image: 0, batch: 1,
          tensors: [Tensor(name: "x", shape: shape, role: .input), Tensor(name: "y", shape: shape, role: .output)],
          operators: [GraphOperator(name: "op", operation: operation, inputs: [0], output: 1)])
        switch try error(graph, { _ in }) {
        case .tooManyInstructions?: #expect(shape[1] == 1)
        case .doesNotFit?: #expect(shape[0] == 1)
        case let other: Issue.record("\(String(describing: other))")
        }
      }
    }
  }
}

import Testing

@testable import Model

struct ValidationTests {
  private func model() throws -> Graph {
    try Zoo.graph(VisionTransformer("t", width: 8, depth: 1, heads: 2, patch: 4, classes: 3), image: 8)
  }

  private func problem(_ change: (inout Graph) -> Void) throws -> String {
    var graph = try model()
    change(&graph)
    do {
      try graph.validate()
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func validModels() throws {
    for model in Zoo.models { try Zoo.graph(model.name).validate() }
  }

  /// Whatever single dimension changes, some operator's shapes no longer agree.
  @Test func everyDimensionMatters() throws {
    let graph = try model()
    for tensor in graph.tensors.indices {
      for axis in graph.tensors[tensor].shape.indices {
        for change in [1, -graph.tensors[tensor].shape[axis]] {
          #expect(try problem { $0.tensors[tensor].shape[axis] += change } != "", "tensor \(tensor), axis \(axis)")
        }
      }
      #expect(try problem { $0.tensors[tensor].shape = [] } != "")
    }
  }

  @Test func order() throws {
    let text = try problem { $0.operators.swapAt(3, 4) }
    #expect(text.contains("blocks.0.attn.qkv") && text.contains("before it is written"))
    #expect(try problem { $0.operators.append($0.operators[3]) }.contains("second time"))
    #expect(try problem { _ = $0.operators.removeLast() }.contains("no operator writes"))
  }

  @Test func indices() throws {
    #expect(try problem { $0.operators[3].inputs[0] = 999 }.contains("no tensor 999"))
    #expect(try problem { $0.operators[3].output = -1 }.contains("no tensor -1"))
    #expect(try problem { _ = $0.operators[3].inputs.removeLast() }.contains("3 inputs"))
  }

  @Test func parametersAreNotWritten() throws {
    #expect(try problem { $0.operators[3].output = $0.operators[3].inputs[1] }.contains("isn't for writing"))
  }

  @Test func overflow() throws {
    #expect(try problem { $0.tensors[0].shape = [.max, 2, 2, 3] }.contains("overflows"))
    let half = 1 << 31
    let graph = Graph(
      name: "g", image: 0, batch: 1,
      tensors: [
        Tensor(name: "x", shape: [half, half], role: .input), Tensor(name: "w", shape: [half, half], role: .parameter),
        Tensor(name: "b", shape: [half], role: .parameter), Tensor(name: "y", shape: [half, half], role: .output),
      ],
      operators: [GraphOperator(name: "fc", operation: .linear, inputs: [0, 1, 2], output: 3)])
    #expect(throws: ModelError.graphOperator(name: "fc", problem: "multiply-accumulates overflow")) {
      try graph.validate()
    }
  }

  @Test func operationsOutOfRange() throws {
    #expect(try problem { $0.operators[0].operation = .patchEmbedding(patch: 0) } != "")
    #expect(try problem { $0.operators[0].operation = .patchEmbedding(patch: -4) } != "")
    #expect(try problem { $0.operators[4 + 1].operation = .headProduct(.scores(heads: 0, width: 4)) } != "")
    let select = try #require(try model().operators.firstIndex { $0.name == "select" })
    for token in [-1, 5] {
      #expect(try problem { $0.operators[select].operation = .selectToken(token) } != "")
    }
  }
}

import Numerics

/// Appends operators; the shapes of their results follow from their inputs.
struct GraphBuilder {
  private(set) var graph: Graph

  init(name: String, image: Int, batch: Int) {
    graph = Graph(name: name, image: image, batch: batch, tensors: [], operators: [])
  }

  /// The images, three channels.
  mutating func image() -> TensorID { tensor("image", [graph.batch, graph.image, graph.image, 3], .input) }

  /// The graph whose result is `output`.
  mutating func finish(_ output: TensorID) -> Graph {
    graph.tensors[output].role = .output
    return graph
  }

  /// A product with a weight of `inputs` × `outputs` and a bias.
  mutating func linear(
    _ name: String, _ x: TensorID, _ inputs: Int, _ outputs: Int, _ operation: GraphOperation = .linear
  ) throws(ModelError) -> TensorID {
    let weight = tensor(name + ".weight", [inputs, outputs], .parameter)
    return try op(name, operation, x, weight, tensor(name + ".bias", [outputs], .parameter))
  }

  /// A convolution with an odd, square kernel whose padding keeps the image's size, but for the stride.
  mutating func convolution(
    _ name: String, _ x: TensorID, _ outputs: Int, kernel: Int = 1, stride: Int = 1, groups: Int = 1
  ) throws(ModelError) -> TensorID {
    let convolution = Convolution(
      kernel: [kernel, kernel], stride: [stride, stride], padding: Array(repeating: kernel / 2, count: 4),
      groups: groups)
    return try linear(name, x, kernel * kernel * columns(x) / groups, outputs, .convolution(convolution))
  }

  mutating func norm(_ name: String, _ x: TensorID, epsilon: Float) throws(ModelError) -> TensorID {
    let gain = tensor(name + ".weight", [columns(x)], .parameter)
    return try op(name, .layerNorm(epsilon: epsilon), x, gain, tensor(name + ".bias", [columns(x)], .parameter))
  }

  mutating func op(_ name: String, _ operation: GraphOperation, _ inputs: TensorID...) throws(ModelError) -> TensorID {
    let shape: [Int]
    do {
      shape = try operation.outputShape(inputs.map { graph.tensors[$0].shape })
    } catch {
      throw .graphOperator(name: name, problem: error.problem)
    }
    let output = tensor(name + ".out", shape, .activation)
    graph.operators.append(GraphOperator(name: name, operation: operation, inputs: inputs, output: output))
    return output
  }

  mutating func tensor(_ name: String, _ shape: [Int], _ role: TensorRole) -> TensorID {
    graph.tensors.append(Tensor(name: name, shape: shape, role: role))
    return graph.tensors.count - 1
  }

  /// Length of the last dimension.
  func columns(_ id: TensorID) -> Int { graph[id].shape.last ?? 0 }
}

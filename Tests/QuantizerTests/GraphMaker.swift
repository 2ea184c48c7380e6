import Numerics

@testable import Model

/// Appends operators to a graph; shapes follow from the inputs.
struct GraphMaker {
  var graph: Graph

  init(input shape: [Int]) {
    graph = Graph(name: "made", image: shape.count > 1 ? shape[1] : 1, batch: shape[0], tensors: [], operators: [])
    _ = tensor("x", shape, .input)
  }

  mutating func tensor(_ name: String, _ shape: [Int], _ role: TensorRole = .parameter) -> TensorID {
    graph.tensors.append(Tensor(name: name, shape: shape, role: role))
    return graph.tensors.count - 1
  }

  mutating func add(_ operation: GraphOperation, _ inputs: TensorID...) throws -> TensorID {
    let name = "op\(graph.operators.count)"
    let shape = try operation.outputShape(inputs.map { graph[$0].shape })
    let output = tensor(name + ".out", shape, .activation)
    graph.operators.append(GraphOperator(name: name, operation: operation, inputs: inputs, output: output))
    return output
  }

  mutating func linear(_ x: TensorID, _ columns: Int) throws -> TensorID {
    let name = "w\(graph.tensors.count)"
    let weight = tensor(name, [graph[x].shape.last ?? 0, columns])
    return try add(.linear, x, weight, tensor(name + ".bias", [columns]))
  }

  mutating func convolution(_ x: TensorID, _ channels: Int, _ convolution: Model.Convolution) throws -> TensorID {
    let depth = convolution.kernel[0] * convolution.kernel[1] * graph[x].shape[3] / convolution.groups
    let name = "w\(graph.tensors.count)"
    let weight = tensor(name, [depth, channels])
    return try add(.convolution(convolution), x, weight, tensor(name + ".bias", [channels]))
  }

  /// The graph with `output` as its result.
  func finished(_ output: TensorID) throws -> Graph {
    var graph = graph
    graph.tensors[output].role = .output
    try graph.validate()
    return graph
  }
}

/// DeiT in small: 3 × 3 patches.
func smallTransformer(width: Int = 32, depth: Int = 2, batch: Int = 1) throws -> Graph {
  try Zoo.graph(
    VisionTransformer("small", width: width, depth: depth, heads: 4, patch: 4, classes: 10), image: 12, batch: batch)
}

/// EfficientViT in small: hard-swish, depthwise and grouped convolutions, two scales of ReLU linear attention, pooling.
func smallLinearAttention(batch: Int = 1) throws -> Graph {
  var maker = GraphMaker(input: [batch, 12, 12, 3])
  let square = Model.Convolution(kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1])
  var x = try maker.convolution(0, 16, square)
  x = try maker.add(.elementwise(.hardSwish(gate: nil)), x)
  var depthwise = Model.Convolution(kernel: [3, 3], padding: [1, 1, 1, 1], groups: 16)
  let y = try maker.convolution(x, 16, depthwise)
  x = try maker.add(.add, x, try maker.add(.elementwise(.hardSwish(gate: nil)), y))
  let qkv = try maker.convolution(x, 48, Model.Convolution(kernel: [1, 1]))
  depthwise = Model.Convolution(kernel: [5, 5], padding: [2, 2, 2, 2], groups: 48)
  let aggregated = try maker.convolution(
    try maker.convolution(qkv, 48, depthwise), 48, Model.Convolution(kernel: [1, 1], groups: 6))
  let all = try maker.add(.concatenate, qkv, aggregated)
  func part(_ first: Int, _ relu: Bool) throws -> TensorID {
    let columns = try maker.add(.selectColumns(first: first, step: 24, width: 8, count: 4), all)
    return relu ? try maker.add(.elementwise(.relu), columns) : columns
  }
  let (q, k, v) = (try part(0, true), try part(8, true), try part(16, false))
  let ones = try maker.add(.appendColumn(heads: 4, value: 1), v)
  let (narrow, wide) = (
    HeadLayout.columns(first: 0, step: 8, width: 8), HeadLayout.columns(first: 0, step: 9, width: 9)
  )
  let keys = try maker.add(
    .headProduct(HeadProduct(heads: 4, a: HeadOperand(narrow, transposed: true), b: HeadOperand(wide), stacked: true)),
    k, ones)
  let sums = try maker.add(
    .headProduct(HeadProduct(heads: 4, a: HeadOperand(narrow), b: HeadOperand(.stacked), stacked: false)), q, keys)
  let quotient = try maker.add(.divide(heads: 4, epsilon: 1e-6), sums)
  x = try maker.add(.add, try maker.convolution(quotient, 16, Model.Convolution(kernel: [1, 1])), x)
  x = try maker.add(.average, x)
  let (gain, bias) = (maker.tensor("gain", [16]), maker.tensor("offset", [16]))
  x = try maker.add(.layerNorm(epsilon: 1e-5), try maker.linear(x, 16), gain, bias)
  x = try maker.linear(x, 10)
  return try maker.finished(x)
}

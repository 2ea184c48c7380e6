import Numerics
import TestSupport

@testable import Model

/// Builds graphs; shapes follow from the operations.
struct GraphMaker {
  var graph: Graph

  init(_ name: String = "made", batch: Int = 1) {
    graph = Graph(name: name, image: 0, batch: batch, tensors: [], operators: [])
  }

  subscript(id: TensorID) -> [Int] { graph[id].shape }

  mutating func tensor(_ shape: [Int], _ role: TensorRole) -> TensorID {
    graph.tensors.append(Tensor(name: "\(role)\(graph.tensors.count)", shape: shape, role: role))
    return graph.tensors.count - 1
  }

  mutating func op(_ operation: GraphOperation, _ inputs: TensorID...) -> TensorID { op(operation, inputs) }

  mutating func op(_ operation: GraphOperation, _ inputs: [TensorID]) -> TensorID {
    let shape = (try? operation.outputShape(inputs.map { graph[$0].shape })) ?? [-1]
    let output = tensor(shape, .activation)
    let word = "\(operation)".prefix { $0.isLetter }
    graph.operators.append(
      GraphOperator(name: "\(word)\(graph.operators.count)", operation: operation, inputs: inputs, output: output))
    return output
  }

  mutating func linear(_ x: TensorID, _ columns: Int) -> TensorID {
    let weight = tensor([self[x].last ?? 1, columns], .parameter)
    return op(.linear, x, weight, tensor([columns], .parameter))
  }

  mutating func convolution(_ x: TensorID, _ convolution: Model.Convolution, _ columns: Int) -> TensorID {
    let depth = convolution.kernel[0] * convolution.kernel[1] * self[x][3] / convolution.groups
    let weight = tensor([depth, columns], .parameter)
    return op(.convolution(convolution), x, weight, tensor([columns], .parameter))
  }

  mutating func norm(_ x: TensorID) -> TensorID {
    let shape = [self[x].last ?? 1]
    let gain = tensor(shape, .parameter)
    return op(.layerNorm(epsilon: 1e-5), x, gain, tensor(shape, .parameter))
  }

  /// Makes `x` an output.
  func finished(_ outputs: TensorID...) -> Graph {
    var graph = graph
    for x in outputs { graph.tensors[x].role = .output }
    return graph
  }
}

extension GraphMaker {
  /// A random small model: images, then tokens, then perhaps one row for each image.
  static func random(_ random: inout SplitMix64) -> Graph {
    var maker = GraphMaker("random", batch: random.pick([1, 1, 2]))
    let batch = maker.graph.batch
    var x: TensorID
    if random.chance(60) {
      x = maker.tensor([batch, random.int(1...9), random.int(1...9), random.pick([1, 2, 3, 4, 8])], .input)
      for _ in 0..<random.int(1...4) { x = maker.imageLayer(x, &random) }
      if random.chance(60) { x = maker.op(.reshape([batch, maker[x][1] * maker[x][2], maker[x][3]]), x) }
    } else {
      x = maker.tensor([batch, random.int(1...12), random.pick([1, 3, 4, 6, 8, 12, 16, 24])], .input)
    }
    if maker[x].count == 3 { for _ in 0..<random.int(1...4) { x = maker.tokenLayer(x, &random) } }
    switch random.int(1...4) {
    case 1: x = maker.linear(maker.op(.average, x), random.int(1...5))
    case 2 where maker[x].count == 3: x = maker.linear(maker.op(.selectToken(random.int(0...maker[x][1] - 1)), x), 3)
    case 3: x = maker.columns(x, &random)
    default: break
    }
    // A model of views alone computes nothing.
    let isIdle = maker.graph.operators.allSatisfy {
      switch $0.operation {
      case .reshape, .selectColumns: true
      default: false
      }
    }
    if isIdle { x = maker.op(.elementwise(.identity), x) }
    return maker.finished(x)
  }

  private mutating func imageLayer(_ x: TensorID, _ random: inout SplitMix64) -> TensorID {
    let (height, width, channels) = (self[x][1], self[x][2], self[x][3])
    switch random.int(1...9) {
    case 1, 2, 3:
      let groups = random.pick((1...channels).filter { channels % $0 == 0 })
      let kernel = [random.int(1...min(3, height)), random.int(1...min(3, width))]
      let dilation = [height, width].indices.map { axis in
        kernel[axis] > 1 && [height, width][axis] > 2 * (kernel[axis] - 1) ? random.int(1...2) : 1
      }
      let convolution = Convolution(
        kernel: kernel, stride: [random.int(1...2), random.int(1...2)], dilation: dilation,
        padding: (0..<4).map { _ in random.int(0...2) }, groups: groups)
      return elementwise(self.convolution(x, convolution, groups * random.int(1...3)), &random)
    case 4:
      let depthwise = Model.Convolution(kernel: [3, 3], padding: [1, 1, 1, 1], groups: channels)
      return elementwise(convolution(x, depthwise, channels), &random)
    case 5: return elementwise(convolution(x, Model.Convolution(kernel: [1, 1]), random.int(1...9)), &random)
    case 6:
      let same = Model.Convolution(kernel: [3, 3], padding: [1, 1, 1, 1], groups: random.chance(50) ? channels : 1)
      return op(.add, convolution(x, same, channels), x)
    case 7:
      let other = convolution(x, Model.Convolution(kernel: [1, 1]), random.int(1...4))
      return op(.concatenate, random.chance(50) ? [x, other] : [other, x, other])
    case 8: return op(.multiply, x, op(.elementwise(.sigmoid), x))
    default: return columns(x, &random)
    }
  }

  private mutating func tokenLayer(_ x: TensorID, _ random: inout SplitMix64) -> TensorID {
    let width = self[x][2]
    switch random.int(1...11) {
    case 1: return elementwise(linear(x, random.int(1...20)), &random)
    case 2: return norm(x)
    case 3: return op(.add, op(.elementwise(.gelu), linear(norm(x), width)), x)
    case 4: return op(.softmax, x)
    case 5:
      let shape = random.pick([[1] + self[x].dropFirst(), [width]])
      return op(.add, random.chance(50) ? linear(x, width) : x, tensor(Array(shape), .parameter))
    case 6: return attention(x, &random)
    case 7: return linearAttention(x, &random)
    case 8: return products(x, &random)
    case 9: return columns(x, &random)
    case 10: return op(.multiply, linear(x, width), x)
    default:
      let heads = random.pick((1...width).filter { width % $0 == 0 })
      let longer = op(.appendColumn(heads: heads, value: random.pick([1, 0.5])), x)
      return random.chance(50) ? longer : op(.divide(heads: heads, epsilon: 1e-3), longer)
    }
  }

  private mutating func elementwise(_ x: TensorID, _ random: inout SplitMix64) -> TensorID {
    switch random.int(1...8) {
    case 1: op(.elementwise(.relu), x)
    case 2: op(.elementwise(.hardSwish(gate: Quantization(scale: 1.0 / 255, zeroPoint: -128))), x)
    case 3: op(.elementwise(.silu), op(.elementwise(.scale(0.7)), x))
    case 4: op(.elementwise(.gelu), x)
    case 5: op(.elementwise(.tanh), x)
    default: x
    }
  }

  /// Columns of `x` as a view, or a view of that, or a function of it.
  private mutating func columns(_ x: TensorID, _ random: inout SplitMix64) -> TensorID {
    let all = self[x].last ?? 1
    let count = random.int(1...min(3, all))
    let step = all / count
    let width = random.int(1...step)
    let first = random.int(0...all - step * (count - 1) - width)
    let view = op(.selectColumns(first: first, step: step, width: width, count: count), x)
    switch random.int(1...3) {
    case 1: return view
    case 2: return op(.selectColumns(first: 0, step: 1, width: (count * width + 1) / 2, count: 1), view)
    default: return op(.elementwise(.relu), view)
    }
  }

  mutating func attention(_ x: TensorID, _ random: inout SplitMix64) -> TensorID {
    let (heads, depth) = (random.int(1...3), random.int(1...5))
    let width = heads * depth
    let qkv = linear(x, 3 * width)
    let keys = HeadOperand(.columns(first: width, step: depth, width: depth), transposed: true)
    let values = HeadOperand(.columns(first: 2 * width, step: depth, width: depth))
    var q = qkv
    if random.chance(50) {
      q = op(
        .elementwise(.scale(0.5)), op(.selectColumns(first: 0, step: width, width: width, count: 1), qkv))
    }
    let product = HeadProduct(
      heads: heads, a: HeadOperand(.columns(first: 0, step: depth, width: depth)), b: keys, stacked: true)
    var scores = op(.headProduct(product), q, qkv)
    if random.chance(50) { scores = op(.elementwise(.scale(0.3)), scores) }
    let weights = op(.softmax, scores)
    let second = HeadProduct(heads: heads, a: HeadOperand(.stacked), b: values, stacked: false)
    return op(.headProduct(second), weights, qkv)
  }

  /// ReLU linear attention: q, k, v of a head side by side; Q·(Kᵀ·[V 1]), divided by the last column.
  mutating func linearAttention(_ x: TensorID, _ random: inout SplitMix64) -> TensorID {
    let (heads, depth) = (random.int(1...3), random.int(1...4))
    let qkv = linear(x, 3 * heads * depth)
    func part(_ index: Int) -> GraphOperation {
      .selectColumns(first: index * depth, step: 3 * depth, width: depth, count: heads)
    }
    let q = op(.elementwise(.relu), op(part(0), qkv))
    let k = op(.elementwise(.relu), op(part(1), qkv))
    let v = op(.appendColumn(heads: heads, value: 1), op(part(2), qkv))
    func columns(_ width: Int) -> HeadLayout { .columns(first: 0, step: width, width: width) }
    let first = HeadProduct(
      heads: heads, a: HeadOperand(columns(depth), transposed: true), b: HeadOperand(columns(depth + 1)), stacked: true)
    let second = HeadProduct(
      heads: heads, a: HeadOperand(columns(depth)), b: HeadOperand(.stacked), stacked: false)
    return op(.divide(heads: heads, epsilon: 1e-4), op(.headProduct(second), q, op(.headProduct(first), k, v)))
  }

  /// A product of any layout whose result has three dimensions.
  mutating func products(_ x: TensorID, _ random: inout SplitMix64) -> TensorID {
    let (heads, depth) = (random.int(1...3), random.int(1...4))
    let y = linear(x, heads * depth)
    let layout = HeadLayout.columns(first: 0, step: depth, width: depth)
    if random.chance(50) {
      // XᵀX, then X·(XᵀX), side by side.
      let gram = HeadProduct(
        heads: heads, a: HeadOperand(layout, transposed: true), b: HeadOperand(layout), stacked: true)
      var z = op(.headProduct(gram), y, y)
      if random.chance(50) { z = op(.elementwise(.gelu), z) }
      let product = HeadProduct(
        heads: heads, a: HeadOperand(layout), b: HeadOperand(.stacked, transposed: random.chance(50)), stacked: false)
      return op(.headProduct(product), y, z)
    }
    let scores = HeadProduct(
      heads: heads, a: HeadOperand(layout), b: HeadOperand(layout, transposed: true), stacked: true)
    let z = op(.headProduct(scores), y, y)
    let product = HeadProduct(
      heads: heads, a: HeadOperand(.stacked, transposed: random.chance(50)), b: HeadOperand(layout), stacked: false)
    return op(.headProduct(product), z, y)
  }
}

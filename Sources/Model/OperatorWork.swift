import Numerics

/// What an operator computes and moves when every operand comes from memory and every result goes there:
/// docs/roofline.md has the formulas.
public struct OperatorWork: Sendable, Hashable {
  /// Floating-point operations: two a multiply-accumulate, and those of functions element by element.
  public var flops: Int
  /// Elements of all operands, each once. Biases and gains, vectors that stay in the unit, don't count.
  public var read: Int
  /// Elements of the result.
  public var written: Int

  public init(flops: Int = 0, read: Int = 0, written: Int = 0) {
    self.flops = flops
    self.read = read
    self.written = written
  }

  /// Elements read and written.
  public var memoryOperations: Int { read + written }

  /// FLOPs an element that is read or written; `nil` for what moves nothing (a view).
  public var intensity: Double? {
    memoryOperations == 0 ? nil : Double(flops) / Double(memoryOperations)
  }

  public static func += (left: inout Self, right: Self) {
    left.flops += right.flops
    left.read += right.read
    left.written += right.written
  }
}

/// Defined for valid graphs (`Graph.validate()`), whose sums fit an `Int`.
extension Graph {
  /// Of one operator.
  public func work(of op: GraphOperator) -> OperatorWork {
    OperatorWork(flops: flops(of: op), read: elementsRead(by: op), written: elements(of: op))
  }

  private func flops(of op: GraphOperator) -> Int {
    let results = tensors[op.output].elements
    switch op.operation {
    case .patchEmbedding, .convolution, .linear, .headProduct: return 2 * macs(of: op)
    case .add, .multiply, .divide: return results
    // Sum, difference from the mean, square, sum, times 1/σ, times gain, plus bias.
    case .layerNorm: return 7 * results
    // Maximum, difference, exponential, sum, quotient.
    case .softmax: return 5 * results
    case .elementwise(let function): return function.flops * results
    case .average: return tensors[op.inputs[0]].elements
    case .classToken, .appendColumn, .concatenate, .selectToken, .selectColumns, .reshape: return 0
    }
  }

  private func elementsRead(by op: GraphOperator) -> Int {
    func elements(_ input: Int) -> Int { tensors[op.inputs[input]].elements }
    switch op.operation {
    case .patchEmbedding, .linear, .add, .multiply: return elements(0) + elements(1)
    case .convolution(let convolution):
      return convolution.pixelsRead(from: tensors[op.inputs[0]].shape, to: tensors[op.output].shape)
        * (tensors[op.inputs[0]].shape.last ?? 0) + elements(1)
    case .headProduct(let product):
      return product.elements(product.a, tensors[op.inputs[0]].shape)
        + product.elements(product.b, tensors[op.inputs[1]].shape)
    case .layerNorm, .elementwise, .softmax, .divide, .appendColumn, .average: return elements(0)
    case .concatenate: return op.inputs.indices.reduce(0) { $0 + elements($1) }
    // The patches beside it stay where they are.
    case .classToken: return elements(1)
    case .selectToken, .selectColumns, .reshape: return 0
    }
  }

  /// A bound on `work(of:)`: no less than its three figures added up; `nil` where it doesn't fit an `Int`.
  func workBound(of op: GraphOperator) -> Int? {
    // No function takes more FLOPs an element; matrices of heads have no more elements than multiply-accumulates.
    let elements = checkedSum((op.inputs + [op.output]).map { tensors[$0].elements })
    return elements.flatMap { checkedProduct([16, $0]) }.flatMap { elements in
      checkedProduct(macFactors(of: op) + [4]).flatMap { checkedSum([$0, elements]) }
    }
  }
}

extension ElementwiseFunction {
  /// Floating-point operations an element.
  fileprivate var flops: Int {
    switch self {
    // Only the quantization changes: nothing of the model's is computed.
    case .identity: 0
    case .scale, .relu, .tanh, .table: 1
    // x/2 · (1 + tanh(x · (a + b·x²))).
    case .gelu: 8
    // x · min(1, max(0, x/6 + 1/2)).
    case .hardSwish: 5
    case .hardSigmoid: 4
    // 1 / (1 + e^−x), x / (1 + e^−x).
    case .sigmoid, .silu: 4
    }
  }
}

extension HeadProduct {
  /// Elements of an operand's matrices, of all heads and images.
  fileprivate func elements(_ operand: HeadOperand, _ shape: [Int]) -> Int {
    matrix(operand, shape).map { heads * $0.batch * $0.rows * $0.columns } ?? 0
  }
}

extension Convolution {
  /// Pixels of all images that lie under the kernel in some place of its path: strides may leave out others. Of dilated
  /// ones, all.
  fileprivate func pixelsRead(from input: [Int], to output: [Int]) -> Int {
    input[0] * covered(axis: 0, input[1], output[1]) * covered(axis: 1, input[2], output[2])
  }

  private func covered(axis: Int, _ size: Int, _ places: Int) -> Int {
    let (kernel, stride, padding) = (kernel[axis], stride[axis], padding[axis])
    if dilation[axis] > 1 { return size }
    if stride <= kernel { return min(size, (places - 1) * stride + kernel - padding) }
    // Places don't overlap: for each tap, the places in which it lies on the image.
    return (0..<kernel).reduce(0) { sum, tap in
      let first = max(0, (padding - tap + stride - 1) / stride)
      let distance = size - 1 + padding - tap
      let last = distance < 0 ? -1 : min(places - 1, distance / stride)
      return sum + max(0, last - first + 1)
    }
  }
}

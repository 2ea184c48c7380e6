import Numerics

/// Index of a tensor in `Graph.tensors`.
public typealias TensorID = Int

/// What a tensor is to the model.
public enum TensorRole: Sendable, Hashable {
  case input
  /// Trained: weights, biases, class token, position embedding.
  case parameter
  case activation
  case output
}

/// A tensor of the model; activations and weights are INT8 when the model is compiled.
public struct Tensor: Sendable, Hashable {
  public var name: String
  public var shape: [Int]
  public var role: TensorRole

  public init(name: String, shape: [Int], role: TensorRole) {
    self.name = name
    self.shape = shape
    self.role = role
  }

  public var elements: Int { shape.reduce(1, *) }
}

/// Where the matrices of several heads stand in an operand of a `HeadProduct`.
public enum HeadLayout: Sendable, Hashable {
  /// Operand [B, …, columns], rows = the dimensions between: head h has `width` columns from `first` + h·`step` on.
  case columns(first: Int, step: Int, width: Int)
  /// Operand [B, heads, rows, columns]: a matrix for each head.
  case stacked
}

/// One operand of a `HeadProduct`.
public struct HeadOperand: Sendable, Hashable {
  public var layout: HeadLayout
  /// The head's matrix is read transposed.
  public var transposed: Bool
  public init(_ layout: HeadLayout, transposed: Bool = false) {
    self.layout = layout
    self.transposed = transposed
  }
}

/// A matrix product for each head of each image: Q·Kᵀ, scores·V, Kᵀ·V …
public struct HeadProduct: Sendable, Hashable {
  public var heads: Int
  public var a: HeadOperand
  public var b: HeadOperand
  /// The result is [B, heads, M, N]; else [B, M, heads·N], heads side by side.
  public var stacked: Bool
  public init(heads: Int, a: HeadOperand, b: HeadOperand, stacked: Bool) {
    self.heads = heads
    self.a = a
    self.b = b
    self.stacked = stacked
  }

  /// Q·Kᵀ, both operands being one [B, N, 3D] with Q, K, V side by side and heads side by side in each.
  public static func scores(heads: Int, width: Int) -> HeadProduct {
    let depth = width / max(1, heads)
    return HeadProduct(
      heads: heads, a: HeadOperand(.columns(first: 0, step: depth, width: depth)),
      b: HeadOperand(.columns(first: width, step: depth, width: depth), transposed: true), stacked: true)
  }

  /// scores·V of the same.
  public static func values(heads: Int, width: Int) -> HeadProduct {
    let depth = width / max(1, heads)
    return HeadProduct(
      heads: heads, a: HeadOperand(.stacked),
      b: HeadOperand(.columns(first: 2 * width, step: depth, width: depth)), stacked: false)
  }
}

/// A convolution over NHWC images.
public struct Convolution: Sendable, Hashable {
  /// Rows, columns.
  public var kernel: [Int]
  public var stride: [Int]
  public var dilation: [Int]
  /// Top, left, bottom, right.
  public var padding: [Int]
  /// Channels are cut into so many groups, each with its own columns of the weight; all of them: a depthwise convolution.
  public var groups: Int
  public init(
    kernel: [Int], stride: [Int] = [1, 1], dilation: [Int] = [1, 1], padding: [Int] = [0, 0, 0, 0], groups: Int = 1
  ) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
    self.groups = groups
  }
}

/// What an operator computes. Shapes: B batch, N tokens, P patches, D width, H heads. The last dimension is the columns of
/// the matrix that memory holds (channels, for images: NHWC), all others its rows.
public enum GraphOperation: Sendable, Hashable {
  /// image [B, height, width, C], weight [patch²·C, D], bias [D] → [B, P, D].
  case patchEmbedding(patch: Int)
  /// patches [B, P, D], token [1, D] → [B, P+1, D], the token first.
  case classToken
  /// image [B, height, width, C], weight [kernel·C/groups, D], bias [D] → [B, height′, width′, D].
  /// Rows of the weight are kernel row, kernel column, channel of the group; its columns the groups side by side.
  case convolution(Convolution)
  /// x, y → x's shape; y is x's shape or [1, …] (broadcast over the batch) or [D] (over all rows).
  case add
  /// The same, for the product element by element.
  case multiply
  /// x [..., D], gain [D], bias [D] → x's shape.
  case layerNorm(epsilon: Float)
  /// x [..., K], weight [K, M], bias [M] → [..., M].
  case linear
  /// a, b (one tensor or two) → a product for each head; see `HeadProduct`.
  case headProduct(HeadProduct)
  /// x → x's shape: a function of each element.
  case elementwise(ElementwiseFunction)
  /// x → x's shape, over the last dimension.
  case softmax
  /// x [..., heads·(d+1)] → [..., heads·d]: the first d columns of each head over its last, x / (divisor + ε).
  case divide(heads: Int, epsilon: Float)
  /// x [..., heads·d] → [..., heads·(d+1)]: a constant column behind each head's.
  case appendColumn(heads: Int, value: Float)
  /// Several [..., Cᵢ] → [..., ΣCᵢ].
  case concatenate
  /// x [B, …, C] → [B, C]: the mean over all dimensions between.
  case average
  /// x [B, N, D] → [B, D]: one token of each image. A view: nothing is computed or moved.
  case selectToken(Int)
  /// x [..., C] → [..., count·width]: `width` columns from first + i·step on for each i < count. A view.
  case selectColumns(first: Int, step: Int, width: Int, count: Int)
  /// x → the same batch and columns, other dimensions between. A view.
  case reshape([Int])
}

/// One operator.
public struct GraphOperator: Sendable, Hashable {
  /// Dotted name as in timm: `blocks.0.attn.qkv`.
  public var name: String
  public var operation: GraphOperation
  public var inputs: [TensorID]
  public var output: TensorID

  public init(name: String, operation: GraphOperation, inputs: [TensorID], output: TensorID) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.output = output
  }
}

/// A model: operators in an order in which each one's inputs are there.
public struct Graph: Sendable, Hashable {
  public var name: String
  /// Image side, pixels.
  public var image: Int
  public var batch: Int
  public var tensors: [Tensor]
  public var operators: [GraphOperator]

  public init(name: String, image: Int, batch: Int, tensors: [Tensor], operators: [GraphOperator]) {
    self.name = name
    self.image = image
    self.batch = batch
    self.tensors = tensors
    self.operators = operators
  }

  public subscript(id: TensorID) -> Tensor { tensors[id] }
}

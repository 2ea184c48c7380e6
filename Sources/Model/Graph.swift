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

/// What an operator computes. Shapes: B batch, N tokens, P patches, D width, H heads.
public enum GraphOperation: Sendable, Hashable {
  /// image [B, height, width, 3], weight [patch²·3, D], bias [D] → [B, P, D].
  case patchEmbedding(patch: Int)
  /// patches [B, P, D], token [1, D] → [B, P+1, D], the token first.
  case classToken
  /// x, y → x's shape; y is x's shape or [1, …] (broadcast over the batch).
  case add
  /// x [..., D], gain [D], bias [D] → x's shape.
  case layerNorm
  /// x [..., K], weight [K, M], bias [M] → [..., M].
  case linear
  /// qkv [B, N, 3D] → [B, H, N, N]: Q·Kᵀ of every head; Q, K, V lie side by side in a row, heads side by side in each.
  case attentionScores(heads: Int)
  /// x → x's shape: multiplication by a constant (1/√d).
  case scale
  /// x → x's shape, over the last dimension.
  case softmax
  /// scores [B, H, N, N], qkv [B, N, 3D] → [B, N, D]: scores·V, heads side by side.
  case attentionValues(heads: Int)
  case gelu
  /// x [B, N, D] → [B, D]: one token of each image. A view: nothing is computed or moved.
  case selectToken(Int)
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

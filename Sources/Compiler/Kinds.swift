import Hardware
import Model
import Numerics
import Schedule

extension GraphOperation {
  /// What the schedule's table calls it; a view isn't in the table.
  var kind: OperatorKind? {
    switch self {
    case .patchEmbedding, .convolution, .linear, .headProduct: .matmul
    case .classToken: .move
    case .add: .add
    case .multiply: .multiply
    case .layerNorm: .layerNorm
    case .elementwise(let function): function.kind
    case .appendColumn, .concatenate: .scale
    case .softmax: .softmax
    case .divide: .divide
    case .average: .average
    case .selectToken, .selectColumns, .reshape: nil
    }
  }
}

extension ElementwiseFunction {
  fileprivate var kind: OperatorKind {
    switch vectorOperation {
    case .relu: .relu
    case .gelu: .gelu
    case .hardSwish: .hardSwish
    case .lookup: .lookup
    default: .scale
    }
  }

  /// The operation of the vector unit that performs it.
  var vectorOperation: VectorOperation {
    switch self {
    case .identity, .scale: .scale
    case .relu: .relu
    case .gelu: .gelu
    case .hardSwish: .hardSwish
    case .hardSigmoid, .sigmoid, .silu, .tanh, .table: .lookup
    }
  }
}

extension GraphOperator {
  /// The inputs that must be parameters, since they are laid out in DRAM before the run.
  var parameters: ArraySlice<TensorID> {
    switch operation {
    case .patchEmbedding, .convolution, .linear, .layerNorm, .classToken: inputs.dropFirst()
    default: []
    }
  }
}

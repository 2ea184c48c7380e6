import Hardware
import Numerics

extension VectorInstruction {
  /// Why the entries of `table` that the stages refer to aren't what the stages compute; empty if they are.
  ///
  /// Takes for granted that the instruction has no `sizeMistakes`. Without a table there is nothing to compute: then
  /// every stage is in the wrong.
  public func arithmeticMistakes(_ table: [StageArithmetic]) -> [String] {
    var isInt32 = source.bytes == 4 * elements
    var mistakes: [String] = []
    for stage in stages {
      if let mistake = mistake(stage, table, isInt32: isInt32) { mistakes.append(mistake) }
      if stage.operation != .scale { isInt32 = false }
    }
    return mistakes
  }

  private func mistake(_ stage: VectorStage, _ table: [StageArithmetic], isInt32: Bool) -> String? {
    let name = stage.operation.rawValue
    guard let index = stage.arithmetic else { return "\(name) doesn't say what it computes: refer to an arithmetic" }
    guard table.indices.contains(index) else { return "\(name) refers to arithmetic \(index) of \(table.count)" }
    guard 0...1 << 40 ~= stage.firstColumn else {
      return "\(name) begins at column \(stage.firstColumn) of its operator's output: use 0 to 2^40"
    }
    let arithmetic = table[index]
    guard arithmetic.fits(stage.operation) else {
      return "\(name) can't compute arithmetic \(index), which is for \(arithmetic.operation.rawValue)"
    }
    switch arithmetic {
    case .requantize(let entry):
      let factors = entry.factors.count
      let end = stage.firstColumn + columns
      if factors < 1 || (factors > 1 && end > factors) {
        return
          "columns \(stage.firstColumn) to \(end - 1) are requantized, but arithmetic \(index) has \(factors) factors"
      }
    case .elementwise where isInt32:
      return "\(name) computes with INT8, but INT32 comes to it: requantize first"
    case .divide(let entry) where isInt32 && entry.input.zeroPoint != 0:
      return "arithmetic \(index) has the zero point \(entry.input.zeroPoint) for INT32, which has none"
    default: break
    }
    return nil
  }
}

extension StageArithmetic {
  /// The operation that this is for, first of all.
  public var operation: VectorOperation {
    switch self {
    case .requantize: .requantize
    case .add: .add
    case .multiply: .multiply
    case .softmax: .softmax
    case .layerNorm: .layerNorm
    case .divide: .divide
    case .average: .average
    case .elementwise(let entry):
      switch entry.function {
      case .identity, .scale: .scale
      case .relu: .relu
      case .gelu: .gelu
      case .hardSwish: .hardSwish
      case .hardSigmoid, .sigmoid, .silu, .tanh, .table: .lookup
      }
    }
  }

  /// Whether a stage of this operation can compute it. A look-up table holds any function of one element.
  func fits(_ stage: VectorOperation) -> Bool {
    if case .elementwise = self, stage == .lookup { return true }
    return operation == stage
  }
}

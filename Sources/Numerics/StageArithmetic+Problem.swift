extension StageArithmetic {
  /// What is wrong with it, in words; `nil` if every function of it has a result for every operand.
  ///
  /// Scales and factors have to be positive and finite, zero points within −128…127, and the algorithm one that the
  /// operation has.
  public var problem: String? {
    switch self {
    case .requantize(let it):
      return it.algorithm.problem(among: Self.fixedPointForms) ?? zeroPointProblem(it.zeroPoint, of: "the results")
        ?? factorProblem(it.factors)
    case .elementwise(let it): return it.problem
    case .add(let it):
      return it.algorithm.problem(among: Self.fixedPointForms) ?? it.first.problem(of: "the first operand")
        ?? it.second.problem(of: "the second operand") ?? it.output.problem(of: "the results")
    case .multiply(let it):
      return it.algorithm.problem(among: Self.fixedPointForms) ?? it.first.problem(of: "the first operand")
        ?? it.second.problem(of: "the second operand") ?? it.output.problem(of: "the results")
    case .softmax(let it):
      return it.algorithm.problem(among: Self.nonlinearForms) ?? it.input.problem(of: "the input")
        ?? it.output.problem(of: "the results")
    case .layerNorm(let it):
      return it.algorithm.problem(among: Self.nonlinearForms) ?? it.input.problem(of: "the input")
        ?? it.output.problem(of: "the results") ?? scaleProblem(it.gainScale, of: "the gain")
        ?? scaleProblem(it.biasScale, of: "the bias") ?? epsilonProblem(it.epsilon)
    case .divide(let it):
      return it.algorithm.problem(among: Self.fixedPointForms) ?? it.input.problem(of: "the input")
        ?? it.output.problem(of: "the results") ?? epsilonProblem(it.epsilon)
    case .average(let it):
      return it.algorithm.problem(among: Self.fixedPointForms) ?? it.input.problem(of: "the input")
        ?? it.output.problem(of: "the results")
    }
  }

  /// Forms of requantization, addition, multiplication, division and averages.
  public static let fixedPointForms: [Algorithm] = [.fixedPoint, .float]
  /// Forms of GELU, softmax and LayerNorm.
  public static let nonlinearForms: [Algorithm] = [.iBERT, .iViT, .table, .float]
}

extension ElementwiseFunction {
  /// Forms in which the vector unit has it.
  public var forms: [Algorithm] {
    switch self {
    case .gelu: StageArithmetic.nonlinearForms
    case .identity, .scale, .relu: [.fixedPoint, .table, .float]
    case .hardSwish, .hardSigmoid, .sigmoid, .silu, .tanh, .table: [.table, .float]
    }
  }
}

extension Elementwise {
  fileprivate var problem: String? {
    algorithm.problem(among: function.forms) ?? input.problem(of: "the input") ?? output.problem(of: "the results")
      ?? function.problem
  }
}

extension ElementwiseFunction {
  fileprivate var problem: String? {
    switch self {
    case .scale(let factor): factor.isFinite ? nil : "the factor \(factor) is not finite"
    case .hardSwish(let gate): gate?.problem(of: "the gate")
    case .hardSigmoid(let alpha, let beta):
      alpha.isFinite && beta.isFinite ? nil : "a hard sigmoid's α = \(alpha) and β = \(beta) are not finite"
    case .table(let entries): entries.count == 256 ? nil : "the table has \(entries.count) entries instead of 256"
    case .identity, .relu, .gelu, .sigmoid, .silu, .tanh: nil
    }
  }
}

extension Algorithm {
  fileprivate func problem(among forms: [Algorithm]) -> String? {
    if forms.contains(self) { return nil }
    return "the algorithm '\(rawValue)' is none of \(forms.map(\.rawValue).joined(separator: ", "))"
  }
}

extension Quantization {
  /// What is wrong with it, in words: "the scale of … is 0.0".
  public func problem(of what: String) -> String? {
    scaleProblem(scale, of: what) ?? zeroPointProblem(zeroPoint, of: what)
  }
}

private func scaleProblem(_ scale: Float, of what: String) -> String? {
  scale > 0 && scale.isFinite ? nil : "the scale of \(what) is \(scale), not positive and finite"
}

private func zeroPointProblem(_ zeroPoint: Int, of what: String) -> String? {
  -128...127 ~= zeroPoint ? nil : "the zero point of \(what) is \(zeroPoint), outside −128…127"
}

private func epsilonProblem(_ epsilon: Float) -> String? {
  epsilon >= 0 && epsilon.isFinite ? nil : "ε is \(epsilon), not a finite number from 0 on"
}

private func factorProblem(_ factors: [Double]) -> String? {
  if factors.isEmpty { return "there is no factor" }
  return factors.firstIndex { !($0 > 0 && $0.isFinite) }
    .map { "factor \($0) is \(factors[$0]), not positive and finite" }
}

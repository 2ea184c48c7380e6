import Foundation
import Numerics

/// Functions of one real number, each in float32 as ONNX defines it.
enum Function: Hashable {
  case relu, sigmoid, tanh, hardSwish, erf, exp, log, squareRoot, negative, absolute, reciprocal, floor, ceil, softplus
  case gelu(tanh: Bool)
  case hardSigmoid(alpha: Float, beta: Float)
  case leakyRelu(alpha: Float)
  case clip(Float, Float)

  /// Those without attributes, by their operators.
  init?(unary type: String) {
    let functions: [String: Function] = [
      "Relu": .relu, "Sigmoid": .sigmoid, "Tanh": .tanh, "HardSwish": .hardSwish, "Erf": .erf, "Exp": .exp, "Log": .log,
      "Sqrt": .squareRoot, "Neg": .negative, "Abs": .absolute, "Reciprocal": .reciprocal, "Floor": .floor,
      "Ceil": .ceil,
      "Softplus": .softplus,
    ]
    guard let function = functions[type] else { return nil }
    self = function
  }

  func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .relu: x < 0 ? 0 : x
    case .sigmoid: 1 / (1 + Foundation.exp(-x))
    case .tanh: Foundation.tanh(x)
    case .hardSwish: x * Function.hardSigmoid(alpha: 1 / 6, beta: 0.5)(x)
    case .erf: Foundation.erf(x)
    case .exp: Foundation.exp(x)
    case .log: Foundation.log(x)
    case .squareRoot: x.squareRoot()
    case .negative: -x
    case .absolute: abs(x)
    case .reciprocal: 1 / x
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    case .softplus: max(x, 0) + Foundation.log1p(Foundation.exp(-abs(x)))
    case .gelu(tanh: false): 0.5 * x * (1 + Foundation.erf(x / Float(2).squareRoot()))
    case .gelu(tanh: true):
      0.5 * x * (1 + Foundation.tanh((2 / Float.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .hardSigmoid(let alpha, let beta): max(0, min(1, alpha * x + beta))
    case .leakyRelu(let alpha): x < 0 ? alpha * x : x
    // The upper bound has the last word, where bounds are crossed too.
    case .clip(let low, let high): Function.cut(x < low ? low : x, at: high)
    }
  }

  private static func cut(_ x: Float, at high: Float) -> Float { x > high ? high : x }

  /// Whether rounding to INT8 before it, with the numbers of its result, changes nothing: it never falls and leaves
  /// numbers where they are, or holds them at a bound.
  var commutesWithRounding: Bool {
    switch self {
    case .relu, .clip: true
    default: false
    }
  }
}

/// Functions of two numbers, by the names of their operators.
enum Combination: String {
  case add = "Add"
  case subtract = "Sub"
  case multiply = "Mul"
  case divide = "Div"
  case power = "Pow"
  case modulo = "Mod"
  case minimum = "Min"
  case maximum = "Max"

  func callAsFunction(_ a: Float, _ b: Float) -> Float {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .power: b == 2 ? a * a : b == 3 ? a * a * a : Foundation.pow(a, b)
    case .modulo: a - b * (a / b).rounded(.down)
    case .minimum: min(a, b)
    case .maximum: max(a, b)
    }
  }

  /// On shapes: wrapping, division towards zero.
  func callAsFunction(_ a: Int, _ b: Int) throws(Problem) -> Int {
    switch self {
    case .add: return a &+ b
    case .subtract: return a &- b
    case .multiply: return a &* b
    case .minimum: return min(a, b)
    case .maximum: return max(a, b)
    case .divide, .modulo:
      guard b != 0 else { throw Problem("divides by zero") }
      let (quotient, rest) = (
        a.dividedReportingOverflow(by: b).partialValue, a.remainderReportingOverflow(dividingBy: b).partialValue
      )
      if self == .divide { return quotient }
      return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
    case .power:
      guard 0...64 ~= b else { throw Problem("raises an integer to the power \(b)") }
      return (0..<b).reduce(1) { product, _ in product &* a }
    }
  }
}

/// A function of one real number, put together from the operators of a file.
indirect enum Expression: Hashable {
  case x
  case constant(Float)
  case apply(Function, Expression)
  case combine(Combination, Expression, Expression)

  /// float32, step by step.
  func callAsFunction(_ x: Float) -> Float {
    switch self {
    case .x: x
    case .constant(let value): value
    case .apply(let function, let inner): function(inner(x))
    case .combine(let combination, let a, let b): combination(a(x), b(x))
    }
  }

  /// This function of another one.
  func of(_ inner: Expression) -> Expression {
    switch self {
    case .x: inner
    case .constant: self
    case .apply(let function, let argument): .apply(function, argument.of(inner))
    case .combine(let combination, let a, let b): .combine(combination, a.of(inner), b.of(inner))
    }
  }

  var isConstant: Bool { if case .constant = self { true } else { false } }

  /// Operators in it.
  var size: Int {
    switch self {
    case .x, .constant: 0
    case .apply(_, let inner): 1 + inner.size
    case .combine(_, let a, let b): 1 + a.size + b.size
    }
  }

  /// What it is by its form alone.
  private var plain: ElementwiseFunction? {
    switch self {
    case .x: .identity
    case .apply(.relu, .x): .relu
    case .apply(.gelu(tanh: false), .x): .gelu
    case .apply(.hardSwish, .x): .hardSwish(gate: nil)
    case .apply(.sigmoid, .x): .sigmoid
    case .apply(.tanh, .x): .tanh
    case .apply(.hardSigmoid(let alpha, let beta), .x): .hardSigmoid(alpha: alpha, beta: beta)
    case .combine(.multiply, .x, .constant(let factor)), .combine(.multiply, .constant(let factor), .x): .scale(factor)
    case .combine(.divide, .x, .constant(let divisor)) where divisor != 0: .scale(1 / divisor)
    case .apply(.negative, .x): .scale(-1)
    default: nil
    }
  }

  /// Functions of the graph that files have in pieces.
  private static let pieces: [(ElementwiseFunction, @Sendable (Float) -> Float)] = [
    (.relu, { Function.relu($0) }), (.gelu, { Function.gelu(tanh: false)($0) }),
    (.hardSwish(gate: nil), { Function.hardSwish($0) }), (.sigmoid, { Function.sigmoid($0) }),
    (.tanh, { Function.tanh($0) }), (.silu, { $0 * Function.sigmoid($0) }),
  ]

  /// The function of the graph that this is between two quantizations: of all 256 real inputs, the results are within a thousandth
  /// of a step.
  func known(from input: Quantization, to output: Quantization) -> ElementwiseFunction? {
    if let plain { return plain }
    let samples = (-128...127).map { input.real(Int8($0)) }
    let bound = output.scale / 1000
    return Self.pieces.first { piece in samples.allSatisfy { abs(self($0) - piece.1($0)) <= bound } }?.0
  }

  /// The function of the graph that this is in float32, judged by values of all magnitudes: a bound or an addend of any size
  /// shows among them. What rounding in float32 may make of the pieces is allowed for.
  var known: ElementwiseFunction? {
    if let plain { return plain }
    let magnitudes = (-640...960).map { Float(pow(10, Double($0) / 64)) * 1e-1 }
    let samples = [0] + magnitudes + magnitudes.map { -$0 }
    return Self.pieces.first { piece in
      samples.allSatisfy { x in
        let exact = piece.1(x)
        return abs(self(x) - exact) <= 1e-6 * abs(x) + 2e-5 * abs(exact)
      }
    }?.0
  }

  /// The results for −128…127 between two quantizations.
  func table(from input: Quantization, to output: Quantization) -> [Int8] {
    (-128...127).map { output.quantize(self(input.real(Int8($0)))) }
  }
}

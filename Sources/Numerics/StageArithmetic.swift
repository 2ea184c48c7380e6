/// What one stage of a vector instruction computes, number by number: docs/numerics.md.
///
/// All of it is given by scales and zero points; the integers that hardware holds in registers and tables follow from them.
public enum StageArithmetic: Sendable, Hashable {
  /// INT32 → INT8.
  case requantize(Requantization)
  /// INT8 → INT8, each element on its own.
  case elementwise(Elementwise)
  /// Two INT8 operands → INT8.
  case add(Addition)
  /// Two INT8 operands → INT8.
  case multiply(Multiplication)
  /// A row of INT8 → a row of INT8.
  case softmax(Softmax)
  /// A row of INT8 and 5 bytes a column of parameters → a row of INT8.
  case layerNorm(LayerNorm)
  /// A row of INT32 or INT8, its last column the divisor → a row of INT8, a column shorter.
  case divide(Quotient)
  /// All rows of INT8 → one row of INT8.
  case average(Average)
}

/// INT32 accumulators to INT8: y = clamp(round(x · factor) + zeroPoint).
public struct Requantization: Sendable, Hashable {
  /// `fixedPoint` (multiplier below 2³¹ and shift, halves up) or `float` (float64 product, halves to even).
  public var algorithm: Algorithm
  /// Scale of the accumulators over that of the results: one, or one for each column of the operator's output.
  public var factors: [Double]
  /// Of the results.
  public var zeroPoint: Int
  /// Results are clamped to `lowest`…127; a ReLU raises it to the zero point.
  public var lowest: Int8

  public init(algorithm: Algorithm, factors: [Double], zeroPoint: Int = 0, lowest: Int8 = -128) {
    self.algorithm = algorithm
    self.factors = factors
    self.zeroPoint = zeroPoint
    self.lowest = lowest
  }
}

/// A function of one number.
public enum ElementwiseFunction: Sendable, Hashable {
  /// Only the quantization changes.
  case identity
  case scale(Float)
  case relu
  /// x · Φ(x).
  case gelu
  /// x · min(1, max(0, x/6 + 1/2)); with a `gate`, the second factor is quantized in between, as QDQ files have it.
  case hardSwish(gate: Quantization?)
  /// min(1, max(0, αx + β)).
  case hardSigmoid(alpha: Float, beta: Float)
  case sigmoid
  /// x / (1 + e^−x).
  case silu
  case tanh
  /// Any function, by its 256 results for −128…127.
  case table([Int8])
}

/// INT8 → INT8, each element on its own: a function between two quantizations.
public struct Elementwise: Sendable, Hashable {
  public var function: ElementwiseFunction
  /// GELU: `float`, `iBERT`, `iViT`, `table`. The others: `float` or `table` (the same numbers).
  public var algorithm: Algorithm
  public var input: Quantization
  public var output: Quantization

  public init(_ function: ElementwiseFunction, algorithm: Algorithm, input: Quantization, output: Quantization) {
    self.function = function
    self.algorithm = algorithm
    self.input = input
    self.output = output
  }
}

/// Sum of two INT8 operands of different scales.
public struct Addition: Sendable, Hashable {
  /// `fixedPoint` or `float`.
  public var algorithm: Algorithm
  /// Of what comes along the chain.
  public var first: Quantization
  /// Of the instruction's second operand.
  public var second: Quantization
  public var output: Quantization

  public init(algorithm: Algorithm, first: Quantization, second: Quantization, output: Quantization) {
    self.algorithm = algorithm
    self.first = first
    self.second = second
    self.output = output
  }
}

/// Product of two INT8 operands.
public struct Multiplication: Sendable, Hashable {
  /// `fixedPoint` or `float`.
  public var algorithm: Algorithm
  public var first: Quantization
  public var second: Quantization
  public var output: Quantization

  public init(algorithm: Algorithm, first: Quantization, second: Quantization, output: Quantization) {
    self.algorithm = algorithm
    self.first = first
    self.second = second
    self.output = output
  }
}

/// Softmax over a row.
public struct Softmax: Sendable, Hashable {
  /// `float`, `iBERT`, `iViT`, `table`.
  public var algorithm: Algorithm
  public var input: Quantization
  public var output: Quantization

  public init(algorithm: Algorithm, input: Quantization, output: Quantization) {
    self.algorithm = algorithm
    self.input = input
    self.output = output
  }
}

/// LayerNorm over a row: (x − mean) / √(variance + ε) · gain + bias.
///
/// Parameters of C columns: C bytes of INT8 gain, then C little-endian INT32 biases.
public struct LayerNorm: Sendable, Hashable {
  /// `float`, `iBERT`, `iViT`, `table`.
  public var algorithm: Algorithm
  public var input: Quantization
  public var output: Quantization
  public var gainScale: Float
  public var biasScale: Float
  public var epsilon: Float

  public init(
    algorithm: Algorithm, input: Quantization, output: Quantization, gainScale: Float, biasScale: Float, epsilon: Float
  ) {
    self.algorithm = algorithm
    self.input = input
    self.output = output
    self.gainScale = gainScale
    self.biasScale = biasScale
    self.epsilon = epsilon
  }
}

/// All columns of a row but the last, divided by the last: x·s / (d·s + ε).
public struct Quotient: Sendable, Hashable {
  /// `fixedPoint` or `float`.
  public var algorithm: Algorithm
  /// Of the row: INT32 accumulators have zero point 0.
  public var input: Quantization
  public var output: Quantization
  public var epsilon: Float

  public init(algorithm: Algorithm, input: Quantization, output: Quantization, epsilon: Float) {
    self.algorithm = algorithm
    self.input = input
    self.output = output
    self.epsilon = epsilon
  }
}

/// Mean of each column over all rows.
public struct Average: Sendable, Hashable {
  /// `fixedPoint` or `float`.
  public var algorithm: Algorithm
  public var input: Quantization
  public var output: Quantization

  public init(algorithm: Algorithm, input: Quantization, output: Quantization) {
    self.algorithm = algorithm
    self.input = input
    self.output = output
  }
}

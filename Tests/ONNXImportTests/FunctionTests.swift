import Numerics
import Testing

@testable import ONNXImport

/// Functions in pieces are known by what they compute, and by nothing less.
@Suite struct FunctionTests {
  private static var gelu: Expression {
    .combine(
      .multiply, .combine(.multiply, .x, .constant(0.5)),
      .combine(.add, .apply(.erf, .combine(.divide, .x, .constant(Float(2).squareRoot()))), .constant(1)))
  }
  private static var hardSwish: Expression {
    .combine(
      .divide, .combine(.multiply, .x, .apply(.clip(0, 6), .combine(.add, .x, .constant(3)))), .constant(6))
  }
  private static var silu: Expression { .combine(.multiply, .x, .apply(.sigmoid, .x)) }

  @Test func pieces() {
    #expect(Self.gelu.known == .gelu)
    #expect(Self.hardSwish.known == .hardSwish(gate: nil))
    #expect(Self.silu.known == .silu)
    #expect(Expression.apply(.clip(0, .infinity), .x).known == .relu)
    let (input, output) = (Quantization(scale: 0.05, zeroPoint: 3), Quantization(scale: 0.02, zeroPoint: -5))
    #expect(Self.gelu.known(from: input, to: output) == .gelu)
    #expect(Self.hardSwish.known(from: input, to: output) == .hardSwish(gate: nil))
    #expect(Self.silu.known(from: input, to: output) == .silu)
  }

  /// A bound or an addend of any size makes another function of it.
  @Test(arguments: [1e-3, 0.5, 12, 100, 30_000] as [Float]) func bounds(bound: Float) {
    for inner in [.apply(.relu, .x), Self.gelu, Self.hardSwish, Self.silu] {
      #expect(Expression.apply(.clip(-bound, bound), inner).known == nil)
      #expect(Expression.combine(.minimum, inner, .constant(bound)).known == nil)
      #expect(Expression.combine(.add, inner, .constant(bound)).known == nil)
    }
    #expect(Expression.apply(.clip(0, bound), .x).known == nil)
    #expect(Expression.combine(.add, .apply(.relu, .x), .constant(bound / 1e6)).known == nil)
  }

  /// Between two quantizations only what INT8 can show counts.
  @Test func quantizedBounds() {
    let clip = Expression.apply(.clip(0, 12), .x)
    let coarse = Quantization(scale: 0.2, zeroPoint: 0)
    #expect(clip.known(from: coarse, to: coarse) == nil)
    let fine = Quantization(scale: 0.09, zeroPoint: 0)
    #expect(clip.known(from: fine, to: fine) == .relu)  // at most 127 · 0.09 = 11.43
    let small = Quantization(scale: 1e-6, zeroPoint: 0)
    #expect(Expression.combine(.add, .apply(.relu, .x), .constant(1e-5)).known(from: small, to: small) == nil)
  }

  @Test func crossedBoundsGiveTheUpperOne() {
    for x in [-5, 0, 5] as [Float] { #expect(Function.clip(2, 1)(x) == 1) }
    #expect(Function.clip(-1, 1)(0.5) == 0.5)
  }

  @Test func softplusDoesNotOverflow() {
    #expect(Function.softplus(90) == 90)
    #expect(Function.softplus(0) == Float(0.6931472))
    #expect(Function.softplus(-200) == 0)
  }

  private func refused(_ words: String, _ build: (inout SmallModel) -> Void) throws {
    var model = SmallModel(input: [1, 4, 2, 2])
    build(&model)
    let error = #expect(throws: ONNXError.self) { try model.imported().float() }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "imported")")
  }

  @Test func detailsOfOperators() throws {
    try refused("fmod = 1 isn't supported") {
      $0.floats("two", [], [2])
      $0.node("Mod", ["x", "two"], ["y"], ints: ["fmod": 1])
    }
    try refused("name axes that leave the channels") {
      $0.integers("axes", [0], [], type: 7)
      $0.node("ReduceMean", ["x", "axes"], ["y"])
    }
    try refused("a bound is NaN") {
      $0.floats("low", [], [.nan])
      $0.node("Clip", ["x", "low"], ["y"])
    }
  }

  /// The input's integers are told apart from real numbers; DequantizeLinear without a zero point takes what QuantizeLinear made.
  @Test func typesOfIntegers() throws {
    var model = SmallModel(input: [1, 3, 2], type: 2)
    model.floats("s", [], [0.5])
    model.integers("z", [], [7], type: 2)
    model.node("DequantizeLinear", ["x", "s", "z"], ["xd"])
    model.node("Relu", ["xd"], ["r"])
    model.integers("signed", [], [0], type: 3)
    model.node("QuantizeLinear", ["r", "s", "signed"], ["rq"])
    model.node("DequantizeLinear", ["rq", "s"], ["y"])
    #expect(try model.imported().integerInput == "uint8")
    #expect(try model.imported().quantized().graph.operators.count == 1)
    var real = SmallModel(input: [1, 3, 2])
    real.node("Relu", ["x"], ["y"])
    #expect(try real.imported().integerInput == nil)
  }
}

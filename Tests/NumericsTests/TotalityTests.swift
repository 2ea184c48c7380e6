import Numerics
import TestSupport
import Testing

/// Whatever passes `problem` has a result for every operand: a hostile text can give wrong numbers, but not stop the program.
struct TotalityTests {
  @Test func extremeScales() {
    var random = SplitMix64(seed: 31)
    let bytes: [Int8] = [-128, -127, -1, 0, 1, 126, 127]
    let words: [Int32] = [.min, .min + 1, -1, 0, 1, .max - 1, .max]
    for _ in 0..<600 {
      let arithmetic = random.anyArithmetic()
      #expect(arithmetic.problem == nil)
      switch arithmetic {
      case .requantize(let it): for x in words { _ = it(x, column: random.pick([.min, -1, 0, .max])) }
      case .elementwise(let it): for x in bytes { _ = it(x) }
      case .add(let it): for x in bytes { for y in bytes { _ = it(x, y) } }
      case .multiply(let it): for x in bytes { for y in bytes { _ = it(x, y) } }
      case .softmax(let it): #expect(it.apply(bytes).count == 7 && it.apply([5]).count == 1)
      case .layerNorm(let it):
        #expect(it.apply(bytes, gain: bytes, bias: words).count == 7)
        #expect(it.apply([-128], gain: [-128], bias: [.min]).count == 1)
        #expect(it.apply([5, 5], gain: [127, 127], bias: [.max, .min]).count == 2)
      case .divide(let it): for last in words { #expect(it.apply(words + [last]).count == 7) }
      case .average(let it): _ = it.apply(bytes)
      }
    }
  }

  /// LayerNorm is right up to 2¹⁵ columns and has some result beyond.
  @Test func longRows() {
    let q = Quantization(scale: 0.01)
    for form in StageArithmetic.nonlinearForms {
      let norm = LayerNorm(algorithm: form, input: q, output: q, gainScale: 1, biasScale: 1, epsilon: 0)
      for count in [1 << 15, 1 << 17] {
        let row = (0..<count).map { $0 < count / 2 ? Int8.min : .max }
        let results = norm.apply(row, gain: row.map { _ in 1 }, bias: row.map { _ in 0 })
        #expect(results.count == count && (count > 1 << 15 || results.first == -100))
        #expect(Softmax(algorithm: form, input: q, output: q).apply(row).count == count)
      }
    }
  }

  @Test(arguments: [
    (Float(0), 0, "the scale of the input is 0.0, not positive and finite"),
    (-1, 0, "the scale of the input is -1.0, not positive and finite"),
    (.infinity, 0, "the scale of the input is inf, not positive and finite"),
    (.nan, 0, "the scale of the input is nan, not positive and finite"),
    (1, 128, "the zero point of the input is 128, outside −128…127"),
    (1, -129, "the zero point of the input is -129, outside −128…127"),
  ])
  func badNumbers(scale: Float, zeroPoint: Int, problem: String) {
    let (good, bad) = (Quantization(scale: 1), Quantization(scale: scale, zeroPoint: zeroPoint))
    for arithmetic: StageArithmetic in [
      .elementwise(Elementwise(.gelu, algorithm: .table, input: bad, output: good)),
      .softmax(Softmax(algorithm: .iBERT, input: bad, output: good)),
      .layerNorm(LayerNorm(algorithm: .iBERT, input: bad, output: good, gainScale: 1, biasScale: 1, epsilon: 1)),
      .divide(Quotient(algorithm: .float, input: bad, output: good, epsilon: 0)),
      .average(Average(algorithm: .float, input: bad, output: good)),
    ] { #expect(arithmetic.problem == problem) }
    let operand = problem.replacing("input", with: "second operand")
    #expect(StageArithmetic.add(Addition(algorithm: .float, first: good, second: bad, output: good)).problem == operand)
    let product = Multiplication(algorithm: .float, first: good, second: good, output: bad)
    #expect(StageArithmetic.multiply(product).problem == problem.replacing("input", with: "results"))
  }

  @Test func badParameters() {
    let q = Quantization(scale: 1)
    func problem(_ factors: [Double]) -> String? {
      StageArithmetic.requantize(Requantization(algorithm: .float, factors: factors)).problem
    }
    #expect(problem([1, 2]) == nil)
    #expect(problem([]) == "there is no factor")
    #expect(problem([1, 0]) == "factor 1 is 0.0, not positive and finite")
    #expect(problem([.nan]) == "factor 0 is nan, not positive and finite")
    func problem(_ function: ElementwiseFunction, _ form: Algorithm = .table) -> String? {
      StageArithmetic.elementwise(Elementwise(function, algorithm: form, input: q, output: q)).problem
    }
    #expect(problem(.table([1])) == "the table has 1 entries instead of 256")
    #expect(problem(.scale(.nan)) == "the factor nan is not finite")
    #expect(
      problem(.hardSwish(gate: Quantization(scale: 0))) == "the scale of the gate is 0.0, not positive and finite")
    #expect(problem(.hardSigmoid(alpha: 1, beta: .infinity))?.hasSuffix("not finite") == true)
    #expect(problem(.tanh, .iBERT) == "the algorithm 'i-bert' is none of table, float")
    #expect(problem(.gelu, .fixedPoint) == "the algorithm 'fixed-point' is none of i-bert, i-vit, table, float")
    for form in Algorithm.allCases {
      let known = [Algorithm.float, .fixedPoint].contains(form)
      #expect((StageArithmetic.average(Average(algorithm: form, input: q, output: q)).problem == nil) == known)
      #expect(
        (StageArithmetic.softmax(Softmax(algorithm: form, input: q, output: q)).problem == nil) == (form != .fixedPoint)
      )
    }
    let norm = LayerNorm(algorithm: .float, input: q, output: q, gainScale: 1, biasScale: 1, epsilon: -1)
    #expect(StageArithmetic.layerNorm(norm).problem == "ε is -1.0, not a finite number from 0 on")
  }
}

extension SplitMix64 {
  private mutating func scale() -> Float {
    pick([
      .leastNonzeroMagnitude, .leastNormalMagnitude, 1e-30, 1e-9, 0.01, 1, 77, 1e9, 1e30, .greatestFiniteMagnitude,
    ])
  }

  private mutating func q() -> Quantization { Quantization(scale: scale(), zeroPoint: pick([-128, -1, 0, 127])) }

  /// Any stage in any form, with scales from one end to the other.
  fileprivate mutating func anyArithmetic() -> StageArithmetic {
    let fixed = pick(StageArithmetic.fixedPointForms)
    let form = pick(StageArithmetic.nonlinearForms)
    switch int(0...8) {
    case 0:
      return .requantize(
        Requantization(
          algorithm: fixed, factors: [pick([.leastNonzeroMagnitude, 1e-300, 0.3, 1e300, .greatestFiniteMagnitude])],
          zeroPoint: q().zeroPoint))
    case 1: return .elementwise(Elementwise(.gelu, algorithm: form, input: q(), output: q()))
    case 2:
      let function: ElementwiseFunction = pick([
        .identity, .scale(-scale()), .scale(0), .relu, .hardSwish(gate: q()),
        .hardSigmoid(alpha: scale(), beta: -scale()),
        .sigmoid, .silu, .tanh,
      ])
      return .elementwise(Elementwise(function, algorithm: pick(function.forms), input: q(), output: q()))
    case 3: return .add(Addition(algorithm: fixed, first: q(), second: q(), output: q()))
    case 4: return .multiply(Multiplication(algorithm: fixed, first: q(), second: q(), output: q()))
    case 5: return .softmax(Softmax(algorithm: form, input: q(), output: q()))
    case 6:
      return .layerNorm(
        LayerNorm(
          algorithm: form, input: q(), output: q(), gainScale: scale(), biasScale: scale(),
          epsilon: pick([0, 1e-6, .greatestFiniteMagnitude])))
    case 7:
      return .divide(
        Quotient(algorithm: fixed, input: q(), output: q(), epsilon: pick([0, 1e-6, .greatestFiniteMagnitude])))
    default: return .average(Average(algorithm: fixed, input: q(), output: q()))
    }
  }
}

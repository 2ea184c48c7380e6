import Hardware
import Numerics
import TestSupport

/// One stage over random rows, with scales of all sizes, as hardware of any width might meet them.
struct StageCase {
  let arithmetic: StageArithmetic
  let rows: Int
  let columns: Int
  let firstColumn: Int
  /// Elements row by row: INT32 for requantize and some divisions.
  let source: [Int32]
  let isWide: Bool
  /// A byte an element, or LayerNorm's parameters.
  let operand: [UInt8]

  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    rows = random.int(1...4)
    columns = random.pick([random.int(2...5), random.int(2...70), random.int(2...400)])
    let wideDivision = random.chance(50)
    arithmetic = random.anyArithmetic(random.pick(VectorOperation.allCases), factors: columns + 3, isWide: wideDivision)
    firstColumn = random.int(0...3)
    let count = rows * columns
    switch arithmetic {
    case .requantize: isWide = true
    case .divide: isWide = wideDivision
    default: isWide = false
    }
    source =
      isWide ? random.words(count) : (0..<rows).flatMap { [columns] _ in random.bytes(columns).map { Int32($0) } }
    switch arithmetic {
    case .add, .multiply: operand = random.bytes(count).map { UInt8(bitPattern: $0) }
    case .layerNorm:
      let biases = random.words(columns).flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
      operand = random.bytes(columns).map { UInt8(bitPattern: $0) } + biases
    default: operand = []
    }
  }

  /// The source as it stands in a buffer.
  var sourceBytes: [UInt8] {
    source.flatMap { word in (0..<(isWide ? 4 : 1)).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
  }

  /// What the plain functions of `Numerics` give.
  var results: [Int8] {
    let all = (0..<rows).map { Array(source[$0 * columns..<($0 + 1) * columns]) }
    let narrow = isWide ? [] : all.map { $0.map { Int8($0) } }
    let second = operand.map { Int8(bitPattern: $0) }
    switch arithmetic {
    case .requantize(let it):
      return all.flatMap { row in row.enumerated().map { it($1, column: firstColumn + $0) } }
    case .elementwise(let it): return narrow.flatMap { $0.map { it($0) } }
    case .add(let it): return zip(narrow.joined(), second).map { it($0, $1) }
    case .multiply(let it): return zip(narrow.joined(), second).map { it($0, $1) }
    case .softmax(let it): return narrow.flatMap { it.apply($0) }
    case .layerNorm(let it):
      let biases = (0..<columns).map { column in
        (0..<4).reduce(Int32(0)) {
          $0 | Int32(bitPattern: UInt32(operand[columns + 4 * column + $1]) << UInt32(8 * $1))
        }
      }
      return narrow.flatMap { it.apply($0, gain: Array(second.prefix(columns)), bias: biases) }
    case .divide(let it): return all.flatMap { it.apply($0) }
    case .average(let it): return (0..<columns).map { column in it.apply(narrow.map { $0[column] }) }
    }
  }
}

extension SplitMix64 {
  /// A positive, finite scale: usual ones, powers of two, and any at all.
  fileprivate mutating func scale() -> Float {
    switch int(0...9) {
    case 0: return Float(bitPattern: UInt32(int(1...0x7f7f_ffff)))
    case 1: return pick([.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 1, 4096, 0x1p-13])
    case 2: return Float(sign: .plus, exponent: int(-40...20), significand: 1)
    default: return Float(int(1...4000)) / Float(1 << int(4...20))
    }
  }

  fileprivate mutating func anyQuantization(zero: Bool = true) -> Quantization {
    Quantization(scale: scale(), zeroPoint: zero ? pick([0, -128, 127, int(-128...127)]) : 0)
  }

  /// Quantizations of similar scales, so that results aren't all saturated, or any.
  fileprivate mutating func quantizations(_ count: Int, zero: Bool = true) -> [Quantization] {
    var all = (0..<count).map { _ in anyQuantization(zero: zero) }
    guard chance(60) else { return all }
    for index in 1..<count {
      let scale = all[0].scale * Float(int(1...400)) / 100
      if scale > 0, scale.isFinite { all[index].scale = scale }
    }
    return all
  }

  fileprivate mutating func factor() -> Double {
    switch int(0...9) {
    case 0: return Double(bitPattern: UInt64(int(1...0x7fef_ffff_ffff_ffff)))
    case 1: return pick([1, 0.5, 0x1p-31, 0x1p31, 0x1.fffffffffffffp-1, .leastNonzeroMagnitude])
    default: return Double(int(1...1 << 20)) * Double(sign: .plus, exponent: int(-52 ... -10), significand: 1)
    }
  }

  fileprivate mutating func real() -> Float {
    chance(10) ? Float(bitPattern: UInt32(int(0...0x7f7f_ffff))) : Float(int(-99...99)) / 40
  }

  /// INT8 rows of many characters.
  fileprivate mutating func bytes(_ count: Int) -> [Int8] {
    let (kind, middle, width) = (int(0...5), int(-128...127), int(1...40))
    let hot = int(0...count - 1)
    return (0..<count).map { index in
      switch kind {
      case 0: Int8(middle)
      case 1: pick([-128, 127])
      case 2: index == hot ? 127 : -128
      case 3: Int8(clamping: middle + int(-width...width))
      default: Int8(truncatingIfNeeded: next())
      }
    }
  }

  fileprivate mutating func words(_ count: Int) -> [Int32] {
    let bits = int(1...31)
    return (0..<count).map { _ in
      chance(3) ? pick([.min, .max, 0, -1]) : Int32(truncatingIfNeeded: next()) >> Int32(bits)
    }
  }

  /// What a stage of `operation` may compute, in any of its forms.
  ///
  /// - Parameters:
  ///   - factors: Columns for which a requantization has a factor each, if it hasn't one for all.
  ///   - isWide: INT32 comes to it.
  mutating func anyArithmetic(_ operation: VectorOperation, factors: Int, isWide: Bool) -> StageArithmetic {
    let fixed = pick(StageArithmetic.fixedPointForms)
    let nonlinear = pick(StageArithmetic.nonlinearForms)
    let (two, three) = (quantizations(2), quantizations(3))
    switch operation {
    case .requantize:
      let factors = (0..<pick([1, factors])).map { _ in factor() }
      let zero = two[0].zeroPoint
      return .requantize(
        Requantization(algorithm: fixed, factors: factors, zeroPoint: zero, lowest: pick([-128, 0, Int8(zero)])))
    case .add: return .add(Addition(algorithm: fixed, first: three[0], second: three[1], output: three[2]))
    case .multiply:
      return .multiply(Multiplication(algorithm: fixed, first: three[0], second: three[1], output: three[2]))
    case .softmax:
      let output = chance(50) ? Quantization(scale: 1 / 256, zeroPoint: -128) : two[1]
      return .softmax(Softmax(algorithm: nonlinear, input: two[0], output: output))
    case .layerNorm:
      return .layerNorm(
        LayerNorm(
          algorithm: nonlinear, input: two[0], output: two[1], gainScale: scale(), biasScale: scale(),
          epsilon: pick([0, 1e-5, 1e-12, abs(real())])))
    case .divide:
      let it = quantizations(2, zero: !isWide)
      return .divide(Quotient(algorithm: fixed, input: it[0], output: it[1], epsilon: pick([0, 1e-5, abs(real())])))
    case .average: return .average(Average(algorithm: fixed, input: two[0], output: two[1]))
    case .gelu: return .elementwise(Elementwise(.gelu, algorithm: nonlinear, input: two[0], output: two[1]))
    case .scale: return elementwise([.identity, .scale(real())], two)
    case .relu: return elementwise([.relu], two)
    case .hardSwish: return elementwise([.hardSwish(gate: nil), .hardSwish(gate: anyQuantization())], two)
    case .lookup:
      let table = (0..<256).map { _ in Int8(truncatingIfNeeded: next()) }
      return elementwise(
        [.hardSigmoid(alpha: real(), beta: real()), .sigmoid, .silu, .tanh, .relu, .table(table)], two)
    }
  }

  private mutating func elementwise(_ functions: [ElementwiseFunction], _ numbers: [Quantization]) -> StageArithmetic {
    let function = pick(functions)
    return .elementwise(
      Elementwise(function, algorithm: pick(function.forms), input: numbers[0], output: numbers[1]))
  }
}

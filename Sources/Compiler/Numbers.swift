import Hardware
import Model
import Numerics
import Schedule

/// The numbers of a model, and the arithmetic of all stages that follows from them.
struct Numbers {
  let model: QuantizedModel
  private let algorithms: Algorithms
  /// `Schedule.arithmetic`: what several stages compute alike stands there once.
  private(set) var arithmetic: [StageArithmetic] = []
  private var known: [StageArithmetic: Int] = [:]

  init(_ model: QuantizedModel, for unit: VectorUnitSpec) {
    self.model = model
    algorithms = Algorithms(unit)
  }

  /// The index of the `input`-th arithmetic of an operator: that of its one stage, or of the stage for this input.
  ///
  /// - Parameter chained: the input that comes along the chain; the other one is the second operand.
  mutating func index(_ op: GraphOperator, input: Int, chained: Int) throws(CompileError) -> Int? {
    let all: [StageArithmetic]
    do { all = try model.arithmetic(of: op, algorithms: algorithms) } catch { throw .invalidModel(error) }
    guard all.indices.contains(input) else { return nil }
    return index(of: chained == 1 ? all[input].swapped : all[input])
  }

  /// The index of an arithmetic.
  mutating func index(of arithmetic: StageArithmetic) -> Int {
    if let index = known[arithmetic] { return index }
    known[arithmetic] = self.arithmetic.count
    self.arithmetic.append(arithmetic)
    return self.arithmetic.count - 1
  }

  /// The index of what makes the column that `appendColumn` appends: 0 · x, where the zero point is the number.
  mutating func index(constantOf op: GraphOperator) throws(CompileError) -> Int {
    do {
      let zero = Int(try model.appendedInteger(of: op))
      let output = Quantization(scale: 1, zeroPoint: zero)
      let any = Quantization(scale: 1)
      return index(of: .elementwise(Elementwise(.scale(0), algorithm: algorithms.scale, input: any, output: output)))
    } catch {
      throw .invalidModel(error)
    }
  }

  /// Whether a tensor isn't cut to INT8.
  func isWide(_ id: TensorID) -> Bool {
    if case .int32 = model.numbers[id] { true } else { false }
  }

  /// The zero point of an operand of a product.
  func zero(_ id: TensorID) -> Int {
    if case .int8(let quantization) = model.numbers[id] { quantization.zeroPoint } else { 0 }
  }
}

extension StageArithmetic {
  /// With the two operands exchanged.
  fileprivate var swapped: StageArithmetic {
    switch self {
    case .add(var sum):
      (sum.first, sum.second) = (sum.second, sum.first)
      return .add(sum)
    case .multiply(var product):
      (product.first, product.second) = (product.second, product.first)
      return .multiply(product)
    default: return self
    }
  }
}

extension Algorithms {
  /// What a vector unit's description says. An operation that it lacks is an error of its own.
  public init(_ unit: VectorUnitSpec) {
    func algorithm(_ operation: VectorOperation) -> Algorithm { unit.operations[operation]?.algorithm ?? .float }
    self.init(all: .float)
    requantize = algorithm(.requantize)
    scale = algorithm(.scale)
    add = algorithm(.add)
    multiply = algorithm(.multiply)
    relu = algorithm(.relu)
    gelu = algorithm(.gelu)
    hardSwish = algorithm(.hardSwish)
    lookup = algorithm(.lookup)
    softmax = algorithm(.softmax)
    layerNorm = algorithm(.layerNorm)
    divide = algorithm(.divide)
    average = algorithm(.average)
  }
}

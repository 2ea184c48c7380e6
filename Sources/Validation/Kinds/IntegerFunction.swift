import Numerics

/// A published integer function of one row of INT8 numbers, as its authors' own code computes it.
struct IntegerFunctionRow: ReferenceRow {
  static let kind = ReferenceKind(
    name: "integer-functions", summary: "integer softmax, GELU, LayerNorm and exponentials from their authors' code",
    columns: ["func", "prec", "n", "scale", "x", "y"], target: .exact)

  enum Function: String, CaseIterable {
    case shiftmax = "ivit_shiftmax"
    case shiftGELU = "ivit_shiftgelu"
    case layerNorm = "ivit_layernorm_w1_b0"
    case log2Softmax = "fqvit_log2softmax_4bit(16=zero)"
    case polynomialGELU = "ibert_gelu_int"
    case polynomialExponential = "ibert_int_exp"
  }

  struct Case: Hashable {
    let function: Function
    let scale: Double
    let x: [Int]
  }

  let input: Case
  /// The code ran in float64, where its integers are exact.
  let isDouble: Bool
  let y: [Int]

  init(_ cells: inout RecordDecoder) {
    let count = cells.integer("n", 1...1_000_000)
    input = Case(
      function: cells.choice("func", first: .shiftmax), scale: cells.real("scale", 1e-4...1),
      x: cells.integers("x", -128...127, count: count))
    isDouble = cells.choice("prec", ("f64", true), ("f32", false))
    y = cells.integers("y", Int.min...Int.max, count: count)
  }

  var label: String { "\(input.function.rawValue), \(input.x.count) numbers of scale \(input.scale)" }

  var reasonToLeaveOut: String? { isDouble ? nil : "prec is f32: the code ran in float32, which rounds its integers" }

  /// The code gets x·scale and divides by the scale, which isn't always an integer in float64: the very same numbers here.
  static func result(of input: Case, on bench: Bench) -> [Int] {
    let (x, scale) = (input.x.map { Double($0) * input.scale / input.scale }, input.scale)
    let results: [Double] =
      switch input.function {
      case .shiftmax: IViT.shiftmax(x, scale: scale)
      case .shiftGELU: IViT.shiftGELU(x, scale: scale)
      case .layerNorm: IViT.layerNorm(x)
      case .log2Softmax: FQViT.log2Softmax(x, scale: scale).map(Double.init)
      case .polynomialGELU: IBERT.gelu(x, scale: scale)
      case .polynomialExponential: exponentials(x, scale: scale)
      }
    // A product with a number that isn't an integer is rounded at the end. What no Int holds is no result of the code's.
    return results.map { Int(exactly: $0.rounded()) ?? ($0 < 0 ? .min : .max) }
  }

  private static func exponentials(_ x: [Double], scale: Double) -> [Double] {
    let exponential = IBERT.Exponential<Double>(scale: scale)
    let largest = x.max() ?? 0
    return x.map { exponential($0 - largest) }
  }

  func comparisons(with result: [Int]) -> [Comparison] { [Comparison("y", .integers(expected: y, got: result))] }
}

import Numerics

/// One code through the GELU of ITA (arXiv 2307.03493) and its requantizer, from simulation of its RTL.
struct ITAGELURow: ReferenceRow {
  static let kind = ReferenceKind(
    name: "ita-gelu", summary: "codes through the integer GELU of ITA and its requantizer (RTL simulation)",
    columns: ["x", "gelu_int32", "y_int8", "q_b", "q_c", "q_1", "mul", "shift", "add"], target: .exact)

  struct Case: Hashable {
    let x: Int8
    let multiplier: UInt8
    let shift: Int
    let offset: Int8
  }

  struct Result {
    let gelu: Int32
    let y: Int8
  }

  let input: Case
  let gelu: Int
  let y: Int
  /// Of the polynomial: its b, its c, and the constant that is added to it.
  let constants: [Int]

  init(_ cells: inout RecordDecoder) {
    input = Case(
      x: Int8(clamping: cells.integer("x", -128...127)), multiplier: UInt8(clamping: cells.integer("mul", 0...255)),
      shift: cells.integer("shift", 0...62), offset: Int8(clamping: cells.integer("add", -128...127)))
    gelu = cells.integer("gelu_int32", Int(Int32.min)...Int(Int32.max))
    y = cells.integer("y_int8", -128...127)
    var constants: [Int] = []
    for column in ["q_b", "q_c", "q_1"] { constants.append(cells.integer(column, Int.min...Int.max)) }
    self.constants = constants
  }

  var label: String { "x \(input.x), mul \(input.multiplier), shift \(input.shift), add \(input.offset)" }

  var reasonToLeaveOut: String? {
    constants == [-80, -7091, -7091]
      ? nil : "q_b, q_c and q_1 aren't those of scale 1/32, which is all that is modelled"
  }

  static func result(of input: Case, on bench: Bench) -> Result {
    let gelu = PowersOfTwo.gelu(input.x)
    return Result(
      gelu: gelu,
      y: PowersOfTwo.requantize(gelu, multiplier: input.multiplier, shift: input.shift, offset: input.offset))
  }

  func comparisons(with result: Result) -> [Comparison] {
    [
      Comparison("gelu_int32", .integer(expected: gelu, got: Int(result.gelu))),
      Comparison("y_int8", .integer(expected: y, got: Int(result.y))),
    ]
  }
}

import Numerics

/// A row through the streaming softmax of ITA (arXiv 2307.03493), from simulation of its RTL.
struct ITASoftmaxRow: ReferenceRow {
  static let kind = ReferenceKind(
    name: "ita-softmax", summary: "rows through the streaming integer softmax of ITA (RTL simulation)",
    columns: ["S", "row", "x", "y"], target: .exact)

  let row: Int
  let input: [Int8]
  let y: [Int]

  init(_ cells: inout RecordDecoder) {
    let count = cells.integer("S", 1...1_000_000)
    row = cells.integer("row", 0...Int.max)
    input = cells.integers("x", -128...127, count: count).map { Int8(clamping: $0) }
    y = cells.integers("y", 0...255, count: count)
  }

  var label: String { "row \(row), \(input.count) numbers" }
  var reasonToLeaveOut: String? { nil }

  static func result(of input: [Int8], on bench: Bench) -> [Int] { PowersOfTwo.softmax(input).map { Int($0) } }

  func comparisons(with result: [Int]) -> [Comparison] { [Comparison("y", .integers(expected: y, got: result))] }
}

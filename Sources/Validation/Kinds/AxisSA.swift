/// Tiles that stream through axis_sa, an output-stationary array, from simulation of its RTL.
struct AxisSARow: ReferenceRow {
  static let kind = ReferenceKind(
    name: "axis-sa", summary: "output-stationary tiles back to back through axis_sa (RTL simulation)",
    columns: [
      "design", "R", "C", "LM", "LA", "K", "tiles", "p_valid", "p_ready", "last_in_cycle", "total_cycles", "errors",
      "completed",
    ], target: .exact)

  struct Case: Hashable {
    /// Of the array: R values of x and C of k enter with each beat.
    let rows, columns: Int
    /// Of the multiplier and of the accumulator.
    let latencies: [Int]
    let k, tiles: Int
  }

  struct Result {
    let lastStep, cycles: Int
  }

  let input: Case
  /// How often the source has a beat and the sink takes one.
  let likelihoods: [Double]
  let lastIn: Int
  let total: Int
  let errors: Int
  let completed: Bool

  init(_ cells: inout RecordDecoder) {
    cells.choice("design", ("axis_sa", ()))
    let (side, latency) = (1...4096, 1...32)
    input = Case(
      rows: cells.integer("R", side), columns: cells.integer("C", side),
      latencies: [cells.integer("LM", latency), cells.integer("LA", latency)],
      k: cells.integer("K", 1...500_000), tiles: cells.integer("tiles", 1...100_000))
    likelihoods = [cells.real("p_valid", 0...1), cells.real("p_ready", 0...1)]
    lastIn = cells.integer("last_in_cycle", -1...Int.max)
    total = cells.integer("total_cycles", 0...Int.max)
    errors = cells.integer("errors", 0...Int.max)
    completed = cells.choice("completed", ("1", true), ("0", false))
  }

  var label: String {
    "\(input.rows)x\(input.columns), LM \(input.latencies[0]), LA \(input.latencies[1]), K \(input.k), tiles \(input.tiles)"
  }

  var reasonToLeaveOut: String? {
    if likelihoods != [1, 1] { return "p_valid or p_ready is below 1: its stalls are random" }
    if !completed { return "completed is 0: the RTL locks up" }
    if errors != 0 { return "errors is not 0: the RTL loses results" }
    if input.tiles > 1, input.k < input.rows + 2 * input.columns - 2 {
      return "K is below R + 2C - 2: tiles back to back are beyond what the RTL can do"
    }
    return nil
  }

  /// Results leave column after column, R at a time, and here row after row: what the RTL calls a column is a row here, and
  /// its tiles follow each other along M.
  static func result(of input: Case, on bench: Bench) throws -> Result {
    let run = try bench.product(
      m: input.columns * input.tiles, k: input.k, n: input.rows, on: "designs/axis-sa.yaml",
      [
        "engines.array.rows=\(input.columns)", "engines.array.columns=\(input.rows)",
        "engines.array.pe-registers=\(input.latencies[0] + input.latencies[1])",
      ], options: .init(timelines: true))
    return Result(lastStep: run.lastStep, cycles: run.cycles)
  }

  func comparisons(with result: Result) -> [Comparison] {
    [
      Comparison("last_in_cycle", .integer(expected: lastIn, got: result.lastStep)),
      Comparison("total_cycles", .integer(expected: total, got: result.cycles)),
    ]
  }
}

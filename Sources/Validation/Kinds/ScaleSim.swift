import Hardware

/// A GEMM on one array as SCALE-Sim v3 reports it (docs/scale-sim.md).
struct ScaleSimRow: ReferenceRow {
  static let kind = ReferenceKind(
    name: "scale-sim", summary: "GEMMs on one array as SCALE-Sim v3 reports them in compute mode",
    columns: [
      "model", "layer", "M", "N", "K", "array_rows", "array_cols", "dataflow", "cycles", "utilisation", "stall_cycles",
      "bandwidth_mode",
    ], target: .exact)

  struct Case: Hashable {
    let m, n, k, rows, columns: Int
    let dataflow: Dataflow
  }

  let model: String
  let layer: String
  let input: Case
  /// The index of the last cycle, one less than their count.
  let cycles: Int
  /// In percent, six decimals.
  let utilisation: Double
  let stallCycles: Int
  let bandwidthMode: String

  init(_ cells: inout RecordDecoder) {
    let (size, side) = (1...500_000, 1...4096)
    model = cells.text("model")
    layer = cells.text("layer")
    input = Case(
      m: cells.integer("M", size), n: cells.integer("N", size), k: cells.integer("K", size),
      rows: cells.integer("array_rows", side), columns: cells.integer("array_cols", side),
      dataflow: cells.choice(
        "dataflow", ("os", .outputStationary), ("ws", .weightStationary), ("is", .inputStationary)))
    cycles = cells.integer("cycles", 0...Int.max)
    utilisation = cells.real("utilisation", 0...Double.infinity)
    stallCycles = cells.integer("stall_cycles", 0...Int.max)
    bandwidthMode = cells.text("bandwidth_mode")
  }

  var label: String {
    "\(model) \(layer), M \(input.m), N \(input.n), K \(input.k), \(input.rows)x\(input.columns) \(input.dataflow.rawValue)"
  }

  var reasonToLeaveOut: String? {
    if bandwidthMode != "CALC" { return "bandwidth_mode is \(quoted(bandwidthMode)), not 'CALC'" }
    if stallCycles != 0 { return "stall_cycles is not 0: memory made the array wait" }
    return nil
  }

  /// Cycles of the whole run.
  static func result(of input: Case, on bench: Bench) throws -> Int {
    try bench.product(
      m: input.m, k: input.k, n: input.n, on: "accelerators/scale-sim.yaml",
      [
        "engines.array.rows=\(input.rows)", "engines.array.columns=\(input.columns)",
        "engines.array.dataflow=\(input.dataflow.rawValue)",
      ]
    ).cycles
  }

  func comparisons(with total: Int) -> [Comparison] {
    let last = total - 1
    let work = Double(input.m) * Double(input.n) * Double(input.k)
    let share = 100 * work / (Double(last) * Double(input.rows) * Double(input.columns))
    return [
      Comparison("cycles", .integer(expected: cycles, got: last)),
      Comparison("utilisation", .real(expected: utilisation, got: share, decimals: 6)),
    ]
  }
}

// Tables of cycles of ITA's core, from simulation of its RTL. Cycle 0 is that in which `start` is sampled.

private func stallsAtRandom(_ likelihoods: [Double]) -> String? {
  likelihoods == [1, 1, 1] ? nil : "pin, pw or pout is below 1: its stalls are random"
}

private func failed(errors: Int, isDone: Bool) -> String? {
  if errors != 0 { return "errors is not 0: the RTL's results were wrong" }
  return isDone ? nil : "done is 0: the RTL didn't finish"
}

/// A table of whole runs: when they end, and when their streams begin and end.
protocol ITACoreTotals: ReferenceRow where Case == ITACoreJob, Result == ITACoreJob.Result {
  /// Columns and what they say.
  var figures: [(String, Int)] { get }
}

extension ITACoreTotals {
  fileprivate static func totals(_ cells: inout RecordDecoder) -> [(String, Int)] {
    ["total_cycles", "first_in", "last_in", "first_w"].map { ($0, cells.integer($0, -1...Int.max)) }
  }

  static func result(of input: ITACoreJob, on bench: Bench) throws -> ITACoreJob.Result { try input.run(on: bench) }

  func comparisons(with result: ITACoreJob.Result) -> [Comparison] {
    zip(figures, [result.cycles, result.firstIn, result.lastIn, result.phases.first?.firstWeight ?? -1]).map {
      Comparison($0.0, .integer(expected: $0.1, got: $1))
    }
  }
}

/// Whole jobs: products, attention, feed-forward layers.
struct ITACoreRow: ITACoreTotals {
  static let kind = ReferenceKind(
    name: "ita-core", summary: "jobs of ITA's core (RTL simulation)",
    columns: [
      "mode", "S", "E", "P", "F", "ts", "te", "tp", "tf", "warm", "pin", "pw", "pout", "total_cycles", "first_in",
      "last_in",
      "first_w", "errors", "done",
    ], target: .exact)

  let input: ITACoreJob
  let label: String
  let reasonToLeaveOut: String?
  let figures: [(String, Int)]

  init(_ cells: inout RecordDecoder) {
    let tiles = 1...256
    let (s, e) = (cells.integer("ts", tiles), cells.integer("te", tiles))
    let (p, f) = (cells.integer("tp", tiles), cells.integer("tf", tiles))
    let mode = cells.choice(
      "mode", ("attention", "attention"), ("single", "single"), ("ff", "ff"), ("linq", "linq"), ("linff", "linff"))
    let isWarm = cells.choice("warm", ("0", false), ("1", true))
    input =
      ITACoreJob(mode: mode, sequence: s, embedding: e, projection: p, hidden: f, isWarm: isWarm)
      ?? ITACoreJob(units: 16, width: 64, rows: 1, depth: 1, columns: 1, isWarm: false)
    label =
      "\(mode) S \(cells.text("S")), E \(cells.text("E")), P \(cells.text("P")), F \(cells.text("F")), \(isWarm ? "warm" : "cold")"
    reasonToLeaveOut =
      stallsAtRandom([cells.real("pin", 0...1), cells.real("pw", 0...1), cells.real("pout", 0...1)])
      ?? failed(
        errors: cells.integer("errors", 0...Int.max), isDone: cells.choice("done", ("1", true), ("0", false)))
    figures = Self.totals(&cells)
  }
}

/// Products of cores of other sizes.
struct ITACoreScalingRow: ITACoreTotals {
  static let kind = ReferenceKind(
    name: "ita-core-scaling",
    summary: "products on ITA's core with other numbers of units and multipliers (RTL simulation)",
    columns: ["mode", "N", "M", "ts", "te", "tp", "warm", "total_cycles", "first_in", "last_in", "first_w", "errors"],
    target: .exact)

  let input: ITACoreJob
  let label: String
  let reasonToLeaveOut: String?
  let figures: [(String, Int)]

  init(_ cells: inout RecordDecoder) {
    cells.choice("mode", ("linear_rand", ()))
    input = ITACoreJob(product: &cells, duties: [])
    label = input.productLabel
    reasonToLeaveOut = failed(errors: cells.integer("errors", 0...Int.max), isDone: true)
    figures = Self.totals(&cells)
  }
}

/// Products whose streams stall by a pattern.
struct ITACoreStallRow: ITACoreTotals {
  static let kind = ReferenceKind(
    name: "ita-core-stalls", summary: "products on ITA's core with streams that stall by a pattern (RTL simulation)",
    columns: [
      "mode", "N", "M", "ts", "te", "tp", "warm", "ain", "bin", "aw", "bw", "ao", "bo", "total_cycles", "first_in",
      "last_in",
      "first_w", "errors", "done",
    ], target: .exact)

  let input: ITACoreJob
  let label: String
  let reasonToLeaveOut: String?
  let figures: [(String, Int)]

  init(_ cells: inout RecordDecoder) {
    cells.choice("mode", ("linear_rand", ()))
    let duties = [("ain", "bin"), ("aw", "bw"), ("ao", "bo")].map { period, open in
      let longest = cells.integer(period, 0...65_536)
      let first = cells.integer(open, 0...65_536)
      if longest > 0, !(1...longest ~= first) { cells.report(open, expected: "a whole number from 1 to \(longest)") }
      return longest == 0 ? "1/1" : "\(max(1, min(first, longest)))/\(longest)"
    }
    input = ITACoreJob(product: &cells, duties: duties)
    label =
      input.productLabel + ", "
      + zip(["inputs", "weights", "outputs"], duties).map { "\($0) \($1)" }.joined(separator: " ")
    reasonToLeaveOut = failed(
      errors: cells.integer("errors", 0...Int.max), isDone: cells.choice("done", ("1", true), ("0", false)))
    figures = Self.totals(&cells)
  }
}

extension ITACoreJob {
  /// The product of a row of the scaling or stall table.
  fileprivate init(product cells: inout RecordDecoder, duties: [String]) {
    let tiles = 1...256
    let (units, width) = (cells.integer("N", 1...1024), cells.integer("M", 1...1024))
    let rows = cells.integer("ts", tiles)
    let depth = cells.integer("te", tiles)
    let columns = cells.integer("tp", tiles)
    self.init(
      units: units, width: width, rows: rows, depth: depth, columns: columns,
      isWarm: cells.choice("warm", ("0", false), ("1", true)), duties: duties)
  }

  fileprivate var productLabel: String {
    let phase = phases[0]
    return "\(units)x\(width), tiles \(phase.rows)x\(phase.depth)x\(phase.columns), \(isWarm ? "warm" : "cold")"
  }
}

/// First and last cycles of the phases of whole jobs, weights not loaded before.
struct ITACoreSegmentRow: ReferenceRow {
  static let kind = ReferenceKind(
    name: "ita-core-segments", summary: "phases of jobs of ITA's core (RTL simulation)",
    columns: ["mode", "S", "E", "P", "F", "seg", "phase", "first_in", "bubbles", "last_out", "first_w"], target: .exact)

  let input: ITACoreJob
  let label: String
  private let segment: Int
  private let figures: [(String, Int)]

  init(_ cells: inout RecordDecoder) {
    func tiles(_ column: String) -> Int {
      let elements = cells.integer(column, 64...16_384)
      if elements % 64 != 0 { cells.report(column, expected: "a multiple of 64") }
      return max(1, elements / 64)
    }
    let (s, e, p, f) = (tiles("S"), tiles("E"), tiles("P"), tiles("F"))
    let mode = cells.choice(
      "mode", ("attention", "attention"), ("single", "single"), ("ff", "ff"), ("linq", "linq"), ("linff", "linff"))
    input =
      ITACoreJob(mode: mode, sequence: s, embedding: e, projection: p, hidden: f, isWarm: false)
      ?? ITACoreJob(units: 16, width: 64, rows: 1, depth: 1, columns: 1, isWarm: false)
    segment = cells.integer("seg", 0...input.phases.count - 1)
    let phase = cells.integer("phase", 1...8)
    if input.phases[segment].number != phase {
      cells.report("phase", expected: "\(input.phases[segment].number), which is the job's phase \(segment)")
    }
    label = "\(mode) S \(64 * s), E \(64 * e), P \(64 * p), F \(64 * f), segment \(segment)"
    figures = ["first_in", "last_out", "first_w"].map { ($0, cells.integer($0, -1...Int.max)) }
  }

  var reasonToLeaveOut: String? { nil }

  static func result(of input: ITACoreJob, on bench: Bench) throws -> ITACoreJob.Result { try input.run(on: bench) }

  func comparisons(with result: ITACoreJob.Result) -> [Comparison] {
    let phase = result.phases[segment]
    return zip(figures, [phase.firstIn, phase.lastOut, phase.firstWeight]).map { figure, got in
      Comparison(figure.0, .integer(expected: figure.1, got: got))
    }
  }
}

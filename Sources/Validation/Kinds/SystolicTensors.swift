// Two plain arrays, Systolic-Tensors' weight- and output-stationary ones, from simulation of their RTL. Cycle 0 is the edge that
// samples the first weight row or token.

/// One tile through the weight-stationary array.
struct WeightStationaryRow: ReferenceRow {
  static let kind = ReferenceKind(
    name: "st-ws", summary: "a tile on Systolic-Tensors' weight-stationary array (RTL simulation)",
    columns: [
      "design", "R", "C", "M", "idle_cycles_after_load", "edge_first_token_in", "edge_last_token_in",
      "edge_compute_done",
    ], target: .exact)

  struct Case: Hashable {
    let rows, columns, tokens, idle: Int
  }

  struct Result {
    let firstToken, lastToken, cycles: Int
  }

  let input: Case
  private let figures: [(String, Int)]

  init(_ cells: inout RecordDecoder) {
    cells.choice("design", ("WS", ()))
    let side = 1...4096
    input = Case(
      rows: cells.integer("R", side), columns: cells.integer("C", side), tokens: cells.integer("M", 1...500_000),
      idle: cells.integer("idle_cycles_after_load", 0...10_000))
    figures = ["edge_first_token_in", "edge_last_token_in", "edge_compute_done"].map {
      ($0, cells.integer($0, 0...Int.max))
    }
  }

  var label: String { "\(input.rows)x\(input.columns), M \(input.tokens), idle \(input.idle)" }
  var reasonToLeaveOut: String? { nil }

  static func result(of input: Case, on bench: Bench) throws -> Result {
    let run = try bench.product(
      m: input.tokens, k: input.rows, n: input.columns, on: "designs/st-ws.yaml",
      [
        "engines.array.rows=\(input.rows)", "engines.array.columns=\(input.columns)",
        "engines.array.swap-cycles=\(input.idle)",
      ], options: .init(trace: true, timelines: true))
    return Result(firstToken: run.firstStream, lastToken: run.lastStep, cycles: run.cycles)
  }

  func comparisons(with result: Result) -> [Comparison] {
    zip(figures, [result.firstToken, result.lastToken, result.cycles]).map { figure, got in
      Comparison(figure.0, .integer(expected: figure.1, got: got))
    }
  }
}

/// One tile through the output-stationary array.
struct OutputStationaryRow: ReferenceRow {
  static let kind = ReferenceKind(
    name: "st-os", summary: "a tile on Systolic-Tensors' output-stationary array (RTL simulation)",
    columns: [
      "design", "R", "C", "K", "bubble_cycles_between_tokens", "edge_last_token_in", "edge_compute_done",
      "mismatching_elements",
    ], target: .exact)

  struct Case: Hashable {
    let rows, columns, tokens, bubbles: Int
  }

  struct Result {
    let lastToken, cycles: Int
  }

  let input: Case
  let wrongElements: Int
  private let figures: [(String, Int)]

  init(_ cells: inout RecordDecoder) {
    cells.choice("design", ("OS", ()))
    let side = 1...4096
    input = Case(
      rows: cells.integer("R", side), columns: cells.integer("C", side), tokens: cells.integer("K", 1...500_000),
      bubbles: cells.integer("bubble_cycles_between_tokens", 0...1023))
    wrongElements = cells.integer("mismatching_elements", 0...Int.max)
    figures = ["edge_last_token_in", "edge_compute_done"].map { ($0, cells.integer($0, 0...Int.max)) }
  }

  var label: String { "\(input.rows)x\(input.columns), K \(input.tokens), bubbles \(input.bubbles)" }
  var reasonToLeaveOut: String? {
    wrongElements == 0 ? nil : "mismatching_elements is not 0: the RTL's results were wrong"
  }

  static func result(of input: Case, on bench: Bench) throws -> Result {
    let run = try bench.product(
      m: input.rows, k: input.tokens, n: input.columns, on: "designs/st-os.yaml",
      [
        "engines.array.rows=\(input.rows)", "engines.array.columns=\(input.columns)",
        "engines.array.step-interval=\(1 + input.bubbles)",
      ], options: .init(timelines: true))
    return Result(lastToken: run.lastStep, cycles: run.cycles)
  }

  func comparisons(with result: Result) -> [Comparison] {
    zip(figures, [result.lastToken, result.cycles]).map { figure, got in
      Comparison(figure.0, .integer(expected: figure.1, got: got))
    }
  }
}

// Tables of cycles of ITA with its memory wrapper, from simulation of its RTL. Cycle 0 is that of the first trigger write.

extension ITAWrapperRun {
  fileprivate init(_ cells: inout RecordDecoder) {
    func tiles(_ column: String) -> Int {
      let elements = cells.integer(column, 64...16_384)
      if elements % 64 != 0 { cells.report(column, expected: "a multiple of 64") }
      return max(1, elements / 64)
    }
    self.init(
      sequence: tiles("S"), embedding: tiles("E"), projection: tiles("P"), hidden: tiles("F"),
      isQueued: cells.choice("queue", ("0", false), ("1", true)))
  }

  fileprivate var label: String {
    "S \(64 * sequence), E \(64 * embedding), P \(64 * projection), F \(64 * hidden), \(isQueued ? "queued" : "one by one")"
  }
}

/// Whole runs.
struct ITAWrapperRow: ReferenceRow {
  static let kind = ReferenceKind(
    name: "ita-hwpe", summary: "runs of ITA with its memory wrapper (RTL simulation)",
    columns: [
      "S", "E", "P", "F", "queue", "p_nogrant", "jobs", "attention_jobs", "done", "attention_cycles", "total_cycles",
      "reads", "writes", "errors",
    ], target: .exact)

  let input: ITAWrapperRun
  let label: String
  let reasonToLeaveOut: String?
  private let figures: [(String, Int)]

  init(_ cells: inout RecordDecoder) {
    input = ITAWrapperRun(&cells)
    label = input.label
    let jobs = cells.integer("jobs", 1...Int.max)
    let done = cells.integer("done", 0...Int.max)
    let errors = cells.integer("errors", 0...Int.max)
    reasonToLeaveOut =
      cells.real("p_nogrant", 0...1) > 0
      ? "p_nogrant is above 0: the memory refuses requests at random"
      : errors != 0
        ? "errors is not 0: the RTL's results were wrong"
        : done < jobs ? "done is below jobs: the RTL didn't finish" : nil
    figures = ["jobs", "attention_jobs", "attention_cycles", "total_cycles", "reads", "writes"].map {
      ($0, cells.integer($0, 0...Int.max))
    }
  }

  static func result(of input: ITAWrapperRun, on bench: Bench) throws -> ITAWrapperRun.Result {
    try input.run(on: bench)
  }

  func comparisons(with result: ITAWrapperRun.Result) -> [Comparison] {
    let attention = input.attentionJobs
    let got = [
      result.starts.count, attention, result.ends[attention - 1], result.cycles, result.reads, result.writes,
    ]
    return zip(figures, got).map { Comparison($0.0, .integer(expected: $0.1, got: $1)) }
  }
}

/// Single jobs of runs in which the memory grants every request.
struct ITAWrapperJobRow: ReferenceRow {
  static let kind = ReferenceKind(
    name: "ita-hwpe-jobs", summary: "jobs of ITA with its memory wrapper (RTL simulation)",
    columns: ["S", "E", "P", "F", "queue", "job", "step", "cs", "start", "done"], target: .exact)

  let input: ITAWrapperRun
  let label: String
  private let job: Int
  private let figures: [(String, Int)]

  var reasonToLeaveOut: String? { nil }

  init(_ cells: inout RecordDecoder) {
    input = ITAWrapperRun(&cells)
    let jobs = input.jobs
    job = cells.integer("job", 0...jobs.count - 1)
    for (column, expected) in [("step", jobs[job].step), ("cs", jobs[job].code)]
    where cells.integer(column, 0...Int.max) != expected {
      cells.report(column, expected: "\(expected), which is that of job \(job)")
    }
    label = "\(input.label), job \(job)"
    figures = ["start", "done"].map { ($0, cells.integer($0, 0...Int.max)) }
  }

  static func result(of input: ITAWrapperRun, on bench: Bench) throws -> ITAWrapperRun.Result {
    try input.run(on: bench)
  }

  func comparisons(with result: ITAWrapperRun.Result) -> [Comparison] {
    zip(figures, [result.starts[job], result.ends[job]]).map {
      Comparison($0.0, .integer(expected: $0.1, got: $1))
    }
  }
}

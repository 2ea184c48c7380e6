import Hardware
import Machine
import Schedule

/// Tiles that Gemmini executes from its scratchpad, from simulation of its RTL: pairs of a preload and a compute command. Cycle 0 is
/// that of the first command.
struct GemminiExecRow: ReferenceRow {
  static let kind = ReferenceKind(
    name: "gemmini-exec", summary: "tiles that Gemmini executes from its scratchpad (RTL simulation)",
    columns: [
      "df", "ntiles", "rows", "kcols", "ncols", "reuse", "samebank", "kacc", "at", "bt", "gap", "total", "mesh_rows",
      "first_row", "last_row", "first_resp", "last_resp", "errors",
    ], target: .exact)

  struct Case: Hashable {
    let dataflow: Dataflow
    let tiles: Int
    /// Rows of A, columns of A and of B.
    let m, k, n: Int
    /// Weights are loaded once.
    let keepsWeights: Bool
    /// A and B lie in one bank.
    let sharesBank: Bool
    /// Tiles that are summed.
    let depth: Int
    let transposesA, transposesB: Bool
    /// Idle cycles between two commands.
    let gap: Int
  }

  /// Cycles by column; what the machine can't say isn't there.
  struct Result {
    var figures: [String: Int]
  }

  let input: Case
  private let figures: [(String, Int)]
  private let errors: Int

  init(_ cells: inout RecordDecoder) {
    let (side, flag) = (1...16, [("0", false), ("1", true)])
    input = Case(
      dataflow: cells.choice("df", ("WS", .weightStationary), ("OS", .outputStationary)),
      tiles: cells.integer("ntiles", 1...4096), m: cells.integer("rows", side), k: cells.integer("kcols", side),
      n: cells.integer("ncols", side), keepsWeights: cells.choice("reuse", flag[0], flag[1]),
      sharesBank: cells.choice("samebank", flag[0], flag[1]), depth: cells.integer("kacc", 1...4096),
      transposesA: cells.choice("at", flag[0], flag[1]), transposesB: cells.choice("bt", flag[0], flag[1]),
      gap: cells.integer("gap", 0...4999))
    figures = ["total", "mesh_rows", "first_row", "last_row", "first_resp", "last_resp"].map {
      ($0, cells.integer($0, 0...Int.max))
    }
    errors = cells.integer("errors", 0...Int.max)
  }

  var label: String {
    let dataflow = input.dataflow == .outputStationary ? "OS" : "WS"
    let options = [
      (input.keepsWeights, "kept weights"), (input.sharesBank, "one bank"), (input.transposesA, "A transposed"),
      (input.transposesB, "B transposed"), (input.depth > 1, "sums of \(input.depth)"),
      (input.gap > 0, "gap \(input.gap)"),
    ]
    return (["\(dataflow) \(input.tiles) of \(input.m)x\(input.k)x\(input.n)"] + options.filter(\.0).map(\.1))
      .joined(separator: ", ")
  }

  var reasonToLeaveOut: String? {
    if errors != 0 { return "errors is not 0: the RTL's results were wrong" }
    if input.keepsWeights, input.tiles * input.m > Case.accumulatorRows {
      return "ntiles · rows is beyond the accumulators, and weights are kept within one product"
    }
    if input.keepsWeights, input.dataflow == .outputStationary { return "reuse of weights that don't stay" }
    return nil
  }

  static func result(of input: Case, on bench: Bench) throws -> Result {
    let accelerator = try bench.design("designs/gemmini-exec.yaml", input.settings)
    let run = try Simulator.run(
      input.schedule(on: accelerator), options: RunOptions(trace: true, timelines: true))
    return Result(figures: input.figures(of: run, on: accelerator))
  }

  func comparisons(with result: Result) -> [Comparison] {
    figures.compactMap { figure in
      result.figures[figure.0].map { Comparison(figure.0, .integer(expected: figure.1, got: $0)) }
    }
  }
}

extension GemminiExecRow.Case {
  fileprivate static let accumulatorRows = 1024
  private static let side = 16
  private static let bank = 1 << 16

  private var isOutput: Bool { dataflow == .outputStationary }
  private var transposesWeights: Bool { transposesB && !isOutput }

  fileprivate var settings: [String] {
    var settings = [
      "dataflow=\(dataflow.rawValue)", "issue-latency=\(8 + gap + (transposesWeights ? 1 : 0))",
      "issue-interval=\(2 * (1 + gap))",
    ]
    if isOutput {
      settings += ["minimum-steps=\(Self.side)", "tile-steps=0", "transpose-cycles=0"]
    } else {
      if transposesA || transposesB { settings.append("minimum-steps=\(Self.side)") }
      // On kept weights a command has so many rows.
      if keepsWeights { settings.append("tile-steps=\(m)") }
    }
    return settings.map { "engines.array." + $0 }
  }

  /// A product for each compute command; one for all that keep their weights.
  fileprivate func schedule(on accelerator: Accelerator) -> Schedule {
    let engine = accelerator.engines[0]
    let rows = keepsWeights ? m * tiles : m
    func operand(_ offset: Int, _ rows: Int, _ columns: Int, across: Bool) -> Region {
      Region(
        buffer: engine.inputs, offset: offset, rows: across ? columns : rows, rowBytes: across ? rows : columns,
        pitch: across && rows > Self.side ? nil : Self.side)
    }
    let products = (0..<(keepsWeights ? 1 : tiles)).map { tile in
      MatMul(
        m: rows, k: k, n: n, a: operand(0, rows, k, across: transposesA),
        b: operand(sharesBank ? Self.bank / 2 : Self.bank, k, n, across: transposesB),
        out: Region(buffer: engine.outputs, offset: 0, rows: rows, rowBytes: 4 * n, pitch: 4 * Self.side),
        accumulate: tile % depth > 0, op: 0, aOrder: transposesA ? .columnMajor : .rowMajor,
        bOrder: transposesB ? .columnMajor : .rowMajor)
    }
    return Schedule(
      accelerator: accelerator, model: ModelReference(name: "tiles", image: 0, batch: 1),
      operators: [OperatorInfo(name: "product", kind: .matmul, macs: 0, elements: 0)],
      layers: [Layer(name: "products", operators: [0])], tensors: [],
      instructions: products.map { Instruction(queue: 0, layer: 0, operation: .matmul($0)) })
  }

  fileprivate func figures(of run: Run, on accelerator: Accelerator) -> [String: Int] {
    let engine = accelerator.engines[0]
    let loads = run.trace.filter { $0.kind == .load }.map(\.cycle)
    let streams = run.trace.filter { $0.kind == .stream }.map(\.cycle)
    // Rows enter in passes: a load, a stream, or both at once. What is transposed enters twice.
    let steps = max(engine.minimumSteps, m)
    let both = Set(loads).intersection(streams).count
    let loadRows = Self.side * loads.count * (transposesWeights ? 2 : 1)
    let rows =
      loadRows + (isOutput ? Self.side : steps) * streams.count - both * min(Self.side, isOutput ? Self.side : steps)
    // The first row waits for the scratchpad, unless it is one of zeros: those of the lowest PEs enter first.
    let isRead = isOutput ? !transposesA || transposesB : (transposesB ? n : k) == Self.side
    let latency = isRead ? accelerator.buffers[engine.inputs].latency : 0
    var figures = [
      "total": run.cycles, "mesh_rows": rows, "first_row": (loads.first ?? 0) + engine.edgeRegisters + latency,
      "last_row": run.lastStep, "last_resp": run.cycles - 1,
    ]
    if isOutput {
      // Results leave a row a cycle, behind a pass at the usual pace.
      let drained = run.trace.filter { $0.kind == .drained }.map(\.cycle)
      if !sharesBank, tiles >= depth { figures["first_resp"] = drained[depth - 1] - Self.side }
    } else if let first = run.timelines.first?.first(where: { $0.part == .busy }) {
      figures["first_resp"] = first.start + first.phase + run.cycles - 1 - run.lastStep
    }
    return figures
  }
}

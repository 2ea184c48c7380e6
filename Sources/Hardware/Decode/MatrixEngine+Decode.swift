extension MatrixEngineSpec {
  /// Reads one element of `engines`; `nil` if a mistake was reported.
  static func decode(
    _ node: ConfigNode, buffers: BufferTable, taken: inout [String: SourceMark], log: DiagnosticLog
  ) -> MatrixEngineSpec? {
    var keys = Section(node, Section.title("engine", of: node), log: log)
    let name = keys.uniqueName(taken: &taken, reserved: ["vector", "dma", "dram", "tokens"])
    let interconnect = keys.choice("interconnect") as Interconnect?
    let dataflow = keys.choice("dataflow") as Dataflow?
    let rows = keys.number("rows", Bounds.rows)
    let columns = keys.number("columns", Bounds.columns)
    let macsPerPE = keys.number("macs-per-pe", Bounds.macsPerPE, default: 1)
    let replicas = keys.number("replicas", Bounds.replicas, default: 1)
    let shadowWeights = keys.flag("shadow-weights", default: true)
    let stationaryBuffers = keys.number("stationary-buffers", Bounds.stationaryBuffers, default: 1)
    let swapCycles = keys.number("swap-cycles", Bounds.cycles, .cycles, default: 0)
    let stepInterval = keys.number("step-interval", Bounds.repeats, .cycles, default: 1)
    let peRegisters = keys.number("pe-registers", Bounds.peRegisters, default: 1)
    let edgeRegisters = keys.number("edge-registers", Bounds.edgeRegisters, default: 0)
    let adderTreeRegisters = keys.number("adder-tree-registers", Bounds.adderTreeRegisters, default: 1)
    let outputPath = keys.choice("output-path", default: OutputPath.shiftRegisters)
    let tileOverlap = keys.flag("tile-overlap", default: true)
    let edgeTiles = keys.choice("edge-tiles", default: EdgeTiles.trimmed)
    let tileOrder = keys.choice("tile-order", default: TileOrder.rowsInner)
    let kernelTaps = keys.choice("kernel-taps", default: KernelTaps.packed)
    let depthwise = keys.flag("depthwise", default: false)
    let tileSteps = keys.number("tile-steps", Bounds.tileSteps, default: 0)
    let minimumSteps = keys.number("minimum-steps", Bounds.minimumSteps, default: 1)
    let tilesInFlight = keys.number("tiles-in-flight", Bounds.tilesInFlight, default: 0)
    let lockStep = keys.flag("lock-step", default: false)
    let rowByRow = keys.flag("row-by-row", default: false)
    let transposeCycles = keys.number("transpose-cycles", Bounds.cycles, .cycles, default: 0)
    let issueLatency = keys.number("issue-latency", Bounds.cycles, .cycles, default: 0)
    let issueInterval = keys.number("issue-interval", Bounds.cycles, .cycles, default: 0)
    let outputFIFO = keys.number("output-fifo", Bounds.outputFIFO, default: 0)
    let streamDuty = keys.duty("stream-duty")
    let loadDuty = keys.duty("load-duty")
    let resultDuty = keys.duty("result-duty")
    let streamsNode = keys.value("streams", expected: nil)
    let streams = streamsNode.flatMap { StreamSpec.decode($0, of: keys.title, log: log) }
    let inputs = keys.buffer("inputs", in: buffers)
    let weights = keys.buffer("weights", in: buffers)
    let outputs = keys.buffer("outputs", in: buffers)
    let macsPerDSP = keys.number("macs-per-dsp", Bounds.macsPerDSP, default: 1)
    keys.finish()

    guard let rows, let columns, let macsPerPE, let replicas else { return nil }
    let multipliers = rows * columns * macsPerPE * replicas
    guard multipliers <= Bounds.multipliers else {
      log.report(
        keys.place("rows"), "\(keys.title) has \(multipliers) multipliers (rows·columns·macs-per-pe·replicas)",
        expected: "at most \(Bounds.multipliers)")
      return nil
    }
    guard let dataflow else { return nil }
    let tile = TileBytes(
      dataflow, rows: rows, columns: columns, macsPerPE: macsPerPE, replicas: replicas, depthwise: depthwise ?? false)
    buffers.check(tile, of: keys.title, inputs: inputs, weights: weights, outputs: outputs, log: log)

    guard let name, let interconnect, let shadowWeights, let stationaryBuffers, let swapCycles, let stepInterval,
      let peRegisters, let edgeRegisters, let adderTreeRegisters, let outputPath, let tileOverlap, let edgeTiles,
      let tileOrder, let kernelTaps, let depthwise, let tileSteps, let minimumSteps, let tilesInFlight, let lockStep,
      let rowByRow, let transposeCycles, let issueLatency, let issueInterval, let outputFIFO, let streamDuty,
      let loadDuty,
      let resultDuty, let inputs, let weights, let outputs,
      let macsPerDSP, streamsNode == nil || streams != nil
    else { return nil }
    let spec = MatrixEngineSpec(
      name: name, interconnect: interconnect, dataflow: dataflow, rows: rows, columns: columns, macsPerPE: macsPerPE,
      replicas: replicas, shadowWeights: shadowWeights, stationaryBuffers: stationaryBuffers, swapCycles: swapCycles,
      stepInterval: stepInterval, peRegisters: peRegisters, edgeRegisters: edgeRegisters,
      adderTreeRegisters: adderTreeRegisters, outputPath: outputPath, tileOverlap: tileOverlap, edgeTiles: edgeTiles,
      tileOrder: tileOrder, kernelTaps: kernelTaps, depthwise: depthwise, tileSteps: tileSteps,
      minimumSteps: minimumSteps, tilesInFlight: tilesInFlight, lockStep: lockStep, rowByRow: rowByRow,
      transposeCycles: transposeCycles,
      issueLatency: issueLatency, issueInterval: issueInterval, outputFIFO: outputFIFO, streamDuty: streamDuty,
      loadDuty: loadDuty, resultDuty: resultDuty, streams: streams,
      inputs: inputs, weights: weights, outputs: outputs, macsPerDSP: macsPerDSP)
    let isSound = spec.checkCombinations(keys, log)
    if spec.streams != nil, isSound { buffers.checkStreams(of: spec, keys.title, keys.place("streams"), log: log) }
    if spec.rowByRow, isSound, !buffers.checkRows(of: spec, keys.title, keys.place("row-by-row"), log: log) {
      return nil
    }
    return isSound ? spec : nil
  }

  /// Reports knobs that don't go together.
  private func checkCombinations(_ keys: Section, _ log: DiagnosticLog) -> Bool {
    var sound = true
    func refuse(_ key: String, _ problem: String, _ expected: String) {
      log.report(keys.place(key), "\(keys.title): \(problem)", expected: expected)
      sound = false
    }
    let elastic = ["output-fifo", "stream-duty", "load-duty", "result-duty"]
    if dataflow == .outputStationary, let key = elastic.first(where: keys.has) {
      refuse(key, "\(key) with an output-stationary dataflow", "a weight- or input-stationary engine")
    }
    if dataflow == .outputStationary, swapCycles > 0 {
      refuse("swap-cycles", "swap-cycles with an output-stationary dataflow, which loads nothing", "0")
    }
    if kernelTaps == .separate, dataflow != .outputStationary {
      refuse(
        "kernel-taps", "separate kernel taps with a stationary operand", "packed, or an output-stationary dataflow")
    }
    if depthwise, dataflow != .outputStationary || interconnect != .broadcast {
      refuse(
        "depthwise", "multipliers that accumulate by themselves need an operand each",
        "a broadcast interconnect and an output-stationary dataflow")
    }
    if !resultDuty.isAlways, outputFIFO == 0 {
      refuse("result-duty", "results wait for the output buffer, but there is no room for them", "an output-fifo")
    }
    if stationaryBuffers > 1, shadowWeights {
      refuse(
        "stationary-buffers", "\(stationaryBuffers) stationary buffers and shadow weights", "shadow-weights: false")
    }
    if stationaryBuffers > 1, interconnect == .systolic || dataflow == .outputStationary {
      refuse(
        "stationary-buffers", "\(stationaryBuffers) stationary buffers",
        "1, or a broadcast interconnect and a weight- or input-stationary dataflow")
    }
    if sound, let conflict = streamsConflict { refuse(conflict.key, conflict.problem, conflict.expected) }
    checkLockStep(keys, refuse)
    return sound
  }

  /// The same of engines that load and stream in lock step, and of what goes with it.
  private func checkLockStep(_ keys: Section, _ refuse: (_ key: String, _ problem: String, _ expected: String) -> Void)
  {
    if isElastic, let key = ["lock-step", "tiles-in-flight", "transpose-cycles"].first(where: keys.has) {
      refuse(key, "\(key) with an output-fifo or a duty", "an engine at a fixed pace")
    }
    if dataflow == .outputStationary, transposeCycles > 0 {
      refuse("transpose-cycles", "transpose-cycles with an output-stationary dataflow", "0")
    }
    if tileSteps > 0, !lockStep || dataflow == .outputStationary {
      refuse(
        "tile-steps", "tile-steps where each tile is loaded",
        "lock-step: true and a weight- or input-stationary dataflow")
    }
    if rowByRow, let problem = rowByRowConflict { refuse("row-by-row", "row-by-row \(problem.what)", problem.expected) }
    guard lockStep else { return }
    if depthwise { refuse("lock-step", "lock-step and depthwise", "one of them") }
    if !tileOverlap { refuse("lock-step", "lock-step without tile-overlap", "tile-overlap: true") }
    if dataflow == .outputStationary, outputPath != .shiftRegisters {
      refuse("lock-step", "lock-step and results that don't leave beside the next tile", "output-path: shift-registers")
    }
    if dataflow != .outputStationary, !shadowWeights {
      refuse("lock-step", "lock-step without shadow weights, which the load goes into", "shadow-weights: true")
    }
  }
}

/// The least that the buffers of an engine must hold: its stationary tile, and one step of everything that streams.
struct TileBytes {
  var inputs: Int
  var weights: Int
  var outputs: Int
  /// Whether each operand is the stationary one, which a ping-pong buffer holds twice.
  var inputsStay = false
  var weightsStay = false

  /// All factors are within `Bounds`, so nothing overflows.
  init(_ dataflow: Dataflow, rows: Int, columns: Int, macsPerPE: Int, replicas: Int, depthwise: Bool) {
    let depth = rows * macsPerPE
    switch dataflow {
    case .weightStationary:
      (inputs, weights, outputs) = (replicas * depth, depth * columns, replicas * columns * 4)
      weightsStay = true
    case .inputStationary:
      (inputs, weights, outputs) = (depth * columns, replicas * depth, replicas * columns * 4)
      inputsStay = true
    case .outputStationary:
      (inputs, weights, outputs) = (replicas * depth, columns * macsPerPE, replicas * rows * columns * 4)
      if depthwise { (inputs, outputs) = (inputs * columns, outputs * macsPerPE) }
    }
  }
}

extension BufferTable {
  /// Reports every buffer that can't hold what one tile of an engine keeps in it.
  func check(_ tile: TileBytes, of engine: String, inputs: Int?, weights: Int?, outputs: Int?, log: DiagnosticLog) {
    let roles = [
      (what: "inputs", buffer: inputs, bytes: tile.inputs, stays: tile.inputsStay),
      (what: "weights", buffer: weights, bytes: tile.weights, stays: tile.weightsStay),
      (what: "outputs", buffer: outputs, bytes: tile.outputs, stays: false),
    ]
    for index in specs.indices {
      guard let size = sizes[index] else { continue }
      let mine = roles.filter { $0.buffer == index }
      guard !mine.isEmpty else { continue }
      let needs = mine.map { ($0.what, $0.stays && pingPong[index] ? 2 * $0.bytes : $0.bytes, $0.stays) }
      let total = needs.reduce(0) { $0 + $1.1 }
      guard size.bytes < total else { continue }
      let sum = needs.map { need in
        "\(Quantity.size.format(need.1)) of \(need.0)\(need.2 && pingPong[index] ? " (two tiles, ping-pong)" : "")"
      }
      log.report(
        size.mark,
        "buffer \(quoted(names[index] ?? "")) of \(Quantity.size.format(size.bytes)) can't hold one tile of \(engine)",
        expected: "at least \(Quantity.size.format(total)): " + sum.joined(separator: " + "))
    }
  }
}

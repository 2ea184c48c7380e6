extension MatrixEngineSpec {
  /// What keeps an engine from reading its operands row by row.
  var rowByRowConflict: (what: String, expected: String)? {
    if !lockStep { return ("without lock-step", "lock-step: true") }
    if dataflow != .weightStationary || interconnect != .systolic {
      return ("of another array", "a systolic interconnect and a weight-stationary dataflow")
    }
    if macsPerPE > 1 || replicas > 1 || peRegisters > 1 {
      return ("with several multipliers, replicas or registers a PE", "one of each")
    }
    if swapCycles > 0 || stepInterval > 1 { return ("at a pace of its own", "no swap-cycles or step-interval") }
    if edgeTiles != .full { return ("with trimmed edge tiles", "edge-tiles: full") }
    return nil
  }
}

extension BufferTable {
  /// Reports what the buffers of an engine lack from which it reads row by row.
  func checkRows(of spec: MatrixEngineSpec, _ title: String, _ place: SourceMark, log: DiagnosticLog) -> Bool {
    var sound = true
    func refuse(_ problem: String, _ expected: String) {
      log.report(place, "\(title): row-by-row and \(problem)", expected: expected)
      sound = false
    }
    guard let inputs = specs[spec.inputs], let weights = specs[spec.weights], let outputs = specs[spec.outputs] else {
      return true
    }
    if inputs.wordBytes < spec.rows || weights.wordBytes < spec.columns || outputs.wordBytes < 4 * spec.columns {
      refuse("words that hold less than a row", "rows of the operands and the results in one word")
    }
    if inputs.latency != weights.latency { refuse("operands of different latencies", "equal latencies") }
    if outputs.latency > spec.minimumSteps {
      refuse("results that are read before they are written", "minimum-steps of at least the outputs' latency")
    }
    return sound
  }
}

extension StreamSpec {
  /// Reads an engine's `streams`; `nil` if a mistake was reported.
  static func decode(_ node: ConfigNode, of engine: String, log: DiagnosticLog) -> StreamSpec? {
    var keys = Section(node, "streams of \(engine)", log: log)
    let fifo = keys.number("fifo", Bounds.streamFIFO)
    let start = keys.number("start", Bounds.cycles, .cycles, default: 0)
    let registers = keys.number("registers", Bounds.edgeRegisters, default: 0)
    let finish = keys.number("finish", Bounds.finish, .cycles, default: 1)
    let restart = keys.number("restart", Bounds.cycles, .cycles, default: 0)
    keys.finish()
    guard let fifo, let start, let registers, let finish, let restart else { return nil }
    return StreamSpec(fifo: fifo, start: start, registers: registers, finish: finish, restart: restart)
  }
}

extension MatrixEngineSpec {
  /// What keeps an engine from having `streams`: the key and the problem, and what is expected; `nil` if nothing does.
  var streamsConflict: (key: String, problem: String, expected: String)? {
    guard streams != nil else { return nil }
    if dataflow == .outputStationary {
      return ("streams", "streams with an output-stationary dataflow", "a weight- or input-stationary engine")
    }
    if interconnect == .systolic {
      return ("streams", "streams with a systolic interconnect", "interconnect: broadcast")
    }
    if lockStep { return ("lock-step", "lock-step with streams, which load when there is room", "one of them") }
    if shadowWeights { return ("streams", "streams and shadow weights", "shadow-weights: false") }
    if !tileOverlap { return ("streams", "streams and tiles that don't overlap", "tile-overlap: true") }
    if outputFIFO == 0 { return ("streams", "streams, but no room for results to wait in", "an output-fifo") }
    for (key, duty) in [("stream-duty", streamDuty), ("load-duty", loadDuty), ("result-duty", resultDuty)]
    where !duty.isAlways {
      return (key, "\(key) with streams, which say when words come", "streams or duties")
    }
    if issueLatency > 0 || issueInterval > 0 {
      let key = issueLatency > 0 ? "issue-latency" : "issue-interval"
      return (key, "\(key) with streams, whose passes start by themselves", "0")
    }
    if inputs != weights || inputs != outputs {
      return ("streams", "streams to more than one buffer", "one buffer as inputs, weights and outputs")
    }
    return nil
  }

  /// Bytes of the operands, and of the results, of one step: a word of the buffer has to hold them where there are `streams`.
  var stepBytes: Int { replicas * max(rows * macsPerPE, 4 * columns) }
}

extension BufferTable {
  /// Reports what keeps the buffer of an engine with `streams` from being reached word by word.
  func checkStreams(of engine: MatrixEngineSpec, _ title: String, _ mark: SourceMark, log: DiagnosticLog) {
    guard let buffer = specs[engine.inputs] else { return }
    let name = "buffer \(quoted(buffer.name))"
    if buffer.banks > 1 || buffer.ports > 1 {
      log.report(
        mark, "\(title) has streams, but \(name) has \(buffer.banks) banks of \(buffer.ports) ports",
        expected: "one bank with one port")
    }
    if buffer.wordBytes < engine.stepBytes {
      log.report(
        mark, "\(title) has streams, but a word of \(name) doesn't hold a step",
        expected: "a word-width of at least \(Quantity.size.format(engine.stepBytes))")
    }
  }
}

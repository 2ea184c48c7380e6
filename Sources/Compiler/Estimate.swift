import Hardware

// Static estimates, to choose between tilings and to share blocks out among engines. They follow the timing rules
// (docs/timing.md) without queues and ports; no result depends on their being exact.

extension Site {
  /// Cycles of one block on this engine when nothing keeps it waiting (rules M1–M4, M10–M12).
  func cycles(m: Int, k: Int, n: Int) -> Double {
    let depth = spec.rows * spec.macsPerPE
    switch spec.dataflow {
    case .weightStationary:
      return stationary(steps: m, k: k, columns: n, depth: depth, loadWord: weightWord, streamWord: inputWord)
    case .inputStationary:
      return stationary(steps: n, k: k, columns: m, depth: depth, loadWord: inputWord, streamWord: weightWord)
    case .outputStationary:
      let rows = min(spec.rows * spec.replicas, m)
      let columns = min(spec.columns, n)
      let interval = max(
        1, ceilDiv(rows * spec.macsPerPE, inputWord), ceilDiv(columns * spec.macsPerPE, weightWord))
      let stream = Double(ceilDiv(k, spec.macsPerPE) * interval)
      let shift = Double(spec.rows * max(1, ceilDiv(columns * 4, outputWord)))
      let tile =
        switch spec.outputPath {
        case .direct: stream
        case .shift: stream + shift
        case .shiftRegisters: max(stream, shift)
        }
      return Double(ceilDiv(n, spec.columns)) * Double(ceilDiv(m, spec.rows * spec.replicas)) * (tile + gap)
    }
  }

  private func stationary(
    steps: Int, k: Int, columns: Int, depth: Int, loadWord: Int, streamWord: Int
  ) -> Double {
    let rows = min(depth, k)
    let width = min(spec.columns, columns)
    let copies = min(spec.replicas, steps)
    let interval = max(1, ceilDiv(copies * rows, streamWord), ceilDiv(copies * width * 4, outputWord))
    let stream = Double(ceilDiv(steps, spec.replicas) * interval)
    let load = Double(ceilDiv(rows, spec.macsPerPE) * max(1, ceilDiv(width * spec.macsPerPE, loadWord)))
    let tile = spec.shadowWeights ? max(stream, load) : stream + load
    return Double(ceilDiv(columns, spec.columns)) * Double(ceilDiv(k, depth)) * (tile + gap)
  }

  /// Bubble between two tiles of an engine that doesn't overlap them.
  private var gap: Double { spec.tileOverlap ? 0 : Double(spec.rows + spec.columns) }
}

extension Target {
  /// Cycles that a chain of `operations` takes over `rows` × `columns` elements (rules V2–V4).
  func vectorCycles(_ operations: [VectorOperation], rows: Int, columns: Int) -> Double {
    let specs = operations.compactMap { accelerator.vector.operations[$0] }
    let passes = specs.reduce(1) { max($0, $1.passes) }
    let interval = specs.reduce(1) { max($0, $1.interval) }
    let latency = specs.reduce(0) { $0 + $1.latency }
    let groups = ceilDiv(columns, max(1, accelerator.vector.lanes))
    return Double(rows) * Double(groups * passes * interval) + Double(latency + 4)
  }

  /// Cycles in which DRAM can move `bytes`.
  func dramCycles(_ bytes: Int) -> Double { Double(bytes) / dramBytesPerCycle }

  /// Time of `items` equal pieces of work shared out among all engines, `cycles` being one piece's time on each.
  func shared(items: Int, cycles: (Site) -> Double) -> Double {
    var rate = 0.0
    var fastest = Double.infinity
    for site in sites {
      let time = max(1, cycles(site))
      rate += 1 / time
      fastest = min(fastest, time)
    }
    return max(fastest, Double(items) / rate)
  }
}

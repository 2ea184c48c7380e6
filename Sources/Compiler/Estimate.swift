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
  /// Cycles that a chain of `operations` takes over `rows` × `columns` elements (rules V2–V5).
  func vectorCycles(_ operations: [VectorOperation], rows: Int, columns: Int) -> Double {
    let lanes = min(columns, max(1, accelerator.vector.lanes))
    var (passes, interval, latency) = (1, ceilDiv(lanes, word(home.buffer)), 0)
    for operation in operations {
      guard let spec = accelerator.vector.operations[operation] else { continue }
      passes = max(passes, spec.passes)
      interval = max(interval, spec.interval)
      latency += spec.latency
      switch operation {
      case .requantize: interval = max(interval, ceilDiv(4 * lanes, accumulatorWord))
      case .layerNorm: interval = max(interval, ceilDiv(5 * lanes, word((parameters ?? sites[0].weights).buffer)))
      default: break
      }
    }
    let vector = accelerator.vector
    var row = ceilDiv(columns, max(1, vector.lanes)) * passes * interval
    if operations.contains(where: \.isRowWise) { row = max(row, vector.dividerCycles) }
    if operations.contains(.layerNorm) { row = max(row, vector.squareRootCycles) }
    return Double(rows) * Double(row) + Double(latency + 4)
  }

  /// The widest word of accumulators: that of the engine with the most work.
  private var accumulatorWord: Int { sites.reduce(1) { max($0, $1.outputWord) } }

  private func word(_ buffer: Int) -> Int { max(1, accelerator.buffers[buffer].wordBytes) }

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

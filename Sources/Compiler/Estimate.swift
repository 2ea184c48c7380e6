import Hardware

// Static estimates, to choose between tilings and to share blocks out among engines. They follow the timing rules
// (docs/timing.md) without queues and ports; no result depends on their being exact.

extension Site {
  /// Cycles of one block on this engine when nothing keeps it waiting (rules M1–M4, M10–M12).
  func cycles(m: Int, k: Int, n: Int, taps: Int = 1) -> Double {
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
        spec.stepInterval, ceilDiv(rows * spec.macsPerPE, inputWord), ceilDiv(columns * spec.macsPerPE, weightWord))
      let taps = spec.kernelTaps == .separate ? taps : 1
      let stream = Double(max(spec.minimumSteps, taps * ceilDiv(k / taps, spec.macsPerPE))) * Double(interval)
      let shift = Double(spec.rows * max(1, ceilDiv(columns * 4, outputWord)))
      let tile =
        switch spec.outputPath {
        case .direct: stream
        case .shift: stream + shift
        case .shiftRegisters: max(stream, shift)
        }
      return Double(ceilDiv(n, spec.columns)) * Double(ceilDiv(m, spec.rows * spec.replicas)) * (max(tile, issue) + gap)
    }
  }

  /// Cycles of a depthwise block of `pixels` in each of `rows` rows (rule M17); infinite on an engine that can't do it.
  func depthwiseCycles(rows: Int, pixels: Int, taps: Int, channels: Int) -> Double {
    guard spec.depthwise else { return .infinity }
    let places = spec.rows * spec.macsPerPE
    let groups = rows * ceilDiv(pixels, places)
    let side = min(places, pixels) * min(spec.replicas, groups)
    let interval = max(
      spec.stepInterval, ceilDiv(side * min(spec.columns, channels), inputWord),
      ceilDiv(min(spec.columns, channels), weightWord))
    let shift = places * max(1, ceilDiv(min(spec.replicas, groups) * min(spec.columns, channels) * 4, outputWord))
    let stream = taps * interval
    let tile =
      switch spec.outputPath {
      case .direct: stream
      case .shift: stream + shift
      case .shiftRegisters: max(stream, shift)
      }
    return Double(ceilDiv(channels, spec.columns)) * Double(ceilDiv(groups, spec.replicas)) * (Double(tile) + gap)
  }

  private func stationary(
    steps: Int, k: Int, columns: Int, depth: Int, loadWord: Int, streamWord: Int
  ) -> Double {
    let rows = min(depth, k)
    let width = min(spec.columns, columns)
    let copies = min(spec.replicas, steps)
    if let streams = spec.streams {
      let tiles = Double(ceilDiv(columns, spec.columns)) * Double(ceilDiv(k, depth))
      let passes = Double(spec.tileOrder == .columnsInner ? ceilDiv(k, depth) : ceilDiv(columns, spec.columns))
      let moved = Double(copies * rows + copies * width * 4) * Double(ceilDiv(steps, spec.replicas))
      let words = (moved + Double(rows * width)) / Double(inputWord)
      let tile = max(Double(ceilDiv(steps, spec.replicas) * spec.stepInterval), words)
      return tiles * tile + passes * Double(streams.start + streams.registers + streams.finish + streams.restart)
    }
    let interval = max(spec.stepInterval, ceilDiv(copies * rows, streamWord), ceilDiv(copies * width * 4, outputWord))
    let offered = max(spec.streamDuty.cyclesEach, spec.resultDuty.cyclesEach)
    let blocks = spec.tileSteps > 0 ? ceilDiv(ceilDiv(steps, spec.replicas), spec.tileSteps) : 1
    let stream =
      Double(max(ceilDiv(steps, spec.replicas), spec.minimumSteps * blocks)) * max(Double(interval), offered)
    let words = Double(ceilDiv(rows, spec.macsPerPE) * max(1, ceilDiv(width * spec.macsPerPE, loadWord)))
    let load = words * spec.loadDuty.cyclesEach + Double(spec.swapCycles)
    let tile = spec.shadowWeights || spec.stationaryBuffers > 1 ? max(stream, load) : stream + load
    return Double(ceilDiv(columns, spec.columns)) * Double(ceilDiv(k, depth))
      * (max(tile, Double(blocks) * issue) + gap)
  }

  /// Cycles from one tile to the next (rule M26).
  private var issue: Double { Double(spec.issueInterval) }

  /// Bubble between two tiles of an engine that doesn't overlap them.
  private var gap: Double { spec.tileOverlap ? 0 : Double(spec.rows + spec.columns) }
}

/// Bytes of a layer between DRAM and buffers, and how long their rows are.
struct Transfers {
  var weights = 0.0
  var inputs = 0.0
  var inputRow = 1
  var outputs = 0.0
  var outputRow = 1
  /// All bytes.
  var total: Int { Int(min(weights + inputs + outputs, 1e18)) }
}

/// What an estimate of a chain of vector operations needs to know of them (rules V2–V5).
struct VectorChain {
  private let unit: VectorUnitSpec
  fileprivate var passes = 1
  fileprivate var interval = 1
  fileprivate var latency = 0
  fileprivate var isRowWise = false
  fileprivate var hasLayerNorm = false
  /// Words of what it reads: the source, accumulators if it requantizes, and LayerNorm's parameters if it normalizes.
  private let sourceWord: Int
  fileprivate var accumulatorWord: Int?
  fileprivate var parameterWord: Int?

  fileprivate init(_ unit: VectorUnitSpec, sourceWord: Int) { (self.unit, self.sourceWord) = (unit, sourceWord) }

  /// Cycles over `rows` × `columns` elements.
  func cycles(rows: Int, columns: Int) -> Double {
    let packed = unit.rowsAtOnce(rows: rows, columns: columns)
    let lanes = min(columns, max(1, unit.lanes)) * packed
    var interval = max(interval, ceilDiv(lanes, sourceWord))
    if let accumulatorWord { interval = max(interval, ceilDiv(4 * lanes, accumulatorWord)) }
    // The second operand is taken in the last pass alone.
    let last = parameterWord.map { ceilDiv(5 * (lanes / packed), $0) } ?? 1
    var row = Double(ceilDiv(columns, max(1, unit.lanes)))
    row *= Double(passes - 1) * Double(interval) + Double(max(interval, last))
    if isRowWise { row = max(row, Double(unit.dividerCycles)) }
    if hasLayerNorm { row = max(row, Double(unit.squareRootCycles)) }
    return Double(ceilDiv(rows, packed)) * row + Double(latency) + 4
  }
}

extension Target {
  func chain(_ operations: [VectorOperation]) -> VectorChain {
    func word(_ buffer: Int) -> Int { max(1, accelerator.buffers[buffer].wordBytes) }
    var chain = VectorChain(accelerator.vector, sourceWord: word(home.buffer))
    for operation in operations {
      if operation.isRowWise { chain.isRowWise = true }
      if operation == .layerNorm { chain.hasLayerNorm = true }
      guard let spec = accelerator.vector.operations[operation] else { continue }
      chain.passes = max(chain.passes, spec.passes)
      chain.interval = max(chain.interval, spec.interval)
      chain.latency += spec.latency
      switch operation {
      // That of the engine with the most work.
      case .requantize: chain.accumulatorWord = sites.reduce(1) { max($0, $1.outputWord) }
      case .layerNorm: chain.parameterWord = word((parameters ?? sites[0].weights).buffer)
      default: break
      }
    }
    return chain
  }

  /// Cycles that a chain of `operations` takes over `rows` × `columns` elements.
  func vectorCycles(_ operations: [VectorOperation], rows: Int, columns: Int) -> Double {
    chain(operations).cycles(rows: rows, columns: columns)
  }

  /// Cycles that the DMA channels and DRAM need for `traffic` (rules D1–D5, R2).
  func dramCycles(_ traffic: Transfers) -> Double {
    var slowest = (traffic.weights + traffic.inputs + traffic.outputs) / dramBytesPerCycle
    for (index, channel) in accelerator.channels.enumerated() {
      var cycles = 0.0
      /// A channel waits for DRAM when all bursts that it may have in flight are too short to cover the latency.
      func add(_ bytes: Double, _ row: Int, _ channels: [Int]) {
        guard bytes > 0, channels.contains(vectorQueue + 1 + index) else { return }
        let beats = Double(min(channel.burstBeats, ceilDiv(row, channel.beatBytes)))
        let cover = Double(channel.outstanding) * beats / (Double(accelerator.dram.latency + 4) + beats)
        cycles += bytes / Double(channels.count) / (Double(channel.beatBytes) * min(1, cover))
      }
      add(traffic.weights, .max / 2, weightChannels)
      add(traffic.inputs, traffic.inputRow, inputChannels)
      add(traffic.outputs, traffic.outputRow, outputChannels)
      slowest = max(slowest, cycles)
    }
    return slowest
  }

  /// Time of `items` equal pieces of work shared out among all engines, `cycles` being one piece's time on each.
  func shared(items: Int, cycles: (Site) -> Double) -> Double {
    var rate = 0.0
    var fastest = Double.infinity
    for site in mainSites {
      let time = max(1, cycles(site))
      rate += 1 / time
      fastest = min(fastest, time)
    }
    return max(fastest, Double(items) / rate)
  }
}

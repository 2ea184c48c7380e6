import Hardware

/// No counter of a run overflows: a generous bound on its cycles and bytes, everything one after the other, stays
/// below 2⁶⁰.
extension Linter {
  mutating func checkLength() {
    var total = 0.0
    for instruction in schedule.instructions where queues.indices.contains(instruction.queue) {
      switch (instruction.operation, queues[instruction.queue].unit) {
      case (.matmul(let matmul), .matrix(let engine)): total += bound(matmul, schedule.accelerator.engines[engine])
      case (.vector(let vector), .vector): total += bound(vector)
      case (.load(let transfer), .dma(let channel)), (.store(let transfer), .dma(let channel)):
        total += bound(transfer.dram, schedule.accelerator.channels[channel])
      default: continue  // Reported by the check of units.
      }
    }
    guard total >= 0x1p60 else { return }
    add(.unproved, nil, "a run could take more than 2^60 cycles, beyond what can be counted; make the work smaller")
  }

  /// Every tile as if it were full, its words one byte wide, and nothing overlapped: cycles, and the bytes it moves.
  private func bound(_ matmul: MatMul, _ engine: MatrixEngineSpec) -> Double {
    let (m, k, n) = (Double(matmul.m), Double(matmul.k), Double(matmul.n))
    let (rows, columns) = (Double(engine.rows), Double(engine.columns))
    let (width, replicas) = (Double(engine.macsPerPE), Double(engine.replicas))
    var tiles: Double
    let steps: Double
    switch engine.dataflow {
    case .weightStationary: (tiles, steps) = ((n / columns + 1) * (k / (rows * width) + 1), m)
    case .inputStationary: (tiles, steps) = ((m / columns + 1) * (k / (rows * width) + 1), n)
    case .outputStationary where matmul.isDepthwise: (tiles, steps) = ((n / columns + 1) * (m / replicas + 1), k)
    case .outputStationary: (tiles, steps) = ((n / columns + 1) * (m / (rows * replicas) + 1), k)
    }
    // Tiles on one stationary operand, and steps that fill a tile up.
    if engine.tileSteps > 0 { tiles *= steps / Double(engine.tileSteps) + 1 }
    let least = Double(engine.minimumSteps)
    // Three roles may share one port; a word of a stream may wait for the one before to be used.
    let word = engine.streams == nil ? 0 : 1e5 + 4 * n
    let operands = rows * width * (matmul.isDepthwise ? columns : 1)
    let step = 3 * replicas * (operands + 4 * columns) + Double(engine.stepInterval) + word
    let duty = Double(max(engine.streamDuty.period, engine.resultDuty.period, engine.loadDuty.period))
    let depth =
      rows * Double(engine.peRegisters) + columns + rows * columns * width + 4 * rows * width * columns * replicas + 1e5
    return tiles * (max(steps, least) * step + depth) * duty
  }

  private func bound(_ vector: VectorInstruction) -> Double {
    var passes = 1.0
    var interval = 1.0
    var latency = 1e5
    for stage in vector.stages {
      guard let spec = schedule.accelerator.vector.operations[stage.operation] else { continue }
      passes = max(passes, Double(spec.passes))
      interval = max(interval, Double(spec.interval))
      latency += Double(spec.latency)
    }
    let unit = schedule.accelerator.vector
    let row = latency * passes + Double(unit.dividerCycles + unit.squareRootCycles)
    return Double(vector.rows) * (Double(vector.columns) * passes * 3 * (interval + 10) + row)
  }

  /// Each row unaligned, in bursts that wait for one another.
  private func bound(_ region: DRAMRegion, _ channel: DMAChannelSpec) -> Double {
    var beats = Double(region.rows) * (Double(region.rowBytes) / Double(channel.beatBytes) + 2)
    // An aligned block may hold as little as two bytes.
    if channel.bursts == .aligned { beats *= Double(channel.burstBeats) }
    var cyclesPerByte = 1.0
    if case .bandwidth(let bytesPerSecond, _) = schedule.accelerator.dram {
      cyclesPerByte += Double(schedule.accelerator.clock) / Double(bytesPerSecond)
    }
    let latency = Double(schedule.accelerator.dram.latency) + Double(channel.setup) + 1e5
    return beats * (Double(channel.beatBytes) * cyclesPerByte + latency)
  }
}

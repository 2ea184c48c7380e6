import Hardware

extension WordWriter {
  mutating func accelerator(_ accelerator: Accelerator) {
    name(accelerator.name)
    word(accelerator.clock)
    list(accelerator.engines) { $0.engine($1) }
    list(accelerator.buffers) { $0.buffer($1) }
    list(accelerator.channels) { $0.channel($1) }
    switch accelerator.dram {
    case .ideal(let latency, let inOrder, let sharedRequests):
      word(0)
      word(latency)
      word(0)
      flag(inOrder)
      flag(sharedRequests)
    case .bandwidth(let bytesPerSecond, let latency):
      word(1)
      word(latency)
      word(bytesPerSecond)
      flag(false)
      flag(false)
    }
    vector(accelerator.vector)
  }

  private mutating func engine(_ engine: MatrixEngineSpec) {
    name(engine.name)
    keyword(engine.interconnect)
    keyword(engine.dataflow)
    word(engine.rows)
    word(engine.columns)
    word(engine.macsPerPE)
    word(engine.replicas)
    flag(engine.shadowWeights)
    word(engine.stationaryBuffers)
    word(engine.swapCycles)
    word(engine.stepInterval)
    word(engine.peRegisters)
    word(engine.edgeRegisters)
    word(engine.adderTreeRegisters)
    keyword(engine.outputPath)
    flag(engine.tileOverlap)
    keyword(engine.edgeTiles)
    keyword(engine.tileOrder)
    keyword(engine.kernelTaps)
    flag(engine.depthwise)
    word(engine.tileSteps)
    word(engine.minimumSteps)
    word(engine.tilesInFlight)
    flag(engine.lockStep)
    flag(engine.rowByRow)
    word(engine.transposeCycles)
    word(engine.issueLatency)
    word(engine.issueInterval)
    word(engine.outputFIFO)
    for duty in [engine.streamDuty, engine.loadDuty, engine.resultDuty] {
      word(duty.open)
      word(duty.period)
    }
    optional(engine.streams) { writer, streams in
      for value in [streams.fifo, streams.start, streams.registers, streams.finish, streams.restart] {
        writer.word(value)
      }
    }
    word(engine.inputs)
    word(engine.weights)
    word(engine.outputs)
    word(engine.macsPerDSP)
  }

  private mutating func buffer(_ buffer: BufferSpec) {
    name(buffer.name)
    word(buffer.bytes)
    word(buffer.banks)
    word(buffer.ports)
    word(buffer.wordBytes)
    word(buffer.latency)
    word(buffer.loadLatency)
    flag(buffer.pingPong)
    keyword(buffer.memory)
  }

  private mutating func channel(_ channel: DMAChannelSpec) {
    name(channel.name)
    list(Cargo.allCases.filter(channel.carries.contains)) { $0.keyword($1) }
    word(channel.beatBytes)
    word(channel.burstBeats)
    word(channel.boundaryBytes)
    word(channel.outstanding)
    word(channel.setup)
    keyword(channel.bursts)
    flag(channel.assembly)
    word(channel.transfersInFlight)
    word(channel.dispatch)
    word(channel.narrowing)
    word(channel.gatherAhead)
    word(channel.gatherWords)
    word(channel.gatherCycles)
    word(channel.readCompletion)
    optional(channel.acknowledgement) { $0.word($1) }
    word(channel.sendPath)
    word(channel.writePath)
    word(channel.slotReturn)
    word(channel.completion)
    flag(channel.beatCredit)
  }

  private mutating func vector(_ vector: VectorUnitSpec) {
    word(vector.lanes)
    word(vector.rowsInFlight)
    flag(vector.packsRows)
    word(vector.dividerCycles)
    word(vector.squareRootCycles)
    word(vector.dsps)
    for operation in VectorOperation.allCases {
      optional(vector.operations[operation]) { writer, spec in
        writer.keyword(spec.algorithm)
        writer.word(spec.passes)
        writer.word(spec.interval)
        writer.word(spec.latency)
      }
    }
  }
}

extension Accelerator {
  /// The canonical description: every key in a fixed order, without operations of the vector unit that may be left out and
  /// are the usual ones; decoding it gives back an equal value.
  public var yaml: String {
    var text = Lines()
    text.add("name: \(name)")
    text.add("clock: \(Quantity.frequency.format(clock))")
    text.add("engines:")
    for engine in engines { engine.write(to: &text, buffers: buffers) }
    text.add("buffers:")
    for buffer in buffers { buffer.write(to: &text) }
    text.add("dma:")
    text.add("  channels:")
    for channel in channels { channel.write(to: &text) }
    text.add("dram:")
    switch dram {
    case .ideal(let latency, let inOrder, let sharedRequests):
      text.add("  model: ideal")
      text.add("  latency: \(latency)")
      if inOrder { text.add("  in-order: true") }
      if sharedRequests { text.add("  shared-requests: true") }
    case .bandwidth(let bandwidth, let latency):
      text.add("  model: bandwidth")
      text.add("  latency: \(latency)")
      text.add("  bandwidth: \(Quantity.bandwidth.format(bandwidth))")
    }
    vector.write(to: &text)
    if let device { device.write(to: &text) }
    if declaredLogic != DeclaredLogic() {
      text.add("resources:")
      text.add("  luts: \(declaredLogic.luts)")
      text.add("  flip-flops: \(declaredLogic.flipFlops)")
    }
    return text.text
  }
}

private struct Lines {
  var text = ""
  mutating func add(_ line: String) { text += line + "\n" }
}

extension MatrixEngineSpec {
  fileprivate func write(to text: inout Lines, buffers: [BufferSpec]) {
    func buffer(_ index: Int) -> String { buffers.indices.contains(index) ? buffers[index].name : "\(index)" }
    text.add("  - name: \(name)")
    text.add("    interconnect: \(interconnect.rawValue)")
    text.add("    dataflow: \(dataflow.rawValue)")
    text.add("    rows: \(rows)")
    text.add("    columns: \(columns)")
    text.add("    macs-per-pe: \(macsPerPE)")
    text.add("    replicas: \(replicas)")
    text.add("    shadow-weights: \(shadowWeights)")
    if stationaryBuffers > 1 { text.add("    stationary-buffers: \(stationaryBuffers)") }
    if swapCycles > 0 { text.add("    swap-cycles: \(swapCycles)") }
    if stepInterval > 1 { text.add("    step-interval: \(stepInterval)") }
    text.add("    pe-registers: \(peRegisters)")
    text.add("    edge-registers: \(edgeRegisters)")
    text.add("    adder-tree-registers: \(adderTreeRegisters)")
    text.add("    output-path: \(outputPath.rawValue)")
    text.add("    tile-overlap: \(tileOverlap)")
    text.add("    edge-tiles: \(edgeTiles.rawValue)")
    if tileOrder != .rowsInner { text.add("    tile-order: \(tileOrder.rawValue)") }
    if kernelTaps != .packed { text.add("    kernel-taps: \(kernelTaps.rawValue)") }
    if depthwise { text.add("    depthwise: true") }
    if tileSteps > 0 { text.add("    tile-steps: \(tileSteps)") }
    if minimumSteps > 1 { text.add("    minimum-steps: \(minimumSteps)") }
    if tilesInFlight > 0 { text.add("    tiles-in-flight: \(tilesInFlight)") }
    if lockStep { text.add("    lock-step: true") }
    if rowByRow { text.add("    row-by-row: true") }
    if transposeCycles > 0 { text.add("    transpose-cycles: \(transposeCycles)") }
    if issueLatency > 0 { text.add("    issue-latency: \(issueLatency)") }
    if issueInterval > 0 { text.add("    issue-interval: \(issueInterval)") }
    if outputFIFO > 0 { text.add("    output-fifo: \(outputFIFO)") }
    if !streamDuty.isAlways { text.add("    stream-duty: \(streamDuty)") }
    if !loadDuty.isAlways { text.add("    load-duty: \(loadDuty)") }
    if !resultDuty.isAlways { text.add("    result-duty: \(resultDuty)") }
    if let streams {
      text.add("    streams:")
      text.add("      fifo: \(streams.fifo)")
      text.add("      start: \(streams.start)")
      text.add("      registers: \(streams.registers)")
      text.add("      finish: \(streams.finish)")
      text.add("      restart: \(streams.restart)")
    }
    text.add("    inputs: \(buffer(inputs))")
    text.add("    weights: \(buffer(weights))")
    text.add("    outputs: \(buffer(outputs))")
    text.add("    macs-per-dsp: \(macsPerDSP)")
  }
}

extension BufferSpec {
  fileprivate func write(to text: inout Lines) {
    text.add("  - name: \(name)")
    text.add("    size: \(Quantity.size.format(bytes))")
    text.add("    banks: \(banks)")
    text.add("    ports: \(ports)")
    text.add("    word-width: \(Quantity.size.format(wordBytes))")
    text.add("    latency: \(latency)")
    if loadLatency > 0 { text.add("    load-latency: \(loadLatency)") }
    text.add("    ping-pong: \(pingPong)")
    text.add("    memory: \(memory.rawValue)")
  }
}

extension DMAChannelSpec {
  fileprivate func write(to text: inout Lines) {
    let cargo = Cargo.allCases.filter(carries.contains).map(\.rawValue).joined(separator: ", ")
    text.add("    - name: \(name)")
    text.add("      carries: [\(cargo)]")
    text.add("      data-width: \(Quantity.size.format(beatBytes))")
    text.add("      burst-length: \(burstBeats)")
    text.add("      boundary: \(Quantity.size.format(boundaryBytes))")
    text.add("      outstanding: \(outstanding)")
    text.add("      setup: \(setup)")
    if bursts != .incrementing { text.add("      bursts: \(bursts.rawValue)") }
    if assembly { text.add("      assembly: true") }
    if transfersInFlight > 0 { text.add("      transfers-in-flight: \(transfersInFlight)") }
    if dispatch > 0 { text.add("      dispatch: \(dispatch)") }
    if narrowing > 1 { text.add("      narrowing: \(narrowing)") }
    if gatherAhead > 0 { text.add("      gather-ahead: \(gatherAhead)") }
    if gatherWords > 0 { text.add("      gather-words: \(gatherWords)") }
    if gatherCycles > 0 { text.add("      gather-cycles: \(gatherCycles)") }
    if readCompletion > 0 { text.add("      read-completion: \(readCompletion)") }
    if let acknowledgement { text.add("      acknowledgement: \(acknowledgement)") }
    if sendPath > 0 { text.add("      send-path: \(sendPath)") }
    if writePath > 0 { text.add("      write-path: \(writePath)") }
    if slotReturn > 1 { text.add("      slot-return: \(slotReturn)") }
    if completion > 1 { text.add("      completion: \(completion)") }
    if beatCredit { text.add("      beat-credit: true") }
  }
}

extension VectorUnitSpec {
  fileprivate func write(to text: inout Lines) {
    text.add("vector:")
    text.add("  lanes: \(lanes)")
    text.add("  rows-in-flight: \(rowsInFlight)")
    if packsRows { text.add("  row-packing: true") }
    text.add("  divider: \(dividerCycles)")
    text.add("  square-root: \(squareRootCycles)")
    text.add("  dsps: \(dsps)")
    text.add("  operations:")
    for operation in VectorOperation.allCases {
      guard let spec = operations[operation], operation.isRequired || spec != .usual(operation) else { continue }
      let timing = "passes: \(spec.passes), interval: \(spec.interval), latency: \(spec.latency)"
      text.add("    \(operation.rawValue): {algorithm: \(spec.algorithm.rawValue), \(timing)}")
    }
  }
}

extension DeviceSpec {
  /// The name alone where that says everything.
  fileprivate func write(to text: inout Lines) {
    if DeviceSpec.known.contains(self) {
      text.add("device: \(name)")
      return
    }
    text.add("device:")
    text.add("  name: \(name)")
    text.add("  dsps: \(dsps)")
    text.add("  bram36: \(bram36)")
    text.add("  uram: \(uram)")
    text.add("  luts: \(luts)")
    text.add("  flip-flops: \(flipFlops)")
  }
}

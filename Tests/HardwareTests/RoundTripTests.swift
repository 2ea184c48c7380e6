import Hardware
import HardwareYAML
import TestSupport
import Testing

/// The canonical text says everything: random accelerators come back as they were.
@Suite struct RoundTripTests {
  @Test func randomAccelerators() throws {
    var random = SplitMix64(seed: 2024)
    for _ in 0..<200 {
      let accelerator = Accelerator.random(using: &random)
      do {
        let again = try Accelerator.parse(yaml: accelerator.yaml, file: "printed")
        #expect(again == accelerator, "\(accelerator.yaml)")
        #expect(again.yaml == accelerator.yaml)
      } catch {
        Issue.record("\(error)\n\(accelerator.yaml)")
      }
    }
  }

  @Test func aKnownDeviceIsPrintedByItsName() throws {
    var accelerator = try Accelerator.parse(yaml: smallYAML, file: "a.yaml")
    for device in DeviceSpec.known {
      accelerator.device = device
      #expect(accelerator.yaml.contains("\ndevice: \(device.name)\n"))
      accelerator.device?.dsps += 1
      #expect(accelerator.yaml.contains("\ndevice:\n  name: \(device.name)\n  dsps: \(device.dsps + 1)\n"))
      #expect(try Accelerator.parse(yaml: accelerator.yaml, file: "printed") == accelerator)
    }
  }
}

extension Accelerator {
  /// Anything that a description may say.
  static func random(using random: inout SplitMix64) -> Accelerator {
    func pick<T>(_ values: [T]) -> T { random.pick(values) }
    func int(_ range: ClosedRange<Int>) -> Int { random.int(range) }
    var buffers = (0..<int(1...5)).map { index in
      let banks = pick([1, 2, 3, 8])
      // Large enough for any tile below.
      let bank = int(1 << 22...1 << 24)
      return BufferSpec(
        name: "buffer\(index)", bytes: banks * bank, banks: banks, ports: int(1...16), wordBytes: int(1...4096),
        latency: int(0...10_000), loadLatency: int(0...2), pingPong: pick([true, false]),
        memory: pick(MemoryKind.allCases))
    }
    let engines = (0..<int(1...4)).map { index in
      var engine = MatrixEngineSpec(
        name: pick(["array", "tree-", "e_"]) + "\(index)", interconnect: pick(Interconnect.allCases),
        dataflow: pick(Dataflow.allCases), rows: int(1...64), columns: int(1...64), macsPerPE: int(1...16),
        replicas: int(1...8), shadowWeights: pick([true, false]), swapCycles: int(0...9), stepInterval: int(1...9),
        peRegisters: int(1...64), edgeRegisters: int(0...64), adderTreeRegisters: int(0...16),
        outputPath: pick(OutputPath.allCases), tileOverlap: pick([true, false]),
        edgeTiles: pick(EdgeTiles.allCases), tileOrder: pick(TileOrder.allCases), inputs: int(0...buffers.count - 1),
        weights: int(0...buffers.count - 1),
        outputs: int(0...buffers.count - 1), macsPerDSP: int(1...16))
      if engine.dataflow == .outputStationary {
        engine.swapCycles = 0
        engine.kernelTaps = pick(KernelTaps.allCases)
        engine.depthwise = engine.interconnect == .broadcast && pick([true, false])
      } else {
        engine.outputFIFO = int(0...3)
        engine.streamDuty = pick([.always, Duty(open: 3, period: 4)])
        engine.loadDuty = pick([.always, Duty(open: 1, period: 65_536)])
        if engine.outputFIFO > 0 { engine.resultDuty = pick([.always, Duty(open: 20, period: 40)]) }
        if engine.interconnect == .broadcast, !engine.shadowWeights {
          engine.stationaryBuffers = int(1...16)
          if pick([true, false]) {
            engine.streams = StreamSpec(
              fifo: int(1...1024), start: int(0...10_000), registers: int(0...64), finish: int(1...10_000),
              restart: int(0...10_000))
            (engine.streamDuty, engine.loadDuty, engine.resultDuty) = (.always, .always, .always)
            engine.outputFIFO = int(1...3)
            engine.tileOverlap = true
            (engine.weights, engine.outputs) = (engine.inputs, engine.inputs)
            (buffers[engine.inputs].banks, buffers[engine.inputs].ports) = (1, 1)
            buffers[engine.inputs].wordBytes = max(
              buffers[engine.inputs].wordBytes,
              engine.replicas * max(engine.rows * engine.macsPerPE, 4 * engine.columns))
          }
        }
      }
      engine.minimumSteps = int(1...20)
      if engine.streams == nil { (engine.issueLatency, engine.issueInterval) = (int(0...3), int(0...3)) }
      if !engine.isElastic {
        engine.tilesInFlight = int(0...3)
        let stays = engine.dataflow != .outputStationary
        if stays { engine.transposeCycles = int(0...3) }
        if stays ? engine.shadowWeights : engine.outputPath == .shiftRegisters && !engine.depthwise, engine.tileOverlap
        {
          engine.lockStep = pick([true, false])
          if stays, engine.lockStep { engine.tileSteps = int(0...3) }
          let (inputs, weights, outputs) = (buffers[engine.inputs], buffers[engine.weights], buffers[engine.outputs])
          engine.rowByRow =
            engine.lockStep && engine.dataflow == .weightStationary && engine.interconnect == .systolic
            && engine.macsPerPE * engine.replicas * engine.peRegisters == 1 && engine.swapCycles == 0
            && engine.stepInterval == 1 && engine.edgeTiles == .full && inputs.latency == weights.latency
            && inputs.wordBytes >= engine.rows && weights.wordBytes >= engine.columns
            && outputs.wordBytes >= 4 * engine.columns && outputs.latency <= engine.minimumSteps
        }
      }
      return engine
    }
    let channels = (0..<int(1...4)).map { index in
      let cargo: Set<Cargo> = index == 0 ? Set(Cargo.allCases) : [pick(Cargo.allCases), pick(Cargo.allCases)]
      var channel = DMAChannelSpec(
        name: "c\(index)", carries: cargo, beatBytes: 1 << int(0...12), burstBeats: int(1...256),
        boundaryBytes: 1 << int(12...30), outstanding: int(1...1024), setup: int(0...10_000),
        assembly: pick([true, false]), transfersInFlight: int(0...3), dispatch: int(0...3), slotReturn: int(1...3),
        completion: int(1...3))
      channel.bursts = channel.burstBeats.nonzeroBitCount == 1 ? .aligned : .incrementing
      channel.narrowing = int(1...64)
      (channel.gatherAhead, channel.gatherWords, channel.gatherCycles) = (int(0...3), int(0...3), int(0...3))
      (channel.readCompletion, channel.writePath) = (int(0...3), int(0...3))
      channel.acknowledgement = pick([nil, 0, 7])
      channel.sendPath = channel.assembly ? int(0...3) : 0
      channel.beatCredit = channel.outstanding > 1 && pick([true, false])
      return channel
    }
    let operations = VectorOperation.allCases.map {
      let algorithm = pick($0.algorithms)
      let usual = VectorOperationSpec.natural($0, pick([algorithm, $0.usualAlgorithm]))
      let other = VectorOperationSpec(
        passes: int(1...1024), interval: int(1...1024), latency: int(0...10_000), algorithm: algorithm)
      return ($0, pick([usual, other]))
    }
    let custom = DeviceSpec(
      name: "chip", dsps: int(0...9999), bram36: int(0...9999), uram: int(0...9999), luts: int(0...999_999_999),
      flipFlops: int(0...999_999_999))
    return Accelerator(
      name: "random", clock: int(1000...100_000_000_000), engines: engines, buffers: buffers, channels: channels,
      dram: pick([
        .ideal(latency: int(0...10_000), inOrder: pick([true, false]), sharedRequests: pick([true, false])),
        .bandwidth(bytesPerSecond: int(1_000_000...100_000_000_000_000), latency: int(0...10_000)),
      ]),
      vector: VectorUnitSpec(
        lanes: int(1...65_536), operations: Dictionary(uniqueKeysWithValues: operations),
        dividerCycles: int(0...10_000),
        squareRootCycles: int(0...10_000), rowsInFlight: int(1...1024), packsRows: pick([true, false]),
        dsps: int(0...9999)),
      device: pick([nil, custom, DeviceSpec.known[0]]),
      declaredLogic: pick([DeclaredLogic(), DeclaredLogic(luts: int(0...999), flipFlops: int(0...999))]))
  }
}

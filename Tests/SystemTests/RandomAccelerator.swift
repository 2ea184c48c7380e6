import Hardware
import TestSupport

extension Accelerator {
  /// A plausible accelerator for which the compiler can be expected to find a schedule.
  static func random(_ random: inout SplitMix64) -> Accelerator {
    let bytes = random.pick([16, 64, 256]) << 10
    let buffers = [
      BufferSpec(
        name: "activations", bytes: 4 * bytes, banks: random.pick([1, 4, 8]), ports: random.pick([1, 2]),
        wordBytes: random.pick([16, 64, 256]), latency: random.pick([1, 2]), pingPong: random.pick([true, true, false])),
      BufferSpec(
        name: "weights", bytes: bytes, banks: 2, ports: random.pick([1, 2]), wordBytes: random.pick([8, 64]),
        latency: 1, pingPong: random.pick([true, false])),
      BufferSpec(
        name: "accumulators", bytes: bytes, banks: 2, ports: 2, wordBytes: random.pick([32, 256]),
        latency: random.pick([1, 3]), pingPong: random.pick([true, false])),
    ]
    let engines = (0..<random.pick([1, 1, 2])).map { index in
      MatrixEngineSpec(
        name: "array\(index)", interconnect: random.pick(Interconnect.allCases),
        dataflow: random.pick(Dataflow.allCases),
        rows: random.pick([4, 8, 16]), columns: random.pick([4, 8, 16]), macsPerPE: random.pick([1, 1, 2]),
        replicas: random.pick([1, 1, 2]), shadowWeights: random.pick([true, false]), peRegisters: random.pick([1, 2]),
        edgeRegisters: random.pick([0, 1]), outputPath: random.pick(OutputPath.allCases),
        tileOverlap: random.pick([true, true, false]), edgeTiles: random.pick(EdgeTiles.allCases), inputs: 0,
        weights: 1,
        outputs: 2)
    }
    let channels: [DMAChannelSpec] = random.pick([
      [DMAChannelSpec(name: "all", carries: [.weights, .inputs, .outputs], beatBytes: 16)],
      [
        DMAChannelSpec(name: "weights", carries: [.weights], beatBytes: 32, outstanding: 4),
        DMAChannelSpec(name: "activations", carries: [.inputs, .outputs], beatBytes: 16),
      ],
      [
        DMAChannelSpec(name: "weights", carries: [.weights], beatBytes: 16),
        DMAChannelSpec(name: "inputs", carries: [.inputs], beatBytes: 16, setup: 5),
        DMAChannelSpec(name: "outputs", carries: [.outputs], beatBytes: 8),
      ],
      [
        DMAChannelSpec(
          name: "in", carries: [.weights, .inputs], beatBytes: 16, burstBeats: 4, outstanding: 16, setup: 6,
          bursts: .aligned, assembly: true, transfersInFlight: 2, dispatch: 6, slotReturn: 7, completion: 5),
        DMAChannelSpec(
          name: "out", carries: [.outputs], beatBytes: 16, burstBeats: 4, outstanding: 16, setup: 6, bursts: .aligned,
          assembly: true, transfersInFlight: 2, dispatch: 6, slotReturn: 7, completion: 3, beatCredit: true),
      ],
    ])
    let vector = VectorUnitSpec(
      lanes: random.pick([4, 16, 32]),
      operations: [
        .requantize: VectorOperationSpec(latency: 4), .scale: VectorOperationSpec(latency: 0),
        .add: VectorOperationSpec(latency: 2), .gelu: VectorOperationSpec(latency: 5),
        .softmax: VectorOperationSpec(passes: 3, latency: 6), .layerNorm: VectorOperationSpec(passes: 3, latency: 5),
      ],
      dividerCycles: 16, squareRootCycles: 12, rowsInFlight: random.pick([1, 2, 4]))
    let dram: DRAMSpec = random.pick([
      .ideal(latency: 20), .bandwidth(bytesPerSecond: 19_200_000_000, latency: 40),
      .bandwidth(bytesPerSecond: 1_300_000_000, latency: 25),
    ])
    return Accelerator(
      name: "random", clock: random.pick([200_000_000, 333_000_000]), engines: engines, buffers: buffers,
      channels: channels, dram: dram, vector: vector)
  }
}

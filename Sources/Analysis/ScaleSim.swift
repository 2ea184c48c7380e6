import Hardware
import Machine
import Schedule

/// The machine with the knobs of SCALE-Sim v3: folds never overlap, every fold pays for the whole array, memory never
/// makes it wait (docs/timing.md, "Modes of other tools"). The same as configs/accelerators/scale-sim.yaml.
public enum ScaleSim {
  /// One systolic array of `rows` × `columns` PEs with ideal buffers.
  public static func accelerator(
    rows: Int = 32, columns: Int = 32, dataflow: Dataflow = .weightStationary
  ) -> Accelerator {
    func buffer(_ name: String) -> BufferSpec {
      BufferSpec(name: name, bytes: 1 << 40, ports: 16, wordBytes: 1 << 20, latency: 0, memory: .distributed)
    }
    func instant(_ operation: VectorOperation) -> VectorOperationSpec {
      VectorOperationSpec(latency: 0, algorithm: operation.usualAlgorithm)
    }
    return Accelerator(
      name: "scale-sim", clock: 1_000_000_000,
      engines: [
        MatrixEngineSpec(
          name: "array", interconnect: .systolic, dataflow: dataflow, rows: rows, columns: columns,
          shadowWeights: false, outputPath: .direct, tileOverlap: false, edgeTiles: .full, inputs: 0, weights: 1,
          outputs: 2)
      ],
      buffers: [buffer("activations"), buffer("weights"), buffer("accumulators")],
      channels: [
        DMAChannelSpec(
          name: "all", carries: [.weights, .inputs, .outputs], beatBytes: 4096, burstBeats: 1, boundaryBytes: 4096,
          outstanding: 1024)
      ],
      dram: .ideal(latency: 0),
      vector: VectorUnitSpec(
        lanes: 4096,
        operations: Dictionary(uniqueKeysWithValues: VectorOperation.allCases.map { ($0, instant($0)) })))
  }

  /// `m`×`k` times `k`×`n` as one matmul on the first engine of `accelerator`, its operands on chip from the start.
  ///
  /// Sizes must be within `ScaleSimRow.largestSize`.
  static func schedule(m: Int, k: Int, n: Int, on accelerator: Accelerator) -> Schedule {
    let a = Region(buffer: accelerator.engines[0].inputs, offset: 0, rows: m, rowBytes: k)
    let b = Region(buffer: accelerator.engines[0].weights, offset: 0, rows: k, rowBytes: n)
    let out = Region(buffer: accelerator.engines[0].outputs, offset: 0, rows: m, rowBytes: 4 * n)
    return Schedule(
      accelerator: accelerator, model: ModelReference(name: "gemm-\(m)x\(k)x\(n)", image: 0, batch: 1),
      operators: [OperatorInfo(name: "gemm", kind: .matmul, macs: m * k * n, elements: m * n)],
      layers: [Layer(name: "gemm", operators: [0])], tensors: [], preloads: [a, b],
      instructions: [
        Instruction(queue: 0, layer: 0, operation: .matmul(MatMul(m: m, k: k, n: n, a: a, b: b, out: out, op: 0)))
      ])
  }
}

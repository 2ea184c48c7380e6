import Hardware
import Machine
import Schedule

@testable import Analysis
@testable import Report

/// A small design with every kind of unit, and a schedule of two layers on it, written by hand.
enum Fixture {
  /// A 4×4 weight-stationary array (16 MAC/cycle, two MACs a DSP: 8 DSPs) at 100 MHz.
  static let accelerator = Accelerator(
    name: "tiny", clock: 100_000_000,
    engines: [
      MatrixEngineSpec(
        name: "array", interconnect: .systolic, dataflow: .weightStationary, rows: 4, columns: 4, inputs: 0, weights: 1,
        outputs: 2, macsPerDSP: 2)
    ],
    buffers: [
      BufferSpec(name: "act", bytes: 4096, banks: 2, wordBytes: 16),
      BufferSpec(name: "wgt", bytes: 4096, wordBytes: 16), BufferSpec(name: "acc", bytes: 4096, wordBytes: 64),
    ],
    channels: [DMAChannelSpec(name: "all", carries: [.weights, .inputs, .outputs], beatBytes: 8, burstBeats: 4)],
    dram: .bandwidth(bytesPerSecond: 800_000_000, latency: 10),
    vector: VectorUnitSpec(
      lanes: 4, operations: [.requantize: VectorOperationSpec(), .softmax: VectorOperationSpec(passes: 3, latency: 4)],
      dividerCycles: 8))

  static let array = 0
  static let vector = 1
  static let dma = 2

  /// Layer `first`: a 6×8 times an 8×5, requantized. Layer `second`: softmax of it, stored.
  static let schedule: Schedule = {
    let a = Region(buffer: 0, offset: 0, rows: 6, rowBytes: 8)
    let b = Region(buffer: 1, offset: 0, rows: 8, rowBytes: 5)
    let sums = Region(buffer: 2, offset: 0, rows: 6, rowBytes: 20)
    let narrow = Region(buffer: 0, offset: 2048, rows: 6, rowBytes: 5)
    let soft = Region(buffer: 0, offset: 3072, rows: 6, rowBytes: 5)
    return Schedule(
      accelerator: accelerator, model: ModelReference(name: "two-layers", image: 32, batch: 2),
      operators: [
        OperatorInfo(name: "first.matmul", kind: .matmul, macs: 240, elements: 30),
        OperatorInfo(name: "second.softmax", kind: .softmax, macs: 0, elements: 30),
      ],
      layers: [Layer(name: "first", operators: [0]), Layer(name: "second", operators: [1])],
      tensors: [
        DRAMTensor(name: "x", kind: .input, address: 3, bytes: 48),
        DRAMTensor(name: "w", kind: .weight, address: 4096, bytes: 40),
        DRAMTensor(name: "y", kind: .output, address: 8193, bytes: 30),
      ],
      instructions: [
        Instruction(
          queue: dma, layer: 0,
          operation: .load(Transfer(dram: DRAMRegion(address: 3, rows: 6, rowBytes: 8), region: a, op: 0)),
          posts: [TokenPost(to: array, slot: .a)]),
        Instruction(
          queue: dma, layer: 0,
          operation: .load(Transfer(dram: DRAMRegion(address: 4096, rows: 1, rowBytes: 40), region: b, op: 0)),
          posts: [TokenPost(to: array, slot: .b)]),
        Instruction(
          queue: array, layer: 0, operation: .matmul(MatMul(m: 6, k: 8, n: 5, a: a, b: b, out: sums, op: 0)),
          waits: [TokenWait(from: dma, slot: .a), TokenWait(from: dma, slot: .b)],
          posts: [TokenPost(to: vector, slot: .start)]),
        Instruction(
          queue: vector, layer: 0,
          operation: .vector(
            VectorInstruction(
              stages: [VectorStage(.requantize, op: 0)], rows: 6, columns: 5, source: sums, destination: narrow)),
          waits: [TokenWait(from: array, slot: .start)]),
        Instruction(
          queue: vector, layer: 1,
          operation: .vector(
            VectorInstruction(
              stages: [VectorStage(.softmax, op: 1)], rows: 6, columns: 5, source: narrow, destination: soft)),
          posts: [TokenPost(to: dma, slot: .start)]),
        Instruction(
          queue: dma, layer: 1,
          operation: .store(Transfer(dram: DRAMRegion(address: 8193, rows: 1, rowBytes: 30), region: soft, op: 1)),
          waits: [TokenWait(from: vector, slot: .start)]),
      ])
  }()

  static func run(trace: Bool = false) throws -> Run {
    var options = Summary.runOptions
    options.trace = trace
    return try Simulator.run(schedule, options: options)
  }

  static func summary() throws -> Summary { Summary(schedule: schedule, run: try run()) }

  static func report() throws -> SummaryReport {
    SummaryReport(try summary(), engine: .event, configuration: "model: two-layers\n")
  }
}

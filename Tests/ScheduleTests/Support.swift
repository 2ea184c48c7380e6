import Hardware
import TestSupport

@testable import Schedule

/// A small accelerator: queues `array`, `vector`, `dma.weights`, `dma.io`.
enum Small {
  static let array = 0
  static let vector = 1
  static let weights = 2
  static let io = 3

  static let accelerator = Accelerator(
    name: "small", clock: 100_000_000,
    engines: [
      MatrixEngineSpec(
        name: "array", interconnect: .systolic, dataflow: .weightStationary, rows: 4, columns: 4, inputs: 0, weights: 1,
        outputs: 2)
    ],
    buffers: [
      BufferSpec(name: "activations", bytes: 4096, wordBytes: 8),
      BufferSpec(name: "weights", bytes: 1024, wordBytes: 8),
      BufferSpec(name: "accumulators", bytes: 4096, wordBytes: 16),
    ],
    channels: [
      DMAChannelSpec(name: "weights", carries: [.weights], beatBytes: 8),
      DMAChannelSpec(name: "io", carries: [.inputs, .outputs], beatBytes: 8),
    ],
    dram: .bandwidth(bytesPerSecond: 800_000_000, latency: 20),
    vector: VectorUnitSpec(
      lanes: 4,
      operations: [
        .requantize: VectorOperationSpec(), .scale: VectorOperationSpec(), .add: VectorOperationSpec(),
        .gelu: VectorOperationSpec(), .softmax: VectorOperationSpec(passes: 3),
        .layerNorm: VectorOperationSpec(passes: 3),
      ]))

  static func activations(_ offset: Int, _ rows: Int, _ rowBytes: Int, pitch: Int? = nil) -> Region {
    Region(buffer: 0, offset: offset, rows: rows, rowBytes: rowBytes, pitch: pitch)
  }
  static func weights(_ offset: Int, _ rows: Int, _ rowBytes: Int) -> Region {
    Region(buffer: 1, offset: offset, rows: rows, rowBytes: rowBytes)
  }
  static func accumulators(_ offset: Int, _ rows: Int, _ rowBytes: Int) -> Region {
    Region(buffer: 2, offset: offset, rows: rows, rowBytes: rowBytes)
  }

  /// [2×4]·[4×8], requantized and stored: five instructions, each waiting for the one before.
  static var schedule: Schedule {
    Schedule(
      accelerator: accelerator, model: ModelReference(name: "gemm", image: 0, batch: 1),
      operators: [OperatorInfo(name: "fc", kind: .matmul, macs: 2 * 4 * 8, elements: 2 * 8)],
      layers: [Layer(name: "fc", operators: [0])],
      tensors: [
        DRAMTensor(name: "fc.weight", kind: .weight, address: 0, bytes: 32),
        DRAMTensor(name: "x", kind: .input, address: 0x1000, bytes: 8),
        DRAMTensor(name: "y", kind: .output, address: 0x2000, bytes: 16),
      ],
      instructions: [
        Instruction(
          queue: weights, layer: 0,
          operation: .load(
            Transfer(dram: DRAMRegion(address: 0, rows: 1, rowBytes: 32), region: weights(0, 4, 8), op: 0)),
          posts: [TokenPost(to: array, slot: .b)]),
        Instruction(
          queue: io, layer: 0,
          operation: .load(
            Transfer(dram: DRAMRegion(address: 0x1000, rows: 1, rowBytes: 8), region: activations(0, 2, 4), op: 0)),
          posts: [TokenPost(to: array, slot: .a)]),
        Instruction(
          queue: array, layer: 0,
          operation: .matmul(
            MatMul(
              m: 2, k: 4, n: 8, a: activations(0, 2, 4), b: weights(0, 4, 8), out: accumulators(0, 2, 32), op: 0)),
          waits: [TokenWait(from: io, slot: .a), TokenWait(from: weights, slot: .b)],
          posts: [TokenPost(to: vector, slot: .start)]),
        Instruction(
          queue: vector, layer: 0,
          operation: .vector(
            VectorInstruction(
              stages: [VectorStage(.requantize, op: 0)], rows: 2, columns: 8, source: accumulators(0, 2, 32),
              destination: activations(0x100, 2, 8, pitch: 64))),
          waits: [TokenWait(from: array, slot: .start)], posts: [TokenPost(to: io, slot: .start, count: 2)]),
        Instruction(
          queue: io, layer: 0,
          operation: .store(
            Transfer(
              dram: DRAMRegion(address: 0x2000, rows: 1, rowBytes: 16), region: activations(0x100, 2, 8, pitch: 64),
              op: 0)),
          waits: [TokenWait(from: vector, slot: .start, count: 2)]),
      ])
  }
}

/// Schedules of any content that the text form can hold; most of them make no sense.
struct RandomSchedule {
  var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func schedule() -> Schedule {
    var accelerator = Small.accelerator
    if random.chance(30) {
      accelerator.engines.append(accelerator.engines[0])
      accelerator.engines[1].name = "second"
      accelerator.engines[1].dataflow = .outputStationary
    }
    let queues = accelerator.queues.count
    let operators = (0..<random.int(1...5)).map { _ in
      OperatorInfo(
        name: name(), kind: random.pick(OperatorKind.allCases), macs: number(),
        elements: number())
    }
    let layers = (0..<random.int(1...4)).map { _ in
      Layer(name: name(), operators: (0..<random.int(0...3)).map { _ in random.int(0...operators.count - 1) })
    }
    let tensors = (0..<random.int(0...4)).map { _ in
      DRAMTensor(
        name: name(), kind: random.pick(TensorKind.allCases), address: number(),
        bytes: 1 + number())
    }
    return Schedule(
      accelerator: accelerator, model: ModelReference(name: name(), image: number(), batch: 1 + number()),
      operators: operators, layers: layers, tensors: tensors, preloads: (0..<random.int(0...2)).map { _ in region() },
      instructions: (0..<random.int(0...20)).map { _ in
        Instruction(
          queue: random.int(0...queues - 1), layer: random.int(0...layers.count - 1),
          operation: operation(operators.count),
          waits: (0..<random.int(0...3)).map { _ in
            TokenWait(from: random.int(0...queues - 1), slot: slot(), count: random.chance(70) ? 1 : 1 + number())
          },
          posts: (0..<random.int(0...3)).map { _ in
            TokenPost(to: random.int(0...queues - 1), slot: slot(), count: random.chance(70) ? 1 : 1 + number())
          })
      })
  }

  private mutating func number() -> Int { random.int(0...(1 << random.int(0...50))) }
  private mutating func slot() -> TokenSlot { random.pick(TokenSlot.allCases) }

  private mutating func name() -> String {
    let names = [
      "fc", "blocks.0.attn.qkv", "end", "op", "x y", "", "a\"b\\", "größe", "#1", "a,b=c", "line\nbreak", "é",
    ]
    return random.pick(names)
  }

  private mutating func region() -> Region {
    Region(
      buffer: random.int(0...2), offset: number(), rows: random.int(1...300), rowBytes: 1 + random.int(0...4000),
      pitch: random.chance(50) ? nil : random.int(0...5000))
  }

  private mutating func dram() -> DRAMRegion {
    DRAMRegion(
      address: number(), rows: random.int(1...300), rowBytes: 1 + random.int(0...4000),
      stride: random.chance(50) ? nil : random.int(0...5000))
  }

  private mutating func operation(_ operators: Int) -> Operation {
    let op = random.int(0...operators - 1)
    switch random.int(0...3) {
    case 0: return .load(Transfer(dram: dram(), region: region(), op: op))
    case 1: return .store(Transfer(dram: dram(), region: region(), op: op))
    case 2:
      return .matmul(
        MatMul(
          m: random.int(1...4000), k: random.int(1...4000), n: random.int(1...4000), a: region(), b: region(),
          out: region(), accumulate: random.chance(50), op: op))
    default:
      let all = VectorOperation.allCases
      return .vector(
        VectorInstruction(
          stages: (0..<random.int(1...3)).map { _ in
            VectorStage(random.pick(all), op: random.int(0...operators - 1))
          },
          rows: random.int(1...300), columns: random.int(1...4000), source: region(),
          operand: random.chance(50) ? nil : region(), destination: region()))
    }
  }
}

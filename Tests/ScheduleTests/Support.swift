import Hardware
import Numerics
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
    let arithmetic = (0..<(random.chance(50) ? 0 : random.int(1...5))).map { _ in self.arithmetic() }
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
          operation: operation(operators.count, arithmetic: arithmetic.count),
          waits: (0..<random.int(0...3)).map { _ in
            TokenWait(from: random.int(0...queues - 1), slot: slot(), count: random.chance(70) ? 1 : 1 + number())
          },
          posts: (0..<random.int(0...3)).map { _ in
            TokenPost(to: random.int(0...queues - 1), slot: slot(), count: random.chance(70) ? 1 : 1 + number())
          })
      }, arithmetic: arithmetic)
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

  private mutating func operation(_ operators: Int, arithmetic: Int) -> Operation {
    let op = random.int(0...operators - 1)
    switch random.int(0...3) {
    case 0: return .load(Transfer(dram: dram(), region: region(), op: op))
    case 1: return .store(Transfer(dram: dram(), region: region(), op: op))
    case 2:
      return .matmul(
        MatMul(
          m: random.int(1...4000), k: random.int(1...4000), n: random.int(1...4000), a: region(), b: region(),
          out: region(), accumulate: random.chance(50), op: op, aOrder: order(), bOrder: order(),
          bias: random.chance(50) ? nil : region(), aZero: zero(), bZero: zero()))
    default:
      let all = VectorOperation.allCases
      return .vector(
        VectorInstruction(
          stages: (0..<random.int(1...3)).map { _ in
            VectorStage(
              random.pick(all), op: random.int(0...operators - 1),
              arithmetic: arithmetic == 0 || random.chance(20) ? nil : random.int(0...arithmetic - 1),
              firstColumn: random.chance(50) ? 0 : number())
          },
          rows: random.int(1...300), columns: random.int(1...4000), source: region(),
          operand: random.chance(50) ? nil : region(), destination: region()))
    }
  }

  private mutating func zero() -> Int { random.chance(50) ? 0 : random.int(-128...127) }
  private mutating func size() -> Int { random.pick([1, 1, 2, 3, random.int(1...Windows.limit)]) }

  private mutating func order() -> OperandOrder {
    switch random.int(0...2) {
    case 0: return .rowMajor
    case 1: return .columnMajor
    default:
      let origin = random.chance(50) ? 0...0 : -Windows.limit...Windows.limit
      return .windows(
        Windows(
          width: size(), channels: size(), pixelPitch: random.chance(50) ? nil : size(), kernelRows: size(),
          kernelColumns: size(), strideY: size(), strideX: size(), dilationY: size(), dilationX: size(),
          originY: random.int(origin), originX: random.int(origin), outputColumns: size()))
    }
  }

  // MARK: Arithmetic

  /// Any finite number.
  private mutating func real() -> Float {
    let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
    return random.chance(20) ? Float(random.int(-3...3)) : value.isFinite ? value : 0.1
  }

  private mutating func scale() -> Float {
    let value = real().magnitude
    return value > 0 ? value : .leastNonzeroMagnitude
  }

  private mutating func factor() -> Double {
    let value = Double(bitPattern: random.next()).magnitude
    return random.chance(20) ? Double(scale()) : value > 0 && value.isFinite ? value : .leastNonzeroMagnitude
  }

  private mutating func quantization() -> Quantization { Quantization(scale: scale(), zeroPoint: zero()) }

  private mutating func function() -> ElementwiseFunction {
    switch random.int(0...9) {
    case 0: .identity
    case 1: .scale(real())
    case 2: .relu
    case 3: .gelu
    case 4: .hardSwish(gate: random.chance(50) ? nil : quantization())
    case 5: .hardSigmoid(alpha: real(), beta: real())
    case 6: .sigmoid
    case 7: .silu
    case 8: .tanh
    default: .table((0..<256).map { _ in Int8(truncatingIfNeeded: random.next()) })
    }
  }

  mutating func arithmetic() -> StageArithmetic {
    let algorithm = random.pick(Algorithm.allCases)
    let (first, second, output) = (quantization(), quantization(), quantization())
    return switch random.int(0...7) {
    case 0:
      .requantize(
        Requantization(
          algorithm: algorithm, factors: (0..<random.int(1...20)).map { _ in factor() }, zeroPoint: zero(),
          lowest: Int8(zero())))
    case 1: .elementwise(Elementwise(function(), algorithm: algorithm, input: first, output: output))
    case 2: .add(Addition(algorithm: algorithm, first: first, second: second, output: output))
    case 3: .multiply(Multiplication(algorithm: algorithm, first: first, second: second, output: output))
    case 4: .softmax(Softmax(algorithm: algorithm, input: first, output: output))
    case 5:
      .layerNorm(
        LayerNorm(
          algorithm: algorithm, input: first, output: output, gainScale: scale(), biasScale: scale(), epsilon: real()))
    case 6: .divide(Quotient(algorithm: algorithm, input: first, output: output, epsilon: real()))
    default: .average(Average(algorithm: algorithm, input: first, output: output))
    }
  }
}

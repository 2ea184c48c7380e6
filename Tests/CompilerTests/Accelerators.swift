import Hardware
import TestSupport
import Testing

extension VectorUnitSpec {
  static let ordinary = VectorUnitSpec(
    lanes: 32,
    operations: [
      .requantize: .init(passes: 1, interval: 1, latency: 4), .scale: .init(latency: 0), .add: .init(latency: 1),
      .gelu: .init(latency: 4), .softmax: .init(passes: 3, interval: 1, latency: 8),
      .layerNorm: .init(passes: 3, interval: 1, latency: 8), .multiply: .init(latency: 4), .relu: .init(latency: 1),
      .hardSwish: .init(latency: 4), .lookup: .init(latency: 4), .divide: .init(passes: 2, latency: 6),
      .average: .init(latency: 4),
    ], dividerCycles: 16, squareRootCycles: 16, rowsInFlight: 4)
}

extension Accelerator {
  /// Buffers in KiB: inputs, weights, outputs.
  static func simple(
    _ name: String, rows: Int, columns: Int, dataflow: Dataflow = .weightStationary,
    interconnect: Interconnect = .systolic, kib: (Int, Int, Int), banks: Int = 4, pingPong: Bool = true,
    channels: [DMAChannelSpec]? = nil
  ) -> Accelerator {
    let engine = MatrixEngineSpec(
      name: "array", interconnect: interconnect, dataflow: dataflow, rows: rows, columns: columns, inputs: 0,
      weights: 1, outputs: 2)
    func buffer(_ name: String, _ kib: Int, word: Int) -> BufferSpec {
      BufferSpec(name: name, bytes: kib * 1024, banks: banks, ports: 2, wordBytes: word, pingPong: pingPong)
    }
    return Accelerator(
      name: name, clock: 200_000_000, engines: [engine],
      buffers: [
        buffer("activations", kib.0, word: max(rows, 32)), buffer("weights", kib.1, word: max(columns, 32)),
        buffer("accumulators", kib.2, word: 4 * max(columns, 32)),
      ],
      channels: channels ?? [
        DMAChannelSpec(name: "weights", carries: [.weights], beatBytes: 16),
        DMAChannelSpec(name: "in", carries: [.inputs], beatBytes: 16),
        DMAChannelSpec(name: "out", carries: [.outputs], beatBytes: 16),
      ], dram: .bandwidth(bytesPerSecond: 19_200_000_000, latency: 60), vector: .ordinary)
  }

  /// 32 × 32 with the memory of a ZCU102.
  static let zcu102 = simple("zcu102", rows: 32, columns: 32, kib: (2048, 512, 512), banks: 8)
  /// Everything through one DMA channel and little memory.
  static let edge = simple(
    "edge", rows: 16, columns: 16, kib: (64, 32, 16),
    channels: [DMAChannelSpec(name: "all", carries: [.weights, .inputs, .outputs], beatBytes: 8)])
  /// A few KiB in all.
  static let tiny = simple("tiny", rows: 4, columns: 4, kib: (8, 8, 4), banks: 2)
  static let single = simple("single", rows: 8, columns: 8, kib: (32, 16, 16), banks: 1, pingPong: false)
  static let output = simple(
    "output", rows: 16, columns: 16, dataflow: .outputStationary, kib: (256, 64, 64))
  static let input = simple(
    "input", rows: 16, columns: 16, dataflow: .inputStationary, interconnect: .broadcast, kib: (256, 64, 64))

  /// Three engines of three kinds that share all buffers.
  static let three: Accelerator = {
    var result = simple("three", rows: 16, columns: 16, kib: (512, 256, 256), banks: 8)
    var second = result.engines[0]
    second.name = "adder-tree"
    second.interconnect = .broadcast
    second.macsPerPE = 2
    var third = result.engines[0]
    third.name = "output"
    third.dataflow = .outputStationary
    third.columns = 8
    result.engines += [second, third]
    return result
  }()

  /// Two engines that make the columns of each piece together, one of which convolves channel by channel, and one that helps both.
  static let sideBySide: Accelerator = {
    var result = simple(
      "side-by-side", rows: 1, columns: 8, dataflow: .outputStationary, interconnect: .broadcast, kib: (96, 24, 16))
    result.engines[0].macsPerPE = 8
    result.engines[0].kernelTaps = .separate
    var second = result.engines[0]
    second.name = "depthwise"
    second.depthwise = true
    var third = result.engines[0]
    third.name = "helper"
    third.columns = 1
    result.engines += [second, third]
    return result
  }()

  /// One buffer for everything.
  static let unified: Accelerator = {
    var result = simple("unified", rows: 16, columns: 16, kib: (512, 1, 1), banks: 8)
    result.buffers.removeLast(2)
    result.engines[0].weights = 0
    result.engines[0].outputs = 0
    return result
  }()

  /// One to three engines of any kind, memories from hundreds of bytes on, shared or not, one to three channels.
  static func random(_ random: inout SplitMix64) -> Accelerator {
    let engines = random.int(1...3)
    var result = simple("random", rows: 1, columns: 1, kib: (1, 1, 1), banks: random.pick([1, 2, 4]))
    result.engines = (0..<engines).map { index in
      MatrixEngineSpec(
        name: "array\(index)", interconnect: random.pick([.systolic, .broadcast]),
        dataflow: random.pick([.weightStationary, .outputStationary, .inputStationary]), rows: random.int(1...9),
        columns: random.int(1...9), macsPerPE: random.pick([1, 1, 2]), replicas: random.pick([1, 1, 2]),
        shadowWeights: random.pick([true, false]), tileOverlap: random.pick([true, false]),
        inputs: random.pick([0, 0, 1]),
        weights: random.pick([0, 1]), outputs: random.pick([0, 1, 2]))
    }
    for index in result.buffers.indices {
      result.buffers[index].bytes = random.pick([512, 1024, 4096, 12288, 65536]) + 64 * random.int(0...3)
      result.buffers[index].pingPong = random.pick([true, true, false])
      result.buffers[index].ports = random.pick([1, 2])
      result.buffers[index].wordBytes = random.pick([1, 4, 16, 64])
    }
    switch random.int(1...3) {
    case 1: result.channels = edge.channels
    case 2:
      result.channels = [
        DMAChannelSpec(name: "in", carries: [.weights, .inputs], beatBytes: 8),
        DMAChannelSpec(name: "both", carries: [.weights, .outputs], beatBytes: 8),
      ]
    default: break
    }
    return result
  }

  static let all: [Accelerator] = [
    .zcu102, .edge, .tiny, .single, .output, .input, .three, .sideBySide, .unified,
  ]
}

extension Accelerator: CustomTestStringConvertible {
  public var testDescription: String { name }
}

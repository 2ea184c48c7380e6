import Hardware
import Machine
import Numerics
import Schedule
import TestSupport

/// A random list of instructions on two small buffers, each of which ends one cycle after the one before.
struct ValueCase {
  private(set) var schedule: Schedule
  private(set) var image: MemoryImage
  private static let bufferBytes = 6000
  private var random: SplitMix64

  var timings: [InstructionTiming] {
    schedule.instructions.indices.map { InstructionTiming(start: $0, end: $0 + 1) }
  }

  init(seed: UInt64, instructions: Int = 12) {
    random = SplitMix64(seed: seed)
    var bench = Bench()
    for index in bench.accelerator.buffers.indices { bench.accelerator.buffers[index].bytes = Self.bufferBytes }
    // Time is of no account here; this engine can do everything.
    bench.accelerator.engines[0].dataflow = .outputStationary
    bench.accelerator.engines[0].interconnect = .broadcast
    bench.accelerator.engines[0].depthwise = true
    schedule = bench.schedule
    schedule.tensors = [
      DRAMTensor(name: "in", kind: .weight, address: 0x100, bytes: 5000),
      DRAMTensor(name: "out", kind: .spill, address: 0x2000, bytes: 5000),
      DRAMTensor(name: "zeros", kind: .input, address: 0x8000, bytes: 300),
    ]
    image = MemoryImage(tensors: [[], nil, nil])
    image.tensors[0] = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &random) }
    schedule.preloads = [Region(buffer: 0, offset: 0, rows: 50, rowBytes: 100, pitch: 110)]
    image.preloads = [(0..<5000).map { _ in UInt8.random(in: 0...255, using: &random) }]
    schedule.arithmetic = arithmetic()
    for _ in 0..<instructions { append() }
  }

  private mutating func quantization() -> Quantization {
    Quantization(scale: Float(random.int(1...99)) / 500, zeroPoint: random.pick([0, 0, -128, random.int(-128...127)]))
  }

  /// Two of each kind.
  private mutating func arithmetic() -> [StageArithmetic] {
    (0..<2).flatMap { turn -> [StageArithmetic] in
      let (x, y, z) = (quantization(), quantization(), quantization())
      let algorithm: Algorithm = turn == 0 ? .float : .fixedPoint
      let rows: Algorithm = turn == 0 ? .float : random.pick([.iBERT, .iViT, .table])
      let factors = (0..<(turn == 0 ? 200 : 1)).map { _ in Double(random.int(1...99)) / 20_000 }
      return [
        .requantize(Requantization(algorithm: algorithm, factors: factors, zeroPoint: z.zeroPoint)),
        .elementwise(Elementwise(.gelu, algorithm: .float, input: x, output: z)),
        .add(Addition(algorithm: algorithm, first: x, second: y, output: z)),
        .multiply(Multiplication(algorithm: algorithm, first: x, second: y, output: z)),
        .softmax(Softmax(algorithm: rows, input: x, output: z)),
        .layerNorm(
          LayerNorm(algorithm: rows, input: x, output: z, gainScale: 0.01, biasScale: 0.0001, epsilon: 1e-5)),
        .divide(Quotient(algorithm: algorithm, input: x, output: z, epsilon: 1e-5)),
        .average(Average(algorithm: algorithm, input: x, output: z)),
      ]
    }
  }

  private mutating func append() {
    let operation: Operation
    let queue: Int
    switch random.int(0...9) {
    case 0: (operation, queue) = (.load(transfer(tensor: random.int(0...2))), Bench.input)
    case 1: (operation, queue) = (.store(transfer(tensor: 1)), Bench.output)
    case 2...5: (operation, queue) = (.matmul(matmul()), Bench.array)
    default: (operation, queue) = (.vector(vector()), Bench.vector)
    }
    schedule.instructions.append(Instruction(queue: queue, layer: 0, operation: operation))
  }

  /// A region of rows · rowBytes bytes: in one piece, row by row, or cut otherwise.
  private mutating func region(rows: Int, rowBytes: Int, unit: Int = 1) -> Region {
    var (rows, rowBytes) = (rows, rowBytes)
    switch random.int(0...9) {
    case 0...1: (rows, rowBytes) = (1, rows * rowBytes)
    case 2: (rows, rowBytes) = (rows * rowBytes / unit, unit)
    default: break
    }
    var pitch = rowBytes + (random.chance(40) ? random.int(0...3) : 0)
    if rows * pitch > Self.bufferBytes { pitch = rowBytes }
    let span = (rows - 1) * pitch + rowBytes
    // Overlaps of all kinds happen, since there are only two buffers.
    return Region(
      buffer: random.int(0...1), offset: random.int(0...Self.bufferBytes - span), rows: rows, rowBytes: rowBytes,
      pitch: pitch)
  }

  private mutating func transfer(tensor: Int) -> Transfer {
    let (rows, rowBytes) = (random.int(1...12), random.int(1...20))
    let place = schedule.tensors[tensor]
    let stride = rowBytes + random.pick([0, 0, 2])
    let dram =
      random.chance(30)
      ? DRAMRegion(
        address: place.address + random.int(0...place.bytes - rows * rowBytes), rows: 1, rowBytes: rows * rowBytes)
      : DRAMRegion(address: place.address + random.int(0...20), rows: rows, rowBytes: rowBytes, stride: stride)
    return Transfer(dram: dram, region: region(rows: rows, rowBytes: rowBytes), op: 0)
  }

  private mutating func matmul() -> MatMul {
    var (m, k, n) = (random.int(1...22), random.int(1...33), random.int(1...30))
    var a = Region(buffer: 0, offset: 0, rows: 1, rowBytes: 1)
    var order: OperandOrder = .rowMajor
    var isDepthwise = false
    if random.chance(40) {
      var windows = Windows(
        width: random.int(1...6), channels: random.int(1...4), pixelPitch: 5, kernelRows: random.int(1...3),
        kernelColumns: random.int(1...3), strideY: random.int(1...2), strideX: random.int(1...2), originY: -1,
        originX: -1, outputColumns: random.int(1...5))
      isDepthwise = random.chance(50)
      if isDepthwise { windows.channels = random.pick([1, 5, 70]) }
      windows.pixelPitch = max(5, windows.channels)
      order = .windows(windows)
      k = isDepthwise ? windows.taps : windows.depth
      m = windows.outputColumns * (windows.channels > 9 ? 1 : random.int(1...5))
      n = isDepthwise ? windows.channels : random.pick([1, n])
      a = region(rows: 1, rowBytes: 1)
      a.rows = 5
      a.rowBytes = windows.pixelPitch * (windows.width - 1) + windows.channels
      a.pitch = windows.pixelPitch * windows.width + 2
      a.offset = min(a.offset, Self.bufferBytes - 5 * a.pitch)
    } else {
      m = random.pick([m, 1])
      if random.chance(30) { order = .columnMajor }
      a = order == .columnMajor ? region(rows: k, rowBytes: m) : region(rows: m, rowBytes: k)
    }
    let accumulate = random.chance(40)
    let byColumns = random.chance(40)
    return MatMul(
      m: m, k: k, n: n, isDepthwise: isDepthwise, a: a,
      b: byColumns ? region(rows: n, rowBytes: k) : region(rows: k, rowBytes: n),
      out: region(rows: m, rowBytes: 4 * n, unit: 4), accumulate: accumulate, op: 0, aOrder: order,
      bOrder: byColumns ? .columnMajor : .rowMajor,
      bias: accumulate || random.chance(50) ? nil : region(rows: 1, rowBytes: 4 * n, unit: 4),
      aZero: random.pick([0, 7, -128]), bZero: random.pick([0, 0, 127]))
  }

  private mutating func vector() -> VectorInstruction {
    let (rows, columns) = (random.int(1...20), random.int(2...40))
    var operations: [VectorOperation] = []
    if random.chance(50) { operations.append(.requantize) }
    if random.chance(50) || operations.isEmpty { operations.append(random.pick([.gelu, .softmax])) }
    let taker: VectorOperation? = random.pick([nil, .add, .multiply, .layerNorm])
    if let taker { operations.append(taker) }
    if random.chance(30) { operations.append(random.pick([.divide, .average])) }
    let entries: [VectorOperation: Int] = [
      .requantize: 0, .gelu: 1, .add: 2, .multiply: 3, .softmax: 4, .layerNorm: 5, .divide: 6, .average: 7,
    ]
    let turn = random.pick([0, 8])
    let isWide = operations[0] == .requantize
    let source = region(rows: rows, rowBytes: columns * (isWide ? 4 : 1), unit: isWide ? 4 : 1)
    let operand = taker.map { it -> Region in
      it == .layerNorm ? region(rows: 1, rowBytes: 5 * columns) : region(rows: rows, rowBytes: columns)
    }
    let last = operations[operations.count - 1]
    var destination = region(rows: last == .average ? 1 : rows, rowBytes: last == .divide ? columns - 1 : columns)
    if destination.bytes == source.bytes, random.chance(30) { destination = source }
    if let operand, destination.bytes == operand.bytes, random.chance(30) { destination = operand }
    return VectorInstruction(
      stages: operations.map {
        VectorStage($0, op: 0, arithmetic: entries[$0].map { $0 + turn }, firstColumn: $0 == .requantize ? 3 : 0)
      }, rows: rows, columns: columns, source: source, operand: operand, destination: destination)
  }
}

import Hardware
import Machine
import Schedule

/// Small machines and schedules for tests of the literal engine: everything is one cycle and infinitely wide unless said.
struct LiteralBench {
  var engine = MatrixEngineSpec(
    name: "array", interconnect: .systolic, dataflow: .weightStationary, rows: 4, columns: 4, inputs: 0, weights: 1,
    outputs: 2)
  /// Activations, weights, results.
  var buffers = ["in", "w", "out"].map {
    BufferSpec(name: $0, bytes: 1 << 20, ports: 4, wordBytes: 1 << 16, latency: 0)
  }
  var channel = DMAChannelSpec(
    name: "d", carries: [.weights, .inputs, .outputs], beatBytes: 16, burstBeats: 4, outstanding: 8)
  var channels: [DMAChannelSpec] = []
  var dram = DRAMSpec.ideal(latency: 10)
  var vector = VectorUnitSpec(lanes: 4, operations: [.requantize: VectorOperationSpec()])
  var clock = 100_000_000

  var accelerator: Accelerator {
    Accelerator(
      name: "bench", clock: clock, engines: [engine], buffers: buffers,
      channels: channels.isEmpty ? [channel] : channels, dram: dram, vector: vector)
  }

  /// Queues of `accelerator`.
  static let array = 0
  static let lanes = 1
  static let dma = 2

  static func matmul(
    _ m: Int, _ k: Int, _ n: Int, accumulate: Bool = false, outBuffer: Int = 2, waits: [TokenWait] = [],
    posts: [TokenPost] = []
  ) -> Instruction {
    let a = Region(buffer: 0, offset: 0, rows: 1, rowBytes: m * k)
    let b = Region(buffer: 1, offset: 0, rows: 1, rowBytes: k * n)
    let out = Region(buffer: outBuffer, offset: 0, rows: 1, rowBytes: m * n * 4)
    let matmul = MatMul(m: m, k: k, n: n, a: a, b: b, out: out, accumulate: accumulate, op: 0)
    return Instruction(queue: array, layer: 0, operation: .matmul(matmul), waits: waits, posts: posts)
  }

  static func transfer(
    load: Bool, address: Int = 0, bytes: Int, rows: Int = 1, stride: Int? = nil, queue: Int = dma, buffer: Int = 0,
    waits: [TokenWait] = [], posts: [TokenPost] = []
  ) -> Instruction {
    let transfer = Transfer(
      dram: DRAMRegion(address: address, rows: rows, rowBytes: bytes, stride: stride),
      region: Region(buffer: buffer, offset: 0, rows: rows, rowBytes: bytes), op: 0)
    return Instruction(
      queue: queue, layer: 0, operation: load ? .load(transfer) : .store(transfer), waits: waits, posts: posts)
  }

  static func vector(
    _ operations: [VectorOperation], rows: Int, columns: Int, operand: Region? = nil, sourceBuffer: Int = 2,
    destinationBuffer: Int = 0, waits: [TokenWait] = [], posts: [TokenPost] = []
  ) -> Instruction {
    let op = VectorInstruction(
      stages: operations.map { VectorStage($0, op: 0) }, rows: rows, columns: columns,
      source: Region(buffer: sourceBuffer, offset: 0, rows: rows, rowBytes: columns * 4), operand: operand,
      destination: Region(buffer: destinationBuffer, offset: 0, rows: rows, rowBytes: columns))
    return Instruction(queue: lanes, layer: 0, operation: .vector(op), waits: waits, posts: posts)
  }

  func run(_ instructions: [Instruction]) throws -> Run {
    let schedule = Schedule(
      accelerator: accelerator, model: ModelReference(name: "bench", image: 0, batch: 1),
      operators: [OperatorInfo(name: "op", kind: .matmul, macs: 0, elements: 0)],
      layers: [Layer(name: "layer", operators: [0])], tensors: [], instructions: instructions)
    return try Simulator.run(schedule, engine: .literal, options: RunOptions(trace: true, timelines: true))
  }
}

extension Run {
  /// Cycles of the events of one kind.
  func cycles(of kind: TraceEvent.Kind, unit: Int = 0) -> [Int] {
    trace.filter { $0.kind == kind && $0.unit == unit }.map(\.cycle)
  }

  /// The parts of a unit that aren't zero, by name.
  func parts(of unit: Int) -> [String: Int] {
    var parts: [String: Int] = [:]
    for part in Part.allCases where units[unit][part] > 0 { parts[part.name] = units[unit][part] }
    return parts
  }
}

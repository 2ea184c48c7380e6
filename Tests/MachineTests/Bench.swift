import Hardware
import Machine
import Schedule
import Testing

/// A plain accelerator and a program for the probes: everything at its simplest, so that each test sets one thing.
///
/// Buffers 0 (inputs), 1 (weights), 2 (results): latency 0, words as wide as anything, three ports.
/// Queues 0 array, 1 vector, 2 dma.in, 3 dma.out.
struct Bench {
  var accelerator: Accelerator
  var instructions: [Instruction] = []
  var loaded: [LoadedTiles] = []

  static let array = 0
  static let vector = 1
  static let input = 2
  static let output = 3

  init(
    rows: Int = 4, columns: Int = 3, _ dataflow: Dataflow = .weightStationary,
    _ interconnect: Interconnect = .systolic, configure: (inout Accelerator) -> Void = { _ in }
  ) {
    let buffer = BufferSpec(name: "inputs", bytes: 1 << 20, banks: 4, ports: 3, wordBytes: 1 << 12, latency: 0)
    var weights = buffer
    weights.name = "weights"
    var results = buffer
    results.name = "results"
    accelerator = Accelerator(
      name: "bench", clock: 1_000_000,
      engines: [
        MatrixEngineSpec(
          name: "array", interconnect: interconnect, dataflow: dataflow, rows: rows, columns: columns,
          adderTreeRegisters: 0, outputPath: .direct, inputs: 0, weights: 1, outputs: 2)
      ],
      buffers: [buffer, weights, results],
      channels: [
        DMAChannelSpec(name: "in", carries: [.weights, .inputs], beatBytes: 16),
        DMAChannelSpec(name: "out", carries: [.outputs], beatBytes: 16),
      ],
      dram: .ideal(latency: 0),
      vector: VectorUnitSpec(
        lanes: 4,
        operations: Dictionary(
          uniqueKeysWithValues: VectorOperation.allCases.map { ($0, VectorOperationSpec(latency: 0)) })))
    configure(&accelerator)
  }

  var schedule: Schedule {
    Schedule(
      accelerator: accelerator, model: ModelReference(name: "bench", image: 0, batch: 1),
      operators: [OperatorInfo(name: "op", kind: .matmul, macs: 0, elements: 0)],
      layers: [Layer(name: "layer", operators: [0])], tensors: [], loaded: loaded, instructions: instructions)
  }

  /// Adds a matmul whose operands lie in bank 0 (or `bank`) of their buffers.
  mutating func matmul(
    _ m: Int, _ k: Int, _ n: Int, queue: Int = Bench.array, accumulate: Bool = false, bank: Int = 0,
    waits: [TokenWait] = [], posts: [TokenPost] = []
  ) {
    let offset = bank << 18
    instructions.append(
      Instruction(
        queue: queue, layer: 0,
        operation: .matmul(
          MatMul(
            m: m, k: k, n: n, a: Region(buffer: 0, offset: offset, rows: m, rowBytes: k),
            b: Region(buffer: 1, offset: offset, rows: k, rowBytes: n),
            out: Region(buffer: 2, offset: offset, rows: m, rowBytes: 4 * n), accumulate: accumulate, op: 0)),
        waits: waits, posts: posts))
  }

  /// Adds a DMA transfer of `rows` × `rowBytes` at DRAM `address`.
  mutating func transfer(
    write: Bool = false, address: Int = 0, rows: Int = 1, _ rowBytes: Int, stride: Int? = nil, buffer: Int = 0,
    bank: Int = 0, queue: Int? = nil, waits: [TokenWait] = [], posts: [TokenPost] = []
  ) {
    let transfer = Transfer(
      dram: DRAMRegion(address: address, rows: rows, rowBytes: rowBytes, stride: stride),
      region: Region(buffer: buffer, offset: bank << 18, rows: rows, rowBytes: rowBytes), op: 0)
    instructions.append(
      Instruction(
        queue: queue ?? (write ? Bench.output : Bench.input), layer: 0,
        operation: write ? .store(transfer) : .load(transfer), waits: waits, posts: posts))
  }

  /// Adds a vector instruction from buffer 0 to buffer 2 (both 1 byte an element).
  mutating func vector(
    _ operations: [VectorOperation], rows: Int, columns: Int, bank: Int = 0, waits: [TokenWait] = [],
    posts: [TokenPost] = []
  ) {
    let operand: Region? =
      operations.contains(.layerNorm)
      ? Region(buffer: 1, offset: bank << 18, rows: 1, rowBytes: 5 * columns)
      : operations.contains(where: \.takesOperand)
        ? Region(buffer: 1, offset: bank << 18, rows: rows, rowBytes: columns) : nil
    instructions.append(
      Instruction(
        queue: Bench.vector, layer: 0,
        operation: .vector(
          VectorInstruction(
            stages: operations.map { VectorStage($0, op: 0) }, rows: rows, columns: columns,
            source: Region(buffer: 0, offset: bank << 18, rows: rows, rowBytes: columns), operand: operand,
            destination: Region(
              buffer: 2, offset: bank << 18, rows: operations.last == .average ? 1 : rows,
              rowBytes: operations.last == .divide ? columns - 1 : columns))),
        waits: waits, posts: posts))
  }

  /// Runs both engines, expects them to agree on everything, and returns the run.
  func run(sourceLocation: SourceLocation = #_sourceLocation) throws -> Run {
    let options = RunOptions(trace: true, timelines: true)
    let event = try Simulator.run(schedule, engine: .event, options: options)
    let literal = try Simulator.run(schedule, engine: .literal, options: options)
    #expect(event == literal, sourceLocation: sourceLocation)
    for unit in event.units { #expect(unit.total == event.cycles, sourceLocation: sourceLocation) }
    return event
  }
}

extension Run {
  /// Cycles of one kind of event of one instruction, by detail.
  func cycles(of kind: TraceEvent.Kind, _ instruction: Int) -> [Int] {
    trace.filter { $0.kind == kind && $0.instruction == instruction }.sorted { $0.detail < $1.detail }.map(\.cycle)
  }
}

import Hardware
import Numerics
import Schedule
import TestSupport

/// A random vector unit with random instructions, one after the other, on buffers that are full of random bytes; or each
/// behind loads of its operands and before a store of its results, two of them under way at a time.
struct VectorCase {
  private(set) var schedule: Schedule
  private(set) var image: MemoryImage
  private var random: SplitMix64
  private let hasValues: Bool
  private static let bufferBytes = 1 << 14
  /// Where operands of an instruction may lie without touching each other: three slots in each half of a buffer.
  private static let slotBytes = 2700
  private static let outputAddress = 0x10_0000

  private static let vector = 1
  private static let input = 2
  private static let output = 3
  private let hasTraffic: Bool
  private var stored = 0

  /// - Parameters:
  ///   - values: Stages say what they compute.
  ///   - traffic: Operands come from DRAM and results go there.
  init(seed: UInt64, values: Bool = true, traffic: Bool = false) {
    random = SplitMix64(seed: seed)
    (hasValues, hasTraffic) = (values, traffic)
    let accelerator = Self.accelerator(&random)
    schedule = Schedule(
      accelerator: accelerator, model: ModelReference(name: "vector", image: 0, batch: 1),
      operators: [OperatorInfo(name: "op", kind: .scale, macs: 0, elements: 0)],
      layers: [Layer(name: "layer", operators: [0])], tensors: [],
      preloads: accelerator.buffers.indices.map {
        Region(buffer: $0, offset: 0, rows: 1, rowBytes: Self.bufferBytes)
      }, instructions: [])
    image = MemoryImage(tensors: [], preloads: [])
    image.preloads = accelerator.buffers.map { _ in
      (0..<Self.bufferBytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
    if traffic { putMemoryInDRAM() }
    for index in 0..<random.int(1...4) { append(index) }
  }

  private mutating func putMemoryInDRAM() {
    schedule.preloads = []
    schedule.tensors = [
      DRAMTensor(name: "in", kind: .input, address: 0, bytes: Self.bufferBytes),
      DRAMTensor(name: "out", kind: .output, address: Self.outputAddress, bytes: Self.bufferBytes),
    ]
    image = MemoryImage(tensors: [image.preloads[0], nil], preloads: [])
  }

  private static func accelerator(_ random: inout SplitMix64) -> Accelerator {
    let buffers = (0..<random.int(1...3)).map { index in
      BufferSpec(
        name: "b\(index)", bytes: bufferBytes, banks: random.pick([1, 2, 4]), ports: random.int(1...3),
        wordBytes: random.pick([1, 3, 16, 64]), latency: random.pick([0, 0, 1, 3]))
    }
    let operations = VectorOperation.allCases.map {
      ($0, VectorOperationSpec(passes: random.int(1...4), interval: random.int(1...3), latency: random.int(0...8)))
    }
    return Accelerator(
      name: "vector", clock: 1_000_000,
      engines: [
        MatrixEngineSpec(
          name: "array", interconnect: .systolic, dataflow: .weightStationary, rows: 2, columns: 2, inputs: 0,
          weights: 0, outputs: 0)
      ],
      buffers: buffers,
      channels: [
        DMAChannelSpec(name: "in", carries: [.weights, .inputs], beatBytes: 16),
        DMAChannelSpec(name: "out", carries: [.outputs], beatBytes: 16),
      ],
      dram: .ideal(latency: random.int(0...20)),
      vector: VectorUnitSpec(
        lanes: random.pick([1, 4, 16, random.int(1...60)]),
        operations: Dictionary(uniqueKeysWithValues: operations),
        dividerCycles: random.pick([0, 1, random.int(0...20)]),
        squareRootCycles: random.pick([0, 1, random.int(0...20)]), rowsInFlight: random.int(1...6),
        packsRows: random.chance(50)))
  }

  private mutating func append(_ index: Int) {
    let (rows, columns) = (random.int(1...12), random.pick([random.int(2...5), random.int(2...40)]))
    let (operations, isWide, endsWide) = chain()
    let taker = operations.first(where: \.takesOperand)
    let last = operations[operations.count - 1]
    var slots = [0, 1, 2].map { $0 * Self.slotBytes + index % 2 * Self.bufferBytes / 2 }
    slots.shuffle(using: &random)
    let source = region(
      slots[0], rows: rows, rowBytes: columns * (isWide ? 4 : 1), unit: isWide ? random.pick([1, 4]) : 1)
    let operand = taker.map {
      $0 == .layerNorm
        ? region(slots[1], rows: 1, rowBytes: 5 * columns, unit: 1)
        : region(slots[1], rows: rows, rowBytes: columns, unit: 1)
    }
    var destination = region(
      slots[2], rows: last == .average ? 1 : rows,
      rowBytes: (last == .divide ? columns - 1 : columns) * (endsWide ? 4 : 1), unit: endsWide ? 4 : 1)
    // In place, where rows take the place of rows.
    let changesShape = last == .divide || last == .average
    if !changesShape, isWide == endsWide, random.chance(20) { destination = source }
    if !changesShape, let operand, taker != .layerNorm, random.chance(20) { destination = operand }
    var isStillWide = isWide
    let stages = operations.map { operation in
      let firstColumn = operation == .requantize ? random.int(0...3) : 0
      let index =
        hasValues ? add(random.anyArithmetic(operation, factors: columns + firstColumn, isWide: isStillWide)) : nil
      if operation != .scale { isStillWide = false }
      return VectorStage(operation, op: 0, arithmetic: index, firstColumn: firstColumn)
    }
    issue(
      VectorInstruction(
        stages: stages, rows: rows, columns: columns, source: source, operand: operand, destination: destination), index
    )
  }

  /// Loads, the instruction and a store, all but the instruction left out without traffic. The halves of the buffers are
  /// used in turn.
  private mutating func issue(_ vector: VectorInstruction, _ index: Int) {
    guard hasTraffic else {
      schedule.instructions.append(Instruction(queue: Self.vector, layer: 0, operation: .vector(vector)))
      return
    }
    let operands = [vector.source] + (vector.operand.map { [$0] } ?? [])
    for (place, region) in operands.enumerated() {
      let address = random.int(0...Self.bufferBytes - region.bytes)
      let dram = DRAMRegion(address: address, rows: 1, rowBytes: region.bytes)
      // What lay here before has been stored.
      let waits = index > 1 && place == 0 ? [TokenWait(from: Self.output, slot: .start)] : []
      schedule.instructions.append(
        Instruction(
          queue: Self.input, layer: 0, operation: .load(Transfer(dram: dram, region: region, op: 0)), waits: waits,
          posts: [TokenPost(to: Self.vector, slot: .start)]))
    }
    schedule.instructions.append(
      Instruction(
        queue: Self.vector, layer: 0, operation: .vector(vector),
        waits: [TokenWait(from: Self.input, slot: .start, count: operands.count)],
        posts: [TokenPost(to: Self.output, slot: .start)]))
    let bytes = vector.destination.bytes
    schedule.instructions.append(
      Instruction(
        queue: Self.output, layer: 0,
        operation: .store(
          Transfer(
            dram: DRAMRegion(address: Self.outputAddress + stored, rows: 1, rowBytes: bytes),
            region: vector.destination, op: 0)),
        waits: [TokenWait(from: Self.vector, slot: .start)], posts: [TokenPost(to: Self.input, slot: .start)]))
    stored += bytes
  }

  private mutating func add(_ arithmetic: StageArithmetic) -> Int {
    schedule.arithmetic.append(arithmetic)
    return schedule.arithmetic.count - 1
  }

  /// Stages that may follow one another, and whether elements are INT32 before the first and behind the last.
  private mutating func chain() -> (operations: [VectorOperation], isWide: Bool, endsWide: Bool) {
    let isWide = random.chance(50)
    var operations: [VectorOperation] = []
    // Without values INT32 may be scaled.
    if isWide, !hasValues, random.chance(30) { operations.append(.scale) }
    if isWide, random.chance(20) { return (operations + [.divide], true, false) }
    if operations == [.scale], random.chance(20) { return (operations, true, true) }
    if isWide { operations.append(.requantize) }
    for _ in 0..<random.int(0...2) {
      operations.append(random.pick([.scale, .relu, .gelu, .hardSwish, .lookup, .softmax]))
    }
    let takers: [VectorOperation?] = [nil, nil, .add, .multiply, .layerNorm]
    if let taker = random.pick(takers) { operations.append(taker) }
    if operations.isEmpty || random.chance(30) {
      operations.append(random.pick([.divide, .average, .softmax, .gelu]))
    }
    return (operations, isWide, false)
  }

  /// Rows of bytes from somewhere in a slot on: close to each other, with gaps, or cut otherwise.
  private mutating func region(_ slot: Int, rows: Int, rowBytes: Int, unit: Int) -> Region {
    var (rows, rowBytes) = (rows, rowBytes)
    if random.chance(20) { (rows, rowBytes) = (1, rows * rowBytes) }
    if random.chance(10) { (rows, rowBytes) = (rows * rowBytes / unit, unit) }
    var pitch = rowBytes + (random.chance(40) ? random.int(0...5) : 0)
    if rows * pitch > Self.slotBytes { pitch = rowBytes }
    let span = (rows - 1) * pitch + rowBytes
    return Region(
      buffer: random.int(0...schedule.accelerator.buffers.count - 1),
      offset: slot + random.int(0...Self.slotBytes - span), rows: rows, rowBytes: rowBytes, pitch: pitch)
  }
}

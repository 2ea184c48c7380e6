import Hardware
import Schedule
import TestSupport

/// An accelerator and a program with exact dependences, from which tokens are made: what the shrinker can cut.
struct RandomCase {
  struct Item {
    var queue: Int
    var operation: Operation
    /// Earlier items that this one waits for, and with which slot.
    var dependences: [Dependence]
  }
  struct Dependence {
    var item: Int
    var slot: TokenSlot
    /// Tokens posted and taken for it.
    var tokens = 1
  }
  var accelerator: Accelerator
  var items: [Item]

  /// Lowers dependences to tokens: per pair of queues and slot, those that an earlier wait doesn't already cover.
  var schedule: Schedule {
    var instructions = items.map { Instruction(queue: $0.queue, layer: 0, operation: $0.operation) }
    struct Link: Hashable {
      var from: Int
      var to: Int
      var slot: TokenSlot
    }
    var covered: [Link: Int] = [:]
    for (index, item) in items.enumerated() {
      for dependence in item.dependences where dependence.item < index {
        let from = items[dependence.item].queue
        guard from != item.queue else { continue }
        let link = Link(from: from, to: item.queue, slot: dependence.slot)
        if let last = covered[link], last >= dependence.item { continue }
        covered[link] = dependence.item
        instructions[index].waits.append(TokenWait(from: from, slot: dependence.slot, count: dependence.tokens))
        instructions[dependence.item].posts.append(
          TokenPost(to: item.queue, slot: dependence.slot, count: dependence.tokens))
      }
    }
    return Schedule(
      accelerator: accelerator, model: ModelReference(name: "random", image: 0, batch: 1),
      operators: [OperatorInfo(name: "random", kind: .matmul, macs: 0, elements: 0)],
      layers: [Layer(name: "random", operators: [0])], tensors: [], instructions: instructions)
  }
}

extension RandomCase {
  /// A small case that uses every knob of the machine now and then.
  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    accelerator = Self.accelerator(&random)
    items = []
    for _ in 0..<random.int(1...14) { items.append(Self.item(&random, accelerator, items)) }
  }

  private static func accelerator(_ random: inout SplitMix64) -> Accelerator {
    let names = ["activations", "weights", "accumulators", "second", "third"].prefix(random.int(3...5))
    let buffers = names.map { name in
      BufferSpec(
        name: name, bytes: random.pick([1 << 11, 1 << 13]), banks: random.pick([1, 2, 4, 8]),
        ports: random.pick([1, 1, 2, 3]), wordBytes: random.pick([1, 2, 4, 8, 64]),
        latency: random.pick([0, 1, 1, 2, 5, 12]))
    }
    let engines = (0..<random.pick([1, 1, 2, 3])).map { index in
      // Mostly the usual buffers, so that engines meet in their banks; now and then one buffer in two roles.
      func buffer(_ usual: Int) -> Int { random.chance(80) ? usual : random.int(0...names.count - 1) }
      return MatrixEngineSpec(
        name: "array\(index)", interconnect: random.pick([.systolic, .broadcast]),
        dataflow: random.pick(Dataflow.allCases), rows: random.pick([1, 2, 3, 4, 5, 6, 9]),
        columns: random.int(1...6),
        macsPerPE: random.pick([1, 1, 2, 3]), replicas: random.pick([1, 1, 2, 3]), shadowWeights: random.chance(60),
        peRegisters: random.pick([1, 1, 2, 4]), edgeRegisters: random.pick([0, 0, 1, 2]),
        adderTreeRegisters: random.pick([0, 1]), outputPath: random.pick(OutputPath.allCases),
        tileOverlap: random.chance(75), edgeTiles: random.pick(EdgeTiles.allCases),
        inputs: buffer(0), weights: buffer(1), outputs: buffer(2))
    }
    let cargoes: [[(String, Set<Cargo>)]] = [
      [("all", [.weights, .inputs, .outputs])],
      [("in", [.weights, .inputs]), ("out", [.outputs])],
      [("weights", [.weights]), ("inputs", [.inputs]), ("outputs", [.outputs])],
      [("first", [.weights, .inputs, .outputs]), ("second", [.inputs, .outputs])],
    ]
    let channels = random.pick(cargoes).map { name, carries in
      let beat = random.pick([1, 2, 4, 8, 16])
      return DMAChannelSpec(
        name: name, carries: carries, beatBytes: beat, burstBeats: random.pick([1, 2, 4, 16]),
        boundaryBytes: random.pick([16, 64, 4096]), outstanding: random.pick([1, 2, 3, 8]),
        setup: random.pick([0, 0, 3]))
    }
    let dram: DRAMSpec =
      random.chance(20)
      ? .ideal(latency: random.pick([0, 1, 7]))
      : .bandwidth(
        bytesPerSecond: random.pick([1, 3, 7, 16, 33, 100]) * 1_000_000, latency: random.pick([0, 1, 9, 30]))
    func operation() -> VectorOperationSpec {
      VectorOperationSpec(
        passes: random.pick([1, 1, 2, 3]), interval: random.pick([1, 1, 2]), latency: random.pick([0, 1, 4]))
    }
    let vector = VectorUnitSpec(
      lanes: random.pick([1, 2, 4, 8]),
      operations: Dictionary(uniqueKeysWithValues: VectorOperation.allCases.map { ($0, operation()) }),
      dividerCycles: random.pick([0, 3, 17]), squareRootCycles: random.pick([0, 2, 11]),
      rowsInFlight: random.pick([1, 2, 4]))
    return Accelerator(
      name: "random", clock: random.pick([1_000_000, 3_000_000, 7_000_000]), engines: engines, buffers: buffers,
      channels: channels, dram: dram, vector: vector)
  }

  private static func region(
    _ random: inout SplitMix64, _ accelerator: Accelerator, buffer: Int, rows: Int, rowBytes: Int
  ) -> Region {
    let pitch = rowBytes + (random.chance(20) ? random.int(0...9) : 0)
    let span = (rows - 1) * pitch + rowBytes
    return Region(
      buffer: buffer, offset: random.int(0...max(0, accelerator.buffers[buffer].bytes - span)), rows: rows,
      rowBytes: rowBytes, pitch: pitch)
  }

  private static func item(_ random: inout SplitMix64, _ accelerator: Accelerator, _ earlier: [Item]) -> Item {
    let engines = accelerator.engines.count
    var queue = random.int(0...engines + accelerator.channels.count)
    if random.chance(30) { queue = 0 }
    func anywhere() -> Int { random.int(0...accelerator.buffers.count - 1) }
    var operation: Operation
    if queue < engines {
      let engine = accelerator.engines[queue]
      let (m, k, n) = (random.int(1...14), random.int(1...14), random.int(1...14))
      operation = .matmul(
        MatMul(
          m: m, k: k, n: n, a: region(&random, accelerator, buffer: engine.inputs, rows: m, rowBytes: k),
          b: region(
            &random, accelerator, buffer: random.chance(75) ? engine.weights : engine.inputs, rows: k, rowBytes: n),
          out: region(&random, accelerator, buffer: engine.outputs, rows: m, rowBytes: 4 * n),
          accumulate: random.chance(30), op: 0))
    } else if queue == engines {
      let (rows, columns) = (random.int(1...7), random.int(1...12))
      let first = random.pick(VectorOperation.allCases)
      var stages = [VectorStage(first, op: 0)]
      if random.chance(40) {
        let takesOperand = first == .add || first == .layerNorm
        let others = VectorOperation.allCases.filter { !takesOperand || ($0 != .add && $0 != .layerNorm) }
        stages.append(VectorStage(random.pick(others), op: 0))
      }
      // Sums are four bytes wide until they are requantized; a scale leaves the width as it is.
      let isWide = first == .requantize || (first == .scale && random.chance(50))
      let staysWide = isWide && stages.allSatisfy { $0.operation == .scale }
      let source = region(
        &random, accelerator, buffer: isWide ? 2 : anywhere(), rows: rows, rowBytes: columns * (isWide ? 4 : 1))
      var operand: Region?
      for stage in stages {
        if stage.operation == .add {
          operand = region(&random, accelerator, buffer: anywhere(), rows: rows, rowBytes: columns)
        } else if stage.operation == .layerNorm {
          operand = region(&random, accelerator, buffer: anywhere(), rows: 1, rowBytes: 5 * columns)
        }
      }
      let isInPlace = isWide == staysWide && random.chance(20)
      operation = .vector(
        VectorInstruction(
          stages: stages, rows: rows, columns: columns, source: source, operand: operand,
          destination: isInPlace
            ? source
            : region(
              &random, accelerator, buffer: anywhere(), rows: rows, rowBytes: columns * (staysWide ? 4 : 1))))
    } else {
      let channel = accelerator.channels[queue - engines - 1]
      let (rows, rowBytes) = (random.int(1...5), random.int(1...60))
      let transfer = Transfer(
        dram: DRAMRegion(
          address: random.int(0...5000), rows: rows, rowBytes: rowBytes,
          stride: rowBytes + (random.chance(50) ? random.int(0...70) : 0)),
        region: region(&random, accelerator, buffer: anywhere(), rows: rows, rowBytes: rowBytes), op: 0)
      let writes = channel.carries == [.outputs] || (channel.carries.contains(.outputs) && random.chance(40))
      operation = writes ? .store(transfer) : .load(transfer)
    }
    var dependences: [Dependence] = []
    if !earlier.isEmpty {
      for _ in 0..<random.int(0...3) {
        let slot: TokenSlot = queue < engines ? random.pick([.a, .b, .out]) : .start
        dependences.append(
          Dependence(
            item: max(0, earlier.count - random.int(1...5)), slot: slot, tokens: random.pick([1, 1, 1, 2])))
      }
    }
    return Item(queue: queue, operation: operation, dependences: dependences)
  }
}

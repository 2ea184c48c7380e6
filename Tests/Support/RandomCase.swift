import Hardware
import Numerics
import Schedule

/// An accelerator and a program with exact dependences, from which tokens are made: what the shrinker can cut.
package struct RandomCase {
  package struct Item {
    package var queue: Int
    package var operation: Operation
    /// Earlier items that this one waits for, and with which slot.
    package var dependences: [Dependence]
  }
  package struct Dependence {
    package var item: Int
    package var slot: TokenSlot
    /// Tokens posted and taken for it.
    package var tokens = 1
    /// Cycles that they are on their way.
    package var delay = 0
  }
  package var accelerator: Accelerator
  package var items: [Item]
  /// By engine: tiles whose stationary operand is there from the start, if that can be.
  package var loaded: [Int] = []
  /// Tokens of engines that read row by row are given when operands have been read.
  package var postsWhenRead = false
  package var arithmetic: [StageArithmetic] = []
  /// Seed of what memories hold at the start.
  package var contents: UInt64 = 0

  /// Any of them may be loaded from and stored to.
  package static let tensors = [(40, 1800), (2000, 900), (3001, 2500)].enumerated().map { index, place in
    DRAMTensor(name: "tensor\(index)", kind: .spill, address: place.0, bytes: place.1)
  }

  /// Random bytes in all of DRAM and of all buffers.
  package var image: MemoryImage {
    var random = SplitMix64(seed: contents)
    func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) } }
    return MemoryImage(
      tensors: Self.tensors.map { bytes($0.bytes) }, preloads: accelerator.buffers.map { bytes($0.bytes) })
  }

  /// Lowers dependences to tokens: per pair of queues and slot, those that an earlier wait doesn't already cover.
  package var schedule: Schedule {
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
          TokenPost(to: item.queue, slot: dependence.slot, count: dependence.tokens, delay: dependence.delay))
      }
    }
    var schedule = Schedule(
      accelerator: accelerator, model: ModelReference(name: "random", image: 0, batch: 1),
      operators: [OperatorInfo(name: "random", kind: .matmul, macs: 0, elements: 0)],
      layers: [Layer(name: "random", operators: [0])], tensors: Self.tensors,
      preloads: accelerator.buffers.enumerated().map { Region(buffer: $0, offset: 0, rows: 1, rowBytes: $1.bytes) },
      instructions: instructions, arithmetic: arithmetic)
    for index in schedule.instructions.indices where postsWhenRead {
      let queue = schedule.instructions[index].queue
      guard queue < accelerator.engines.count, accelerator.engines[queue].rowByRow else { continue }
      for post in schedule.instructions[index].posts.indices {
        schedule.instructions[index].posts[post].whenRead = true
      }
    }
    while let (index, _) = schedule.keptMistakes.first {
      guard case .matmul(var matmul) = schedule.instructions[index].operation else { break }
      matmul.keeps = false
      schedule.instructions[index].operation = .matmul(matmul)
    }
    // Where the program lets it, engines have stationary operands in them from the start.
    for (engine, tiles) in loaded.enumerated() where tiles > 0 {
      schedule.loaded.append(LoadedTiles(engine: engine, tiles: tiles))
      if !schedule.loadedMistakes.isEmpty { schedule.loaded.removeLast() }
    }
    return schedule
  }
}

extension RandomCase {
  /// A small case that uses every knob of the machine now and then.
  ///
  /// - Parameters:
  ///   - ordered: Instructions that touch the same bytes wait for one another, so that values are defined;
  ///   else they race.
  ///   - byWord: With an engine that reads row by row, and channels that put words together.
  package init(seed: UInt64, ordered: Bool = false, byWord: Bool = false) {
    var random = SplitMix64(seed: seed)
    accelerator = Self.accelerator(&random)
    if ordered { for index in accelerator.channels.indices { accelerator.channels[index].narrowing = 1 } }
    while byWord, !accelerator.engines.contains(where: \.rowByRow) { accelerator = Self.accelerator(&random) }
    if byWord {
      for index in accelerator.channels.indices {
        accelerator.channels[index].assembly = random.chance(80)
        accelerator.channels[index].sendPath =
          accelerator.channels[index].assembly ? random.pick([0, 0, 1, 3, 4]) : 0
      }
    }
    items = []
    contents = random.next()
    postsWhenRead = !ordered && random.chance(50)
    loaded = accelerator.engines.map { _ in random.pick([0, 0, 1, 2]) }
    for _ in 0..<random.int(1...14) { addItem(&random, ordered: ordered) }
  }

  /// Operands and results in one buffer with one port, whose words the engine reaches one by one.
  private static func addStreams(
    to engine: inout MatrixEngineSpec, _ buffers: inout [BufferSpec], _ random: inout SplitMix64
  ) {
    engine.streams = StreamSpec(
      fifo: random.pick([1, 2, 3, 10]), start: random.pick([0, 1, 4]), registers: random.pick([0, 1, 2]),
      finish: random.pick([1, 2, 6]), restart: random.pick([0, 1, 5]))
    (engine.streamDuty, engine.loadDuty, engine.resultDuty) = (.always, .always, .always)
    (engine.issueLatency, engine.issueInterval) = (0, 0)
    engine.outputFIFO = random.pick([1, 2, 7])
    engine.tileOverlap = true
    let index = random.int(0...buffers.count - 1)
    (engine.inputs, engine.weights, engine.outputs) = (index, index, index)
    buffers[index].banks = 1
    buffers[index].ports = 1
    let step = engine.replicas * max(engine.rows * engine.macsPerPE, 4 * engine.columns)
    buffers[index].wordBytes = max(buffers[index].wordBytes, step * random.pick([1, 1, 2, 5]) + random.pick([0, 3]))
  }

  /// Operands are read row by row, beside words that transfers write.
  private static func readRows(
    _ engine: inout MatrixEngineSpec, _ buffers: inout [BufferSpec], _ random: inout SplitMix64
  ) {
    engine.rowByRow = true
    (engine.macsPerPE, engine.replicas, engine.peRegisters) = (1, 1, 1)
    (engine.swapCycles, engine.stepInterval) = (0, 1)
    engine.edgeTiles = .full
    for buffer in [engine.inputs, engine.weights, engine.outputs] { buffers[buffer].wordBytes = 64 }
    buffers[engine.weights].latency = buffers[engine.inputs].latency
    buffers[engine.outputs].latency = min(buffers[engine.outputs].latency, engine.minimumSteps)
    if engine.outputs == engine.inputs || engine.outputs == engine.weights {
      buffers[engine.inputs].latency = buffers[engine.outputs].latency
      buffers[engine.weights].latency = buffers[engine.outputs].latency
    }
  }

  private static func accelerator(_ random: inout SplitMix64) -> Accelerator {
    let names = ["activations", "weights", "accumulators", "second", "third"].prefix(random.int(3...5))
    var buffers = names.map { name in
      BufferSpec(
        name: name, bytes: random.pick([1 << 11, 1 << 13]), banks: random.pick([1, 2, 4, 8]),
        ports: random.pick([1, 1, 2, 3]), wordBytes: random.pick([1, 2, 4, 8, 64]),
        latency: random.pick([0, 1, 1, 2, 5, 12]), loadLatency: random.pick([0, 0, 0, 2, 9]))
    }
    var engines = (0..<random.pick([1, 1, 2, 3])).map { index in
      // Mostly the usual buffers, so that engines meet in their banks; now and then one buffer in two roles.
      func buffer(_ usual: Int) -> Int { random.chance(80) ? usual : random.int(0...names.count - 1) }
      var engine = MatrixEngineSpec(
        name: "array\(index)", interconnect: random.pick([.systolic, .broadcast]),
        dataflow: random.pick(Dataflow.allCases), rows: random.pick([1, 2, 3, 4, 5, 6, 9]),
        columns: random.int(1...6),
        macsPerPE: random.pick([1, 1, 2, 3]), replicas: random.pick([1, 1, 2, 3]), shadowWeights: random.chance(60),
        swapCycles: random.pick([0, 0, 0, 1, 6]), stepInterval: random.pick([1, 1, 1, 2, 5]),
        peRegisters: random.pick([1, 1, 2, 4]), edgeRegisters: random.pick([0, 0, 1, 2]),
        adderTreeRegisters: random.pick([0, 1]), outputPath: random.pick(OutputPath.allCases),
        tileOverlap: random.chance(75), edgeTiles: random.pick(EdgeTiles.allCases),
        tileOrder: random.pick(TileOrder.allCases), minimumSteps: random.pick([1, 1, 1, 2, 4]),
        issueLatency: random.pick([0, 0, 0, 1, 9]), issueInterval: random.pick([0, 0, 0, 2, 7, 25]), inputs: buffer(0),
        weights: buffer(1), outputs: buffer(2))
      if engine.interconnect == .broadcast, !engine.shadowWeights, engine.dataflow != .outputStationary {
        engine.stationaryBuffers = random.pick([1, 2, 2, 3])
      }
      if engine.dataflow == .outputStationary {
        engine.kernelTaps = random.pick(KernelTaps.allCases)
        engine.depthwise = engine.interconnect == .broadcast && random.chance(60)
      }
      if engine.dataflow != .outputStationary, random.chance(40) {
        let duties: [Duty] = [
          .always, .always, Duty(open: 1, period: 2), Duty(open: 2, period: 3), Duty(open: 3, period: 20),
        ]
        engine.streamDuty = random.pick(duties)
        engine.loadDuty = random.pick(duties)
        engine.outputFIFO = random.pick([0, 0, 1, 2, 7])
        if engine.outputFIFO > 0 { engine.resultDuty = random.pick(duties) }
      }
      if engine.interconnect == .broadcast, !engine.shadowWeights, engine.dataflow != .outputStationary,
        random.chance(60)
      {
        Self.addStreams(to: &engine, &buffers, &random)
      }
      if !engine.isElastic {
        engine.tilesInFlight = random.pick([0, 0, 0, 1, 2, 3])
        let stays = engine.dataflow != .outputStationary
        if stays { engine.transposeCycles = random.pick([0, 0, 3]) }
        if !engine.depthwise, random.chance(40) {
          engine.lockStep = true
          engine.tileOverlap = true
          (engine.shadowWeights, engine.stationaryBuffers) = (true, 1)
          engine.outputPath = .shiftRegisters
          if stays { engine.tileSteps = random.pick([0, 0, 1, 2, 3]) }
          if engine.dataflow == .weightStationary, engine.interconnect == .systolic, random.chance(60) {
            Self.readRows(&engine, &buffers, &random)
          }
        }
      }
      return engine
    }
    let rowsAreSound = engines.allSatisfy { engine in
      !engine.rowByRow
        || buffers[engine.inputs].latency == buffers[engine.weights].latency
          && buffers[engine.outputs].latency <= engine.minimumSteps
    }
    if !rowsAreSound { for index in engines.indices { engines[index].rowByRow = false } }
    let cargoes: [[(String, Set<Cargo>)]] = [
      [("all", [.weights, .inputs, .outputs])],
      [("in", [.weights, .inputs]), ("out", [.outputs])],
      [("weights", [.weights]), ("inputs", [.inputs]), ("outputs", [.outputs])],
      [("first", [.weights, .inputs, .outputs]), ("second", [.inputs, .outputs])],
    ]
    let channels = random.pick(cargoes).map { name, carries in
      let beat = random.pick([1, 2, 4, 8, 16])
      var channel = DMAChannelSpec(
        name: name, carries: carries, beatBytes: beat, burstBeats: random.pick([1, 2, 4, 16]),
        boundaryBytes: random.pick([16, 64, 4096]), outstanding: random.pick([1, 2, 3, 8]),
        setup: random.pick([0, 0, 3]))
      if random.chance(60) {
        channel.bursts = random.pick(BurstShape.allCases)
        channel.assembly = random.chance(50)
        channel.transfersInFlight = random.pick([0, 0, 1, 2, 5])
        channel.dispatch = random.pick([0, 0, 4])
        channel.narrowing = random.pick([1, 1, 1, 4])
        channel.gatherAhead = random.pick([0, 0, 1, 3, 8])
        channel.gatherWords = random.pick([0, 0, 1, 3])
        channel.gatherCycles = random.pick([0, 2, 7])
        channel.readCompletion = random.pick([0, 0, 1, 4])
        channel.acknowledgement = random.pick([nil, nil, 0, 13])
        channel.sendPath = channel.assembly ? random.pick([0, 0, 1, 3, 4]) : 0
        channel.writePath = random.pick([0, 0, 1, 6])
        channel.slotReturn = random.pick([1, 1, 2, 7])
        channel.completion = random.pick([1, 1, 2, 8])
        channel.beatCredit = channel.outstanding > 1 && random.chance(50)
      }
      return channel
    }
    let dram: DRAMSpec =
      random.chance(30)
      ? .ideal(latency: random.pick([0, 1, 7]), inOrder: random.chance(50), sharedRequests: random.chance(50))
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
      rowsInFlight: random.pick([1, 2, 4]), packsRows: random.chance(40))
    return Accelerator(
      name: "random", clock: random.pick([1_000_000, 3_000_000, 7_000_000]), engines: engines, buffers: buffers,
      channels: channels, dram: dram, vector: vector)
  }
}

import Hardware
import Schedule

/// A schedule as the units of the literal machine execute it: one flat program a queue, with tokens as counters and regions
/// as banks.
struct LiteralProgram {
  /// Agents in the order of rule A1: each engine's streamer and loader, the vector unit, the channels.
  struct Agents {
    let engines: Int
    func streamer(_ engine: Int) -> Int { 2 * engine }
    func loader(_ engine: Int) -> Int { 2 * engine + 1 }
    var vector: Int { 2 * engines }
    func channel(_ index: Int) -> Int { 2 * engines + 1 + index }
  }

  private struct CounterKey: Hashable {
    var from: Int
    var to: Int
    var slot: TokenSlot
  }

  let agents: Agents
  private(set) var tokens = LiteralTokens()
  private(set) var ports: LiteralPorts
  let words: LiteralWords
  private(set) var engines: [[LiteralMatMul]]
  private(set) var vector: [LiteralVectorOp] = []
  /// What the vector unit's instructions compute; empty where nobody asks for values.
  private(set) var chains: [LiteralChain] = []
  private(set) var channels: [[LiteralTransfer]]

  private let accelerator: Accelerator
  private let contents: LiteralContents
  private let queues: [Queue]
  /// First bank of each buffer in the row of all banks.
  private let firstBank: [Int]
  private var counters: [CounterKey: Int] = [:]
  /// By queue: every transfer there is a store.
  private var onlyStores: [Bool] = []
  /// Buffers whose ports are granted word by word.
  private let wordBuffers: Set<Int>

  init(_ schedule: Schedule, _ contents: LiteralContents) throws(MachineError) {
    accelerator = schedule.accelerator
    self.contents = contents
    queues = accelerator.queues
    agents = Agents(engines: accelerator.engines.count)
    var first: [Int] = []
    var bankPorts: [Int] = []
    for buffer in accelerator.buffers {
      first.append(bankPorts.count)
      bankPorts += Array(repeating: buffer.ports, count: buffer.banks)
    }
    firstBank = first
    words = LiteralWords(ports: bankPorts)
    wordBuffers = accelerator.wordBuffers
    ports = LiteralPorts(ports: bankPorts, agents: 2 * accelerator.engines.count + 1 + accelerator.channels.count)
    engines = Array(repeating: [], count: accelerator.engines.count)
    channels = Array(repeating: [], count: accelerator.channels.count)
    onlyStores = queues.map { queue in
      if case .dma(let index) = queue.unit { accelerator.channels[index].carries == [.outputs] } else { false }
    }
    for index in schedule.instructions.indices { try add(index, schedule.instructions[index]) }
  }

  private mutating func add(_ index: Int, _ instruction: Instruction) throws(MachineError) {
    let queue = queues[instruction.queue]
    let posts = addPosts(instruction)
    switch (queue.unit, instruction.operation) {
    case (.matrix(let engine), .matmul(let op)):
      let spec = accelerator.engines[engine]
      engines[engine].append(try matmul(index, instruction, op, spec, posts))
      if spec.lockStep { claimBeside(engine) }
    case (.vector, .vector(let op)):
      vector.append(try vectorOp(index, instruction, op, posts))
      if let chain = contents.chain(op) { chains.append(chain) }
    case (.dma(let channel), .load(let transfer)):
      channels[channel].append(try self.transfer(index, instruction, transfer, isLoad: true, channel, posts))
    case (.dma(let channel), .store(let transfer)):
      channels[channel].append(try self.transfer(index, instruction, transfer, isLoad: false, channel, posts))
    default:
      throw .wrongUnit(instruction: index, unit: queue.name)
    }
  }

  // MARK: Instructions

  private mutating func matmul(
    _ index: Int, _ instruction: Instruction, _ op: MatMul, _ spec: MatrixEngineSpec, _ posts: Range<Int>
  ) throws(MachineError) -> LiteralMatMul {
    let isOutput = spec.dataflow == .outputStationary
    let isInput = spec.dataflow == .inputStationary
    let (stay, stream) = isInput ? (op.a, op.b) : (op.b, op.a)
    let isAhead = isOutput && spec.lockStep
    let loaderClaims =
      spec.rowByRow ? 0..<0 : isAhead ? try claim([op.a], index) : isOutput ? 0..<0 : try claim([stay], index)
    let streamerClaims =
      spec.rowByRow
      ? 0..<0
      : try claim(
        isAhead ? [op.b, op.out] : isOutput ? [op.a, op.b, op.out] : [stream, op.out], index)
    let loaderSlot: TokenSlot? = isAhead ? .a : isOutput ? nil : isInput ? .a : .b
    let readsAhead = spec.rowByRow && spec.transposeCycles > 0 && op.aOrder == .columnMajor
    func isLoaders(_ slot: TokenSlot) -> Bool { slot == loaderSlot || readsAhead && slot == .a }
    let isAcross = isInput ? op.aOrder != .columnMajor : !isOutput && op.bOrder == .columnMajor
    return LiteralMatMul(
      instruction: index, columns: isInput ? op.m : op.n, steps: isInput ? op.n : op.m, k: op.k,
      layout: layout(op, spec), accumulate: op.accumulate, keeps: op.keeps, stay: port(stay), stream: port(stream),
      out: port(op.out),
      share: ports.share(of: streamerClaims), biasBytes: op.bias == nil ? 0 : 4 * op.n,
      biasWords: op.bias.map { ceiling(4 * op.n, accelerator.buffers[$0.buffer].wordBytes) } ?? 0,
      streamBanks: banks(of: stream), stayBanks: banks(of: stay), outBanks: banks(of: op.out), readsAhead: readsAhead,
      loaderClaims: loaderClaims,
      streamerClaims: streamerClaims,
      loaderWaits: addWaits(instruction, isMatMul: true, where: isLoaders),
      streamerWaits: addWaits(instruction, isMatMul: true) { !isLoaders($0) }, posts: posts,
      readPosts: addPosts(instruction, whenRead: true),
      transposeCycles: isAcross ? spec.transposeCycles : 0, claimsBeside: (0..<0, 0..<0),
      streamed: contents.operand(op, spec.dataflow, isStationary: false, index),
      stationary: contents.operand(op, spec.dataflow, isStationary: true, index), data: contents.data(op))
  }

  private func layout(_ op: MatMul, _ spec: MatrixEngineSpec) -> LiteralLayout {
    if op.isDepthwise, let windows = op.windows {
      return LiteralLayout(rows: spec.rows * spec.macsPerPE, k: op.k, pixelsInRow: windows.outputColumns)
    }
    return LiteralLayout(
      rows: spec.rows, depth: spec.macsPerPE, k: op.k, taps: spec.kernelTaps == .separate ? op.windows?.taps ?? 1 : 1)
  }

  /// The claims of the last matmul's and of the one before's streams with the load of the last, in lock step.
  private mutating func claimBeside(_ engine: Int) {
    func range(_ place: Int) -> Range<Int> {
      let first = ports.claims.count
      ports.claims += ports.claims[engines[engine][place].streamerClaims]
      ports.claims += engines[engine][last].loaderClaims.map { claim in
        var claim = ports.claims[claim]
        claim.role = LiteralPorts.roles - 1
        return claim
      }
      return first..<ports.claims.count
    }
    let last = engines[engine].count - 1
    engines[engine][last].claimsBeside.own = range(last)
    if last > 0 { engines[engine][last - 1].claimsBeside.next = range(last - 1) }
  }

  private func port(_ region: Region) -> LiteralMatMul.Port {
    let buffer = accelerator.buffers[region.buffer]
    return LiteralMatMul.Port(buffer: region.buffer, latency: buffer.latency, word: buffer.wordBytes)
  }

  private mutating func vectorOp(
    _ index: Int, _ instruction: Instruction, _ op: VectorInstruction, _ posts: Range<Int>
  ) throws(MachineError) -> LiteralVectorOp {
    let unit = accelerator.vector
    let regions = [op.source] + (op.operand.map { [$0] } ?? []) + [op.destination]
    let claims = try claim(regions, index)
    var (passes, interval, latency) = (1, 1, 0)
    for stage in op.stages {
      guard let spec = unit.operations[stage.operation] else {
        throw .wrongUnit(instruction: index, unit: "vector")
      }
      passes = max(passes, spec.passes)
      interval = max(interval, spec.interval)
      latency += spec.latency
    }
    let hasNorm = op.stages.contains { $0.operation == .layerNorm }
    let active = min(unit.lanes, op.columns)
    // Lanes that a row leaves free take further rows.
    var packed = 1
    while unit.packsRows, packed < op.rows, (packed + 1) * op.columns <= unit.lanes { packed += 1 }
    // All passes read the source; only the last takes the operand and writes.
    var (wide, lastWide) = (interval, interval)
    for (place, region) in regions.enumerated() {
      // LayerNorm's parameters are a row that all rows share.
      let isParameters = hasNorm && regions.count == 3 && place == 1
      let elementBytes = ceiling(region.bytes, isParameters ? op.columns : op.elements)
      let cycles = ceiling(
        (isParameters ? 1 : packed) * active * elementBytes, accelerator.buffers[region.buffer].wordBytes)
      lastWide = max(lastWide, cycles)
      if place == 0 { wide = max(wide, cycles) }
    }
    let share = ports.share(of: claims)
    return LiteralVectorOp(
      instruction: index, claims: claims, waits: addWaits(instruction, isMatMul: false) { _ in true }, posts: posts,
      sourceLatency: accelerator.buffers[op.source.buffer].latency,
      destinationLatency: accelerator.buffers[op.destination.buffer].latency, rows: ceiling(op.rows, packed),
      allRows: op.rows, packed: packed,
      groups: ceiling(op.columns, unit.lanes), lastInterval: lastWide * share, interval: wide * share,
      busyInterval: interval,
      passes: passes, latency: latency, rowWise: op.stages.contains { $0.operation.isRowWise }, squareRoot: hasNorm,
      source: op.source, operand: op.operand, destination: op.destination)
  }

  private mutating func transfer(
    _ index: Int, _ instruction: Instruction, _ op: Transfer, isLoad: Bool, _ channel: Int, _ posts: Range<Int>
  ) throws(MachineError) -> LiteralTransfer {
    let isByWord = wordBuffers.contains(op.region.buffer)
    let claims = isByWord ? 0..<0 : try claim([op.region], index)
    let buffer = accelerator.buffers[op.region.buffer]
    return LiteralTransfer(
      instruction: index, isLoad: isLoad, dram: op.dram, buffer: op.region.buffer, bytes: op.region.bytes,
      beatInterval: max(1, ceiling(accelerator.channels[channel].beatBytes, buffer.wordBytes)),
      wordBytes: buffer.wordBytes, readLatency: buffer.latency, loadLatency: buffer.loadLatency,
      wordBanks: isByWord ? banks(of: op.region) : nil,
      rowWords: ceiling(op.dram.rowBytes * accelerator.channels[channel].narrowing, buffer.wordBytes),
      repeats: isLoad && accelerator.channels[channel].assembly && op.dram.stride == 0, claims: claims,
      waits: addWaits(instruction, isMatMul: false) { _ in true },
      posts: posts, data: contents.data(op))
  }

  private func ceiling(_ amount: Int, _ rate: Int) -> Int { (amount + rate - 1) / rate }

  // MARK: Tokens and claims

  /// Counters in the order of the register file: by producer, consumer and slot.
  var tokenCounters: [(index: Int, label: String)] {
    func order(_ key: CounterKey) -> [Int] { [key.from, key.to, TokenSlot.allCases.firstIndex(of: key.slot) ?? 0] }
    func name(_ queue: Int) -> String { queues.indices.contains(queue) ? queues[queue].name : "\(queue)" }
    return counters.sorted { order($0.key).lexicographicallyPrecedes(order($1.key)) }.map { key, index in
      (index, "\(name(key.from)) to \(name(key.to))" + (key.slot == .start ? "" : ":\(key.slot.rawValue)"))
    }
  }

  private mutating func counter(_ from: Int, _ to: Int, _ slot: TokenSlot) -> Int {
    let key = CounterKey(from: from, to: to, slot: slot)
    if let index = counters[key] { return index }
    counters[key] = tokens.counts.count
    tokens.counts.append(0)
    return tokens.counts.count - 1
  }

  private mutating func addPosts(_ instruction: Instruction, whenRead: Bool = false) -> Range<Int> {
    let first = tokens.posts.count
    for post in instruction.posts where post.whenRead == whenRead {
      tokens.posts.append(
        LiteralTokens.Post(
          counter: counter(instruction.queue, post.to, post.slot), count: post.count, delay: post.delay))
    }
    return first..<tokens.posts.count
  }

  private mutating func addWaits(
    _ instruction: Instruction, isMatMul: Bool, where belongs: (TokenSlot) -> Bool
  ) -> Range<Int> {
    let first = tokens.waits.count
    for wait in instruction.waits where belongs(wait.slot) {
      let counter = counter(wait.from, instruction.queue, wait.slot)
      var need = wait.count
      for earlier in first..<tokens.waits.count where tokens.waits[earlier].counter == counter {
        need = LiteralTokens.sum(need, tokens.waits[earlier].count)
      }
      tokens.waits.append(
        LiteralTokens.Wait(
          counter: counter, count: wait.count, need: need, part: part(of: wait, isWeights: isMatMul && wait.slot == .b))
      )
    }
    return first..<tokens.waits.count
  }

  /// What a cycle is lost to while `wait` isn't met.
  private func part(of wait: TokenWait, isWeights: Bool) -> Part {
    guard queues.indices.contains(wait.from) else { return .waitInput }
    return switch queues[wait.from].unit {
    case .matrix: .waitMatrix
    case .vector: .waitVector
    case .dma: isWeights ? .waitWeights : onlyStores[wait.from] ? .waitStore : .waitInput
    }
  }

  /// One role for each region, in order.
  private mutating func claim(_ regions: [Region], _ instruction: Int) throws(MachineError) -> Range<Int> {
    let first = ports.claims.count
    for (role, region) in regions.enumerated() {
      let buffer = region.buffer
      ports.claims.append(
        LiteralPorts.Claim(role: role, low: bank(of: region.offset, buffer), high: bank(of: region.end - 1, buffer)))
    }
    return first..<ports.claims.count
  }

  private func banks(of region: Region) -> ClosedRange<Int> {
    bank(of: region.offset, region.buffer)...bank(of: region.end - 1, region.buffer)
  }

  private func bank(of byte: Int, _ buffer: Int) -> Int {
    let spec = accelerator.buffers[buffer]
    return firstBank[buffer] + min(byte / max(1, spec.bankBytes), spec.banks - 1)
  }
}

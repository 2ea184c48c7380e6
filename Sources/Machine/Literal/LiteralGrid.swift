import CKernels
import Hardware

/// Memory of the literal machine's registers: zeroed, aligned, freed with its owner.
final class LiteralArena {
  private var blocks: [UnsafeMutableRawPointer] = []

  func zeroed<T: BitwiseCopyable>(_ count: Int, of type: T.Type) -> UnsafeMutablePointer<T> {
    let bytes = max(1, count) * MemoryLayout<T>.stride
    let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    block.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    blocks.append(block)
    return block.bindMemory(to: type, capacity: max(1, count))
  }

  /// A place for a value that owns nothing: units hand its address about instead of copies.
  func place<T>(_ value: T) -> UnsafePointer<T> {
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: MemoryLayout<T>.size, alignment: MemoryLayout<T>.alignment)
    blocks.append(block)
    return UnsafePointer(block.initializeMemory(as: T.self, to: value))
  }

  deinit {
    for block in blocks { block.deallocate() }
  }
}

/// A shift register of `length` places that doesn't move: its head does. `now[i]` entered i cycles ago.
///
/// The places stand twice in memory, so that all of them are one stretch from the head on.
struct LiteralDelayLine<Element: BitwiseCopyable> {
  private let places: UnsafeMutablePointer<Element>
  let length: Int
  private var head = 0

  init(_ length: Int, _ arena: LiteralArena) {
    self.length = length
    places = arena.zeroed(2 * length, of: Element.self)
  }

  var now: UnsafeMutablePointer<Element> { places + head }

  mutating func push(_ element: Element) {
    head = (head == 0 ? length : head) &- 1
    places[head] = element
    places[head &+ length] = element
  }
}

/// A ring of planes of registers, of which one is the present cycle's: delay lines of whole rows or arrays.
struct LiteralPlanes<Element: BitwiseCopyable> {
  private let base: UnsafeMutablePointer<Element>
  let size: Int
  let count: Int
  private(set) var head = 0

  init(_ count: Int, of size: Int, _ arena: LiteralArena) {
    self.count = count
    self.size = size
    base = arena.zeroed(count * size, of: Element.self)
  }

  var all: UnsafeMutablePointer<Element> { base }
  /// The plane that was this cycle's `age` cycles ago.
  func plane(_ age: Int) -> UnsafeMutablePointer<Element> { base + (head &+ age) % count &* size }
  /// This cycle's plane.
  var now: UnsafeMutablePointer<Element> { base + head &* size }

  /// The plane that the next turn makes present.
  var next: UnsafeMutablePointer<Element> { base + ((head == 0 ? count : head) &- 1) &* size }

  /// Goes on to the plane that was this one's longest ago; the planes of the cycles before follow it.
  mutating func turn() { head = (head == 0 ? count : head) &- 1 }
}

/// Rows of registers that move together: `now` is this cycle's row, older ones follow. They stand twice in memory, as the
/// places of a delay line do.
struct LiteralRows<Element: BitwiseCopyable> {
  private let base: UnsafeMutablePointer<Element>
  private let size: Int
  private let count: Int
  private var head = 0

  init(_ count: Int, of size: Int, _ arena: LiteralArena) {
    self.count = count
    self.size = size
    base = arena.zeroed(2 * count * size, of: Element.self)
  }

  var now: UnsafeMutablePointer<Element> { base + head &* size }

  /// Goes on by a cycle; what this one's row holds is of no account unless `entering` says it.
  mutating func push(_ entering: UnsafePointer<Element>?) {
    head = (head == 0 ? count : head) &- 1
    if let entering {
      now.update(from: entering, count: size)
      (now + count &* size).update(from: entering, count: size)
    }
  }
}

/// The registers of one replica of an array. Those of operands have 8 or 16 bits.
struct LiteralReplica {
  /// Steps on their way through the skew registers of the left edge.
  var edge: LiteralPlanes<Int8>
  /// An operand of its own for every multiplier, by place and channel.
  var own: UnsafeMutablePointer<Int8>?
  /// Activations, hopping right.
  var activations: UnsafeMutablePointer<Int8>
  /// Stationary: weights in use, their shadow (or the same registers) and what hops between chain registers.
  /// Output-stationary: operands hopping down.
  var weights: UnsafeMutablePointer<Int8>
  var chain: UnsafeMutablePointer<Int8>
  var hop: UnsafeMutablePointer<Int8>
  /// Stationary: partial sums, one plane for each register in a PE's path (broadcast: in the adder tree's).
  /// Output-stationary: products behind those registers.
  var sums: LiteralPlanes<Int32>
  /// Output-stationary: accumulators and the shift registers beside them.
  var accumulators: UnsafeMutablePointer<Int32>
  var results: UnsafeMutablePointer<Int32>?
  /// What sums begin with, behind the top edge.
  var bias: LiteralRows<Int32>
  /// Where the results of the steps (shifting paths: of the shifts) go, beside `tags`.
  var targets: LiteralDelayLine<ck_target>
}

/// What an engine's program asks of its array.
struct LiteralDemand {
  /// Zero points are subtracted at the edge: operands inside have 9 bits.
  var isWide = false
  var hasBias = false
  /// Results are written to memory.
  var hasValues = false
  /// Latencies of the output buffers.
  var latencies: Set<Int> = []
  /// Steps whose results stand in one word of them, at most.
  var resultsPerWord = 1

  init(_ program: [LiteralMatMul]) {
    for op in program {
      latencies.insert(op.out.latency)
      resultsPerWord = max(resultsPerWord, min(op.steps, op.out.word / 4))
      guard let data = op.data else { continue }
      hasValues = true
      if data.pointee.isWide { isWide = true }
      if data.pointee.bias != nil { hasBias = true }
    }
  }
}

/// The PE grid of one engine: every register of every PE, and the tags that travel with the data.
struct LiteralGrid: ~Copyable {
  let rows: Int
  /// Rows of accumulators: of PEs, or of multipliers where these can accumulate by themselves.
  let resultRows: Int
  /// Multipliers can accumulate by themselves, each with an operand of its own.
  let hasOwn: Bool
  let columns: Int
  let depth: Int
  let stages: Int
  let pitch: Int
  let shape: ck_shape
  /// Bytes of an operand's register.
  let cell: Int
  let isSystolic: Bool
  let isOutput: Bool
  let path: OutputPath
  let hasShadow: Bool
  /// Sets of registers for the stationary operand that are used in turn.
  let planes: Int
  /// Memory of the FIFO of results, by slot, replica and column, and the slot of the step that enters.
  let fifo: UnsafeMutablePointer<Int32>
  var slot = 0
  let hasBias: Bool
  let hasValues: Bool
  /// Cycles that a step needs from row to row.
  let rowDelay: Int
  /// Registers between a broadcast array's multipliers and the foot of its adder tree.
  let treeStages: Int
  private let arena = LiteralArena()
  let replicaCount: Int
  let replicas: UnsafeMutablePointer<LiteralReplica>
  /// Control bits of the steps, from PE (0, 0) on to the output buffer.
  var tags: LiteralDelayLine<UInt8>
  /// The tile whose last step entered, or −1, beside `tags`.
  var lastTiles: LiteralDelayLine<Int>
  /// Commands of the loading chain and the rows of the stationary operand behind the top edge.
  var commands: LiteralDelayLine<UInt8>
  var top: LiteralPlanes<Int8>
  /// Commands of a shifting output path.
  var shifts: LiteralDelayLine<Int32>
  /// Results that have left, by column.
  let leaving: UnsafeMutablePointer<UInt32>
  /// One shift command for all columns at once.
  let uniform: UnsafeMutablePointer<Int32>
  /// What enters an edge in this cycle; the bias of the tile being fed, a step's, and none.
  let line: UnsafeMutablePointer<Int16>
  let biasRow: UnsafeMutablePointer<Int32>
  let noBias: UnsafeMutablePointer<Int32>
  /// The tiles whose results are to be shifted out, oldest first, and the one that is.
  var shiftQueue = LiteralFIFO<LiteralGoal>()
  var shifting = LiteralGoal()
  var shiftCount = 0
  var shiftPhase = 0

  /// The step and the row of the stationary operand that have entered in this cycle, or −1.
  var entered = -1
  var loaded = -1
  /// What enters at the left edge, and at the top.
  var feed = LiteralFeed()
  var chainFeed = LiteralFeed()

  /// Sums of what entered, from which the sum of a tile's results follows: streamed operands by element of K, stationary ones
  /// too (of two tiles in turn), products of them step by step (output-stationary), and what the bias adds.
  let streamSums: UnsafeMutablePointer<UInt32>
  let staySums: UnsafeMutablePointer<UInt32>
  var productSum: UInt32 = 0
  var biasSum: UInt32 = 0
  var biasRowSum: UInt32 = 0

  /// The way to the output buffer, and what its registers know of tiles in flight, by number.
  var exit: ck_exit
  let exitLatencies: [Int32]
  let tileTable: UnsafeMutablePointer<ck_tile>
  let tileTableSize: Int

  /// Data is inside until these cycles: before them the registers move, from them on nothing would change.
  var liveUntil = 0
  var swapUntil = 0
  var chainUntil = 0
  /// When the first of the swaps and of the loads inside began, and the last.
  var swaps = (first: 0, last: 0)
  var loads = (first: 0, last: 0)
  var topUntil = 0
  var shiftUntil = 0

  init(_ spec: MatrixEngineSpec, _ demand: LiteralDemand) {
    rows = spec.rows
    resultRows = spec.depthwise ? spec.rows * spec.macsPerPE : spec.rows
    hasOwn = spec.depthwise
    columns = spec.columns
    depth = spec.macsPerPE
    stages = spec.peRegisters
    let lanes = Int(CK_LANES)
    pitch = (spec.columns + lanes - 1) / lanes * lanes
    cell = demand.isWide ? 2 : 1
    shape = ck_shape(
      rows: Int32(rows), depth: Int32(depth), pitch: Int32(pitch), wide: demand.isWide ? 1 : 0)
    isSystolic = spec.interconnect == .systolic
    isOutput = spec.dataflow == .outputStationary
    path = spec.outputPath
    hasShadow = spec.shadowWeights
    planes = spec.shadowWeights ? 1 : spec.stationaryBuffers
    hasBias = demand.hasBias
    hasValues = demand.hasValues
    var levels = 0
    while (1 << levels) < spec.rows { levels += 1 }
    treeStages = spec.peRegisters + spec.adderTreeRegisters * levels
    rowDelay = isSystolic ? (isOutput ? 1 : stages) : 0
    let outDelay = (demand.latencies.max() ?? 0) + spec.edgeRegisters
    let length = rows * max(1, isSystolic ? stages : 0) + treeStages + stages + pitch + outDelay + 2
    tags = LiteralDelayLine(length, arena)
    lastTiles = LiteralDelayLine(length, arena)
    for _ in 0..<length { lastTiles.push(-1) }
    commands = LiteralDelayLine(rows + pitch + 1, arena)
    top = LiteralPlanes(isSystolic ? columns : 1, of: depth * pitch * cell, arena)
    shifts = LiteralDelayLine(pitch + outDelay + 2, arena)
    leaving = arena.zeroed(pitch, of: UInt32.self)
    let width = Self.longestLine(spec)
    line = arena.zeroed(width, of: Int16.self)
    streamSums = arena.zeroed(width, of: UInt32.self)
    staySums = arena.zeroed(max(2, planes) * rows * depth, of: UInt32.self)
    let longest = demand.latencies.max() ?? 0
    let slots =
      demand.hasValues ? LiteralElastic.slots(spec, longest: longest, perWord: demand.resultsPerWord) : 0
    fifo = arena.zeroed(slots * spec.replicas * pitch, of: Int32.self)
    biasRow = arena.zeroed(pitch, of: Int32.self)
    noBias = arena.zeroed(pitch, of: Int32.self)
    replicaCount = spec.replicas
    replicas = arena.zeroed(spec.replicas, of: LiteralReplica.self)
    uniform = arena.zeroed(pitch, of: Int32.self)
    tileTableSize = length + 4
    tileTable = arena.zeroed(tileTableSize, of: ck_tile.self)
    // Ways of other lengths to the output buffer, or to the FIFO.
    let ways = demand.latencies.count + (spec.outputFIFO > 0 ? 1 : 0)
    // Results of one cycle: one a column, or of a direct path one a PE; of other latencies from other cycles.
    let results = columns * spec.replicas * (isOutput && path == .direct ? resultRows : 1) * max(1, ways)
    let delays = hasValues ? outDelay + 1 : 1
    exit = ck_exit(
      results: arena.zeroed(hasValues ? delays * results : 0, of: ck_result.self),
      counts: arena.zeroed(delays, of: Int32.self), slots: Int32(delays), capacity: Int32(results), head: 0, pending: 0)
    exitLatencies = demand.latencies.sorted().map { Int32($0) }
    for index in 0..<replicaCount { (replicas + index).initialize(to: makeReplica(targets: length)) }
  }

  /// Operands that enter an edge at once, at most.
  static func longestLine(_ spec: MatrixEngineSpec) -> Int {
    max(spec.rows * spec.macsPerPE, spec.rows * spec.replicas, 2 * spec.columns)
  }

  /// Bytes left of the first activation, which are read and never used (`ck_systolic`); planes begin at a cache line.
  private static let left = 64

  private func makeReplica(targets: Int) -> LiteralReplica {
    let area = rows * depth * pitch * cell
    let row = depth * pitch * cell
    let weights = arena.zeroed(planes * area + row, of: Int8.self)
    let sums: LiteralPlanes<Int32> =
      if isOutput {
        LiteralPlanes(max(1, stages - 1), of: stages > 1 ? resultRows * pitch : 0, arena)
      } else if isSystolic {
        LiteralPlanes(stages, of: (rows + 1) * pitch, arena)
      } else {
        LiteralPlanes(treeStages, of: pitch, arena)
      }
    let biasRows = isSystolic ? (isOutput ? rows + pitch + stages : columns) : stages
    var line = LiteralDelayLine<ck_target>(hasValues ? targets : 1, arena)
    for _ in 0..<line.length { line.push(ck_target(at: -1, tile: nil)) }
    return LiteralReplica(
      edge: LiteralPlanes((rows - 1) * rowDelay + 1, of: rows * depth * cell, arena),
      own: hasOwn ? arena.zeroed(resultRows * pitch * cell, of: Int8.self) : nil,
      activations: arena.zeroed(isSystolic ? Self.left + area : 0, of: Int8.self) + (isSystolic ? Self.left : 0),
      weights: weights,
      chain: hasShadow && !isOutput ? arena.zeroed(area, of: Int8.self) : weights,
      hop: isOutput ? weights : arena.zeroed(area + row, of: Int8.self),
      sums: sums,
      accumulators: arena.zeroed(isOutput ? resultRows * pitch : 0, of: Int32.self),
      results: isOutput && path == .shiftRegisters ? arena.zeroed(resultRows * pitch, of: Int32.self) : nil,
      bias: LiteralRows(hasBias ? biasRows : 0, of: pitch, arena), targets: line)
  }
}

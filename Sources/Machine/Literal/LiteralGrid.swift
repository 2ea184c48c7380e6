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
  /// This cycle's plane.
  var now: UnsafeMutablePointer<Element> { base + head &* size }

  /// The plane that the next turn makes present.
  var next: UnsafeMutablePointer<Element> { base + ((head == 0 ? count : head) &- 1) &* size }

  /// Goes on to the plane that was this one's longest ago; the planes of the cycles before follow it.
  mutating func turn() { head = (head == 0 ? count : head) &- 1 }
}

/// The registers of one replica of an array.
struct LiteralReplica {
  /// Steps on their way through the skew registers of the left edge.
  var edge: LiteralPlanes<Int8>
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
}

/// The PE grid of one engine: every register of every PE, and the tags that travel with the data.
struct LiteralGrid: ~Copyable {
  let rows: Int
  let columns: Int
  let depth: Int
  let stages: Int
  let pitch: Int
  let isSystolic: Bool
  let isOutput: Bool
  let path: OutputPath
  let hasShadow: Bool
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
  let scratch: UnsafeMutablePointer<UInt32>
  /// Synthetic operands: row i of an operand is a slice of this table.
  let table: UnsafeMutablePointer<Int8>
  let mask = 0xFFFF
  /// The tiles whose results are to be shifted out, oldest first, and the one that is.
  var shiftQueue = LiteralFIFO<(tile: Int, interval: Int)>()
  var shifting = (tile: -1, interval: 1)
  var shiftCount = 0
  var shiftPhase = 0

  /// What enters at the left edge, and at the top.
  var feed = LiteralFeed()
  var chainFeed = LiteralFeed()

  /// Data is inside until these cycles: before them the registers move, from them on nothing would change.
  var liveUntil = 0
  var swapUntil = 0
  var chainUntil = 0
  var topUntil = 0
  var shiftUntil = 0

  init(_ spec: MatrixEngineSpec, outDelay: Int) {
    rows = spec.rows
    columns = spec.columns
    depth = spec.macsPerPE
    stages = spec.peRegisters
    let lanes = Int(CK_LANES)
    pitch = (spec.columns + lanes - 1) / lanes * lanes
    isSystolic = spec.interconnect == .systolic
    isOutput = spec.dataflow == .outputStationary
    path = spec.outputPath
    hasShadow = spec.shadowWeights
    var levels = 0
    while (1 << levels) < spec.rows { levels += 1 }
    treeStages = spec.peRegisters + spec.adderTreeRegisters * levels
    rowDelay = isSystolic ? (isOutput ? 1 : stages) : 0
    let length = rows * max(1, isSystolic ? stages : 0) + treeStages + stages + pitch + outDelay + 2
    tags = LiteralDelayLine(length, arena)
    lastTiles = LiteralDelayLine(length, arena)
    for _ in 0..<length { lastTiles.push(-1) }
    commands = LiteralDelayLine(rows + pitch + 1, arena)
    top = LiteralPlanes(isSystolic ? columns : 1, of: depth * pitch, arena)
    shifts = LiteralDelayLine(pitch + outDelay + 2, arena)
    leaving = arena.zeroed(pitch, of: UInt32.self)
    let width = max(rows * depth, rows * spec.replicas)
    scratch = arena.zeroed(width, of: UInt32.self)
    table = arena.zeroed(mask + 1 + max(width, pitch), of: Int8.self)
    var state: UInt64 = 0x5EED
    for index in 0...mask {
      state &+= 0x9E37_79B9_7F4A_7C15
      let mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      table[index] = Int8(truncatingIfNeeded: mixed >> 40)
    }
    for index in 0..<max(width, pitch) { table[mask + 1 + index] = table[index & mask] }
    replicaCount = spec.replicas
    replicas = arena.zeroed(spec.replicas, of: LiteralReplica.self)
    uniform = arena.zeroed(pitch, of: Int32.self)
    for index in 0..<replicaCount { (replicas + index).initialize(to: makeReplica()) }
  }

  private func makeReplica() -> LiteralReplica {
    let area = rows * depth * pitch
    let weights = arena.zeroed(area + depth * pitch, of: Int8.self)
    let sums: LiteralPlanes<Int32> =
      if isOutput {
        LiteralPlanes(max(1, stages - 1), of: stages > 1 ? rows * pitch : 0, arena)
      } else if isSystolic {
        LiteralPlanes(stages, of: (rows + 1) * pitch, arena)
      } else {
        LiteralPlanes(treeStages, of: pitch, arena)
      }
    return LiteralReplica(
      edge: LiteralPlanes((rows - 1) * rowDelay + 1, of: rows * depth, arena),
      activations: arena.zeroed(isSystolic ? area : 0, of: Int8.self),
      weights: weights,
      chain: hasShadow && !isOutput ? arena.zeroed(area, of: Int8.self) : weights,
      hop: isOutput ? weights : arena.zeroed(area + depth * pitch, of: Int8.self),
      sums: sums,
      accumulators: arena.zeroed(isOutput ? rows * pitch : 0, of: Int32.self),
      results: isOutput && path == .shiftRegisters ? arena.zeroed(rows * pitch, of: Int32.self) : nil)
  }
}

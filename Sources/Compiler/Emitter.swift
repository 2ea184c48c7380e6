import Hardware
import Model
import Schedule

/// Part of an area: where it is, and what of it the hazards must know.
struct Tile {
  var area: Int
  var rect: Rect
  var region: Region
}

extension Tile {
  /// Some of its columns.
  func columns(_ columns: Range<Int>) -> Tile {
    var part = self
    let start = rect.columns.lowerBound
    part.rect.columns = start + columns.lowerBound..<start + columns.upperBound
    part.region.offset += columns.lowerBound
    part.region.rowBytes = columns.count
    return part
  }

  /// The same bytes, its rows cut into `count` rows each.
  func split(_ count: Int) -> Tile {
    var part = self
    part.region.rows *= count
    part.region.rowBytes /= count
    part.region.pitch = region.rows == 1 ? part.region.rowBytes : region.pitch / count
    return part
  }
}

/// Part of a matrix in DRAM. Parameters and inputs have no area: they are never written.
struct DRAMTile {
  var area: Int?
  var rect: Rect
  var region: DRAMRegion
}

/// An operand of a product: where it is, and how it is read.
struct Operand {
  var tile: Tile
  var order: OperandOrder = .rowMajor
  var zero = 0
}

/// A matrix of bytes in a buffer.
struct Matrix {
  var area: Int
  var buffer: Int
  var offset: Int
  var pitch: Int

  /// Rows `rows` counted in steps of `step` from `first` on.
  func tile(_ rect: Rect, first: Int = 0, step: Int = 1) -> Tile {
    let top = first + rect.rows.lowerBound * step
    let bottom = first + (rect.rows.upperBound - 1) * step + 1
    return Tile(
      area: area, rect: Rect(top..<bottom, rect.columns),
      region: Region(
        buffer: buffer, offset: offset + top * pitch + rect.columns.lowerBound, rows: rect.rows.count,
        rowBytes: rect.columns.count, pitch: step * pitch))
  }
}

/// A matrix of bytes in DRAM.
struct DRAMMatrix {
  var area: Int?
  var address: Int
  var stride: Int

  /// Rows `rows` counted in steps of `step` from `first` on.
  func tile(_ rect: Rect, first: Int = 0, step: Int = 1) -> DRAMTile {
    let top = first + rect.rows.lowerBound * step
    let bottom = first + (rect.rows.upperBound - 1) * step + 1
    let start = address + top * stride + rect.columns.lowerBound
    // Rows without gaps are one row to the DMA: its bursts needn't end with them.
    let region =
      rect.columns.count == step * stride
      ? DRAMRegion(address: start, rows: 1, rowBytes: rect.bytes)
      : DRAMRegion(address: start, rows: rect.rows.count, rowBytes: rect.columns.count, stride: step * stride)
    return DRAMTile(area: area, rect: Rect(top..<bottom, rect.columns), region: region)
  }
}

/// A range of a buffer in which blocks of any size follow each other round and round.
///
/// A block may be written as soon as the users of what it overwrites have ended, so loads run ahead as far as there is room.
struct Ring {
  var buffer: Int
  var base: Int
  var bytes: Int
  var bankBytes: Int
  var ports: Int
  var alignment: Int
  /// Without ping-pong every block stands at the base.
  var rotates: Bool
  private var next = 0

  init(_ section: Section) {
    self.init(
      section, base: section.base, bytes: section.bytes, alignment: section.alignment, rotates: section.pingPong)
  }

  init(_ section: Section, base: Int, bytes: Int, alignment: Int, rotates: Bool) {
    buffer = section.buffer
    self.base = base
    self.bytes = bytes
    bankBytes = section.bankBytes
    ports = section.ports
    self.alignment = alignment
    self.rotates = rotates
  }

  /// Starts again at the base.
  mutating func reset() { next = 0 }

  /// The offset of the next block of `size` bytes.
  mutating func take(_ size: Int) -> Int {
    guard rotates else { return base }
    // Blocks in banks of their own don't fight for ports; worth it where enough of them fit.
    let banks = roundUp(size, bankBytes)
    let step = base % bankBytes == 0 && bytes / banks >= (ports > 1 ? 4 : 2) ? bankBytes : alignment
    var start = roundUp(next, step)
    if start + size > bytes { start = 0 }
    next = start + size
    return base + start
  }
}

/// Issues instructions, gives them units, and records what they depend on.
struct Emitter {
  /// About 1.5 GB of memory while compiling; lint follows somewhat more.
  static let instructionLimit = 1_500_000

  let target: Target
  var layer = 0
  var layerName = ""
  private(set) var instructions: [Instruction] = []
  /// By instruction: the part of a tensor that it writes.
  private(set) var placements: [TensorPart?] = []
  private var hazards: Hazards
  private var turn: [Cargo: Int] = [:]

  init(_ target: Target) {
    self.target = target
    // Loads and stores of one channel are streams of their own, since `hoistLoads` may part them.
    hazards = Hazards(
      buffers: target.accelerator.buffers.count,
      streams: 2 * target.queueCount + Self.layersInFlight)
  }

  /// Layers whose vector instructions may stand in any order to one another, where layers overlap (`Interleaving`).
  static let layersInFlight = 4
  /// By instruction: those of one stream end in order.
  private(set) var streams: [Int] = []

  var dependences: Dependences { hazards.dependences }

  // MARK: Memory

  /// Opens a matrix of `rows` × `width` bytes in a buffer.
  mutating func open(buffer: Int, offset: Int, rows: Int, width: Int) -> Matrix {
    let area = hazards.open(buffer: buffer, offset..<offset + rows * width)
    return Matrix(area: area, buffer: buffer, offset: offset, pitch: width)
  }

  /// Opens the next block of a ring.
  mutating func open(_ ring: inout Ring, rows: Int, width: Int) -> Matrix {
    open(buffer: ring.buffer, offset: ring.take(rows * width), rows: rows, width: width)
  }

  /// A DRAM area for activations that are stored and loaded.
  mutating func openDRAM() -> Int { hazards.openDRAM() }

  // MARK: Instructions

  mutating func load(_ source: DRAMTile, to tile: Tile, as cargo: Cargo, op: Int) throws(CompileError) {
    let queue = try channel(cargo)
    let (index, stream) = (instructions.count, 2 * queue)
    if let area = source.area { hazards.read(area, source.rect, slot: .start, instruction: index, stream: stream) }
    hazards.write(tile.area, tile.rect, slot: .start, instruction: index, stream: stream)
    try append(.load(Transfer(dram: source.region, region: tile.region, op: op)), queue: queue)
  }

  mutating func store(_ tile: Tile, to destination: DRAMTile, op: Int) throws(CompileError) {
    let queue = try channel(.outputs)
    let (index, stream) = (instructions.count, 2 * queue + 1)
    hazards.read(tile.area, tile.rect, slot: .start, instruction: index, stream: stream)
    if let area = destination.area {
      hazards.write(area, destination.rect, slot: .start, instruction: index, stream: stream)
    }
    try append(.store(Transfer(dram: destination.region, region: tile.region, op: op)), queue: queue)
  }

  /// - Parameter bias: part of what was loaded with `b`.
  mutating func matmul(
    m: Int, k: Int, n: Int, isDepthwise: Bool = false, a: Operand, b: Operand, bias: Region? = nil, out: Tile,
    accumulate: Bool, engine: Int, op: Int
  ) throws(CompileError) {
    let (index, stream) = (instructions.count, 2 * engine)
    hazards.read(a.tile.area, a.tile.rect, slot: .a, instruction: index, stream: stream)
    hazards.read(b.tile.area, b.tile.rect, slot: .b, instruction: index, stream: stream)
    hazards.write(out.area, out.rect, slot: .out, instruction: index, stream: stream)
    let matmul = MatMul(
      m: m, k: k, n: n, isDepthwise: isDepthwise, a: a.tile.region, b: b.tile.region, out: out.region,
      accumulate: accumulate, op: op,
      aOrder: a.order, bOrder: b.order, bias: bias, aZero: a.zero, bZero: b.zero)
    try append(.matmul(matmul), queue: engine)
  }

  /// - Parameter part: what is written. Its first column is that of all stages, whose operators have the same columns.
  mutating func vector(
    _ stages: [VectorStage], rows: Int, columns: Int, source: Tile, operand: Tile? = nil, destination: Tile,
    part: TensorPart
  ) throws(CompileError) {
    for stage in stages where target.accelerator.vector.operations[stage.operation] == nil {
      throw .missingOperation(stage.operation, layer: layerName)
    }
    let queue = target.vectorQueue
    let stream =
      target.overlapsLayers ? 2 * target.queueCount + layer % Self.layersInFlight : 2 * queue
    let index = instructions.count
    hazards.read(source.area, source.rect, slot: .start, instruction: index, stream: stream)
    if let operand { hazards.read(operand.area, operand.rect, slot: .start, instruction: index, stream: stream) }
    hazards.write(destination.area, destination.rect, slot: .start, instruction: index, stream: stream)
    let placed = stages.map {
      VectorStage($0.operation, op: $0.op, arithmetic: $0.arithmetic, firstColumn: part.columns.lowerBound)
    }
    let instruction = VectorInstruction(
      stages: placed, rows: rows, columns: columns, source: source.region, operand: operand?.region,
      destination: destination.region)
    try append(.vector(instruction), queue: queue, stream: stream, part: part)
  }

  private mutating func append(_ operation: Operation, queue: Int, stream: Int? = nil, part: TensorPart? = nil)
    throws(CompileError)
  {
    guard instructions.count < Self.instructionLimit else {
      throw .tooManyInstructions(layer: layerName, limit: Self.instructionLimit)
    }
    hazards.close(instruction: instructions.count)
    placements.append(part)
    streams.append(stream ?? 2 * queue)
    instructions.append(Instruction(queue: queue, layer: layer, operation: operation))
  }

  /// Channels that carry the same take turns.
  private mutating func channel(_ cargo: Cargo) throws(CompileError) -> Int {
    let channels =
      switch cargo {
      case .weights: target.weightChannels
      case .inputs: target.inputChannels
      case .outputs: target.outputChannels
      }
    guard !channels.isEmpty else { throw .missingChannel(cargo) }
    let turn = turn[cargo, default: 0]
    self.turn[cargo] = turn + 1
    return channels[turn % channels.count]
  }
}

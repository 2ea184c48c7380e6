import Hardware
import Model
import Schedule

/// Issues the instructions of a plan, group by group, in an order in which every instruction follows all that it
/// depends on.
struct Emission {
  let plan: Plan
  let target: Target
  let allocation: Allocation
  var emitter: Emitter
  var tensors: [DRAMTensor] = []
  /// By the site that owns it.
  var weights: [Ring]
  /// By site.
  var accumulators: [Ring]
  /// By site: estimated cycle in which it has done all that it was given.
  var busy: [Double]
  /// By value: where it is on chip, and in DRAM.
  private var resident: [Matrix?]
  private var stored: [DRAMMatrix?]
  /// By value: its tensor in DRAM.
  private var tensorIndices: [Int: Int] = [:]
  private var parameters: Ring?
  /// By value: parts that have been made, and an estimate of when.
  private var made: [[(rect: Rect, time: Double)]]
  /// The layer before the present product, if that one draws its blocks.
  var drawn: RowsStream?
  private var nextAddress = 0
  /// By tensor of the schedule: what it holds at the start.
  private(set) var contents: [[UInt8]?] = []

  init(_ plan: Plan, _ target: Target, _ allocation: Allocation) throws(CompileError) {
    self.plan = plan
    self.target = target
    self.allocation = allocation
    emitter = Emitter(target)
    weights = target.sites.map { Ring($0.weights) }
    accumulators = target.sites.map { Ring($0.outputs) }
    busy = Array(repeating: 0, count: target.sites.count)
    parameters = target.parameters.map { Ring($0, base: $0.base, bytes: $0.bytes, alignment: 64, rotates: true) }
    made = Array(repeating: [], count: plan.values.count)
    resident = Array(repeating: nil, count: plan.values.count)
    stored = Array(repeating: nil, count: plan.values.count)
    for (index, value) in plan.values.enumerated() where allocation.homes[index] == .dram && value.last >= 0 {
      let kind: TensorKind =
        switch value.role {
        case .input: .input
        case .parameter: .weight
        case .activation: .spill
        case .output: .output
        }
      let contents = value.role == .parameter ? try plan.numbers?.bytes(of: value.tensor) : nil
      let address = try allocate(value.name, kind, bytes: value.bytes, contents: contents)
      tensorIndices[index] = tensors.count - 1
      let area = value.first < 0 ? nil : emitter.openDRAM()
      stored[index] = DRAMMatrix(area: area, address: address, stride: value.width)
    }
  }

  mutating func run() throws(CompileError) {
    for (index, group) in plan.groups.enumerated() {
      emitter.layer = index
      emitter.layerName = group.name
      openOutput(of: group)
      switch (group.work, allocation.tilings[index]) {
      case (.matmul(let work), .matmul(let tiling)): try emit(work, tiling, output: group.output)
      case (.convolution(let work), .convolution(let tiling)): try emit(work, tiling, output: group.output)
      case (.heads(let work), .heads(let tiling)): try emit(work, tiling, output: group.output)
      case (.attention(let work), .attention(let tiling)): try emit(work, tiling, output: group.output)
      case (.rows(let work), .rows(let tiling)):
        var stream = try begin(work, tiling, output: group.output)
        if allocation.isLed(index + 1) {
          drawn = stream
        } else {
          try advance(&stream, to: work.rows)
        }
      case (.average(let work), .columns(let tiling)): try emit(work, tiling, output: group.output)
      case (.copy(let work), .rows(let tiling)): try emit(work, tiling, output: group.output)
      default: throw .unsupported(layer: group.name, reason: "was planned as another kind of layer")
      }
    }
  }

  /// Appends a tensor to DRAM's layout and returns its address.
  mutating func allocate(
    _ name: String, _ kind: TensorKind, bytes: Int, contents: [UInt8]? = nil
  ) throws(CompileError) -> Int {
    let address = nextAddress
    let (end, overflow) = address.addingReportingOverflow(bytes)
    guard !overflow, end < 1 << 61 else { throw .badSize(name: name, what: "the tensors together pass 2^61 bytes") }
    nextAddress = roundUp(end, 4096)
    tensors.append(DRAMTensor(name: name, kind: kind, address: address, bytes: bytes))
    self.contents.append(contents)
    return address
  }

  // MARK: Values

  /// Opens a resident output; one that replaces an operand takes over its area.
  private mutating func openOutput(of group: Group) {
    guard case .resident(let offset) = allocation.homes[group.output] else { return }
    if let replaced = group.reads.first(where: {
      allocation.homes[$0] == allocation.homes[group.output] && plan.values[$0].last == emitter.layer
    }) {
      resident[group.output] = resident[replaced]
      return
    }
    let value = plan.values[group.output]
    resident[group.output] = emitter.open(
      buffer: target.home.buffer, offset: target.home.base + offset, rows: value.rows, width: value.width)
  }

  /// Part of a value on chip, whose columns stand side by side there; nil if it isn't there.
  func residentTile(_ view: View, _ rect: Rect) -> Tile? {
    guard let matrix = resident[view.value] else { return nil }
    let ranges = view.ranges(rect.columns)
    guard ranges.count == 1 else { return nil }
    return matrix.tile(Rect(rect.rows, ranges[0]), first: view.first, step: view.step)
  }

  /// Where a value is on chip; nil if it isn't there.
  func residentMatrix(_ value: Int) -> Matrix? { resident[value] }

  /// Where part of a value is stored to; nil if it isn't in DRAM.
  func storedTile(_ value: Int, _ rect: Rect) -> DRAMTile? { stored[value]?.tile(rect) }

  /// Where a value is in DRAM, whatever the shape of its rows; nil if it isn't there.
  func address(_ value: Int) -> Int? { stored[value]?.address }

  /// Where a value is in `tensors`; nil if it isn't in DRAM.
  func tensorIndex(_ value: Int) -> Int? { tensorIndices[value] }

  /// Part of a value, as a tensor of the graph.
  func part(_ value: Int, _ rect: Rect) -> TensorPart {
    TensorPart(tensor: plan.values[value].tensor, rows: rect.rows, columns: rect.columns)
  }

  func isResident(_ value: Int) -> Bool { resident[value] != nil }

  /// All of a value.
  func whole(_ value: Int) -> View {
    View(value: value, rows: plan.values[value].rows, width: plan.values[value].width)
  }

  /// Weights' channels carry parameters, inputs' all else.
  func cargo(_ value: Int) -> Cargo { plan.values[value].role == .parameter ? .weights : .inputs }

  /// Loads part of a value from DRAM; its columns are gathered side by side.
  mutating func load(_ view: View, _ rect: Rect, to tile: Tile, op: Int) throws(CompileError) {
    guard let matrix = stored[view.value] else { throw missing(view.value) }
    let ranges = view.ranges(rect.columns)
    var start = 0
    for range in ranges {
      let source = matrix.tile(Rect(rect.rows, range), first: view.first, step: view.step)
      let part = ranges.count == 1 ? tile : tile.columns(start..<start + range.count)
      try emitter.load(source, to: part, as: cargo(view.value), op: op)
      start += range.count
    }
  }

  /// Part of a value: where it is, or loaded to the next slot of a ring.
  mutating func tile(_ view: View, _ rect: Rect, ring: inout Ring, op: Int) throws(CompileError) -> Tile {
    if let tile = residentTile(view, rect) { return tile }
    let slot = emitter.open(&ring, rows: rect.rows.count, width: rect.columns.count)
    let tile = slot.tile(Rect(0..<rect.rows.count, 0..<rect.columns.count))
    try load(view, rect, to: tile, op: op)
    return tile
  }

  /// Opens a slot for LayerNorm's parameters.
  mutating func openParameters(bytes: Int) -> Matrix {
    guard var ring = parameters else { return emitter.open(&weights[0], rows: 1, width: bytes) }
    defer { parameters = ring }
    return emitter.open(&ring, rows: 1, width: bytes)
  }

  /// Where part of the output is made: its place on chip, or a slot from which `finish` stores it.
  mutating func destination(_ output: Int, _ rect: Rect, staging: inout Ring) -> Tile {
    if let tile = residentTile(whole(output), rect) { return tile }
    let slot = emitter.open(&staging, rows: rect.rows.count, width: rect.columns.count)
    return slot.tile(Rect(0..<rect.rows.count, 0..<rect.columns.count))
  }

  /// Stores what `destination` gave a slot to.
  mutating func finish(_ output: Int, _ rect: Rect, from tile: Tile, op: Int) throws(CompileError) {
    guard let place = storedTile(output, rect) else { return }
    try emitter.store(tile, to: place, op: op)
  }

  func missing(_ value: Int) -> CompileError {
    .unsupported(layer: emitter.layerName, reason: "'\(plan.values[value].name)' isn't where it was planned")
  }

  // MARK: Engines and the working area

  /// The site that would end `cycles` of further work first, if it can begin at `time`.
  mutating func pick(from time: Double = 0, _ cycles: (Site) -> Double) -> Int {
    var best = target.mains[0]
    var earliest = Double.infinity
    for index in target.mains {
      let end = max(time, busy[index]) + cycles(target.sites[index])
      if end < earliest { (best, earliest) = (index, end) }
    }
    if earliest < .infinity { busy[best] = earliest }
    return best
  }

  /// When part of a view has been made, as far as is known.
  func ready(_ view: View, _ rect: Rect) -> Double {
    guard target.overlapsLayers, view.step == 1 else { return 0 }
    let rows = view.first + rect.rows.lowerBound..<view.first + rect.rows.upperBound
    let parts = view.ranges(rect.columns).map { Rect(rows, $0) }
    return made[view.value].reduce(0) { time, part in
      parts.contains { $0.overlaps(part.rect) } ? max(time, part.time) : time
    }
  }

  /// Notes that part of a value is there when the engines have done all that they have been given.
  mutating func note(_ value: Int, _ rect: Rect, by shares: [Share]) {
    if target.overlapsLayers { made[value].append((rect, shares.reduce(0) { max($0, busy[$1.site]) })) }
  }

  /// Divides the working area: `slots` slots of `bytes` for each stream, in order.
  func carve(_ streams: [(bytes: Int, slots: Int)]) -> [Ring] {
    let home = target.home
    let base = home.base + home.bytes - allocation.working
    // Streams begin at bank boundaries, or at least at words, where that leaves room for all of them.
    for alignment in [home.bankBytes, home.alignment, 1] {
      var offset = 0
      var rings: [Ring] = []
      for stream in streams {
        let start = roundUp(base + offset, alignment) - base
        let step = roundUp(stream.bytes, alignment == 1 ? 1 : home.alignment)
        rings.append(
          Ring(
            home, base: base + start, bytes: step * stream.slots, alignment: alignment == 1 ? 1 : home.alignment,
            rotates: stream.slots > 1))
        offset = start + step * stream.slots
      }
      if offset <= allocation.working || alignment == 1 { return rings }
    }
    return []
  }
}

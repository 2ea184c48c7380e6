import Hardware

/// One matrix engine (rules M1–M26): a loader and a streamer that issue tiles to the array, each when its ports, its tokens
/// and its countdowns let it, and the array in which the data moves.
///
/// The countdowns look ahead as hardware would: they hold the earliest cycle in which data may reach the array. Whether
/// they were right, the array finds out (`LiteralMatrix+Array.swift`).
///
/// It is large, and calls of functions that only read it may copy it: those of every cycle and every tile are inlined.
struct LiteralMatrix: ~Copyable {
  let spec: MatrixEngineSpec
  let unit: Int
  let streamer: Int
  let loader: Int
  let hasLoader: Bool
  let isOutput: Bool
  /// Cycles that a step needs from one PE to the next: down along sums, and right along a row.
  let rowDelay: Int
  let hop: Int
  let program: [LiteralMatMul]
  private var tiler: LiteralTiler
  var grid: LiteralGrid
  /// Which of the parts below it has: asked in every cycle.
  let isElastic: Bool
  let hasFIFO: Bool
  let hasStreams: Bool
  /// nil for an engine at a fixed pace.
  var elastic: LiteralElastic?
  /// Of an engine with `streams`.
  var streams: LiteralStreams?
  /// Of an engine that reads row by row.
  var rows: LiteralRowPass?

  /// Tiles that haven't ended, in order; the first is number `firstTile`. Numbers count all tiles of the engine.
  var tiles = LiteralFIFO<LiteralTile>()
  var firstTile = 0
  /// The next tile of the loader, of the streamer, of the array's loading chain and of the array's left edge.
  var loadNext = 0
  var streamNext = 0
  var chainTile = 0
  var feedTile = 0
  /// Tiles that have been fetched: as far as the loader may look.
  private(set) var fetched = 0
  /// Whether tile `streamNext` exists.
  var hasNext: Bool { fetched > streamNext }

  // Countdowns of tile `streamNext`: the first cycle in which its operands may reach the array, and in which its agents
  // may issue it therefore.
  var streamBound = 0
  var streamAt = 0
  /// When the last row loaded is in place, at the array.
  var loadedUntil = 0
  /// Look-ahead of the tiles in the array: when each has left it, as many as may be there at once, oldest first.
  var flight: [Int] = []
  /// First cycle in which the operands of all streams so far have been read, when the last step enters, and until when results
  /// are flushed.
  var readUntil = 0
  var lastEntry = 0
  var flushUntil = 0
  /// Largest look-ahead of all tiles issued.
  var drainedAll = 0

  // The array's edges: what enters now.
  var feedStep = 0
  var feedPhase = 0
  var feedInterval = 1
  /// The cycle of its interval in which a step enters, counted from 0.
  var feedEntry = 0
  var feedInstruction = 0
  var chainRow = 0
  var chainPhase = 0
  var chainInterval = 1
  /// Tiles whose last step is in the array.
  var draining: [Int] = []
  /// What the array's left edge did in this cycle.
  var fed: Part?
  /// Instructions that have ended.
  var ended = 0

  init(_ spec: MatrixEngineSpec, unit: Int, streamer: Int, loader: Int, program: [LiteralMatMul]) {
    self.spec = spec
    self.unit = unit
    self.streamer = streamer
    self.loader = loader
    self.program = program
    isOutput = spec.dataflow == .outputStationary
    hasLoader = spec.hasLoader
    hop = spec.interconnect == .systolic ? 1 : 0
    rowDelay = hop * (isOutput ? 1 : spec.peRegisters)
    tiler = LiteralTiler(spec, program)
    let demand = LiteralDemand(program)
    grid = LiteralGrid(spec, demand)
    isElastic = spec.isElastic || spec.rowByRow
    hasFIFO = isElastic && spec.outputFIFO > 0
    hasStreams = spec.streams != nil
    elastic =
      isElastic ? LiteralElastic(spec, longest: demand.latencies.max() ?? 0, perWord: demand.resultsPerWord) : nil
    streams = spec.streams.map { LiteralStreams($0) }
    rows = spec.rowByRow ? LiteralRowPass() : nil
    fetch()
  }

  /// The stationary operands of the first `count` tiles are there from the start: they count as loaded within cycle 0.
  mutating func takeLoaded(_ count: Int, _ ledger: inout LiteralLedger) {
    for place in 0..<count {
      let op = program[tiles[place].program]
      if tiles[place].isFirst, streams == nil { ledger.start(op.instruction, at: 0) }
      (tiles[place].loadIssued, tiles[place].loadStart, tiles[place].inPlace) = (0, 0, 1 - spec.swapCycles)
      grid.fill(feed(for: tiles[place], op, number: place))
    }
    guard count > 0 else { return }
    (loadNext, chainTile, streamAt) = (count, count, 1)
    if count < tiles.count { tiles[count].loadFrom = max(tiles[count].loadFrom, 1) }
    passKept()
  }

  /// The tile with the engine-wide number `number`, which must be in `tiles`.
  subscript(number: Int) -> LiteralTile {
    get { tiles[number &- firstTile] }
    set { tiles[number &- firstTile] = newValue }
  }

  /// The instruction that hasn't ended and whether tokens are all that it lacks.
  func head(_ tokens: LiteralTokens) -> (instruction: Int, starved: Bool)? {
    guard ended < program.count else { return nil }
    let op = program[ended]
    guard hasNext, tiles[streamNext - firstTile].isFirst else { return (op.instruction, false) }
    if let streams {
      return (op.instruction, !streams.hasLoaderTokens && !tokens.met(op.loaderWaits) || !tokens.met(op.streamerWaits))
    }
    if let rows { return (op.instruction, !tokens.met(rows.isLoaded ? op.streamerWaits : op.loaderWaits)) }
    let waits = hasLoader && loadNext == streamNext ? op.loaderWaits : op.streamerWaits
    return (op.instruction, !tokens.met(waits))
  }

  private mutating func fetch() { fetch(upTo: streamNext + spec.tilesAhead + (spec.lockStep ? 1 : 0)) }

  /// Fetches tiles, if there are as many, until `count` have been.
  mutating func fetch(upTo count: Int) {
    while fetched < count, var tile = tiler.next() {
      if fetched >= spec.tilesAhead { tile.loadFrom = .max }
      tiles.push(tile)
      fetched += 1
    }
    passKept()
  }

  /// What is kept needs no loader.
  mutating func passKept() {
    while loadNext < fetched, tiles[loadNext &- firstTile].isKept {
      tiles[loadNext &- firstTile].loadIssued = 0
      tiles[loadNext &- firstTile].inPlace = -spec.swapCycles
      loadNext += 1
    }
  }

  // MARK: Agents

  /// The streamer's cycle.
  mutating func stream(_ bus: inout LiteralBus) {
    if hasStreams { return runStreams(&bus) }
    if spec.rowByRow { return runRows(&bus) }
    if isElastic { elastic?.offer(bus.now) }
    if bus.now >= streamAt { beginStream(&bus) }
    if isElastic { takeStep(&bus) }
  }

  /// Issues the next tile's stream if it may.
  private mutating func beginStream(_ bus: inout LiteralBus) {
    guard hasNext, !hasLoader || loadNext > streamNext, !isElastic || mayFollow(bus.now) else { return }
    let place = streamNext &- firstTile
    guard bus.now >= tiles[place].issueFrom else { return }
    let op = program[tiles[place].program]
    let isFirst = tiles[place].isFirst
    if isFirst, !bus.tokens.met(op.streamerWaits) { return }
    let share = spec.lockStep ? shareBeside(place, &bus) : nil
    if let share {
      tiles[place].pace(share: share, stepInterval: spec.stepInterval)
    } else {
      guard bus.ports.grant(streamer, op.streamerClaims) else { return }
    }
    if isFirst {
      bus.tokens.take(op.streamerWaits)
      if !hasLoader { bus.ledger.start(op.instruction, at: bus.now) }
    }
    bus.acted = true
    bus.underway += 1
    bus.ledger.note(bus.now, .stream, op.instruction, tiles[place].number)
    issue(place, op, &bus)
    if let share { beginLoad(loadNext &- firstTile, beside: share, &bus) }
  }

  /// Starts the countdowns that follow from the stream of the tile at `place`.
  mutating func issue(_ place: Int, _ op: LiteralMatMul, _ bus: inout LiteralBus) {
    var tile = tiles[place]
    tile.streamIssued = bus.now
    tile.streamStart = bus.now + tile.streamDelay
    tile.exit = exitDistance(of: tile)
    if let bound = elastic?.paceBound {
      tile.paceBound = bound
    } else {
      tile.drainEnd = drainEnd(of: tile)
      drainedAll = max(drainedAll, tile.drainEnd)
      enterFlight(until: tile.drainEnd)
      readUntil = bus.now + tile.steps * tile.interval
      lastEntry = tile.entry(tile.steps - 1)
      for claim in op.streamerClaims.dropLast() {
        bus.ports.release(streamer, claim, at: bus.now + tile.streamCycles)
      }
    }
    tiles[place] = tile
    count(tile, op, &bus.ledger)
    streamNext += 1
    fetch()
    if isElastic {
      elastic?.begin(bus.now)
      streamAt = 0
    } else {
      if hasNext { lookAhead(from: tile, to: place + 1) }
      let reused = place + spec.tilesAhead
      if hasLoader, reused < tiles.count {
        let free =
          spec.lockStep ? max(isOutput ? 0 : registersFree(after: tile), flightBound) : registersFree(after: tile)
        tiles[reused].loadFrom = max(free - tiles[reused].loadDelay, spec.lockStep ? readUntil : 0)
      }
    }
  }

  /// When registers that a tile uses may be loaded anew, at the array: rule M3.
  @inline(__always)
  private func registersFree(after tile: LiteralTile) -> Int {
    // The loading wave goes down one row a cycle; it may not overtake the steps that still need what it replaces.
    let passed = spec.shadowWeights ? tile.entry(0) : tile.entry(tile.steps - 1) + 1
    let free = passed + overtake
    return !spec.tileOverlap && !spec.shadowWeights ? max(free, tile.drainEnd) : free
  }

  /// κ of rule M3.
  var overtake: Int { (spec.rows - 1) * max(0, rowDelay - hop) }

  /// The first cycle in which the loader may ask for the tile at `place`.
  @inline(__always)
  func loadAt(_ place: Int) -> Int {
    let (from, delay) = (max(tiles[place].loadFrom, tiles[place].issueFrom), tiles[place].loadDelay)
    return max(from, elastic?.loadAt(delay: delay) ?? loadedUntil - delay)
  }

  /// The loader's cycle: it sees the streamer's start in the same cycle, and is at most `tilesAhead` tiles ahead.
  mutating func load(_ bus: inout LiteralBus) {
    if hasStreams || spec.rowByRow { return }
    if loadNext < min(fetched, streamNext + spec.tilesAhead) { requestLoad(&bus) }
    if isElastic { takeWord(&bus) }
  }

  private mutating func requestLoad(_ bus: inout LiteralBus) {
    guard hasLoader else { return }
    if spec.flushes, bus.now < flushUntil { return }
    let place = loadNext &- firstTile
    guard bus.now >= loadAt(place) else { return flush(bus.now) }
    let op = program[tiles[place].program]
    if tiles[place].isFirst, !bus.tokens.met(op.loaderWaits) { return flush(bus.now) }
    tiles[place].loadAsked = min(tiles[place].loadAsked, bus.now)
    guard bus.ports.grant(loader, op.loaderClaims) else { return flush(bus.now) }
    beginLoad(place, beside: nil, &bus)
  }

  /// Loads the tile at `place` from this cycle on, its ports being granted.
  ///
  /// - Parameter share: By which a load beside a stream is slower; `nil` for one that goes alone.
  private mutating func beginLoad(_ place: Int, beside share: Int?, _ bus: inout LiteralBus) {
    let op = program[tiles[place].program]
    if tiles[place].isFirst {
      bus.tokens.take(op.loaderWaits)
      bus.ledger.start(op.instruction, at: bus.now)
    }
    bus.acted = true
    bus.underway += 1
    bus.ledger.note(bus.now, .load, op.instruction, tiles[place].number)
    if !isOutput { bus.ledger.traffic.bufferRead[op.stay.buffer] += tiles[place].lanes * tiles[place].width }
    if let share { tiles[place].rowInterval *= share }
    let cycles = tiles[place].loadRows * tiles[place].rowInterval
    tiles[place].loadIssued = bus.now
    tiles[place].loadStart = bus.now + tiles[place].loadDelay + op.transposeCycles
    let isNext = loadNext == streamNext
    loadNext += 1
    if isElastic {
      elastic?.beginLoad(words: cycles, rowInterval: tiles[place].rowInterval)
      return
    }
    tiles[place].inPlace = tiles[place].loadStart + cycles
    loadedUntil = tiles[place].inPlace
    if spec.lockStep, share == nil { enterAlone(place) }
    if isNext { streamAt = max(streamBound, tiles[place].inPlace + spec.swapCycles) - tiles[place].streamDelay }
    let agent = share == nil ? loader : streamer
    for claim in share == nil ? op.loaderClaims : claimBeside(op) {
      bus.ports.release(agent, claim, at: bus.now + cycles)
    }
    passKept()
  }

  /// Bytes to and from buffers for one tile, the stationary operand apart.
  func count(_ tile: LiteralTile, _ op: LiteralMatMul, _ ledger: inout LiteralLedger) {
    let extent = tile.extent
    // Depthwise: a pixel of every channel; else all columns take the same.
    ledger.traffic.bufferRead[op.stream.buffer] +=
      (isOutput ? tile.live : tile.lanes) * extent * (op.layout.isDepthwise ? tile.width : 1)
    if isOutput { ledger.traffic.bufferRead[op.stay.buffer] += tile.width * extent }
    let results = 4 * tile.width * (isOutput ? tile.live : extent)
    if streams != nil {
      if tile.isFinal { ledger.traffic.bufferWritten[op.out.buffer] += results }
      return
    }
    ledger.traffic.bufferWritten[op.out.buffer] += results
    if tile.accumulates { ledger.traffic.bufferRead[op.out.buffer] += results }
  }

  /// What the edges of the array must know of a tile.
  @inline(__always)
  func feed(for tile: LiteralTile, _ op: LiteralMatMul, number: Int) -> LiteralFeed {
    LiteralFeed(
      tile: number, layout: op.layout, stream: op.streamed, stay: op.stationary,
      hasBias: (tile.from == 0 || isOutput) && op.data?.pointee.bias != nil,
      columnsAreRows: spec.dataflow == .inputStationary, load: tile.load, from: tile.from, column: tile.column,
      first: isOutput ? 0 : tile.first, lanes: tile.lanes, width: tile.width, live: isOutput ? tile.live : tile.lanes,
      loadRows: tile.loadRows, steps: tile.steps, extent: tile.extent,
      goal: goal(of: tile, op, number: number))
  }

  /// Where the results of a tile go.
  @inline(__always)
  func goal(of tile: LiteralTile, _ op: LiteralMatMul, number: Int) -> LiteralGoal {
    LiteralGoal(
      tile: number, data: op.data, layout: op.layout, from: tile.from, lanes: tile.lanes, column: tile.column,
      interval: tile.outInterval)
  }
}

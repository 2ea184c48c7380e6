import Hardware

/// The pass under way of an engine that reads its operands row by row (rules M27–M29).
struct LiteralRowPass {
  var isRunning = false
  /// The tile that is next to stream has been loaded, or has what it keeps.
  var isLoaded = false
  /// A tile streams in this pass; its rows that are read.
  var streams = false
  var liveRows = 0
  /// The tile that is loaded in it, if any; rows of its load, the first of which are zeros.
  var loading: Int?
  var loadRows = 0
  var zeroRows = 0
  /// Rows in all, and those that have been read; of the next one, what has been.
  var rows = 0
  var row = 0
  /// Rows of zeros that go between a load and its stream: what was loaded is transposed.
  var transposeRows = 0
  var hasStep = false
  var hasLoad = false
  /// Rows of the streamed operand of the tile that is loaded, where they go through the transposer.
  var aheadRows = 0
  var hasAhead = true
  /// The matmul that owns this cycle, and what it is spent on.
  var owner = 0
  var part = Part.idle
}

// An engine that reads row by row: pass after pass, each row when its ports are free of words that transfers write.
extension LiteralMatrix {
  mutating func runRows(_ bus: inout LiteralBus) {
    guard var rows else { return }
    defer { self.rows = rows }
    if !rows.isRunning {
      rows.part = beginPass(&rows, &bus)
      guard rows.isRunning else { return }
    }
    rows.part = readRow(&rows, &bus)
  }

  /// Begins the next pass if everything is there; else why it doesn't.
  private mutating func beginPass(_ rows: inout LiteralRowPass, _ bus: inout LiteralBus) -> Part {
    guard hasNext else { return .idle }
    let place = streamNext &- firstTile
    let tile = tiles[place]
    let op = program[tile.program]
    rows.owner = tile.program
    if bus.now < tile.issueFrom { return .waitIssue }
    if tile.isFirst, rows.transposeRows == 0,
      let part = bus.tokens.missing(rows.isLoaded ? op.streamerWaits : op.loaderWaits)
    {
      return part
    }
    if bus.now + tile.streamDelay < flightBound { return .drain }
    rows.isRunning = true
    rows.streams = rows.isLoaded && rows.transposeRows == 0
    rows.loading = nil
    (rows.rows, rows.row, rows.loadRows, rows.liveRows, rows.aheadRows) = (spec.minimumSteps, 0, 0, 0, 0)
    bus.acted = true
    bus.underway += 1
    if rows.transposeRows > 0 {
      rows.rows = rows.transposeRows
      rows.transposeRows = 0
      prepare(&rows)
      return .idle
    }
    if rows.streams {
      if tile.isFirst { bus.tokens.take(op.streamerWaits) }
      if place + 1 < tiles.count { loadBeside(place + 1, &rows, &bus) }
      (rows.rows, rows.liveRows) = (max(tile.steps, rows.loadRows, rows.aheadRows), op.readsAhead ? 0 : tile.extent)
      tiles[place].steps = rows.rows
      bus.ledger.note(bus.now, .stream, op.instruction, tile.number)
      bus.underway += 1
      issue(place, op, &bus)
    } else {
      beginRows(place, &rows, &bus)
      rows.rows = max(rows.rows, rows.loadRows, rows.aheadRows)
    }
    rows.isLoaded = rows.loading != nil
    prepare(&rows)
    return .idle
  }

  /// The load of the tile at `place` goes beside the stream that begins, if it can.
  private mutating func loadBeside(_ place: Int, _ rows: inout LiteralRowPass, _ bus: inout LiteralBus) {
    let tile = tiles[place]
    guard bus.now >= tile.issueFrom, !tile.isFirst || bus.tokens.met(program[tile.program].loaderWaits) else { return }
    beginRows(place, &rows, &bus)
  }

  /// The rows of a tile's load begin; those of what it keeps are zeros.
  private mutating func beginRows(_ place: Int, _ rows: inout LiteralRowPass, _ bus: inout LiteralBus) {
    let tile = tiles[place]
    let op = program[tile.program]
    rows.loading = firstTile + place
    if op.readsAhead { rows.aheadRows = tile.lanes }
    if tile.isFirst {
      bus.tokens.take(op.loaderWaits)
      bus.ledger.start(op.instruction, at: bus.now)
    }
    guard !tile.isKept else { return }
    bus.ledger.note(bus.now, .load, op.instruction, tile.number)
    bus.ledger.traffic.bufferRead[op.stay.buffer] += tile.lanes * tile.width
    bus.underway += 1
    (rows.loadRows, rows.zeroRows) = (tile.loadRows, tile.loadRows - tile.lanes)
    rows.transposeRows = op.transposeCycles
    tiles[place].loadIssued = bus.now
    elastic?.beginLoad(words: tile.loadRows, rowInterval: 1)
    loadNext += 1
    passKept()
  }

  /// What the next row needs no port for counts as read.
  private func prepare(_ rows: inout LiteralRowPass) {
    rows.hasStep = !rows.streams || rows.row >= rows.liveRows
    rows.hasAhead = rows.row >= rows.aheadRows
    rows.hasLoad = rows.loadRows == 0 || rows.row < rows.zeroRows || rows.row >= rows.loadRows
  }

  /// Reads what it can of the next row; what the cycle is spent on.
  private mutating func readRow(_ rows: inout LiteralRowPass, _ bus: inout LiteralBus) -> Part {
    let streaming = tiles[streamNext &- (rows.streams ? 1 : 0) &- firstTile]
    if !rows.hasStep { rows.hasStep = bus.words.take(program[streaming.program].streamBanks) }
    if !rows.hasAhead, let loading = rows.loading {
      rows.hasAhead = bus.words.take(program[self[loading].program].streamBanks)
    }
    if !rows.hasLoad, let loading = rows.loading {
      rows.hasLoad = bus.words.take(program[self[loading].program].stayBanks)
    }
    guard rows.hasStep, rows.hasAhead, rows.hasLoad else { return .waitPort }
    if rows.streams {
      elastic?.present(step: true)
      _ = elastic?.accept(bus.now, streaming, delay: streaming.streamDelay)
      // A result that is added to what is there takes the port in which it arrives.
      if rows.row < streaming.extent, streaming.accumulates {
        let arrival = bus.now + streaming.streamDelay + exitDistance(of: streaming) - 1
        bus.results.write(program[streaming.program].outBanks, at: arrival)
      }
    }
    if rows.row < rows.loadRows {
      elastic?.present(word: true)
      _ = elastic?.takeWord(bus.now, delay: streaming.loadDelay)
    }
    rows.row += 1
    prepare(&rows)
    if rows.row == rows.rows {
      rows.isRunning = false
      bus.underway -= 1
      bus.acted = true
      if rows.streams, streaming.isLast {
        bus.ledger.read(program[streaming.program].instruction, at: bus.now + 1)
        bus.post(program[streaming.program].readPosts, at: bus.now + 1)
      }
      enterFlight(until: bus.now + streaming.streamDelay + exitDistance(of: streaming))
    }
    return rows.streams ? .busy : .load
  }

  /// Books the present cycle.
  mutating func bookRows(_ bus: inout LiteralBus) {
    guard let rows else { return }
    var (part, owner) = (rows.part, rows.owner)
    if part == .idle, !program.isEmpty, elastic.map({ bus.now < $0.drainedAll }) == true || firstTile < streamNext {
      (part, owner) = (.drain, program.count - 1)
    }
    if part == .idle {
      bus.ledger.idle(unit)
    } else {
      bus.ledger.charge(program[owner].instruction, part)
    }
    if bus.ledger.drawing { bus.ledger.draw(unit, bus.now, part) }
  }
}

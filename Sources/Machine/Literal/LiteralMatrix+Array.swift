import CKernels
import Schedule

// The array's cycle: the edges take what arrives, the grid moves, results fall out.
extension LiteralMatrix {
  /// Moves the array by one clock.
  ///
  /// - Throws: `MachineError.inconsistent` when the last tag of a tile falls out of the array at another time than the
  ///   look-ahead said, or when its results don't add up to what they should.
  mutating func advance(_ bus: inout LiteralBus) throws(MachineError) {
    let step = feedEdge(&bus)
    let shifted = grid.clock(bus.now, step)
    if step >= 0, step == grid.feed.steps &- 1 { tiles[grid.feed.tile &- firstTile].expected = grid.checksum() }
    if shifted >= 0 { tiles[shifted &- firstTile].lastShift = bus.now }
    if hasLoader { loadEdge(&bus) }
    for index in draining.indices { collect(draining[index] &- firstTile, bus.now) }
    if isElastic {
      grid.land()
      send(bus.now)
      if !draining.isEmpty { try drain(&bus) }
    } else {
      if !draining.isEmpty { try drain(&bus) }
      grid.land()
    }
  }

  /// Counts the cycles of the tile at the left edge; the step that enters in this cycle, or −1.
  @inline(__always)
  private mutating func feedEdge(_ bus: inout LiteralBus) -> Int {
    fed = nil
    guard feedTile < streamNext else { return -1 }
    let place = feedTile &- firstTile
    if isElastic, feedPhase == 0, elastic?.arrives(bus.now) == false { return -1 }
    if grid.feed.tile != feedTile {
      guard bus.now >= tiles[place].streamStart else { return -1 }
      beginFeed(place)
    }
    let phase = feedPhase
    feedPhase = phase &+ 1 == feedInterval ? 0 : phase &+ 1
    guard phase == feedEntry else {
      fed = .narrow
      return -1
    }
    fed = .busy
    let step = feedStep
    if hasFIFO, tiles[place].isFinal {
      let latency = program[tiles[place].program].out.latency
      grid.slot =
        elastic?.queue(
          tiles[place], number: feedTile, step: step, arrival: bus.now + tiles[place].exit - latency, latency: latency)
        ?? 0
    }
    bus.ledger.macs[unit] &+= liveMACs(step)
    feedStep &+= 1
    if feedStep == grid.feed.steps {
      tiles[place].lastStep = bus.now
      draining.append(feedTile)
      feedTile &+= 1
    }
    return step
  }

  /// The tile at `place` is at the left edge now.
  private mutating func beginFeed(_ place: Int) {
    let tile = tiles[place]
    let op = program[tile.program]
    grid.begin(
      feed(for: tile, op, number: feedTile), delay: tile.outDelay, reads: tile.accumulates ? op.out.latency : -1,
      isQueued: hasFIFO && tile.isFinal, edge: spec.edgeRegisters)
    (feedStep, feedPhase) = (0, 0)
    feedEntry = tile.phase
    feedInterval = isElastic ? feedEntry + 1 : tile.interval
    feedInstruction = op.instruction
  }

  /// Multiply-accumulates of the lanes that carry data in a step.
  @inline(__always)
  private func liveMACs(_ step: Int) -> Int {
    if isOutput {
      let layout = grid.feed.layout
      return grid.feed.live &* grid.feed.width &* (0..<layout.depth).count { layout.element(step, $0) != nil }
    }
    let live = min(spec.replicas, grid.feed.extent &- step &* spec.replicas)
    return grid.feed.lanes &* grid.feed.width &* max(0, live)
  }

  /// Counts the cycles of the tile whose stationary operand arrives at the top edge.
  private mutating func loadEdge(_ bus: inout LiteralBus) {
    while chainTile < loadNext, chainTile &- firstTile < tiles.count, self[chainTile].isKept { chainTile &+= 1 }
    if isOutput { return fillTransposer(&bus) }
    var row = -1
    if isElastic {
      row = loadElasticRow(&bus)
    } else if chainTile < loadNext {
      let place = chainTile &- firstTile
      if grid.chainFeed.tile != chainTile, bus.now >= tiles[place].loadStart {
        grid.chainFeed = feed(for: tiles[place], program[tiles[place].program], number: chainTile)
        (chainRow, chainPhase) = (0, 0)
        chainInterval = tiles[place].rowInterval
      }
      if grid.chainFeed.tile == chainTile {
        chainPhase &+= 1
        if chainPhase == chainInterval {
          chainPhase = 0
          row = chainRow
          chainRow &+= 1
          if chainRow == grid.chainFeed.loadRows {
            chainTile &+= 1
            bus.underway &-= 1
            bus.acted = true
          }
        }
      }
    }
    grid.clockChain(bus.now, row)
  }

  /// Counts the cycles of the tile that goes into an output-stationary engine's transposer. What it holds is read again from the
  /// buffer when it enters the array: the same, in a schedule without races.
  private mutating func fillTransposer(_ bus: inout LiteralBus) {
    guard chainTile < loadNext, bus.now &+ 1 >= self[chainTile].inPlace else { return }
    chainTile &+= 1
    bus.underway &-= 1
    bus.acted = true
  }

  /// The row of the stationary operand that has arrived, or −1.
  private mutating func loadElasticRow(_ bus: inout LiteralBus) -> Int {
    guard elastic?.rowArrives(bus.now) == true else { return -1 }
    let place = chainTile &- firstTile
    if grid.chainFeed.tile != chainTile {
      grid.chainFeed = feed(for: tiles[place], program[tiles[place].program], number: chainTile)
      chainRow = 0
    }
    chainRow &+= 1
    if chainRow == grid.chainFeed.loadRows {
      tiles[place].inPlace = bus.now + 1
      chainTile &+= 1
      bus.underway &-= 1
      bus.acted = true
    }
    return chainRow &- 1
  }

  // MARK: What leaves

  private mutating func drain(_ bus: inout LiteralBus) throws(MachineError) {
    var kept = 0
    for index in draining.indices {
      let number = draining[index]
      let isOut = isOut(number, bus.now)
      guard isElastic || isOut == (tiles[number &- firstTile].drainEnd == bus.now &+ 1) else {
        throw disagreement(number, "is out in cycle \(bus.now + 1): \(isOut) by its tags, \(!isOut) by its countdown")
      }
      if isOut {
        try end(number, &bus)
      } else {
        draining[kept] = number
        kept += 1
      }
    }
    if kept < draining.count {
      draining.removeLast(draining.count - kept)
      retire(&bus)
    }
  }

  /// Adds the results of a tile that fall out of the grid at the edge after this cycle.
  private mutating func collect(_ place: Int, _ now: Int) {
    let age = now &+ 1 &- tiles[place].lastStep
    if !isOutput {
      let column = age &- (hop == 1 ? spec.rows &* spec.peRegisters : grid.treeStages)
      if column >= 0, column < (hop == 1 ? spec.columns : 1) { tiles[place].sum &+= grid.take(column) }
    } else if spec.outputPath == .direct {
      let distance = age &- spec.peRegisters
      if distance >= 0, distance < spec.rows + spec.columns {
        let goal = goal(of: tiles[place], program[tiles[place].program], number: firstTile &+ place)
        tiles[place].sum &+= grid.diagonal(distance, of: goal)
        grid.leave(distance, of: goal)
      }
    } else if tiles[place].lastShift <= now {
      let column = now &- tiles[place].lastShift
      if hop == 1 {
        if column < spec.columns { tiles[place].sum &+= grid.take(column) }
      } else if column == 0 {
        for column in 0..<spec.columns { tiles[place].sum &+= grid.take(column) }
      }
    }
  }

  /// Whether the tile's last tag (shifting paths: its last shift) reaches the output buffer at the edge after this cycle.
  @inline(__always)
  private func isOut(_ number: Int, _ now: Int) -> Bool {
    let place = number &- firstTile
    let exit = tiles[place].exit
    if hasFIFO, tiles[place].isFinal { return tiles[place].hasLanded }
    if !isOutput || spec.outputPath == .direct { return grid.lastTiles.now[exit &- 1] == number }
    return tiles[place].lastShift &+ exit == now && Int(grid.shifts.now[exit]) == tiles[place].arrayRows
  }

  private mutating func end(_ number: Int, _ bus: inout LiteralBus) throws(MachineError) {
    let place = number &- firstTile
    let tile = tiles[place]
    let op = program[tile.program]
    guard tile.sum == tile.expected else {
      throw disagreement(number, "has results that add up to \(tile.sum) and not to \(tile.expected) modulo 2^32")
    }
    tiles[place].ended = true
    freeRegisters(after: number, at: bus.now + 1)
    bus.ledger.note(bus.now + 1, .drained, op.instruction, tile.number)
    if !hasStreams { bus.release(streamer, op.streamerClaims.suffix(1)) }
  }

  @inline(never)
  private func disagreement(_ number: Int, _ what: String) -> MachineError {
    let tile = tiles[number &- firstTile]
    return .inconsistent(instruction: program[tile.program].instruction, what: "tile \(tile.number) \(what)")
  }

  /// Instructions retire in order.
  private mutating func retire(_ bus: inout LiteralBus) {
    while !tiles.isEmpty, tiles.first.ended {
      let tile = tiles.pop()
      firstTile &+= 1
      bus.underway &-= 1
      bus.acted = true
      if tile.isLast, !hasStreams {
        let op = program[tile.program]
        ended += 1
        bus.finish(op.instruction, posts: op.posts, agent: streamer, claims: 0..<0)
      }
    }
  }
}

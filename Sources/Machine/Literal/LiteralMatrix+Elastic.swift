import CKernels

// The steps of an elastic engine: each when its operands are offered and its results have room.
extension LiteralMatrix {
  /// Whether the tile that is next may begin to stream, as far as the tile before and its own operands go.
  func mayFollow(_ now: Int) -> Bool {
    guard let elastic else { return true }
    let place = streamNext &- firstTile
    if streamNext > 0 {
      let before = streamNext &- 1
      guard isEnded(before) || elastic.takenSteps == tiles[before &- firstTile].steps else { return false }
      if now < elastic.paceBound - tiles[place].streamDelay { return false }
      if !spec.tileOverlap, !isEnded(before) || now < elastic.drainEnd(before) { return false }
    }
    return tiles[place].inPlace <= now - spec.swapCycles
  }

  /// Whether tile `number` has ended, in this cycle or before.
  func isEnded(_ number: Int) -> Bool { number < firstTile || tiles[number &- firstTile].ended }

  /// Takes a step of the streaming tile, if it can be taken.
  mutating func takeStep(_ bus: inout LiteralBus) {
    guard streamNext > 0, !isEnded(streamNext &- 1) else { return }
    let place = streamNext &- 1 &- firstTile
    let tile = tiles[place]
    guard let taken = elastic?.takenSteps, taken < tile.steps else { return }
    let op = program[tile.program]
    guard
      let entry = elastic?.take(
        bus.now, tile, follows: tile.accumulates ? op.out.latency : nil, delay: tile.streamDelay)
    else { return }
    if taken + 1 == tile.steps {
      for claim in op.streamerClaims.dropLast() { bus.ports.release(streamer, claim, at: bus.now + tile.phase + 1) }
    }
    let reused = place + spec.tilesAhead
    guard hasLoader, reused < tiles.count else { return }
    if spec.shadowWeights ? taken == 0 : taken + 1 == tile.steps {
      let free = entry + (spec.shadowWeights ? 0 : 1) + overtake - tiles[reused].loadDelay
      let ask = max(bus.now, free)
      // Without overlap the results have to be out as well.
      if spec.shadowWeights || spec.tileOverlap { tiles[reused].loadFrom = ask } else { tiles[place].reload = ask }
    }
  }

  /// Takes a word of the stationary operand, if one is offered and asked for.
  mutating func takeWord(_ bus: inout LiteralBus) {
    guard elastic?.isLoading == true else { return }
    let tile = tiles[loadNext &- 1 &- firstTile]
    guard elastic?.takeWord(bus.now, delay: tile.loadDelay) == true else { return }
    for claim in program[tile.program].loaderClaims { bus.ports.release(loader, claim, at: bus.now + 1) }
  }

  /// The FIFO's cycle, when all results of the cycle have landed in it: what leaves gets to the output buffer.
  mutating func send(_ now: Int) {
    guard hasFIFO else { return }
    if hasStreams { sendToStreams(now) } else { elastic?.send(next: now + 1) }
    for row in elastic?.landed ?? [] {
      let tile = tiles[row.tile &- firstTile]
      let op = program[tile.program]
      if let data = op.data {
        grid.unload(
          row.slot, row.step, into: data.pointee.results, adds: tile.accumulates,
          feed: feed(for: tile, op, number: row.tile))
      }
      if row.isLast { tiles[row.tile &- firstTile].hasLanded = true }
    }
  }

  /// A tile has ended: registers that waited for its results are free.
  mutating func freeRegisters(after number: Int, at cycle: Int) {
    if isElastic { elastic?.end(number, at: cycle) }
    let place = number &- firstTile
    let reused = place + spec.tilesAhead
    guard isElastic, hasLoader, tiles[place].reload != .max, reused < tiles.count else { return }
    tiles[reused].loadFrom = max(tiles[place].reload, cycle)
  }
}

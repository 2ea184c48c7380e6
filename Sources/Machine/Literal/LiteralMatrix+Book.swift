// Where an engine's cycles go: each to the first condition that isn't met.
extension LiteralMatrix {
  /// Books the present cycle, after agents and array have acted.
  @inline(__always)
  mutating func book(_ bus: inout LiteralBus) {
    if hasStreams {
      bookStreams(&bus)
    } else if spec.rowByRow {
      bookRows(&bus)
    } else if let fed {
      bus.ledger.charge(feedInstruction, fed)
      if bus.ledger.drawing { bus.ledger.draw(unit, bus.now, .busy, interval: feedInterval, phase: feedEntry) }
    } else {
      bookLost(&bus)
    }
  }

  /// Books a cycle in which nothing is at the array's edge.
  private mutating func bookLost(_ bus: inout LiteralBus) {
    let now = bus.now
    let part: Part
    if feedTile &- firstTile < tiles.count {
      part = reason(tiles[feedTile &- firstTile], bus)
      bus.ledger.charge(program[tiles[feedTile &- firstTile].program].instruction, part)
    } else if let last = program.last, now < drainedAll || isDraining(now) {
      part = .drain
      bus.ledger.charge(last.instruction, part)
    } else {
      part = .idle
      bus.ledger.idle(unit)
    }
    if bus.ledger.drawing { bus.ledger.draw(unit, now, part) }
  }

  /// DE of the tile before the one at the edge, of an elastic engine; it has ended.
  private var drainEndBefore: Int { elastic?.drainEnd(feedTile &- 1) ?? 0 }

  /// Whether results of an elastic engine's earlier tiles are still on their way.
  private func isDraining(_ now: Int) -> Bool {
    guard isElastic, let elastic else { return false }
    if now < elastic.drainedAll { return true }
    for place in 0..<max(0, min(feedTile &- firstTile, tiles.count)) where !tiles[place].ended { return true }
    return false
  }

  /// Why the tile that is next at the array's edge isn't there yet.
  private mutating func reason(_ tile: LiteralTile, _ bus: borrowing LiteralBus) -> Part {
    let now = bus.now
    let op = program[tile.program]
    if isElastic, tile.streamIssued <= now, now >= tile.streamStart { return elastic?.reason(now) ?? .narrow }
    if now < (tile.streamIssued == .max ? elastic?.paceBound : nil) ?? tile.paceBound { return .narrow }
    if isElastic, !spec.tileOverlap, feedTile > 0, !isEnded(feedTile &- 1) || now < drainEndBefore {
      return .drain
    }
    if now < tile.drainBound { return .drain }
    if now < tile.issueFrom { return .waitIssue }
    if hasLoader {
      if tile.loadIssued > now {
        if tile.isFirst, let part = bus.tokens.missing(op.loaderWaits) { return part }
        return now < (spec.lockStep ? tile.loadAsked : loadAt(feedTile &- firstTile)) ? .load : .waitPort
      }
      if now - spec.swapCycles < tile.inPlace { return .load }
    }
    if now < tile.flightBound { return .drain }
    if now < tile.turnBound { return .turnaround }
    if now < tile.drainedBefore || isDraining(now) { return .drain }
    if tile.streamIssued <= now { return .fill }
    return tile.isFirst ? bus.tokens.missing(op.streamerWaits) ?? .waitPort : .waitPort
  }
}

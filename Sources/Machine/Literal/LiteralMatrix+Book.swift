// Where an engine's cycles go: each to the first condition that isn't met.
extension LiteralMatrix {
  /// Books the present cycle, after agents and array have acted.
  mutating func book(_ bus: inout LiteralBus) {
    let now = bus.now
    if let fed {
      bus.ledger.charge(feedInstruction, fed)
      if bus.ledger.drawing { bus.ledger.draw(unit, now, .busy, interval: feedInterval, phase: feedEntry) }
      return
    }
    let part: Part
    if feedTile &- firstTile < tiles.count {
      part = reason(tiles[feedTile &- firstTile], bus)
      bus.ledger.charge(program[tiles[feedTile &- firstTile].program].instruction, part)
    } else if let last = program.last, now < drainedAll {
      part = .drain
      bus.ledger.charge(last.instruction, part)
    } else {
      part = .idle
      bus.ledger.idle(unit)
    }
    if bus.ledger.drawing { bus.ledger.draw(unit, now, part) }
  }

  /// Why the tile that is next at the array's edge isn't there yet.
  private func reason(_ tile: LiteralTile, _ bus: borrowing LiteralBus) -> Part {
    let now = bus.now
    let op = program[tile.program]
    if now < tile.paceBound { return .narrow }
    if now < tile.drainBound { return .drain }
    if hasLoader {
      if tile.loadIssued > now {
        if tile.isFirst, let part = bus.tokens.missing(op.loaderWaits) { return part }
        return now < loadAt ? .load : .waitPort
      }
      if now < tile.inPlace + spec.swapCycles { return .load }
    }
    if now < tile.turnBound { return .turnaround }
    if now < tile.drainedBefore { return .drain }
    if tile.streamIssued <= now { return .fill }
    return tile.isFirst ? bus.tokens.missing(op.streamerWaits) ?? .waitPort : .waitPort
  }
}

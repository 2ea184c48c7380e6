// An engine that loads and streams in lock step (rules M23–M25).
extension LiteralMatrix {
  /// By which the stream of the tile at `place` and the load of the next one are slower if both start now; `nil` if the load doesn't
  /// go beside it. Their ports are granted then.
  mutating func shareBeside(_ place: Int, _ bus: inout LiteralBus) -> Int? {
    guard place + 1 < tiles.count, !tiles[place + 1].isKept else { return nil }
    let (tile, next) = (tiles[place], tiles[place + 1])
    let op = program[next.program]
    guard bus.now >= next.issueFrom, bus.now + next.loadDelay >= loadedUntil,
      !next.isFirst || bus.tokens.met(op.loaderWaits)
    else { return nil }
    let own = program[tile.program].claimsBeside
    let claims = next.program == tile.program ? own.own : own.next
    let share = bus.ports.share(of: claims)
    if !isOutput {
      // The first row must not come before the swap that frees its registers.
      let swap = tile.streamDelay + tile.words * share - 1 + overtake
      guard next.loadDelay + next.rowInterval * share - 1 >= swap else { return nil }
    }
    // If they can't all be granted, those of the stream may be.
    return bus.ports.fits(streamer, claims) && bus.ports.grant(streamer, claims) ? share : nil
  }

  /// The load's claim in the range of both.
  func claimBeside(_ op: LiteralMatMul) -> Range<Int> { op.claimsBeside.own.suffix(1) }

  /// The first cycle in which a tile may enter as far as those in the array go.
  var flightBound: Int { flight.count < spec.tilesInFlight ? 0 : flight.first.map { $0 + 1 } ?? 0 }

  /// A tile will be in the array until `end`, exclusive.
  mutating func enterFlight(until end: Int) {
    if spec.tilesInFlight == 0 { return }
    if flight.count == spec.tilesInFlight { flight.removeFirst() }
    flight.append(end)
  }

  /// A load that goes alone is a tile in the array, until its last row would have come out.
  mutating func enterAlone(_ place: Int) {
    let tile = tiles[place]
    let down = hop == 1 ? spec.rows * spec.peRegisters : grid.treeStages
    enterFlight(until: tile.inPlace - 1 + down + (tile.drivenWidth - 1) * hop + tile.outDelay)
    tiles[place].flightBound = flightBound
    streamBound = max(streamBound, flightBound)
  }

  /// Nothing can be loaded now: if all has been read, results that are still in the array go out with rows of zeros.
  mutating func flush(_ now: Int) {
    guard spec.flushes, now >= readUntil, now < drainedAll else { return }
    flushUntil = max(now + spec.edgeRegisters, lastEntry + 1) + spec.rows
  }
}

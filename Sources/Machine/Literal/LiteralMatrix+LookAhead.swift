import Hardware

// What follows from a tile's stream for the next one, counted ahead.
extension LiteralMatrix {
  /// Sets the countdowns of the tile at `place` that follow from `tile` before it.
  mutating func lookAhead(from tile: LiteralTile, to place: Int) {
    let next = tiles[place]
    let op = program[next.program]
    var drainBound = spec.tileOverlap ? 0 : tile.drainEnd
    if isOutput, spec.outputPath != .direct {
      // PE row r is free for the next results when its own and those of the r rows above have gone down.
      let start = shiftStart(of: tile)
      var free = 0
      for row in 0..<tile.arrayRows { free = max(free, start + (row + 1) * tile.outInterval - row * hop) }
      let needed =
        spec.outputPath == .shift
        ? next.phase : next.phase + (next.steps - 1) * next.interval + spec.peRegisters
      drainBound = max(drainBound, free - needed)
    }
    var turnBound = 0
    if next.accumulates {
      // The same result's step before, through the accumulator, at the first and the last step that both tiles have.
      let common = min(tile.steps, next.steps) - 1
      for (before, after) in isOutput ? [(tile.steps - 1, next.steps - 1)] : [(0, 0), (common, common)] {
        turnBound = max(turnBound, tile.entry(before) + op.out.latency - (next.phase + after * next.interval))
      }
    }
    streamBound = max(tile.streamEnd, drainBound, turnBound, flightBound)
    let inPlace = tiles[place].inPlace == .max ? 0 : tiles[place].inPlace + spec.swapCycles
    streamAt = max(streamBound, inPlace) - next.streamDelay
    tiles[place].paceBound = tile.streamEnd
    tiles[place].drainBound = drainBound
    tiles[place].flightBound = flightBound
    tiles[place].turnBound = turnBound
    tiles[place].drainedBefore = drainedAll
  }

  /// When column 0 begins to shift out the results of an output-stationary tile.
  @inline(__always)
  private func shiftStart(of tile: LiteralTile) -> Int {
    tile.entry(tile.steps - 1) + (tile.arrayRows - 1) * hop + spec.peRegisters
  }

  /// When the last result of a tile will be in the output buffer: the registers on its way, counted.
  @inline(__always)
  func drainEnd(of tile: LiteralTile) -> Int {
    if isOutput, spec.outputPath != .direct {
      return shiftStart(of: tile) + tile.arrayRows * tile.outInterval + tile.exit
    }
    return tile.entry(tile.steps - 1) + tile.exit
  }

  /// Registers between the entry of a tile's last step (shifting paths: the last shift at column 0) and its last result in
  /// the output buffer.
  @inline(__always)
  func exitDistance(of tile: LiteralTile) -> Int {
    let across = (tile.drivenWidth - 1) * hop + tile.outDelay
    if !isOutput { return (hop == 1 ? spec.rows * spec.peRegisters : grid.treeStages) + across }
    return spec.outputPath == .direct ? (tile.drivenRows - 1) * hop + spec.peRegisters + across : across
  }
}

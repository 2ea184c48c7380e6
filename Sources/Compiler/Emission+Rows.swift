import Hardware
import Schedule

// LayerNorm, and operations that are no epilogue: a block of rows at a time, in place where the input comes from DRAM.
extension Emission {
  mutating func emit(_ work: RowsWork, _ tiling: RowsTiling, output: Int) throws(CompileError) {
    var rings = carve([
      (isResident(output) ? 0 : tiling.rows * work.width, tiling.slots),
      (work.addend == nil ? 0 : tiling.rows * work.width, tiling.slots),
    ])
    guard rings.count == 2 else { throw missing(output) }
    let columns = 0..<work.width
    var parameters: Tile?
    if let name = work.parameters {
      let all = Rect(0..<1, 0..<5 * work.width)
      let address = try allocate(name, .weight, bytes: all.bytes)
      let tile = emitter.open(&weights[0], rows: 1, width: all.bytes).tile(all)
      let source = DRAMMatrix(area: nil, address: address, stride: all.bytes)
      try emitter.load(source.tile(all), to: tile, as: .weights, op: work.stage.op)
      parameters = tile
    }
    for rows in pieces(0..<work.input.rows, of: work.addendPeriod).flatMap({ pieces($0, of: tiling.rows) }) {
      let rect = Rect(rows, columns)
      let tile = destination(output, rect, staging: &rings[0])
      let source: Tile
      if let there = residentTile(work.input, rect) {
        source = there
      } else {
        try load(work.input, rect, to: tile, op: work.stage.op)
        source = tile
      }
      var operand = parameters
      if let addend = work.addend {
        let first = rows.lowerBound % work.addendPeriod
        let rect = Rect(first..<first + rows.count, columns)
        operand = residentTile(addend, rect)
        if operand == nil {
          let slot = emitter.open(&rings[1], rows: rows.count, width: work.width)
          let loaded = slot.tile(Rect(0..<rows.count, columns))
          try load(addend, rect, to: loaded, op: work.stage.op)
          operand = loaded
        }
      }
      try emitter.vector(
        [work.stage], rows: rows.count, columns: work.width, source: source, operand: operand, destination: tile)
      try finish(output, rect, from: tile, op: work.stage.op)
    }
  }
}

import Hardware
import Model
import Schedule

/// A block of weights on chip, K × N bytes row by row, and the bias of its columns behind the first one along K.
struct Weights {
  var tile: Tile
  var bias: Region?

  /// Some of its `width` columns.
  func tile(_ columns: Range<Int>, of width: Int, rows: Int) -> Tile {
    guard columns.count < width else { return tile }
    var part = tile
    part.region = Region(
      buffer: tile.region.buffer, offset: tile.region.offset + columns.lowerBound, rows: rows,
      rowBytes: columns.count, pitch: width)
    return part
  }

  func bias(_ columns: Range<Int>) -> Region? {
    bias.map {
      Region(buffer: $0.buffer, offset: $0.offset + 4 * columns.lowerBound, rows: 1, rowBytes: 4 * columns.count)
    }
  }
}

/// What becomes of one block of accumulators.
struct Epilogue {
  var stages: [VectorStage]
  /// Second operand of an `add` or `multiply` stage, and the first row of it.
  var addend: View?
  var addendRow: Int
  var output: Int
  /// Of the result.
  var rect: Rect
}

extension Emission {
  /// Loads one block of weights: K × N bytes in one piece; the first block along K brings the bias of its columns.
  mutating func loadWeights(
    _ layout: WeightLayout, _ columns: Range<Int>, _ depth: Int, _ site: Int, op: Int
  ) throws(CompileError) -> Weights {
    let block = layout.block(columns, depth: depth)
    let slot = emitter.open(&weights[target.sites[site].weightsOwner], rows: 1, width: block.bytes)
    let source = DRAMMatrix(area: nil, address: block.address, stride: block.bytes)
    let all = Rect(0..<1, 0..<block.bytes)
    try emitter.load(source.tile(all), to: slot.tile(all), as: .weights, op: op)
    return Weights(
      tile: slot.tile(Rect(0..<1, 0..<block.weights)),
      bias: block.bytes == block.weights ? nil : slot.tile(Rect(0..<1, block.weights..<block.bytes)).region)
  }

  /// Columns whose weights are in the shared buffer at once: all of them, or one block after the other.
  func weightGroups(_ layout: WeightLayout, _ all: [Range<Int>]) -> [[Range<Int>]] {
    var ring = weights[target.sites[target.mains[0]].weightsOwner]
    var taken: [Range<Int>] = []
    for columns in all {
      let bytes = layout.block(columns, depth: 0).bytes
      let start = ring.take(bytes)
      let range = start..<start + bytes
      if taken.contains(where: { $0.overlaps(range) }) { return all.map { [$0] } }
      taken.append(range)
    }
    return [all]
  }

  /// One vector instruction over a block of accumulators, and the store of what it makes.
  mutating func finish(_ epilogue: Epilogue, _ results: Tile, staging: inout Ring) throws(CompileError) {
    let rect = epilogue.rect
    let tile = destination(epilogue.output, rect, staging: &staging)
    var operand: Tile?
    if let addend = epilogue.addend {
      let rows = Rect(epilogue.addendRow..<epilogue.addendRow + rect.rows.count, rect.columns)
      operand = residentTile(addend, rows)
      if operand == nil, let taker = epilogue.stages.first(where: \.operation.takesOperand) {
        // An addend from DRAM is loaded to where the sum will stand.
        try load(addend, rows, to: tile, op: taker.op)
        operand = tile
      }
    }
    try emitter.vector(
      epilogue.stages, rows: rect.rows.count, columns: rect.columns.count, source: results, operand: operand,
      destination: tile, part: part(epilogue.output, rect))
    try finish(epilogue.output, rect, from: tile, op: epilogue.stages[epilogue.stages.count - 1].op)
  }
}

import Hardware
import Schedule

// LayerNorm, and operations that are no epilogue: a block of rows at a time, in place where the input comes from DRAM.
extension Emission {
  /// A layer of rows under way. The product after it may draw its blocks one by one (`Lead`).
  struct RowsStream {
    var layer: Int
    var work: RowsWork
    var output: Int
    /// The blocks that are left, the next one last.
    var blocks: [Range<Int>]
    var staging: Ring
    var addends: Ring
    var parameters: Tile?
  }

  /// Prepares the layer: its slots, and LayerNorm's parameters.
  mutating func begin(_ work: RowsWork, _ tiling: RowsTiling, output: Int) throws(CompileError) -> RowsStream {
    let rings = carve([
      (isResident(output) ? 0 : tiling.rows * work.width, tiling.slots),
      (work.addend == nil ? 0 : tiling.rows * work.width, tiling.slots),
    ])
    guard rings.count == 2 else { throw missing(output) }
    var stream = RowsStream(
      layer: emitter.layer, work: work, output: output,
      blocks: pieces(0..<work.input.rows, of: work.addendPeriod).flatMap { pieces($0, of: tiling.rows) }.reversed(),
      staging: rings[0], addends: rings[1])
    if let parameters = work.parameters {
      let all = Rect(0..<1, 0..<5 * work.width)
      let contents = try plan.numbers?.bytes(gain: parameters.gain, bias: parameters.bias)
      let address = try allocate(plan.graph[parameters.gain].name, .weight, bytes: all.bytes, contents: contents)
      let source = DRAMMatrix(area: nil, address: address, stride: all.bytes)
      let tile = openParameters(bytes: all.bytes).tile(all)
      try emitter.load(source.tile(all), to: tile, as: .weights, op: work.stage.op)
      stream.parameters = tile
    }
    return stream
  }

  /// Issues the blocks that begin before `row`.
  mutating func advance(_ stream: inout RowsStream, to row: Int) throws(CompileError) {
    let layer = emitter.layer
    emitter.layer = stream.layer
    defer { emitter.layer = layer }
    while let rows = stream.blocks.last, rows.lowerBound < row {
      stream.blocks.removeLast()
      try emit(rows, &stream)
    }
  }

  private mutating func emit(_ rows: Range<Int>, _ stream: inout RowsStream) throws(CompileError) {
    let work = stream.work
    let columns = 0..<work.width
    let rect = Rect(rows, columns)
    let tile = destination(stream.output, rect, staging: &stream.staging)
    let source: Tile
    if let there = residentTile(work.input, rect) {
      source = there
    } else {
      try load(work.input, rect, to: tile, op: work.stage.op)
      source = tile
    }
    var operand = stream.parameters
    if let addend = work.addend {
      let first = rows.lowerBound % work.addendPeriod
      let rect = Rect(first..<first + rows.count, columns)
      operand = residentTile(addend, rect)
      if operand == nil {
        let slot = emitter.open(&stream.addends, rows: rows.count, width: work.width)
        let loaded = slot.tile(Rect(0..<rows.count, columns))
        try load(addend, rect, to: loaded, op: work.stage.op)
        operand = loaded
      }
    }
    try emitter.vector(
      [work.stage], rows: rows.count, columns: work.width, source: source, operand: operand, destination: tile,
      part: part(stream.output, rect))
    try finish(stream.output, rect, from: tile, op: work.stage.op)
  }
}

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
    var second: Ring
    var parameters: Tile?
  }

  /// Prepares the layer: its slots, and LayerNorm's parameters.
  mutating func begin(_ work: RowsWork, _ tiling: RowsTiling, output: Int) throws(CompileError) -> RowsStream {
    let rings = carve([
      (isResident(output) ? 0 : tiling.rows * work.width, tiling.slots),
      (tiling.rows * work.secondBytes, tiling.slots),
    ])
    guard rings.count == 2 else { throw missing(output) }
    var stream = RowsStream(
      layer: emitter.layer, work: work, output: output,
      blocks: pieces(0..<work.rows, of: work.addendPeriod).flatMap { pieces($0, of: tiling.rows) }.reversed(),
      staging: rings[0], second: rings[1])
    if let parameters = work.parameters {
      let all = Rect(0..<1, 0..<5 * work.width)
      let contents = try plan.numbers?.bytes(ofNorm: parameters)
      let address = try allocate(plan.graph[parameters.weight].name, .weight, bytes: all.bytes, contents: contents)
      let source = DRAMMatrix(area: nil, address: address, stride: all.bytes)
      let tile = openParameters(bytes: all.bytes).tile(all)
      try emitter.load(source.tile(all), to: tile, as: .weights, op: work.parts[0].stages[0].op)
      stream.parameters = tile
    }
    return stream
  }

  /// Issues the blocks that begin before `row`.
  mutating func advance(_ stream: inout RowsStream, to row: Int) throws(CompileError) {
    let layer = emitter.layer
    emitter.layer = stream.layer
    defer { emitter.layer = layer }
    if target.overlapsLayers, stream.work.parts.count > 1, isResident(stream.output),
      stream.work.parts.allSatisfy({ isResident($0.input.value) })
    {
      // What comes from one layer needn't wait for what comes from a later one.
      for part in stream.work.parts {
        for rows in stream.blocks.reversed() {
          let rect = Rect(rows, 0..<stream.work.width)
          try emit(part, rows, destination(stream.output, rect, staging: &stream.staging), &stream)
        }
      }
      stream.blocks = []
    }
    while let rows = stream.blocks.last, rows.lowerBound < row {
      stream.blocks.removeLast()
      let tile = destination(stream.output, Rect(rows, 0..<stream.work.width), staging: &stream.staging)
      for part in stream.work.parts { try emit(part, rows, tile, &stream) }
      let op = stream.work.parts[0].stages[0].op
      try finish(stream.output, Rect(rows, 0..<stream.work.width), from: tile, op: op)
    }
  }

  /// One part of a block of rows; `block` is where the block is made.
  private mutating func emit(
    _ part: RowsWork.Part, _ rows: Range<Int>, _ block: Tile, _ stream: inout RowsStream
  ) throws(CompileError) {
    let work = stream.work
    let op = part.stages[0].op
    let tile = part.columns.count == work.width ? block : block.columns(part.columns)
    let rect = Rect(rows, 0..<part.input.width)
    var operand = stream.parameters
    if let addend = work.addend {
      let first = rows.lowerBound % work.addendPeriod
      operand = try self.tile(
        addend, Rect(first..<first + rows.count, 0..<work.width), ring: &stream.second, op: op)
    }
    if !isResident(part.input.value) {
      var source = tile
      if part.isNarrower {
        let slot = emitter.open(&stream.second, rows: rows.count, width: part.input.width)
        source = slot.tile(Rect(0..<rows.count, 0..<part.input.width))
      }
      try load(part.input, rect, to: source, op: op)
      return try emit(part, rect, source, operand, tile, stream.output, columns: part.columns)
    }
    if let source = residentTile(part.input, rect) {
      return try emit(part, rect, source, operand, tile, stream.output, columns: part.columns)
    }
    // Columns that stand at even distances are rows of an even pitch; others are taken range by range.
    if operand == nil, let matrix = residentMatrix(part.input.value),
      let distance = part.input.evenStep(pitch: matrix.pitch), tile.region.pitch == tile.region.rowBytes
    {
      let (count, width) = (part.input.columns.count, part.input.columns[0].count)
      var source = matrix.tile(
        Rect(rows, part.input.columns[0].lowerBound..<part.input.columns[count - 1].upperBound),
        first: part.input.first)
      (source.region.rows, source.region.rowBytes, source.region.pitch) = (rows.count * count, width, distance)
      return try emitter.vector(
        part.stages, rows: rows.count * count, columns: width, source: source, destination: tile.split(count),
        part: self.part(stream.output, Rect(rows, part.columns)))
    }
    var start = 0
    for range in part.input.columns {
      let columns = start..<start + range.count
      guard let source = residentTile(part.input, Rect(rows, columns)) else { throw missing(part.input.value) }
      let place = part.columns.lowerBound + start
      try emit(
        part, Rect(rows, columns), source, operand?.columns(columns), tile.columns(columns), stream.output,
        columns: place..<place + range.count)
      start += range.count
    }
  }

  /// One instruction over the rows and columns `rect` of the part's input, which make `columns` of the result.
  private mutating func emit(
    _ part: RowsWork.Part, _ rect: Rect, _ source: Tile, _ operand: Tile?, _ tile: Tile, _ output: Int,
    columns: Range<Int>
  ) throws(CompileError) {
    try emitter.vector(
      part.stages, rows: rect.rows.count, columns: rect.columns.count, source: source, operand: operand,
      destination: tile, part: self.part(output, Rect(rect.rows, columns)))
  }

  // MARK: Averages and copies

  /// The means of each image, some columns at a time.
  mutating func emit(_ work: AverageWork, _ tiling: ColumnsTiling, output: Int) throws(CompileError) {
    let isThere = isResident(work.input.value)
    let rings = carve([
      (isThere ? 0 : work.rows * tiling.columns, tiling.slots), (isResident(output) ? 0 : tiling.columns, tiling.slots),
    ])
    guard rings.count == 2 else { throw missing(output) }
    var (inputs, staging) = (rings[0], rings[1])
    let ranges = isThere ? work.input.pieces : [0..<work.width]
    for image in 0..<work.images {
      for columns in ranges.flatMap({ pieces($0, of: tiling.columns) }) {
        let rows = image * work.rows..<(image + 1) * work.rows
        let source = try tile(work.input, Rect(rows, columns), ring: &inputs, op: work.stage.op)
        let rect = Rect(image..<image + 1, columns)
        let place = destination(output, rect, staging: &staging)
        try emitter.vector(
          [work.stage], rows: work.rows, columns: columns.count, source: source, destination: place,
          part: part(output, rect))
        try finish(output, rect, from: place, op: work.stage.op)
      }
    }
  }

  /// An output of the model that is a view: stored from where it is, or loaded and stored.
  mutating func emit(_ work: CopyWork, _ tiling: RowsTiling, output: Int) throws(CompileError) {
    let isThere = isResident(work.input.value)
    guard var ring = carve([(isThere ? 0 : tiling.rows * work.input.width, tiling.slots)]).first else {
      throw missing(output)
    }
    for rows in pieces(0..<work.input.rows, of: tiling.rows) {
      for columns in isThere ? work.input.pieces : [0..<work.input.width] {
        let source = try tile(work.input, Rect(rows, columns), ring: &ring, op: work.op)
        try finish(output, Rect(rows, columns), from: source, op: work.op)
      }
    }
  }
}

extension View {
  /// The view's own columns, cut where they don't stand side by side in the value.
  var pieces: [Range<Int>] {
    var start = 0
    return columns.map { range in
      defer { start += range.count }
      return start..<start + range.count
    }
  }
}

extension RowsWork.Part {
  /// The result has fewer columns than the input, so it can't stand where that was loaded.
  var isNarrower: Bool { columns.count < input.width }
}

extension RowsWork {
  /// Bytes of a row beside the result: the addend, or a division's input.
  var secondBytes: Int {
    addend == nil ? parts.reduce(0) { $1.isNarrower ? max($0, $1.input.width) : $0 } : width
  }
}

import Hardware
import Schedule

// A matrix product: blocks of columns, or of rows, outside; each block is loads, matmuls that accumulate over K, one
// vector instruction, and a store where the result doesn't stay on chip.
extension Emission {
  /// What the blocks of one product share.
  private struct Product {
    var work: MatMulWork
    var tiling: MatMulTiling
    var output: Int
    var weights: WeightLayout
    var columns: [Range<Int>]
    var depths: [Range<Int>]
    /// Streams of the working area.
    var inputs: Ring
    var staging: Ring
    /// All of A, if it is held.
    var held: Matrix?
  }

  /// Operand A on chip; `origin` is the corner of the matrix's first byte in A's own matrix.
  private struct Source {
    var matrix: Matrix
    var origin: (row: Int, column: Int)
  }

  mutating func emit(_ work: MatMulWork, _ tiling: MatMulTiling, output: Int) throws(CompileError) {
    let inputBytes =
      switch tiling.input {
      case .resident: 0
      case .held: work.m * work.k
      case .streamed: tiling.mt * tiling.kt
      case .rows: tiling.mt * work.k
      }
    let staged = isResident(output) ? 0 : 1
    let rings = carve([
      (inputBytes, tiling.input == .held ? 1 : tiling.slots), (staged * tiling.mt * tiling.nt, tiling.slots),
      (work.token == nil ? 0 : work.n, 1), (work.token == nil ? 0 : staged * work.n, 1),
    ])
    guard rings.count == 4 else { throw missing(output) }
    let columns = pieces(leadEnd(tiling)..<work.n, of: tiling.nt)
    let depths = pieces(0..<work.k, of: tiling.kt)
    let first = tiling.lead.map { pieces(0..<leadEnd(tiling), of: $0.columns) } ?? []
    var layout = WeightLayout(k: work.k, columns: first + columns, depths: depths.map { [$0] })
    let contents = try plan.numbers?.bytes(work.parameters, layout)
    layout.address = try allocate(
      plan.graph[work.parameters.weight].name, .weight, bytes: layout.bytes, contents: contents)
    var product = Product(
      work: work, tiling: tiling, output: output, weights: layout, columns: columns, depths: depths, inputs: rings[0],
      staging: rings[1])
    if tiling.input == .held {
      product.held = emitter.open(&product.inputs, rows: work.inputRows, width: work.inputWidth)
    }
    if let token = work.token {
      var (row, staging) = (rings[2], rings[3])
      try emit(token, work, output: output, row: &row, staging: &staging)
    }
    let blocks = work.rowBlocks(of: tiling.mt)
    if tiling.rowsOuter {
      try emitByRows(&product, blocks)
    } else {
      try emitByColumns(&product, blocks)
    }
  }

  /// Columns that the lead takes.
  private func leadEnd(_ tiling: MatMulTiling) -> Int {
    tiling.lead.map { $0.columns * target.mains.count } ?? 0
  }

  /// The first columns, one block for each engine, by pieces of rows. The layer before stays one piece ahead.
  private mutating func emitLead(_ lead: Lead, _ product: inout Product) throws(CompileError) {
    let work = product.work
    let columns = pieces(0..<leadEnd(product.tiling), of: lead.columns)
    var weights: [Weights] = []
    for (site, columns) in zip(target.mains, columns) {
      weights.append(try loadWeights(product.weights, columns, 0, site, op: work.op))
      busy[site] += target.sites[site].cycles(m: work.m, k: work.k, n: columns.count)
    }
    for block in work.rowBlocks(of: lead.rows) {
      if var before = drawn {
        try advance(&before, to: block.row + block.rows + 1)
        drawn = before
      }
      for (index, columns) in columns.enumerated() {
        try emit(
          &product, block, columns, [Share(site: target.mains[index], columns: 0..<columns.count)],
          weights: weights[index],
          source: nil, firstColumns: true)
      }
    }
    drawn = nil
  }

  private mutating func emitByColumns(_ product: inout Product, _ blocks: [RowBlock]) throws(CompileError) {
    let work = product.work
    if let lead = product.tiling.lead { try emitLead(lead, &product) }
    if target.sharesWeights, product.depths.count == 1 { return try emitPieces(&product, blocks) }
    for (index, columns) in product.columns.enumerated() {
      let site = pick { site in
        blocks.reduce(0) { $0 + site.cycles(m: $1.rows, k: work.k, n: columns.count) }
      }
      let shared = product.depths.count == 1 ? try loadWeights(product.weights, columns, 0, site, op: work.op) : nil
      for block in blocks {
        try emit(
          &product, block, columns, [Share(site: site, columns: 0..<columns.count)], weights: shared, source: nil,
          firstColumns: index == 0)
      }
    }
  }

  /// Pieces that any engine may take, since they share the weights: rows outside if all weights fit side by side, else columns.
  private mutating func emitPieces(_ product: inout Product, _ blocks: [RowBlock]) throws(CompileError) {
    let work = product.work
    for columns in weightGroups(product.weights, product.columns) {
      var weights: [Weights] = []
      for columns in columns {
        weights.append(try loadWeights(product.weights, columns, 0, target.mains[0], op: work.op))
      }
      for block in blocks {
        let time = ready(work.input, Rect(block.row..<block.row + block.rows, 0..<work.k))
        for (index, columns) in columns.enumerated() {
          let shares = share(columns: columns.count, from: time) { $0.cycles(m: block.rows, k: work.k, n: $1) }
          try emit(
            &product, block, columns, shares, weights: weights[index], source: nil,
            firstColumns: columns.lowerBound == product.columns[0].lowerBound)
        }
      }
    }
  }

  private mutating func emitByRows(_ product: inout Product, _ blocks: [RowBlock]) throws(CompileError) {
    let work = product.work
    for block in blocks {
      let site = pick { $0.cycles(m: block.rows, k: work.k, n: work.n) }
      let rect = work.inputRect(block, 0..<work.k)
      let rows = try loadInput(&product, rect)
      let source = Source(matrix: rows, origin: (rect.rows.lowerBound, rect.columns.lowerBound))
      for columns in product.columns {
        try emit(
          &product, block, columns, [Share(site: site, columns: 0..<columns.count)], weights: nil, source: source,
          firstColumns: false)
      }
    }
  }

  /// One block of results: its products over all of K, its epilogue, its store.
  private mutating func emit(
    _ product: inout Product, _ block: RowBlock, _ columns: Range<Int>, _ shares: [Share], weights: Weights?,
    source: Source?, firstColumns: Bool
  ) throws(CompileError) {
    let work = product.work
    let site = shares[0].site
    let out = emitter.open(&accumulators[site], rows: block.rows, width: columns.count * 4)
    let results = out.tile(Rect(0..<block.rows, 0..<columns.count * 4))
    for (index, depth) in product.depths.enumerated() {
      let b = if let weights { weights } else { try loadWeights(product.weights, columns, index, site, op: work.op) }
      let a = try input(&product, block, depth, source: source, first: firstColumns)
      for share in shares {
        try emitter.matmul(
          m: block.rows, k: depth.count, n: share.columns.count,
          a: Operand(tile: a, order: work.inputOrder(block, depth), zero: work.inputZero),
          b: Operand(
            tile: b.tile(share.columns, of: columns.count, rows: depth.count), zero: work.parameters.zero),
          bias: b.bias(share.columns),
          out: out.tile(Rect(0..<block.rows, 4 * share.columns.lowerBound..<4 * share.columns.upperBound)),
          accumulate: depth.lowerBound > 0, engine: target.sites[share.site].engine, op: work.op)
      }
    }

    let rect = Rect(block.outputRow..<block.outputRow + block.rows, columns)
    note(product.output, rect, by: shares)
    let epilogue = Epilogue(
      stages: work.stages, addend: work.addend, addendRow: block.addendRow, output: product.output, rect: rect)
    try finish(epilogue, results, staging: &product.staging)
  }

  // MARK: Operands

  /// Operand A of one matmul.
  private mutating func input(
    _ product: inout Product, _ block: RowBlock, _ depth: Range<Int>, source: Source?, first: Bool
  ) throws(CompileError) -> Tile {
    let rect = product.work.inputRect(block, depth)
    if let source {
      let (rows, columns) = (rect.rows, rect.columns)
      let (row, column) = source.origin
      return source.matrix.tile(
        Rect(
          rows.lowerBound - row..<rows.upperBound - row, columns.lowerBound - column..<columns.upperBound - column))
    }
    if let held = product.held {
      let tile = held.tile(rect)
      if first { try load(product, rect, to: tile) }
      return tile
    }
    if let tile = residentTile(product.work.input, rect) { return tile }
    return try loadInput(&product, rect).tile(Rect(0..<rect.rows.count, 0..<rect.columns.count))
  }

  /// Loads a tile of A to the next slot.
  private mutating func loadInput(_ product: inout Product, _ rect: Rect) throws(CompileError) -> Matrix {
    let slot = emitter.open(&product.inputs, rows: rect.rows.count, width: rect.columns.count)
    try load(product, rect, to: slot.tile(Rect(0..<rect.rows.count, 0..<rect.columns.count)))
    return slot
  }

  private mutating func load(_ product: Product, _ rect: Rect, to tile: Tile) throws(CompileError) {
    let view = product.work.input
    guard product.work.patches != nil else { return try load(view, rect, to: tile, op: product.work.op) }
    // Rows of pixels, not of the tensor's last dimension.
    guard let address = address(view.value) else { throw missing(view.value) }
    let pixels = DRAMMatrix(area: nil, address: address, stride: product.work.inputWidth)
    try emitter.load(pixels.tile(rect), to: tile, as: cargo(view.value), op: product.work.op)
  }

  // MARK: Class token

  /// The class token's row of every image: loaded, and its position added.
  private mutating func emit(
    _ token: ClassToken, _ work: MatMulWork, output: Int, row: inout Ring, staging: inout Ring
  ) throws(CompileError) {
    let columns = 0..<work.n
    let line = Rect(0..<1, columns)
    let period = work.addend.map { $0.rows / token.rowsPerImage } ?? 1
    for image in 0..<token.images {
      let rect = Rect(image * token.rowsPerImage..<image * token.rowsPerImage + 1, columns)
      let tile = destination(output, rect, staging: &staging)
      guard let add = token.add, let addend = work.addend else {
        try load(whole(token.value), line, to: tile, op: token.op)
        try finish(output, rect, from: tile, op: token.op)
        continue
      }
      let source = emitter.open(&row, rows: 1, width: work.n).tile(line)
      try load(whole(token.value), line, to: source, op: token.op)
      let first = period > 1 ? rect.rows : 0..<1
      var operand = tile
      if let there = residentTile(addend, Rect(first, columns)) {
        operand = there
      } else {
        try load(addend, Rect(first, columns), to: tile, op: add.op)
      }
      try emitter.vector(
        [add], rows: 1, columns: work.n, source: source, operand: operand, destination: tile,
        part: part(output, rect))
      try finish(output, rect, from: tile, op: add.op)
    }
  }
}

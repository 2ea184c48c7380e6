import Hardware
import Schedule

// Products of activations: some heads at a time, each a product into its part of one block of accumulators.
extension Emission {
  /// What the blocks of one layer share.
  private struct HeadProducts {
    var work: HeadsWork
    var tiling: HeadsTiling
    var output: Int
    var inputs: Ring
    var staging: Ring
  }

  /// Some rows and columns of the results of some heads of an image.
  private struct HeadBlock {
    var image: Int
    var heads: Range<Int>
    var rows: Range<Int>
    var columns: Range<Int>
  }

  mutating func emit(_ work: HeadsWork, _ tiling: HeadsTiling, output: Int) throws(CompileError) {
    let rings = carve([
      (isResident(work.a.view.value) ? 0 : tiling.heads * tiling.mt * tiling.kt, tiling.slots),
      (isResident(output) ? 0 : tiling.heads * tiling.mt * min(tiling.nt, work.width), tiling.slots),
    ])
    guard rings.count == 2 else { throw missing(output) }
    var products = HeadProducts(work: work, tiling: tiling, output: output, inputs: rings[0], staging: rings[1])
    // Whole matrices B serve all rows.
    let isWhole = tiling.kt == work.k && tiling.nt == work.n
    var shared: [[Tile]?] = Array(repeating: nil, count: target.sites.count)
    for (site, block) in headBlocks(work, tiling) {
      if isWhole, block.rows.lowerBound == 0 {
        shared[site] = try second(products, block.image, block.heads, 0..<work.k, 0..<work.n, site)
      }
      try emit(&products, block, site, shared: shared[site])
    }
  }

  /// All blocks, and who computes them. Engines take turns, so that none waits for a third one that helps both; but not where
  /// matrices B would have to stay in one ring.
  private mutating func headBlocks(_ work: HeadsWork, _ tiling: HeadsTiling) -> [(site: Int, block: HeadBlock)] {
    let target = target
    var blocks: [(turn: Int, site: Int, block: HeadBlock)] = []
    var turns = Array(repeating: 0, count: target.sites.count)
    for image in 0..<work.images {
      for heads in pieces(0..<work.heads, of: tiling.heads) {
        let site = pick { Double(heads.count) * $0.cycles(m: work.m, k: work.k, n: target.columns(work, on: $0)) }
        for rows in pieces(0..<work.m, of: tiling.mt) {
          for columns in pieces(0..<work.n, of: tiling.nt) {
            let block = HeadBlock(image: image, heads: heads, rows: rows, columns: columns)
            blocks.append((turns[site], site, block))
            turns[site] += 1
          }
        }
      }
    }
    if isResident(work.b.view.value) || target.mains.allSatisfy({ target.sites[$0].weightsOwner == $0 }) {
      blocks.sort { ($0.turn, $0.site) < ($1.turn, $1.site) }
    }
    return blocks.map { ($0.site, $0.block) }
  }

  private mutating func emit(
    _ products: inout HeadProducts, _ block: HeadBlock, _ site: Int, shared: [Tile]?
  ) throws(CompileError) {
    let work = products.work
    let (heads, m, n) = (block.heads.count, block.rows.count, block.columns.count)
    let out = emitter.open(
      &accumulators[site], rows: work.stacked ? heads * m : m, width: 4 * (work.stacked ? n : heads * n))
    for depth in pieces(0..<work.k, of: products.tiling.kt) {
      let a = try operands(
        work.a, block.image, block.heads, block.rows, depth, ring: &products.inputs, op: work.op)
      let b =
        if let shared { shared } else {
          try second(products, block.image, block.heads, depth, block.columns, site)
        }
      let helper = work.b.transposed ? nil : target.helper(of: site, columns: n)
      for head in 0..<heads {
        let place = out.tile(place(work, head, m: m, n: n, bytes: 4))
        var (columns, engines) = ([0..<n], [site])
        if let helper {
          columns = [0..<n - helper.columns, n - helper.columns..<n]
          engines.append(helper.site)
        }
        for (columns, site) in zip(columns, engines) {
          let isAll = columns.count == n
          try emitter.matmul(
            m: m, k: depth.count, n: columns.count, a: work.a.operand(a[head]),
            b: work.b.operand(isAll ? b[head] : b[head].columns(columns)),
            out: isAll ? place : place.columns(4 * columns.lowerBound..<4 * columns.upperBound),
            accumulate: depth.lowerBound > 0, engine: target.sites[site].engine, op: work.op)
        }
      }
    }
    try finish(&products, block, out)
  }

  /// Where a head's results stand in a block.
  private func place(_ work: HeadsWork, _ head: Int, m: Int, n: Int, bytes: Int) -> Rect {
    work.stacked
      ? Rect(head * m..<(head + 1) * m, 0..<n * bytes) : Rect(0..<m, head * n * bytes..<(head + 1) * n * bytes)
  }

  /// The epilogue of a block. A division takes a row of each head: one instruction for all heads where their rows lie
  /// one behind the other on both sides, else one for each.
  private mutating func finish(
    _ products: inout HeadProducts, _ block: HeadBlock, _ out: Matrix
  ) throws(CompileError) {
    let (work, output) = (products.work, products.output)
    let (heads, m, n) = (block.heads.count, block.rows.count, block.columns.count)
    let last = work.isDivided ? block.columns.upperBound - 1 : block.columns.upperBound
    let rect: Rect
    if work.stacked {
      let first = (block.image * work.heads + block.heads.lowerBound) * work.m + block.rows.lowerBound
      rect = Rect(first..<first + heads * m, block.columns.lowerBound..<last)
    } else {
      let row = block.image * work.m
      rect = Rect(
        row + block.rows.lowerBound..<row + block.rows.upperBound,
        block.heads.lowerBound * work.width + block.columns.lowerBound..<(block.heads.upperBound - 1) * work.width
          + last)
    }
    let tile = destination(output, rect, staging: &products.staging)
    let all = out.tile(Rect(0..<(work.stacked ? heads * m : m), 0..<4 * (work.stacked ? n : heads * n)))
    let op = work.stages[work.stages.count - 1].op
    if !work.isDivided || work.stacked || heads == 1 {
      try emitter.vector(
        work.stages, rows: rect.rows.count, columns: all.region.rowBytes / 4, source: all, destination: tile,
        part: part(output, rect))
    } else if tile.region.pitch == tile.region.rowBytes {
      try emitter.vector(
        work.stages, rows: m * heads, columns: n, source: all.split(heads), destination: tile.split(heads),
        part: part(output, rect))
    } else {
      for head in 0..<heads {
        let columns = head * work.width..<(head + 1) * work.width
        let first = rect.columns.lowerBound
        try emitter.vector(
          work.stages, rows: m, columns: n, source: out.tile(place(work, head, m: m, n: n, bytes: 4)),
          destination: tile.columns(columns),
          part: part(output, Rect(rect.rows, first + columns.lowerBound..<first + columns.upperBound)))
      }
    }
    try finish(output, rect, from: tile, op: op)
  }

  // MARK: Operands

  /// Matrices B: where they are, or loaded to the weights buffer.
  private mutating func second(
    _ products: HeadProducts, _ image: Int, _ heads: Range<Int>, _ depth: Range<Int>, _ columns: Range<Int>,
    _ site: Int
  ) throws(CompileError) -> [Tile] {
    let owner = target.sites[site].weightsOwner
    var ring = weights[owner]
    defer { weights[owner] = ring }
    return try operands(products.work.b, image, heads, depth, columns, ring: &ring, op: products.work.op)
  }

  /// One operand's part of each head's matrix: where it is, or all loaded to one slot.
  private mutating func operands(
    _ matrices: HeadMatrices, _ image: Int, _ heads: Range<Int>, _ down: Range<Int>, _ across: Range<Int>,
    ring: inout Ring, op: Int
  ) throws(CompileError) -> [Tile] {
    var tiles: [Tile] = []
    var slot: Matrix?
    for head in heads {
      let rect = matrices.rect(image: image, head: head, down, across)
      if let tile = residentTile(matrices.view, rect) {
        tiles.append(tile)
        continue
      }
      let (rows, columns) = (rect.rows.count, rect.columns.count)
      let matrix = slot ?? emitter.open(&ring, rows: heads.count * rows, width: columns)
      slot = matrix
      let first = (head - heads.lowerBound) * rows
      let tile = matrix.tile(Rect(first..<first + rows, 0..<columns))
      try load(matrices.view, rect, to: tile, op: op)
      tiles.append(tile)
    }
    return tiles
  }
}

extension HeadMatrices {
  func operand(_ tile: Tile) -> Operand {
    Operand(tile: tile, order: transposed ? .columnMajor : .rowMajor, zero: zero)
  }
}

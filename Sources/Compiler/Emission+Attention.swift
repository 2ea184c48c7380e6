import Hardware
import Schedule

// Attention: for each head and block of queries, scores → softmax → values. The next units' scores are issued before the
// present one's values, so that the array works while the vector unit does softmax.
extension Emission {
  /// Queries of one head of one image, on one engine.
  private struct Unit {
    var site: Int
    var image: Int
    var head: Int
    var queries: Range<Int>
  }

  /// What the units share.
  private struct Heads {
    var work: AttentionWork
    var tiling: AttentionTiling
    var output: Int
    var queries: Ring
    var staging: Ring
    var scores: Ring
    /// By site: the head whose keys and values are in its weights buffer, if they are held, and where.
    var held: [(image: Int, head: Int, keys: Matrix)?]
  }

  /// A unit whose scores are under way.
  private struct Scores {
    var unit: Unit
    var tile: Matrix
    /// The head's keys, then its values, if they are held.
    var held: Matrix?
  }

  mutating func emit(_ work: AttentionWork, _ tiling: AttentionTiling, output: Int) throws(CompileError) {
    let rings = carve([
      (tiling.mt * work.tokens, tiling.scoreSlots),
      (isResident(work.queries.view.value) ? 0 : tiling.mt * work.depth, tiling.slots),
      (isResident(output) ? 0 : tiling.mt * work.depth, tiling.slots),
    ])
    guard rings.count == 3 else { throw missing(output) }
    if tiling.held { for site in weights.indices { weights[site].reset() } }
    var heads = Heads(
      work: work, tiling: tiling, output: output, queries: rings[1], staging: rings[2], scores: rings[0],
      held: Array(repeating: nil, count: target.sites.count))
    var waiting: [Scores] = []
    for unit in units(work, tiling) {
      // A slot must be free; and an engine's weights buffer holds the keys and values of two heads at most.
      while waiting.count == tiling.scoreSlots || waiting.count(where: { $0.unit.site == unit.site }) > 1 {
        try emitValues(&heads, waiting.removeFirst())
      }
      waiting.append(try emitScores(&heads, unit))
    }
    for scores in waiting { try emitValues(&heads, scores) }
  }

  /// All units; heads are shared out among the engines, which take turns.
  private mutating func units(_ work: AttentionWork, _ tiling: AttentionTiling) -> [Unit] {
    let blocks = pieces(0..<work.tokens, of: tiling.mt)
    var lists = Array(repeating: [Unit](), count: target.sites.count)
    for image in 0..<work.images {
      for head in 0..<work.heads {
        let site = pick { site in
          blocks.reduce(0) {
            $0 + site.cycles(m: $1.count, k: work.depth, n: work.tokens)
              + site.cycles(m: $1.count, k: work.tokens, n: work.depth)
          }
        }
        for queries in blocks {
          lists[site].append(Unit(site: site, image: image, head: head, queries: queries))
        }
      }
    }
    let longest = lists.map(\.count).max() ?? 0
    return (0..<longest).flatMap { turn in lists.compactMap { turn < $0.count ? $0[turn] : nil } }
  }

  // MARK: Scores

  private mutating func emitScores(_ heads: inout Heads, _ unit: Unit) throws(CompileError) -> Scores {
    let (work, tiling) = (heads.work, heads.tiling)
    let (m, depth) = (unit.queries.count, work.depth)
    let held = try holdHead(&heads, unit)
    let rect = work.queries.rect(image: unit.image, head: unit.head, unit.queries, 0..<depth)
    let a = try tile(work.queries.view, rect, ring: &heads.queries, op: work.scoresOp)
    // A slot of its own, however few rows: the scores of the units before are still alive.
    let scores = emitter.open(
      buffer: heads.scores.buffer, offset: heads.scores.take(tiling.mt * work.tokens), rows: m, width: work.tokens)
    let first = (unit.image * work.heads + unit.head) * work.tokens
    let lines = first + unit.queries.lowerBound..<first + unit.queries.upperBound
    for keys in pieces(0..<work.tokens, of: tiling.keys) {
      let b = try rows(keys, of: work.keys, unit, held: held, first: 0, op: work.scoresOp)
      let out = emitter.open(&accumulators[unit.site], rows: m, width: keys.count * 4)
      let results = out.tile(Rect(0..<m, 0..<keys.count * 4))
      try emitter.matmul(
        m: m, k: depth, n: keys.count, a: Operand(tile: a, zero: work.queries.zero),
        b: Operand(tile: b, order: .columnMajor, zero: work.keys.zero), out: results, accumulate: false,
        engine: target.sites[unit.site].engine, op: work.scoresOp)
      try emitter.vector(
        work.scoreStages + (tiling.fused ? [work.softmax] : []), rows: m, columns: keys.count, source: results,
        destination: scores.tile(Rect(0..<m, keys)),
        part: TensorPart(tensor: tiling.fused ? work.weights : work.scores, rows: lines, columns: keys))
    }
    if !tiling.fused {
      let rows = scores.tile(Rect(0..<m, 0..<work.tokens))
      try emitter.vector(
        [work.softmax], rows: m, columns: work.tokens, source: rows, destination: rows,
        part: TensorPart(tensor: work.weights, rows: lines, columns: 0..<work.tokens))
    }
    return Scores(unit: unit, tile: scores, held: held)
  }

  /// Loads keys and values of a head, once for all its units, where the tiling says so.
  private mutating func holdHead(_ heads: inout Heads, _ unit: Unit) throws(CompileError) -> Matrix? {
    guard heads.tiling.held else { return nil }
    if let held = heads.held[unit.site], held.image == unit.image, held.head == unit.head { return held.keys }
    let work = heads.work
    let matrix = emitter.open(&weights[target.sites[unit.site].weightsOwner], rows: 2 * work.tokens, width: work.depth)
    for (index, (part, op)) in [(work.keys, work.scoresOp), (work.values, work.valuesOp)].enumerated()
    where !isResident(part.view.value) {
      let rows = Rect(index * work.tokens..<(index + 1) * work.tokens, 0..<work.depth)
      try load(part.view, stored(part, unit, 0..<work.tokens), to: matrix.tile(rows), op: op)
    }
    heads.held[unit.site] = (unit.image, unit.head, matrix)
    return matrix
  }

  /// Some keys or values: where they are, or loaded to the weights buffer. Those of a head that is held stand from row
  /// `first` on.
  private mutating func rows(
    _ rows: Range<Int>, of part: HeadMatrices, _ unit: Unit, held: Matrix?, first: Int, op: Int
  ) throws(CompileError) -> Tile {
    if let held, !isResident(part.view.value) {
      return held.tile(Rect(first + rows.lowerBound..<first + rows.upperBound, 0..<part.columns))
    }
    let owner = target.sites[unit.site].weightsOwner
    var ring = weights[owner]
    defer { weights[owner] = ring }
    return try tile(part.view, stored(part, unit, rows), ring: &ring, op: op)
  }

  /// Rows of a head's matrix as it stands in memory.
  private func stored(_ part: HeadMatrices, _ unit: Unit, _ rows: Range<Int>) -> Rect {
    let all = 0..<part.columns
    return part.transposed
      ? part.rect(image: unit.image, head: unit.head, all, rows)
      : part.rect(image: unit.image, head: unit.head, rows, all)
  }

  // MARK: Values

  private mutating func emitValues(_ heads: inout Heads, _ scores: Scores) throws(CompileError) {
    let (work, unit) = (heads.work, scores.unit)
    let (m, depth) = (unit.queries.count, work.depth)
    let out = emitter.open(&accumulators[unit.site], rows: m, width: depth * 4)
    let results = out.tile(Rect(0..<m, 0..<depth * 4))
    for tokens in pieces(0..<work.tokens, of: heads.tiling.depth) {
      let b = try rows(tokens, of: work.values, unit, held: scores.held, first: work.tokens, op: work.valuesOp)
      try emitter.matmul(
        m: m, k: tokens.count, n: depth,
        a: Operand(tile: scores.tile.tile(Rect(0..<m, tokens)), zero: work.weightsZero),
        b: Operand(tile: b, zero: work.values.zero), out: results, accumulate: tokens.lowerBound > 0,
        engine: target.sites[unit.site].engine, op: work.valuesOp)
    }
    let row = unit.image * work.tokens
    let rect = Rect(
      row + unit.queries.lowerBound..<row + unit.queries.upperBound, unit.head * depth..<(unit.head + 1) * depth)
    let tile = destination(heads.output, rect, staging: &heads.staging)
    try emitter.vector(
      [work.valuesStage], rows: m, columns: depth, source: results, destination: tile, part: part(heads.output, rect))
    try finish(heads.output, rect, from: tile, op: work.valuesOp)
  }
}

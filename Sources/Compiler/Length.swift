extension Allocation {
  /// Refuses a plan that would become too long a schedule before any of it is emitted.
  ///
  /// - Throws: `CompileError.tooManyInstructions` at the layer that passes the limit.
  func checkLength(_ plan: Plan) throws(CompileError) {
    var blocks = 0.0
    for (group, tiling) in zip(plan.groups, tilings) {
      blocks += group.blocks(tiling)
      guard blocks <= Double(Emitter.instructionLimit) else {
        throw .tooManyInstructions(layer: group.name, limit: Emitter.instructionLimit)
      }
    }
  }
}

extension Group {
  /// Blocks that the group is cut into, each at least one instruction. A `Double`, since hopeless cuts have too many for
  /// an `Int`.
  fileprivate func blocks(_ tiling: GroupTiling) -> Double {
    func pieces(_ size: Int, _ block: Int) -> Double { (Double(size) / Double(block)).rounded(.up) }
    switch (work, tiling) {
    case (.matmul(let work), .matmul(let tiling)):
      let rows = work.segments.reduce(0) { $0 + pieces($1.rows, tiling.mt) }
      // The columns of a lead are cut otherwise.
      let columns = tiling.lead == nil ? pieces(work.n, tiling.nt) : 1
      return rows * columns * pieces(work.k, tiling.kt)
    case (.attention(let work), .attention(let tiling)):
      let units = Double(work.images) * Double(work.heads) * pieces(work.tokens, tiling.mt)
      return units * (pieces(work.tokens, tiling.keys) + pieces(work.tokens, tiling.depth))
    case (.convolution(let work), .convolution(let tiling)):
      let shape = work.shape
      let rows = Double(shape.images) * pieces(shape.outputRows, tiling.rows) * pieces(shape.outputColumns, tiling.span)
      let columns = Double(shape.groups) * pieces(shape.groupColumns, tiling.nt)
      return rows * columns * pieces(shape.depth, tiling.slice.depth)
    case (.heads(let work), .heads(let tiling)):
      let blocks = pieces(work.m, tiling.mt) * pieces(work.n, tiling.nt) * pieces(work.k, tiling.kt)
      return Double(work.images) * Double(work.heads) * blocks
    case (.rows(let work), .rows(let tiling)):
      return pieces(work.rows, tiling.rows) * Double(work.parts.count)
    case (.average(let work), .columns(let tiling)):
      return Double(work.images) * pieces(work.width, tiling.columns)
    case (.copy(let work), .rows(let tiling)):
      return pieces(work.input.rows, tiling.rows)
    default:
      return 0
    }
  }
}

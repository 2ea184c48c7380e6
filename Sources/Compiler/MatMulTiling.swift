import Hardware
import Schedule

/// How a matrix product is cut into blocks.
struct MatMulTiling: Hashable {
  /// What becomes of operand A.
  enum Input: Hashable {
    /// It lives in the home buffer.
    case resident
    /// Loaded once, all of it, for this layer.
    case held
    /// Loaded tile by tile, again for each block of columns.
    case streamed
    /// Loaded once, a block of rows at a time: rows are the outer loop.
    case rows
  }
  var mt: Int
  var kt: Int
  var nt: Int
  var input: Input
  /// Slots of the home buffer's streams of tiles.
  var slots: Int
  /// Bytes to and from DRAM.
  var traffic: Int
  /// Estimated cycles.
  var cycles: Double
  /// The first columns, if they are cut otherwise.
  var lead: Lead?

  var rowsOuter: Bool { input == .rows }
}

/// Where a group's operands are.
struct Placement: Hashable {
  var inputResident: Bool
  /// A head product's matrices B; attention's keys and values.
  var secondResident = true
  var addendResident: Bool
  var outputResident: Bool
}

/// Chooses tilings for one target and one size of the working area.
struct Tiler {
  let target: Target
  /// Bytes of the home buffer for streamed tiles.
  let working: Int
  /// Smallest slots over all engines: every block must fit each of them.
  let weightSlot: Int
  let outputSlot: Int
  /// PE-array multiples along M, K and N.
  let steps: (m: Int, k: Int, n: Int)
  /// Numbers of slots to try for streams of tiles: one to use and one to fill for each engine that draws from them.
  let slotCounts: [Int]

  init(target: Target, working: Int) {
    (self.target, self.working) = (target, working)
    weightSlot = target.mainSites.map(\.weights.slotBytes).min() ?? 0
    outputSlot = target.mainSites.map(\.outputs.slotBytes).min() ?? 0
    slotCounts =
      target.home.slots == 1 ? [1] : target.sharesWeights ? [2 * target.mains.count, 2, 1] : [2, 1]
    steps = target.mainSites.map(\.spec).reduce((1, 1, 1)) { steps, spec in
      let depth = spec.rows * spec.macsPerPE
      switch spec.dataflow {
      case .weightStationary: return (max(steps.0, spec.replicas), max(steps.1, depth), max(steps.2, spec.columns))
      case .inputStationary: return (max(steps.0, spec.columns), max(steps.1, depth), max(steps.2, spec.replicas))
      case .outputStationary:
        return (max(steps.0, spec.rows * spec.replicas), max(steps.1, spec.macsPerPE), max(steps.2, spec.columns))
      }
    }
  }

  /// Pieces into which a layer is cut at least, by rows, where the next begins while it is under way.
  static let overlappingPieces = 128
  /// The same by columns, so that engines end together.
  static let overlappingColumns = 4
  /// Cycles for which a block of such a layer should occupy its engine: a vector instruction costs about as much.
  static let shortestBlock = 64.0

  /// The tiling with the least cost: the time of the slowest of engines, vector unit and DRAM, what nothing hides, and
  /// a share of the traffic, so that it decides between tilings of the same time.
  func tile(_ work: MatMulWork, _ placement: Placement, layer: String) throws(CompileError) -> MatMulTiling {
    var best: (cost: Double, tiling: MatMulTiling)?
    let chain = target.chain(work.stages.map(\.operation))
    let inputs: [MatMulTiling.Input] = placement.inputResident ? [.resident] : [.held, .rows, .streamed]
    for nt in columnBlocks(work.n) {
      for kt in depthBlocks(work, nt) {
        for input in inputs {
          for slots in slotCounts {
            guard let mt = height(work, placement, nt: nt, kt: kt, input: input, slots: slots) else { continue }
            let found = evaluate(
              work, placement, chain, mt: mt, kt: kt, nt: nt, input: input, slots: slots, best: best?.cost)
            if let found { best = found }
          }
        }
      }
    }
    guard let best else { throw tooSmall(work, placement, layer: layer) }
    let blocks = [(work.m, best.tiling.mt), (work.k, best.tiling.kt), (work.n, best.tiling.nt)]
    try refuse(blocks, layer: layer)
    return best.tiling
  }

  /// Refuses more blocks than a schedule may have instructions, before anything is as long as they are many.
  func refuse(_ blocks: [(length: Int, size: Int)], layer: String) throws(CompileError) {
    let count = blocks.reduce(1.0) { $0 * Double(ceilDiv($1.length, $1.size)) }
    if count > Double(Emitter.instructionLimit) {
      throw .tooManyInstructions(layer: layer, limit: Emitter.instructionLimit)
    }
  }

  /// Widths to try: all of N, multiples of the array's columns, and less than that for small buffers.
  func columnBlocks(_ n: Int) -> [Int] {
    let step = steps.n
    var widths = [n]
    var width = step
    if target.overlapsLayers { widths = [min(n, roundUp(ceilDiv(n, Self.overlappingColumns), 2 * step))] }
    while width < n {
      widths.append(min(n, roundUp(ceilDiv(n, ceilDiv(n, width)), step)))
      width += max(step, width / 2 / step * step)
    }
    var narrow = min(step, n) / 2
    while narrow >= 1 {
      widths.append(narrow)
      narrow /= 2
    }
    let widest = target.overlapsLayers ? widths[0] : n
    return widths.sorted(by: >).reduce(into: []) { if $0.last != $1, $1 <= widest { $0.append($1) } }
  }

  /// Depths to try: all of K if it fits the weights' slot, else even cuts.
  private func depthBlocks(_ work: MatMulWork, _ nt: Int) -> [Int] {
    let limit = weightSlot / nt - 4
    let unit = work.patches?.pixelRow ?? 1
    guard limit >= unit else { return [] }
    var depths: [Int] = []
    var blocks = ceilDiv(work.k, limit)
    while blocks <= work.k / unit {
      let even = ceilDiv(work.k, blocks)
      let step = blocks == 1 ? 1 : even >= steps.k ? max(unit, steps.k / unit * unit) : unit
      var depth = min(work.k, roundUp(even, step))
      if depth > limit { depth = max(unit, limit / step * step) }
      if depth > limit || depth % unit != 0 { depth = limit / unit * unit }
      if depths.last != depth { depths.append(depth) }
      blocks *= 2
    }
    if depths.last != unit { depths.append(unit) }
    return depths
  }

  /// Bytes that the class token's row needs beside the tiles.
  private func tokenBytes(_ work: MatMulWork, _ placement: Placement) -> Int {
    work.token == nil ? 0 : work.n * (placement.outputResident ? 1 : 2)
  }

  /// The most rows whose accumulators, streamed inputs and staged outputs fit.
  private func height(
    _ work: MatMulWork, _ placement: Placement, nt: Int, kt: Int, input: MatMulTiling.Input, slots: Int
  ) -> Int? {
    var fixed = tokenBytes(work, placement)
    var perRow = placement.outputResident ? 0 : slots * nt
    switch input {
    case .resident: break
    case .held: fixed += work.m * work.k
    case .streamed: perRow += slots * kt
    case .rows: perRow += slots * work.k
    }
    guard fixed <= working else { return nil }
    var limit = outputSlot / (4 * nt)
    if perRow > 0 { limit = min(limit, (working - fixed) / perRow) }
    if target.overlapsLayers { limit = min(limit, max(steps.m, work.m / Tiler.overlappingPieces)) }
    return work.rowBlock(upTo: limit, alignment: steps.m, wholeDepth: kt == work.k)
  }

  /// - Parameter best: The least cost so far; `nil` is returned for what doesn't cost less.
  private func evaluate(
    _ work: MatMulWork, _ placement: Placement, _ chain: VectorChain, mt: Int, kt: Int, nt: Int,
    input: MatMulTiling.Input, slots: Int, best: Double?
  ) -> (cost: Double, tiling: MatMulTiling)? {
    let rowBlocks = work.segments.reduce(0) { $0 + ceilDiv($1.rows, mt) }
    let depthBlocks = ceilDiv(work.k, kt)
    let columnBlocks = ceilDiv(work.n, nt)
    let blocks = Double(rowBlocks * columnBlocks * depthBlocks)
    let isShared = target.sharesWeights && depthBlocks == 1 && input != .rows
    let outer = isShared ? rowBlocks * columnBlocks : input == .rows ? rowBlocks : columnBlocks
    let inner = isShared ? 1 : input == .rows ? columnBlocks : rowBlocks
    let array =
      isShared
      ? target.pieces(outer, columns: nt) { $0.cycles(m: mt, k: kt, n: $1) }
      : target.shared(items: outer) { Double(inner * depthBlocks) * $0.cycles(m: mt, k: kt, n: nt) }
    // Most need no more of an estimate than this to be ruled out.
    if let best, array + 64 * blocks >= best { return nil }

    let epilogue = chain.cycles(rows: mt, columns: nt)
    let vector = epilogue * Double(rowBlocks * columnBlocks)
    if let best, vector + 64 * blocks >= best { return nil }

    let parameters = (work.k + 4) * work.n
    let (m, n) = (Double(work.m), Double(work.n))

    var traffic = Transfers(
      weights: Double(parameters), inputRow: kt == work.k || work.patches != nil ? mt * kt : kt,
      outputRow: nt == work.n ? mt * nt : nt)
    if input == .rows || depthBlocks > 1 { traffic.weights *= Double(rowBlocks) }
    switch input {
    case .resident: break
    case .held, .rows: traffic.inputs = m * Double(work.k)
    case .streamed: traffic.inputs = m * Double(work.k) * Double(columnBlocks)
    }
    if work.addend != nil, !placement.addendResident { traffic.inputs += m * n }
    if !placement.outputResident { traffic.outputs = m * n }

    let dram = target.dramCycles(traffic)
    let firstLoad = Double(kt * nt + (input == .resident ? 0 : mt * kt)) / target.dramBytesPerCycle
    // Blocks cost a little each, in proportion too: else a slow DRAM would cut its first load into ever smaller ones.
    let bound = max(array, vector, dram)
    let overhead = (64 + bound / 65536) * blocks
    let cycles = bound + firstLoad + epilogue + overhead
    // Prefetching is worth a little: one slot costs as much as a tenth of the loads that it can't hide.
    let cost = cycles + dram / 4 + (slots == 1 && target.home.slots > 1 ? dram / 10 : 0)
    if let best, !(cost < best) { return nil }
    let tiling = MatMulTiling(
      mt: mt, kt: kt, nt: nt, input: input, slots: slots, traffic: traffic.total, cycles: cycles)
    return (cost, tiling)
  }

  /// Names the buffer that can't hold even the smallest block.
  private func tooSmall(_ work: MatMulWork, _ placement: Placement, layer: String) -> CompileError {
    let unit = work.patches?.pixelRow ?? 1
    func error(_ what: String, _ section: Section, _ needed: Int, _ available: Int) -> CompileError {
      .doesNotFit(
        layer: layer, what: what, buffer: target.name(section), needed: needed, available: available)
    }
    for site in target.mainSites {
      if site.weights.slotBytes < unit + 4 {
        return error("a block of weights and its bias", site.weights, unit + 4, site.weights.slotBytes)
      }
      if site.outputs.slotBytes < 4 { return error("an accumulator", site.outputs, 4, site.outputs.slotBytes) }
    }
    let tile = (placement.inputResident ? 0 : unit) + (placement.outputResident ? 0 : 1)
    return error("a tile of activations", target.home, tokenBytes(work, placement) + tile, working)
  }
}

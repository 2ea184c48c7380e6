import Hardware
import Schedule

/// How products of heads are cut: some heads with whole matrices B, or blocks of one.
struct HeadsTiling: Hashable {
  /// Heads of a block.
  var heads: Int
  var mt: Int
  var kt: Int
  var nt: Int
  var slots: Int
  var traffic: Int
  var cycles: Double
}

extension Tiler {
  /// The tiling with the least estimated cost.
  func tile(_ work: HeadsWork, _ placement: Placement, layer: String) throws(CompileError) -> HeadsTiling {
    var best: (cost: Double, tiling: HeadsTiling)?
    func consider(heads: Int, kt: Int, nt: Int) {
      for mt in halvings(work.m) where heads == 1 || !work.stacked || mt == work.m {
        for slots in target.home.slots == 1 ? [1] : [2, 1] {
          let tiling = HeadsTiling(heads: heads, mt: mt, kt: kt, nt: nt, slots: slots, traffic: 0, cycles: 0)
          guard fits(work, placement, tiling) else { continue }
          let (cost, estimate) = evaluate(work, placement, tiling)
          if best.map({ cost < $0.cost }) ?? true { best = (cost, estimate) }
        }
      }
    }
    for heads in headCounts(work) { consider(heads: heads, kt: work.k, nt: work.n) }
    if best == nil {
      for kt in halvings(work.k) {
        for nt in work.isDivided ? [work.n] : halvings(work.n) { consider(heads: 1, kt: kt, nt: nt) }
        if best != nil { break }
      }
    }
    guard let tiling = best?.tiling else { throw tooSmall(work, placement, layer: layer) }
    try refuse(
      [
        (work.images, 1), (work.heads, tiling.heads), (work.m, tiling.mt), (work.n, tiling.nt), (work.k, tiling.kt),
      ], layer: layer)
    return tiling
  }

  /// Heads of a block to try: where layers overlap, no more than keep an engine busy, since those that are there first can begin.
  private func headCounts(_ work: HeadsWork) -> [Int] {
    let counts = halvings(work.heads)
    guard target.overlapsLayers else { return counts }
    let head = target.mainSites.reduce(.infinity) {
      min($0, $1.cycles(m: work.m, k: work.k, n: target.columns(work, on: $1)))
    }
    let fewest = counts.last { Double($0) * head >= Self.shortestBlock } ?? work.heads
    return counts.filter { $0 <= fewest }
  }

  /// `size`, and what halving leaves of it.
  private func halvings(_ size: Int) -> [Int] {
    var sizes = [size]
    while let last = sizes.last, last > 1 { sizes.append(ceilDiv(last, 2)) }
    return sizes
  }

  private func fits(_ work: HeadsWork, _ placement: Placement, _ tiling: HeadsTiling) -> Bool {
    if 4 * tiling.heads * tiling.mt * tiling.nt > outputSlot { return false }
    if !placement.secondResident, tiling.heads * tiling.kt * tiling.nt > weightSlot { return false }
    var bytes = placement.inputResident ? 0 : tiling.heads * tiling.mt * tiling.kt
    if !placement.outputResident { bytes += tiling.heads * tiling.mt * min(tiling.nt, work.width) }
    return tiling.slots * bytes <= working
  }

  private func evaluate(
    _ work: HeadsWork, _ placement: Placement, _ tiling: HeadsTiling
  ) -> (Double, HeadsTiling) {
    let groups = work.images * ceilDiv(work.heads, tiling.heads)
    let (rows, columns, depths) = (
      ceilDiv(work.m, tiling.mt), ceilDiv(work.n, tiling.nt), ceilDiv(work.k, tiling.kt)
    )
    let all = Double(work.images * work.heads)
    let isWhole = columns == 1 && depths == 1
    var traffic = Transfers(inputRow: tiling.kt, outputRow: work.width)
    if !placement.inputResident { traffic.inputs += all * Double(work.m * work.k) * Double(columns) }
    if !placement.secondResident {
      traffic.inputs += all * Double(work.k * work.n) * (isWhole ? 1 : Double(rows))
    }
    if !placement.outputResident { traffic.outputs = all * Double(work.m * work.width) }
    let array = target.shared(items: groups) {
      Double(rows * columns * depths * tiling.heads)
        * ($0.cycles(m: tiling.mt, k: tiling.kt, n: min(tiling.nt, target.columns(work, on: $0))) + 4)
    }
    let operations = work.stages.map(\.operation)
    let isMerged = work.isDivided && !work.stacked
    let epilogue = target.vectorCycles(
      operations, rows: tiling.mt * (isMerged || work.stacked ? tiling.heads : 1),
      columns: tiling.nt * (isMerged || work.stacked ? 1 : tiling.heads))
    let blocks = Double(groups * rows * columns)
    let dram = target.dramCycles(traffic)
    let bound = max(array, epilogue * blocks, dram)
    var result = tiling
    result.traffic = traffic.total
    result.cycles = bound + epilogue + (64 + bound / 65536) * blocks * Double(depths)
    return (result.cycles + dram / 4 + (tiling.slots == 1 && target.home.slots > 1 ? dram / 10 : 0), result)
  }

  private func tooSmall(_ work: HeadsWork, _ placement: Placement, layer: String) -> CompileError {
    func error(_ what: String, _ section: Section, _ needed: Int, _ available: Int) -> CompileError {
      .doesNotFit(layer: layer, what: what, buffer: target.name(section), needed: needed, available: available)
    }
    let width = work.isDivided ? work.n : 1
    for site in target.mainSites {
      if site.outputs.slotBytes < 4 * width {
        return error("a row of one head", site.outputs, 4 * width, site.outputs.slotBytes)
      }
      if !placement.secondResident, site.weights.slotBytes < width {
        return error("a row of one head", site.weights, width, site.weights.slotBytes)
      }
    }
    let needed = (placement.inputResident ? 0 : 1) + (placement.outputResident ? 0 : min(width, work.width))
    return error("a row of one head", target.home, needed, working)
  }
}

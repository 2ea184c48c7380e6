import Hardware

/// The first columns of a product that follows a row-wise layer. They are computed by pieces of rows, each as soon as
/// the vector unit has made its rows, and are wide enough to keep the array busy meanwhile.
struct Lead: Hashable {
  /// Columns of each of the first blocks, of which every engine gets one.
  var columns: Int
  var rows: Int
}

extension Plan {
  /// The row-wise layer right before group `index`, if all that group `index` multiplies comes from it.
  func layerBefore(_ index: Int) -> RowsWork? {
    guard index > 0, case .rows(let rows) = groups[index - 1].work, case .matmul(let work) = groups[index].work,
      rows.parts.count == 1, work.input == View(value: groups[index - 1].output, rows: rows.rows, width: rows.width),
      work.segments.count == 1, work.addend?.value != work.input.value
    else { return nil }
    return rows
  }
}

extension Allocation {
  /// Whether group `index` draws the blocks of the layer before it.
  func isLed(_ index: Int) -> Bool {
    if tilings.indices.contains(index), case .matmul(let tiling) = tilings[index] { tiling.lead != nil } else { false }
  }

  /// Gives a lead to every product whose resident input comes from the row-wise layer right before it.
  mutating func leadProducts(_ plan: Plan, _ target: Target) {
    for index in plan.groups.indices {
      guard let rows = plan.layerBefore(index), case .rows(var before) = tilings[index - 1],
        case .matmul(let work) = plan.groups[index].work, case .matmul(var tiling) = tilings[index],
        rows.parameters == nil || target.parameters != nil, tiling.input == .resident, tiling.kt == work.k,
        homes[rows.parts[0].input.value] != .dram, homes[plan.groups[index].output] != .dram,
        let lead = Lead(work, after: rows, tiling, target)
      else { continue }
      tiling.lead = lead
      before.rows = min(before.rows, lead.rows)
      tilings[index] = .matmul(tiling)
      tilings[index - 1] = .rows(before)
    }
  }
}

extension Lead {
  /// The lead that ends the two layers soonest, if any does sooner than one after the other.
  fileprivate init?(_ work: MatMulWork, after before: RowsWork, _ tiling: MatMulTiling, _ target: Target) {
    /// The time of the slowest array for `columns` columns on each, in pieces of `rows`.
    func time(_ rows: Int, _ columns: Int) -> Double {
      let piece = target.mainSites.reduce(0) { max($0, $1.cycles(m: rows, k: work.k, n: columns)) }
      return Double(ceilDiv(work.m, rows)) * piece
    }
    let spec = target.mainSites.map(\.spec)
    let step = spec.map(\.columns).max() ?? 1
    let alignment = spec.map { $0.dataflow == .outputStationary ? $0.rows * $0.replicas : $0.replicas }.max() ?? 1
    let vector = target.vectorCycles(
      before.parts[0].stages.map(\.operation), rows: work.m, columns: before.width)
    let column = time(work.m, tiling.nt) / Double(tiling.nt)
    var best: (time: Double, lead: Lead)?
    for pieces in [2, 3, 4, 6, 8, 12, 16, 24, 32] {
      let rows = roundUp(ceilDiv(work.m, pieces), alignment)
      guard rows < work.m else { continue }
      let first = vector * Double(rows) / Double(work.m)
      var widest = work.n / target.mains.count
      for site in target.mainSites {
        // Every engine's block has to be there at once.
        let sharing = target.mainSites.count { $0.weightsOwner == site.weightsOwner }
        guard sharing == 1 || site.weights.pingPong else { return nil }
        widest = min(widest, site.weights.slotBytes / sharing / (work.k + 4), site.outputs.slotBytes / (4 * rows))
      }
      guard widest >= step else { continue }
      // Wide enough to keep the array busy for as long as the vector unit is with the rest of the layer before.
      var columns = step
      while columns + step <= widest, time(rows, columns) < 1.1 * (vector - first) { columns += step }
      let saved = column * Double(columns) + vector
      let spent = first + max(time(rows, columns), vector - first) + 64 * Double(ceilDiv(work.m, rows))
      if spent - saved < best?.time ?? 0 { best = (spent - saved, Lead(columns: columns, rows: rows)) }
    }
    guard let best else { return nil }
    self = best.lead
  }
}

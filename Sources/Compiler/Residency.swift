import Hardware

/// Where a value lives.
enum Home: Hashable {
  /// In the home buffer, from this byte on. A value that replaces its addend stands in the same place.
  case resident(offset: Int)
  case dram
}

/// How each group is cut.
enum GroupTiling: Hashable {
  case matmul(MatMulTiling)
  case convolution(ConvolutionTiling)
  case heads(HeadsTiling)
  case attention(AttentionTiling)
  case rows(RowsTiling)
  case columns(ColumnsTiling)

  /// Bytes to and from DRAM, and estimated cycles.
  var cost: (traffic: Int, cycles: Double) {
    switch self {
    case .matmul(let tiling): (tiling.traffic, tiling.cycles)
    case .convolution(let tiling): (tiling.traffic, tiling.cycles)
    case .heads(let tiling): (tiling.traffic, tiling.cycles)
    case .attention(let tiling): (tiling.traffic, tiling.cycles)
    case .rows(let tiling): (tiling.traffic, tiling.cycles)
    case .columns(let tiling): (tiling.traffic, tiling.cycles)
    }
  }
}

/// What stays on chip, and how every group is cut, for one division of the home buffer into residents (below) and a
/// working area (above).
struct Allocation {
  /// Bytes at the end of the home section for streamed tiles, scores and staged results.
  var working: Int
  /// By value.
  var homes: [Home]
  /// By group.
  var tilings: [GroupTiling]
  /// DRAM bytes.
  var traffic: Int
  var cycles: Double

  /// The feasible division with the least DRAM traffic, then the least estimated time.
  ///
  /// - Throws: what keeps the last one, everything in DRAM, from fitting.
  static func best(_ plan: Plan, _ target: Target) throws(CompileError) -> Allocation {
    let home = target.home
    // Residents at bank boundaries keep the ports of different tensors apart; packed ones are the second choice.
    var tried: Set<[Int]> = []
    var best: Allocation?
    var failure: CompileError?
    // By working area: alignments share most of them.
    var known: [Int: [TilingKey: GroupTiling]] = [:]
    for alignment in [home.bankBytes, 64, 1] where alignment < home.bytes {
      let peak = Residents.peak(plan, alignment: alignment, overlaps: target.overlapsLayers)
      for wanted in [home.bytes - min(peak, home.bytes), home.bytes / 8, home.bytes / 4, home.bytes / 2, home.bytes] {
        let working = home.bytes - (home.bytes - wanted) / alignment * alignment
        guard working > 0, tried.insert([alignment, working]).inserted else { continue }
        do {
          let candidate = try Allocation(
            plan, target, working: working, alignment: alignment, known: &known[working, default: [:]])
          if let present = best, (present.traffic, present.cycles) <= (candidate.traffic, candidate.cycles) { continue }
          best = candidate
        } catch {
          failure = error
        }
      }
    }
    if var best {
      best.leadProducts(plan, target)
      return best
    }
    // The last one tried asks for least, since everything is in DRAM: it says why.
    if let failure { throw failure }
    return try Allocation(plan, target, working: home.bytes, alignment: 1, known: &known[home.bytes, default: [:]])
  }

  /// - Parameter known: Tilings found before for this working area.
  init(
    _ plan: Plan, _ target: Target, working: Int, alignment: Int, known: inout [TilingKey: GroupTiling]
  ) throws(CompileError) {
    self.working = working
    let tiler = Tiler(target: target, working: working)
    var residents = Residents(
      plan, capacity: target.home.bytes - working, alignment: alignment, overlaps: target.overlapsLayers)
    tilings = []
    traffic = 0
    cycles = 0
    for (index, group) in plan.groups.enumerated() {
      residents.enter(index, plan)
      let key = TilingKey(group, residents.placement(group))
      let tiling: GroupTiling
      if let same = known[key] {
        tiling = same
      } else {
        tiling = try tiler.tile(group, key.placement)
        known[key] = tiling
      }
      tilings.append(tiling)
      let (sum, overflow) = traffic.addingReportingOverflow(tiling.cost.traffic)
      guard !overflow else { throw .badSize(name: group.name, what: "its DRAM traffic passes 2^62") }
      traffic = sum
      cycles += tiling.cost.cycles
    }
    homes = residents.homes
  }
}

/// First-fit allocation of activations by lifetime.
private struct Residents {
  let capacity: Int
  let alignment: Int
  /// A layer begins while the one before it is under way.
  let overlaps: Bool
  var homes: [Home]
  /// Allocated ranges in order of address, and the value that holds each.
  private var ranges: [(range: Range<Int>, value: Int)] = []

  init(_ plan: Plan, capacity: Int, alignment: Int, overlaps: Bool) {
    self.capacity = capacity
    self.alignment = alignment
    self.overlaps = overlaps
    homes = Array(repeating: .dram, count: plan.values.count)
  }

  /// Bytes that hold all activations at their worst moment.
  static func peak(_ plan: Plan, alignment: Int, overlaps: Bool) -> Int {
    var all = Residents(plan, capacity: 1 << 61, alignment: alignment, overlaps: overlaps)
    var peak = 0
    for index in plan.groups.indices {
      all.enter(index, plan)
      peak = max(peak, all.ranges.last?.range.upperBound ?? 0)
    }
    return roundUp(max(1, peak), alignment)
  }

  /// Frees what group `index` no longer needs and places its output.
  mutating func enter(_ index: Int, _ plan: Plan) {
    // A layer that draws the blocks of the one before it must not overwrite what that one still reads.
    let oldest = overlaps || plan.layerBefore(index) != nil ? index - 1 : index
    ranges.removeAll { plan.values[$0.value].last < oldest }
    let group = plan.groups[index]
    let value = plan.values[group.output]
    guard value.role == .activation, !value.isSpilled else { return }
    if let replaced = replaceable(group, index, plan), let slot = ranges.firstIndex(where: { $0.value == replaced }) {
      ranges[slot].value = group.output
      homes[group.output] = homes[replaced]
      return
    }
    var start = 0
    var position = 0
    for (slot, entry) in ranges.enumerated() {
      if start + value.bytes <= entry.range.lowerBound { break }
      start = roundUp(entry.range.upperBound, alignment)
      position = slot + 1
    }
    guard value.bytes <= capacity, start <= capacity - value.bytes else { return }
    ranges.insert((start..<start + value.bytes, group.output), at: position)
    homes[group.output] = .resident(offset: start)
  }

  /// A resident operand that an elementwise result may overwrite: read for the last time, place for place.
  private func replaceable(_ group: Group, _ index: Int, _ plan: Plan) -> Int? {
    let view: View?
    switch group.work {
    case .matmul(let work): view = work.addend?.value == work.input.value ? nil : work.addend
    case .convolution(let work): view = work.addend?.value == work.input.value ? nil : work.addend
    case .rows(let work):
      let input = work.parts[0].input
      view = work.parts.count > 1 || work.addend?.value == input.value ? nil : input
    case .heads, .attention, .average, .copy: view = nil
    }
    let output = plan.values[group.output]
    guard let view, view.hasAllRows, case .resident = homes[view.value] else { return nil }
    // It would have to wait for all that the layer before it still reads there.
    if overlaps, index > 0, plan.groups[index - 1].reads.contains(view.value) { return nil }
    let value = plan.values[view.value]
    let isSame = value.rows == output.rows && value.width == output.width && view.columns == [0..<value.width]
    return value.last == index && isSame ? view.value : nil
  }

  func placement(_ group: Group) -> Placement {
    func resident(_ value: Int) -> Bool { homes[value] != .dram }
    func addend(_ view: View?) -> Bool { view.map { resident($0.value) } ?? true }
    let output = resident(group.output)
    switch group.work {
    case .matmul(let work):
      return Placement(
        inputResident: resident(work.input.value), addendResident: addend(work.addend), outputResident: output)
    case .convolution(let work):
      return Placement(
        inputResident: resident(work.input.value), addendResident: addend(work.addend), outputResident: output)
    case .heads(let work):
      return Placement(
        inputResident: resident(work.a.view.value), secondResident: resident(work.b.view.value), addendResident: true,
        outputResident: output)
    case .attention(let work):
      return Placement(
        inputResident: resident(work.queries.view.value),
        secondResident: resident(work.keys.view.value) && resident(work.values.view.value), addendResident: true,
        outputResident: output)
    case .rows(let work):
      return Placement(
        inputResident: work.parts.allSatisfy { resident($0.input.value) }, addendResident: addend(work.addend),
        outputResident: output)
    case .average(let work):
      return Placement(inputResident: resident(work.input.value), addendResident: true, outputResident: output)
    case .copy(let work):
      return Placement(inputResident: resident(work.input.value), addendResident: true, outputResident: output)
    }
  }
}

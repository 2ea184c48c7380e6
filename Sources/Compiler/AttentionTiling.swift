import Hardware
import Schedule

/// How attention is cut: units of `mt` queries of one head against all keys.
struct AttentionTiling: Hashable {
  /// Queries of a unit.
  var mt: Int
  /// Keys of one scores block.
  var keys: Int
  /// Keys of one values block.
  var depth: Int
  /// Requantization, scale and softmax in one instruction, straight from the accumulators.
  var fused: Bool
  /// Tiles of scores that are alive at once; the array runs ahead of softmax by one less.
  var scoreSlots: Int
  /// Slots of streamed queries and staged results.
  var slots: Int
  /// Keys and values of a head are loaded once and serve all its units (only where they are not resident).
  var held: Bool
  var traffic: Int
  var cycles: Double
}

extension Tiler {
  /// The tiling of attention with the least estimated time; traffic decides where times are close.
  func tile(_ work: AttentionWork, _ placement: Placement, layer: String) throws(CompileError) -> AttentionTiling {
    var best: (cost: Double, tiling: AttentionTiling)?
    var parts = 1
    while true {
      let mt = ceilDiv(work.tokens, parts)
      for scoreSlots in [target.mains.count + 1, 2, 1] where scoreSlots == 1 || target.home.pingPong {
        for slots in target.home.pingPong ? [2, 1] : [1] {
          guard fits(work, placement, mt: mt, scoreSlots: scoreSlots, slots: slots) else { continue }
          for fused in [true, false] {
            guard
              let (cost, tiling) = evaluate(
                work, placement, mt: mt, scoreSlots: scoreSlots, slots: slots, fused: fused)
            else { continue }
            if best.map({ cost < $0.cost }) ?? true { best = (cost, tiling) }
          }
        }
      }
      if mt == 1 { break }
      parts = parts < 16 ? parts + 1 : parts + parts / 4
      parts = min(parts, work.tokens)
    }
    guard let best else { throw tooSmall(work, placement, layer: layer) }
    let tiling = best.tiling
    try refuse([(work.images, 1), (work.heads, 1), (work.tokens, tiling.mt), (work.tokens, tiling.keys)], layer: layer)
    return tiling
  }

  private func fits(_ work: AttentionWork, _ placement: Placement, mt: Int, scoreSlots: Int, slots: Int) -> Bool {
    let tiles = (placement.inputResident ? 0 : slots) + (placement.outputResident ? 0 : slots)
    return mt * (scoreSlots * work.tokens + tiles * work.depth) <= working
  }

  private func evaluate(
    _ work: AttentionWork, _ placement: Placement, mt: Int, scoreSlots: Int, slots: Int, fused: Bool
  ) -> (Double, AttentionTiling)? {
    let (tokens, depth) = (work.tokens, work.depth)
    var keyLimit = tokens
    var held = false
    if !placement.secondResident {
      held =
        target.mains.allSatisfy { target.sites[$0].weightsOwner == $0 }
        && target.mainSites.allSatisfy {
          $0.weights.pingPong && 2 * roundUp(2 * tokens * depth, 64) <= $0.weights.bytes
        }
      let slot = target.mainSites.map(\.weights.slotBytes).min() ?? 0
      if !held { keyLimit = min(tokens, slot / depth) }
      guard keyLimit >= 1 else { return nil }
    }
    let room = target.mainSites.map(\.outputs.slotBytes).min() ?? 0
    guard 4 * mt * depth <= room else { return nil }
    let width = min(keyLimit, room / (4 * mt))
    guard width >= 1, !fused || width == tokens else { return nil }
    let step = target.mainSites.map(\.spec.columns).max() ?? 1
    func even(_ limit: Int) -> Int {
      if limit >= tokens { return tokens }
      let size = roundUp(ceilDiv(tokens, ceilDiv(tokens, limit)), step)
      return size <= limit ? size : limit >= step ? limit - limit % step : limit
    }
    let keys = even(width)
    let depthBlock = even(keyLimit)

    let unitsPerHead = ceilDiv(tokens, mt)
    let units = work.images * work.heads * unitsPerHead
    let score = work.scoreStages.map(\.operation)
    var vector = target.vectorCycles([.requantize], rows: mt, columns: depth)
    if fused {
      vector += target.vectorCycles(score + [.softmax], rows: mt, columns: tokens)
    } else {
      vector += target.vectorCycles(score, rows: mt, columns: keys) * Double(ceilDiv(tokens, keys))
      vector += target.vectorCycles([.softmax], rows: mt, columns: tokens)
    }
    let array = target.shared(items: units) {
      $0.cycles(m: mt, k: depth, n: tokens) + $0.cycles(m: mt, k: tokens, n: depth)
    }
    // With room for the next unit's accumulators and scores, the array works while softmax does.
    let accumulators = target.mainSites.allSatisfy {
      4 * mt * (2 * keys + depth) <= $0.outputs.bytes && $0.outputs.pingPong
    }
    let both = vector * Double(units)
    let time = scoreSlots > 1 && accumulators ? max(array, both) : array + both
    var traffic = Transfers(inputRow: depth, outputRow: depth)
    let all = Double(work.images * tokens) * Double(work.width)
    if !placement.inputResident { traffic.inputs = all }
    if !placement.secondResident { traffic.inputs += all * 2 * (held ? 1 : Double(unitsPerHead)) }
    if !placement.outputResident { traffic.outputs = all }
    let instructions = Double(units * (5 + ceilDiv(tokens, keys) + ceilDiv(tokens, depthBlock)))
    let dram = target.dramCycles(traffic)
    let cycles = max(time, dram) + vector + 48 * instructions
    return (
      cycles + dram / 4,
      AttentionTiling(
        mt: mt, keys: keys, depth: depthBlock, fused: fused, scoreSlots: scoreSlots, slots: slots, held: held,
        traffic: traffic.total, cycles: cycles)
    )
  }

  private func tooSmall(_ work: AttentionWork, _ placement: Placement, layer: String) -> CompileError {
    func error(_ what: String, _ section: Section, _ needed: Int, _ available: Int) -> CompileError {
      .doesNotFit(layer: layer, what: what, buffer: target.name(section), needed: needed, available: available)
    }
    for site in target.mainSites {
      if site.outputs.slotBytes < 4 * work.depth {
        return error("a row of one head", site.outputs, 4 * work.depth, site.outputs.slotBytes)
      }
      if !placement.secondResident, site.weights.slotBytes < work.depth {
        return error("one key", site.weights, work.depth, site.weights.slotBytes)
      }
    }
    let tiles = (placement.inputResident ? 0 : 1) + (placement.outputResident ? 0 : 1)
    return error("one row of scores", target.home, work.tokens + tiles * work.depth, working)
  }
}

import Hardware
import Machine

/// Why a layer takes longer, or less long, in one design than in the first: where the time went, in the lead engine's stack.
public struct DifferenceReason: Sendable, Hashable {
  /// The part of the stack that has most of the difference.
  public let part: Part
  /// The design's time in that part less the first one's, in milliseconds.
  public let milliseconds: Double
  /// What share of the layer's time the part has, in this design and in the first.
  public let share: Double
  public let firstShare: Double
  /// Where the part is a wait for others, the one of them that is busiest meanwhile, and how busy: the share of the layer's time
  /// in which it does anything but wait for others.
  public let unit: String?
  public let unitBusy: Double?

  init?(
    _ layer: ComparedLayer, _ design: ComparedDesign, against first: ComparedLayer, _ base: ComparedDesign,
    threshold: Double
  ) {
    let (time, firstTime) = (design.milliseconds(layer.cycles), base.milliseconds(first.cycles))
    guard time > 0, firstTime > 0, max(time, firstTime) >= threshold * min(time, firstTime), time != firstTime else {
      return nil
    }
    func difference(_ part: Part) -> Double {
      design.milliseconds(layer.stack[part]) - base.milliseconds(first.stack[part])
    }
    let sign: Double = time > firstTime ? 1 : -1
    guard let part = Part.allCases.max(by: { difference($0) * sign < difference($1) * sign }) else { return nil }
    self.part = part
    milliseconds = difference(part)
    share = Double(layer.stack[part]) / Double(layer.cycles)
    firstShare = Double(first.stack[part]) / Double(first.cycles)
    // Whom the slower of both waits for.
    let (slower, waiting) = sign > 0 ? (layer, design) : (first, base)
    let busiest = Self.awaited(part, waiting).max { slower.busy($0) < slower.busy($1) }
    unit = busiest.map { waiting.summary.units[$0].name }
    unitBusy = busiest.map(slower.busy)
  }

  /// Units that a lead engine can wait for in `part`.
  private static func awaited(_ part: Part, _ design: ComparedDesign) -> [Int] {
    let accelerator = design.summary.accelerator
    return accelerator.queues.indices.filter { unit in
      switch (part, accelerator.queues[unit].unit) {
      case (.waitVector, .vector): true
      case (.waitMatrix, .matrix(let engine)): engine != design.summary.lead
      case (.waitWeights, .dma(let channel)): accelerator.channels[channel].carries.contains(.weights)
      case (.waitInput, .dma(let channel)):
        !accelerator.channels[channel].carries.isDisjoint(with: [.weights, .inputs])
      case (.waitStore, .dma(let channel)): accelerator.channels[channel].carries.contains(.outputs)
      default: false
      }
    }
  }
}

extension ComparedLayer {
  /// The share of the layer's time in which a unit works, and doesn't wait for others.
  fileprivate func busy(_ unit: Int) -> Double {
    guard units.indices.contains(unit), cycles > 0 else { return 0 }
    let away = Part.allCases.reduce(0) { sum, part in
      sum + (part.isTokenWait || part == .waitPort || part == .idle ? units[unit][part] : 0)
    }
    return Double(units[unit].total - away) / Double(cycles)
  }
}

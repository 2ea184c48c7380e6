import Hardware
import Machine

/// Why a layer takes longer, or less long, in one design than in the first: what more, or less, of the critical path's time goes to.
public struct DifferenceReason: Sendable, Hashable {
  /// Units of different designs are alike in what they do, not in their names.
  public enum Kind: String, Sendable, Hashable, CaseIterable { case matrix, vector, dma }

  /// What it is that differs most: a part of the time of all units of one kind.
  public let kind: Kind
  public let part: Part
  /// The design's time in it less the first one's, in milliseconds.
  public let milliseconds: Double
  /// What share of the layer's time it has, in this design and in the first.
  public let share: Double
  public let firstShare: Double
  /// What the lead engine waits for meanwhile: the wait whose time differs most, in the same direction; `nil` if there is none to speak of,
  /// or an engine is what differs.
  public let wait: Part?
  /// Its share of the layer's time in the lead engine's stack, in this design and in the first.
  public let waitShare: Double
  public let firstWaitShare: Double

  /// Waits of a smaller share of both layers' time aren't named.
  private static let worthSaying = 0.05

  init?(
    _ layer: ComparedLayer, _ design: ComparedDesign, against first: ComparedLayer, _ base: ComparedDesign,
    threshold: Double
  ) {
    let (time, firstTime) = (design.milliseconds(layer.cycles), base.milliseconds(first.cycles))
    guard time > 0, firstTime > 0, max(time, firstTime) >= threshold * min(time, firstTime), time != firstTime else {
      return nil
    }
    let sign: Double = time > firstTime ? 1 : -1
    let (own, other) = (Self.byKind(layer, design), Self.byKind(first, base))
    var most: (kind: Kind, part: Part, difference: Double)?
    for (index, kind) in Kind.allCases.enumerated() {
      for part in Part.allCases {
        let difference = design.milliseconds(own[index][part]) - base.milliseconds(other[index][part])
        if most.map({ difference * sign > $0.difference * sign }) ?? true { most = (kind, part, difference) }
      }
    }
    guard let most else { return nil }
    (kind, part, milliseconds) = most
    let index = Kind.allCases.firstIndex(of: most.kind) ?? 0
    share = Double(own[index][most.part]) / Double(layer.cycles)
    firstShare = Double(other[index][most.part]) / Double(first.cycles)

    func difference(_ part: Part) -> Double {
      design.milliseconds(layer.stack[part]) - base.milliseconds(first.stack[part])
    }
    let waits = Part.allCases.filter { ($0.isTokenWait || $0 == .waitPort) && difference($0) * sign > 0 }
    let wait = most.kind == .matrix ? nil : waits.max { difference($0) * sign < difference($1) * sign }
    waitShare = wait.map { Double(layer.stack[$0]) / Double(layer.cycles) } ?? 0
    firstWaitShare = wait.map { Double(first.stack[$0]) / Double(first.cycles) } ?? 0
    self.wait = max(waitShare, firstWaitShare) >= Self.worthSaying ? wait : nil
  }

  private static func byKind(_ layer: ComparedLayer, _ design: ComparedDesign) -> [CycleStack] {
    var stacks = Array(repeating: CycleStack(), count: Kind.allCases.count)
    for (queue, stack) in zip(design.summary.accelerator.queues, layer.path) {
      switch queue.unit {
      case .matrix: stacks[0] += stack
      case .vector: stacks[1] += stack
      case .dma: stacks[2] += stack
      }
    }
    return stacks
  }
}

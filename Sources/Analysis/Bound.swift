import Hardware
import Machine
import Schedule

/// What a stretch of time was spent on (docs/analysis.md): what more of would have made it shorter.
public enum Bound: String, Sendable, Hashable, CaseIterable {
  /// A matrix engine takes steps.
  case compute
  /// Beats move, or can't because the DRAM's bus has no more to give.
  case bandwidth
  /// The vector unit works.
  case vector
  /// Nobody's throughput: filling, loading and draining an array, a memory's latency, ports, tokens.
  case dependency
}

/// Cycles of the critical path by bound.
public struct BoundCycles: Sendable, Hashable {
  /// Indexed as `Bound.allCases`.
  private var cycles = Array(repeating: 0, count: Bound.allCases.count)

  public init() {}

  public subscript(bound: Bound) -> Int {
    get { cycles[Self.place(of: bound)] }
    set { cycles[Self.place(of: bound)] = newValue }
  }

  public var total: Int { cycles.reduce(0, +) }

  /// The one with most cycles, the first of equals.
  public var largest: Bound {
    Bound.allCases.reduce(.compute) { self[$1] > self[$0] ? $1 : $0 }
  }

  private static func place(of bound: Bound) -> Int {
    switch bound {
    case .compute: 0
    case .bandwidth: 1
    case .vector: 2
    case .dependency: 3
    }
  }

  static func += (left: inout Self, right: Self) {
    for index in left.cycles.indices { left.cycles[index] += right.cycles[index] }
  }

  /// What `stack`, a stretch of the path in an instruction on `unit`, was spent on.
  ///
  /// - Parameter busCycles: What the DRAM's bus needs for all that it moves in the stretch, of other channels too: waiting up to
  ///   that is for bandwidth, the rest for the memory's latency.
  mutating func add(_ stack: CycleStack, on unit: UnitKind, busCycles: Int) {
    let work = stack[.busy] + stack[.narrow]
    switch unit {
    case .matrix:
      self[.compute] += work
      self[.dependency] += stack.total - work
    case .vector:
      let own = work + stack[.fill] + stack[.latency] + stack[.divide] + stack[.squareRoot]
      self[.vector] += own
      self[.dependency] += stack.total - own
    case .dma:
      // Behind a store's last beat its bursts still wait for the bus.
      let bus = min(stack[.waitDRAM] + stack[.drain], max(0, busCycles - work))
      self[.bandwidth] += work + bus
      self[.dependency] += stack.total - work - bus
    }
  }
}

/// What bounds one layer, and how far it is from what it could reach.
public struct LayerBound: Sendable, Hashable {
  public let name: String
  /// Of the layer's window (docs/output.md).
  public let cycles: Int
  /// The window's part of the critical path; adds up to `cycles`.
  public let path: BoundCycles
  /// The fewest cycles in which the layer's MACs can be done at peak, its bytes at the DRAM's and the channels' bandwidth, and in which the
  /// lanes of the vector unit are busy for it; `nil` if it has none.
  public let roofs: [Bound: Int]

  /// The path's largest kind; `nil` for an empty window.
  public var bound: Bound? { cycles == 0 ? nil : path.largest }

  /// The largest of `roofs`: the roofline's word on it.
  public var roofline: Int { roofs.values.max() ?? 0 }
}

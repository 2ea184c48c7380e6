import Hardware
import Model

/// What a machine can do at most: the two lines of a roofline.
public struct MachineRoofs: Sendable, Hashable {
  public var name: String
  /// FLOPs a second.
  public var peak: Double
  /// Bytes a second between memory and the machine.
  public var bandwidth: Double
  /// Bytes of an element.
  public var elementBytes: Int

  public init(name: String, peak: Double, bandwidth: Double, elementBytes: Int) {
    self.name = name
    self.peak = peak
    self.bandwidth = bandwidth
    self.elementBytes = elementBytes
  }

  /// Those of an accelerator: two FLOPs for each multiplier and cycle, and what the DRAM and all DMA channels together carry, whichever is less.
  /// Elements are INT8.
  public init(_ accelerator: Accelerator) {
    let clock = Double(accelerator.clock)
    var bandwidth = Self.channelBandwidth(accelerator)
    if case .bandwidth(let bytesPerSecond, _) = accelerator.dram { bandwidth = min(bandwidth, Double(bytesPerSecond)) }
    self.init(
      name: accelerator.name, peak: 2 * Double(accelerator.peakMACsPerCycle) * clock, bandwidth: bandwidth,
      elementBytes: 1)
  }

  /// Of an accelerator: whether all DMA channels together carry less than the DRAM gives.
  public static func channelsLimit(_ accelerator: Accelerator) -> Bool {
    guard case .bandwidth(let rate, _) = accelerator.dram else { return true }
    return channelBandwidth(accelerator) < Double(rate)
  }

  /// Bytes a second of all DMA channels.
  private static func channelBandwidth(_ accelerator: Accelerator) -> Double {
    accelerator.channels.reduce(0) { $0 + Double($1.beatBytes) } * Double(accelerator.clock)
  }

  /// FLOPs an element at which both roofs meet: what has less is bound by memory.
  public var ridge: Double { peak * Double(elementBytes) / bandwidth }

  /// FLOPs a second that `intensity` (FLOPs an element) allows.
  public func attainable(_ intensity: Double) -> Double {
    min(peak, intensity * bandwidth / Double(elementBytes))
  }

  /// Where operators stand that follow each other, each with its operands from memory and its result to it.
  public func placement(of operators: some Sequence<OperatorWork>) -> Placement {
    var placement = Placement()
    var flops = 0
    for work in operators {
      let arithmetic = Double(work.flops) / peak
      let traffic = Double(work.memoryOperations) * Double(elementBytes) / bandwidth
      placement.seconds += max(arithmetic, traffic)
      if traffic > arithmetic { placement.memoryBoundSeconds += traffic }
      flops += work.flops
    }
    if placement.seconds > 0 { placement.rate = Double(flops) / placement.seconds }
    return placement
  }
}

/// What the roofs leave operators.
public struct Placement: Sendable, Hashable {
  /// The least time, seconds.
  public var seconds = 0.0
  /// That of operators whose memory operations take longer than their FLOPs.
  public var memoryBoundSeconds = 0.0
  /// FLOPs a second, at most.
  public var rate = 0.0

  /// The roof under which most of the time passes.
  public var bound: Roof { 2 * memoryBoundSeconds > seconds ? .memory : .compute }

  public enum Roof: String, Sendable, Hashable { case compute, memory }
}

/// FLOPs, memory operations and intensity of a model, operator by operator and kind by kind: docs/roofline.md.
///
/// ```swift
/// let roofline = Roofline(try Zoo.graph("vit-base"))
/// print(roofline.total.work.intensity ?? 0)
/// ```
public struct Roofline: Sendable, Hashable {
  public struct Row: Sendable, Hashable {
    public let name: String
    /// `nil` in the total.
    public let kind: OperatorRole?
    /// Operators that it sums up.
    public let operators: Int
    public let work: OperatorWork
  }

  public let model: String
  /// Side of the image, pixels.
  public let image: Int
  public let batch: Int
  /// In the graph's order.
  public let operators: [Row]

  /// - Parameters:
  ///   - graph: a valid one.
  ///   - kinds: what to count; all else is left out.
  public init(_ graph: Graph, kinds: Set<OperatorRole> = Set(OperatorRole.allCases)) {
    model = graph.name
    image = graph.image
    batch = graph.batch
    operators = zip(graph.operators, graph.kinds).compactMap { op, kind in
      kinds.contains(kind) ? Row(name: op.name, kind: kind, operators: 1, work: graph.work(of: op)) : nil
    }
  }

  /// Each kind that moves anything, in the order of `OperatorRole`: the sums of its operators, views left out.
  public var kinds: [Row] {
    OperatorRole.allCases.compactMap { kind in
      let rows = operators.filter { $0.kind == kind && $0.work.memoryOperations > 0 }
      return rows.isEmpty ? nil : Self.sum(rows, name: kind.rawValue, kind: kind)
    }
  }

  /// The sum of all operators, views left out.
  public var total: Row {
    Self.sum(operators.filter { $0.work.memoryOperations > 0 }, name: "total", kind: nil)
  }

  /// Where the operators of `row`, one of this roofline's, stand under `roofs`.
  public func placement(of row: Row, under roofs: MachineRoofs) -> Placement {
    if row.operators == 1, row.kind != nil { return roofs.placement(of: CollectionOfOne(row.work)) }
    return roofs.placement(of: operators.lazy.filter { row.kind == nil || $0.kind == row.kind }.map(\.work))
  }

  private static func sum(_ rows: [Row], name: String, kind: OperatorRole?) -> Row {
    Row(
      name: name, kind: kind, operators: rows.count,
      work: rows.reduce(into: OperatorWork()) { $0 += $1.work })
  }
}

extension Roofline {
  /// How much more of everything one size of a model has than another.
  public struct Growth: Sendable, Hashable {
    public let image: Int
    public let pixels: Double
    public let flops: Double
    public let memoryOperations: Double
    public let intensity: Double
  }

  /// Each of several sizes of a model over the first; all 1 there.
  public static func growth(_ sizes: [Roofline]) -> [Growth] {
    guard let first = sizes.first else { return [] }
    func ratio(_ value: Int, _ base: Int) -> Double { base == 0 ? 0 : Double(value) / Double(base) }
    let base = first.total.work
    return sizes.map { size in
      let work = size.total.work
      let flops = ratio(work.flops, base.flops)
      let memory = ratio(work.memoryOperations, base.memoryOperations)
      let side = ratio(size.image, first.image)
      return Growth(
        image: size.image, pixels: side * side, flops: flops, memoryOperations: memory,
        intensity: memory == 0 ? 0 : flops / memory)
    }
  }
}

import Hardware

/// One quantity of a design, moved one step up or down, and what has to follow it.
public struct Knob: Sendable, Hashable {
  public enum Direction: String, Sendable, Hashable { case up, down }

  /// What a step costs or saves.
  public enum Resource: Sendable, Hashable {
    case dsps, bufferSize, channelBandwidth, dramBandwidth, clock
    /// Of the DRAM; fewer cycles are what one would pay for.
    case latency

    /// For people and programs: `GB/s`.
    public var unit: String {
      switch self {
      case .dsps: "DSP"
      case .bufferSize: "KiB"
      case .channelBandwidth, .dramBandwidth: "GB/s"
      case .clock: "MHz"
      case .latency: "cycle"
      }
    }

    /// How much of it a design has, in `unit`; latency counts downwards.
    func amount(in accelerator: Accelerator) -> Double {
      switch self {
      case .dsps: Double(Resources.estimate(accelerator).dsps)
      case .bufferSize: Double(accelerator.buffers.reduce(0) { $0 + $1.bytes }) / 1024
      case .channelBandwidth:
        Double(accelerator.channels.reduce(0) { $0 + $1.beatBytes }) * Double(accelerator.clock) / 1e9
      case .dramBandwidth: if case .bandwidth(let rate, _) = accelerator.dram { Double(rate) / 1e9 } else { 0 }
      case .clock: Double(accelerator.clock) / 1e6
      case .latency: -Double(accelerator.dram.latency)
      }
    }
  }

  /// Key in the description, as after `--set`: `engines.array.rows`.
  public let key: String
  public let direction: Direction
  /// The values as the description has them.
  public let from: String
  public let to: String
  /// Other keys that move along, `path=value`: words that would become too narrow for what they feed.
  public let along: [String]
  public let resource: Resource
  /// The design with the knob moved; not yet held against the rules of descriptions.
  public let accelerator: Accelerator

  /// The change as `--set` options; `nil` where they can't say it (a further channel).
  public var settings: [String]? { key == "dma.channels" ? nil : ["\(key)=\(to)"] + along }
}

extension Accelerator {
  /// Every knob of the design, up and down: arrays, buffers, DMA channels, DRAM, vector unit, clock.
  ///
  /// Sizes are doubled and halved, rates are moved by a quarter, channels by one.
  public var knobs: [Knob] {
    var maker = KnobMaker(self)
    for engine in engines.indices { maker.addEngine(engine) }
    for buffer in buffers.indices { maker.addBuffer(buffer) }
    for channel in channels.indices { maker.addChannel(channel) }
    maker.addMemory()
    maker.addLanes()
    maker.addClock()
    return maker.knobs
  }
}

/// Moves knobs of one accelerator.
private struct KnobMaker {
  private let base: Accelerator
  private(set) var knobs: [Knob] = []

  init(_ base: Accelerator) { self.base = base }

  // MARK: Matrix engines

  mutating func addEngine(_ index: Int) {
    let path = "engines.\(base.engines[index].name)"
    add("\(path).rows", .dsps, \.engines[index].rows)
    add("\(path).columns", .dsps, \.engines[index].columns)
    if base.engines[index].macsPerPE > 1 { add("\(path).macs-per-pe", .dsps, \.engines[index].macsPerPE) }
    if base.engines[index].replicas > 1 { add("\(path).replicas", .dsps, \.engines[index].replicas) }
  }

  // MARK: Memories

  mutating func addBuffer(_ index: Int) {
    add("buffers.\(base.buffers[index].name).size", .bufferSize, \.buffers[index].bytes, .size)
  }

  mutating func addChannel(_ index: Int) {
    let channel = base.channels[index]
    add("dma.channels.\(channel.name).data-width", .channelBandwidth, \.channels[index].beatBytes, .size)
    var more = base
    var twin = channel
    var number = 2
    while base.channels.contains(where: { $0.name == "\(channel.name)-\(number)" }) { number += 1 }
    twin.name = "\(channel.name)-\(number)"
    more.channels.insert(twin, at: index + 1)
    addChannels(.up, "with \(twin.name)", more)
    let others = base.channels.enumerated().filter { $0.offset != index }
    if channel.carries.allSatisfy({ cargo in others.contains { $0.element.carries.contains(cargo) } }) {
      var fewer = base
      fewer.channels.remove(at: index)
      addChannels(.down, "without \(channel.name)", fewer)
    }
  }

  private mutating func addChannels(_ direction: Knob.Direction, _ change: String, _ moved: Accelerator) {
    knobs.append(
      Knob(
        key: "dma.channels", direction: direction, from: "\(base.channels.count)",
        to: "\(moved.channels.count) \(change)", along: [], resource: .channelBandwidth, accelerator: moved))
  }

  mutating func addMemory() {
    guard case .bandwidth(let rate, let latency) = base.dram else { return }
    func add(_ key: String, _ direction: Knob.Direction, _ to: (rate: Int, latency: Int)) {
      var moved = base
      moved.dram = .bandwidth(bytesPerSecond: to.rate, latency: to.latency)
      let isRate = key == "dram.bandwidth"
      knobs.append(
        Knob(
          key: key, direction: direction, from: isRate ? Quantity.bandwidth.format(rate) : "\(latency)",
          to: isRate ? Quantity.bandwidth.format(to.rate) : "\(to.latency)", along: [],
          resource: isRate ? .dramBandwidth : .latency, accelerator: moved))
    }
    add("dram.bandwidth", .up, (rate + rate / 4, latency))
    add("dram.bandwidth", .down, (rate - rate / 4, latency))
    // Less latency is what one would pay for.
    if latency > 1 { add("dram.latency", .up, (rate, latency / 2)) }
    if latency > 0 { add("dram.latency", .down, (rate, latency * 2)) }
  }

  // MARK: Vector unit and clock

  /// The unit's DSP blocks go with its lanes.
  mutating func addLanes() {
    add("vector.lanes", .dsps, \.vector.lanes) { moved, base in
      guard base.vector.dsps > 0 else { return [] }
      let dsps = (base.vector.dsps * moved.vector.lanes + base.vector.lanes - 1) / base.vector.lanes
      moved.vector.dsps = dsps
      return ["vector.dsps=\(dsps)"]
    }
  }

  mutating func addClock() {
    for direction in [Knob.Direction.up, .down] {
      var moved = base
      moved.clock = direction == .up ? base.clock + base.clock / 4 : base.clock - base.clock / 4
      knobs.append(
        Knob(
          key: "clock", direction: direction, from: Quantity.frequency.format(base.clock),
          to: Quantity.frequency.format(moved.clock), along: [], resource: .clock, accelerator: moved))
    }
  }

  // MARK: Steps

  /// Doubles and halves a size; words that were wide enough for it stay so.
  private mutating func add(
    _ key: String, _ resource: Knob.Resource, _ path: WritableKeyPath<Accelerator, Int>, _ quantity: Quantity = .count,
    also: (inout Accelerator, Accelerator) -> [String] = { _, _ in [] }
  ) {
    let value = base[keyPath: path]
    for (direction, target) in [(Knob.Direction.up, value * 2), (.down, value / 2)] where target > 0 {
      var moved = base
      moved[keyPath: path] = target
      var along = also(&moved, base)
      if direction == .up, resource == .dsps { along += moved.widenWords(from: base) }
      knobs.append(
        Knob(
          key: key, direction: direction, from: quantity.format(value), to: quantity.format(target), along: along,
          resource: resource, accelerator: moved))
    }
  }
}

extension Accelerator {
  /// Doubles words that were wide enough for what `base` moves in a cycle and aren't for what this moves, until they are.
  /// Returns the changes as settings.
  fileprivate mutating func widenWords(from base: Accelerator) -> [String] {
    let (before, now) = (base.wordsNeeded, wordsNeeded)
    var settings: [String] = []
    for index in buffers.indices {
      let word = base.buffers[index].wordBytes
      guard word >= before[index], word < now[index] else { continue }
      var wide = word
      while wide < now[index] { wide *= 2 }
      buffers[index].wordBytes = wide
      settings.append("buffers.\(buffers[index].name).word-width=\(Quantity.size.format(wide))")
    }
    return settings
  }

  /// By buffer: the widest word that an engine or the vector unit takes or gives in a cycle (rules M2, M4, M10, M11, V2).
  private var wordsNeeded: [Int] {
    var needed = Array(repeating: 0, count: buffers.count)
    func need(_ bytes: Int, of buffer: Int) { needed[buffer] = max(needed[buffer], bytes) }
    for engine in engines {
      let step = engine.replicas * engine.rows * engine.macsPerPE
      let row = engine.columns * engine.macsPerPE
      let isInputStationary = engine.dataflow == .inputStationary
      need(isInputStationary ? row : step, of: engine.inputs)
      need(isInputStationary ? step : row, of: engine.weights)
      need(4 * engine.replicas * engine.columns, of: engine.outputs)
      need(vector.lanes, of: engine.inputs)
      need(4 * vector.lanes, of: engine.outputs)
      // LayerNorm's gain and bias.
      need(5 * vector.lanes, of: engine.weights)
    }
    return needed
  }
}

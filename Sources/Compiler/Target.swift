import Hardware

/// A range of one buffer with one purpose.
struct Section: Hashable {
  var buffer: Int
  var base: Int
  var bytes: Int
  var bankBytes: Int
  var ports: Int
  var pingPong: Bool

  /// Slots that a stream of tiles may rotate through at least.
  var slots: Int { pingPong ? 2 : 1 }
  /// Slots start at multiples of it; small buffers can't afford any loss.
  var alignment: Int { bytes >= 8192 ? 64 : 1 }
  /// Cuts two slots of `slot` bytes off the end, or one; none if it would be more than an eighth.
  fileprivate mutating func split(_ slot: Int) -> Section? {
    guard slot > 0, slot <= bytes / 8 else { return nil }
    let size = 2 * slot <= bytes / 8 ? 2 * slot : slot
    bytes -= size
    var part = self
    part.base += bytes
    part.bytes = size
    return part
  }

  /// The largest tile of which `slots` fit.
  var slotBytes: Int { bytes / slots / alignment * alignment }
}

/// A matrix engine and the sections that are its own.
///
/// A class, since tilers ask it for thousands of estimates and copies of its description would cost more than these.
final class Site: Sendable {
  /// Index into `Accelerator.engines`; also the engine's queue.
  let engine: Int
  let spec: MatrixEngineSpec
  let weights: Section
  /// The first site whose weights are in the same buffer: they share the section, so that a block is loaded once for all.
  let weightsOwner: Int
  let outputs: Section
  let inputWord: Int
  let weightWord: Int
  let outputWord: Int

  init(engine: Int, _ accelerator: Accelerator, weights: Section, weightsOwner: Int, outputs: Section) {
    let spec = accelerator.engines[engine]
    (self.engine, self.spec) = (engine, spec)
    (self.weights, self.weightsOwner, self.outputs) = (weights, weightsOwner, outputs)
    inputWord = max(1, accelerator.buffers[spec.inputs].wordBytes)
    weightWord = max(1, accelerator.buffers[spec.weights].wordBytes)
    outputWord = max(1, accelerator.buffers[spec.outputs].wordBytes)
  }
}

/// The accelerator as the compiler sees it: roles instead of buffer names.
///
/// Activations live in one buffer, `home`: the `inputs` of the engines with the most multipliers. Engines that read their
/// inputs elsewhere stay idle, since no operand would ever be there.
struct Target {
  let accelerator: Accelerator
  let sites: [Site]
  /// Sites that take blocks. An engine with less than a quarter of the multipliers of the largest only takes columns that a head
  /// leaves over, and has no accumulators of its own.
  let mains: [Int]
  /// The same, in full.
  let mainSites: [Site]
  let home: Section
  /// Room for LayerNorm's parameters, taken from the first engine's weights' or accumulators' buffer: the one with
  /// the wider word, since 5 bytes a column slow the last pass down (rule V2). Nil where that would cost too much.
  let parameters: Section?
  let vectorQueue: Int
  let queueCount: Int
  /// Queues of the DMA channels that carry weights, inputs and outputs.
  let weightChannels: [Int]
  let inputChannels: [Int]
  let outputChannels: [Int]
  /// Bytes that all loads and stores together move in a cycle at best.
  let dramBytesPerCycle: Double
  /// Some engines convolve channel by channel and others don't: while one layer occupies the first, the next begins on the others.
  let overlapsLayers: Bool
  /// Blocks of weights are there for all engines, so that any of them can take any piece of a layer.
  let sharesWeights: Bool
  /// The engines can make columns of one piece side by side: they share weights and accumulators, and each layer's operands are
  /// broadcast to all of them. Those that can't convolve channel by channel come first.
  let sideBySide: [Int]

  /// - Parameter parameterBytes: of the widest LayerNorm; 0 without any.
  init(_ accelerator: Accelerator, parameterBytes: Int) throws(CompileError) {
    self.accelerator = accelerator
    let engines = accelerator.engines
    var power: [Int: Int] = [:]
    for engine in engines { power[engine.inputs, default: 0] += engine.macsPerCycle }
    guard let home = power.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else { throw .noEngine }
    let used = engines.indices.filter { engines[$0].inputs == home }

    // One buffer may serve several roles: it is divided among them, activations taking two shares.
    var shares = Array(repeating: 0, count: accelerator.buffers.count)
    shares[home] += 2
    let owners = used.map { index in used.firstIndex { engines[$0].weights == engines[index].weights } ?? 0 }
    let most = used.reduce(0) { max($0, engines[$1].macsPerCycle) }
    mains = used.indices.filter { 4 * engines[used[$0]].macsPerCycle >= most }
    for (site, index) in used.enumerated() {
      if owners[site] == site { shares[engines[index].weights] += 1 }
      if mains.contains(site) { shares[engines[index].outputs] += 1 }
    }
    var cursors = Array(repeating: 0, count: shares.count)
    func take(_ buffer: Int, _ share: Int) -> Section {
      let spec = accelerator.buffers[buffer]
      let bank = max(1, spec.bankBytes)
      var size = spec.bytes
      if share < shares[buffer] {
        size = spec.bytes / shares[buffer] * share
        size -= size % (size >= bank ? bank : min(64, max(1, size)))
      }
      defer { cursors[buffer] += size }
      return Section(
        buffer: buffer, base: cursors[buffer], bytes: size, bankBytes: bank, ports: spec.ports,
        pingPong: spec.pingPong)
    }
    self.home = take(home, 2)
    var weights: [Section] = []
    var outputs: [Section] = []
    for (site, index) in used.enumerated() {
      weights.append(owners[site] == site ? take(engines[index].weights, 1) : weights[owners[site]])
      outputs.append(mains.contains(site) ? take(engines[index].outputs, 1) : self.home)
    }

    let first = engines[used[0]]
    func word(_ buffer: Int) -> Int { max(1, accelerator.buffers[buffer].wordBytes) }
    let bytes = roundUp(parameterBytes, 64)
    parameters = word(first.outputs) > word(first.weights) ? outputs[0].split(bytes) : weights[0].split(bytes)
    for site in used.indices where owners[site] == 0 { weights[site] = weights[0] }
    let sites = used.indices.map {
      Site(engine: used[$0], accelerator, weights: weights[$0], weightsOwner: owners[$0], outputs: outputs[$0])
    }
    self.sites = sites
    mainSites = mains.map { sites[$0] }
    overlapsLayers = mainSites.contains { $0.spec.depthwise } && mainSites.contains { !$0.spec.depthwise }
    sharesWeights = mainSites.count > 1 && Set(mainSites.map(\.weightsOwner)).count == 1
    sideBySide =
      sharesWeights && overlapsLayers && Set(mainSites.map(\.spec.outputs)).count == 1
      ? mains.filter { !sites[$0].spec.depthwise } + mains.filter { sites[$0].spec.depthwise } : []

    vectorQueue = engines.count
    queueCount = accelerator.queues.count
    func channels(_ cargo: Cargo) -> [Int] {
      accelerator.channels.indices.filter { accelerator.channels[$0].carries.contains(cargo) }
        .map { engines.count + 1 + $0 }
    }
    weightChannels = channels(.weights)
    inputChannels = channels(.inputs)
    outputChannels = channels(.outputs)
    let bus = Double(max(1, accelerator.channels.reduce(0) { $0 + $1.beatBytes }))
    switch accelerator.dram {
    case .ideal: dramBytesPerCycle = bus
    case .bandwidth(let bytesPerSecond, _):
      dramBytesPerCycle = min(bus, Double(bytesPerSecond) / Double(max(1, accelerator.clock)))
    }
  }

  /// The engine that takes the last columns of a head of `n` on `site`, and how many, if there is one that can: it must reach the
  /// site's buffers, and `n` must be a little more than so many whole blocks of columns.
  func helper(of site: Int, columns n: Int) -> (site: Int, columns: Int)? {
    let spec = sites[site].spec
    let rest = n % spec.columns
    guard n > spec.columns, rest > 0 else { return nil }
    let found = sites.indices.first { index in
      let other = sites[index].spec
      return !mains.contains(index) && other.columns >= rest && other.weights == spec.weights
        && other.outputs == spec.outputs
    }
    return found.map { ($0, rest) }
  }

  /// Columns of a head that are left for `site` itself.
  func columns(_ work: HeadsWork, on site: Site) -> Int {
    guard !work.b.transposed, let index = sites.firstIndex(where: { $0 === site }) else { return work.n }
    return work.n - (helper(of: index, columns: work.n)?.columns ?? 0)
  }

  /// Whether a depthwise convolution of `view`'s channels is one instruction a block.
  func isDepthwise(_ work: ConvolutionWork) -> Bool {
    work.shape.isDepthwise && work.input.columns.count == 1 && mains.contains { sites[$0].spec.depthwise }
  }

  /// The name of a section's buffer, for messages.
  func name(_ section: Section) -> String { accelerator.buffers[section.buffer].name }
}

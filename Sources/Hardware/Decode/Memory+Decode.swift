extension DMAChannelSpec {
  /// Reads `dma`; `nil` if a mistake was reported.
  static func decodeAll(_ node: ConfigNode, log: DiagnosticLog) -> [DMAChannelSpec]? {
    var keys = Section(node, "dma", log: log)
    let nodes = keys.list("channels", of: "channels", limit: Bounds.channels)
    keys.finish()
    guard let nodes else { return nil }
    var taken: [String: SourceMark] = [:]
    var carried: Set<Cargo>? = []
    let channels = nodes.map { node in
      let (channel, carries) = decode(node, taken: &taken, log: log)
      carried = carries.flatMap { carried?.union($0) }
      return channel
    }
    // If a channel's cargo couldn't be read, it may be the missing one.
    for cargo in Cargo.allCases where carried?.contains(cargo) == false {
      keys.report("channels", "no DMA channel carries \(cargo.rawValue)", expected: "it in 'carries' of a channel")
    }
    return channels.contains(nil) ? nil : channels.compactMap { $0 }
  }

  private static func decode(
    _ node: ConfigNode, taken: inout [String: SourceMark], log: DiagnosticLog
  ) -> (DMAChannelSpec?, carries: Set<Cargo>?) {
    var keys = Section(node, Section.title("channel", of: node), log: log)
    let name = keys.uniqueName(taken: &taken)
    let carries = keys.cargo()
    let beat = keys.powerOfTwo("data-width", Bounds.beat)
    let burst = keys.number("burst-length", Bounds.burst, default: 16)
    let boundary = keys.powerOfTwo("boundary", Bounds.boundary, default: 4096)
    let outstanding = keys.number("outstanding", Bounds.outstanding, default: 8)
    let setup = keys.number("setup", Bounds.cycles, .cycles, default: 0)
    let bursts = keys.choice("bursts", default: BurstShape.incrementing)
    let assembly = keys.flag("assembly", default: false)
    let inFlight = keys.number("transfers-in-flight", Bounds.transfersInFlight, default: 0)
    let dispatch = keys.number("dispatch", Bounds.cycles, .cycles, default: 0)
    let narrowing = keys.number("narrowing", Bounds.narrowing, default: 1)
    let gatherAhead = keys.number("gather-ahead", Bounds.transfersInFlight, default: 0)
    let gatherWords = keys.number("gather-words", Bounds.transfersInFlight, default: 0)
    let gatherCycles = keys.number("gather-cycles", Bounds.cycles, .cycles, default: 0)
    let readCompletion = keys.number("read-completion", Bounds.cycles, .cycles, default: 0)
    let acknowledgement =
      keys.has("acknowledgement") ? keys.number("acknowledgement", Bounds.cycles, .cycles) : Optional(-1)
    let sendPath = keys.number("send-path", Bounds.cycles, .cycles, default: 0)
    let writePath = keys.number("write-path", Bounds.cycles, .cycles, default: 0)
    let slotReturn = keys.number("slot-return", Bounds.followingCycles, .cycles, default: 1)
    let completion = keys.number("completion", Bounds.followingCycles, .cycles, default: 1)
    let beatCredit = keys.flag("beat-credit", default: false)
    keys.finish()
    if let beat, let boundary, boundary < beat {
      keys.report(
        keys.has("boundary") ? "boundary" : "data-width",
        "a beat of \(Quantity.size.format(beat)) doesn't fit between boundaries of \(Quantity.size.format(boundary))",
        expected: "a boundary of at least the data width")
      return (nil, carries)
    }
    if bursts == .aligned, let burst, burst.nonzeroBitCount != 1 {
      keys.report(
        "burst-length", "aligned bursts of up to \(burst) beats",
        expected: "a power of two, or 'bursts: incrementing'")
      return (nil, carries)
    }
    if beatCredit == true, outstanding == 1 {
      keys.report(
        "outstanding", "one outstanding burst and a place for each further beat",
        expected: "2 or more, or 'beat-credit: false'")
      return (nil, carries)
    }
    if let sendPath, sendPath > 0, assembly == false {
      keys.report(
        "send-path", "a path behind a row buffer that the channel doesn't have", expected: "0, or 'assembly: true'")
      return (nil, carries)
    }
    guard let name, let carries, let beat, let burst, let boundary, let outstanding, let setup, let bursts,
      let assembly, let inFlight, let dispatch, let narrowing, let gatherAhead,
      let gatherWords, let gatherCycles, let readCompletion, let acknowledgement, let sendPath, let writePath,
      let slotReturn,
      let completion, let beatCredit
    else { return (nil, carries) }
    return (
      DMAChannelSpec(
        name: name, carries: carries, beatBytes: beat, burstBeats: burst, boundaryBytes: boundary,
        outstanding: outstanding, setup: setup, bursts: bursts, assembly: assembly, transfersInFlight: inFlight,
        dispatch: dispatch, narrowing: narrowing, gatherAhead: gatherAhead, gatherWords: gatherWords,
        gatherCycles: gatherCycles, readCompletion: readCompletion,
        acknowledgement: acknowledgement < 0 ? nil : acknowledgement, sendPath: sendPath, writePath: writePath,
        slotReturn: slotReturn,
        completion: completion, beatCredit: beatCredit), carries
    )
  }
}

extension Section {
  fileprivate mutating func cargo() -> Set<Cargo>? {
    guard let nodes = list("carries", of: "kinds of data", limit: Cargo.allCases.count) else { return nil }
    var (cargo, good) = (Set<Cargo>(), true)
    for node in nodes {
      guard let word: Cargo = Self.word(node, "an element of carries", log: log) else {
        good = false
        continue
      }
      if !cargo.insert(word).inserted {
        log.report(node.mark, "'\(word.rawValue)' stands twice in carries", expected: "it once")
      }
    }
    return good ? cargo : nil
  }

  fileprivate mutating func powerOfTwo(_ key: String, _ range: ClosedRange<Int>, default: Int? = nil) -> Int? {
    guard let value = number(key, range, .size, default: `default`) else { return nil }
    if value.nonzeroBitCount == 1 { return value }
    report(
      key, "\(key) \(Quantity.size.format(value)) is not a power of two", expected: Quantity.size.expectation(range))
    return nil
  }
}

extension DRAMSpec {
  private enum Model: String, CaseIterable {
    case ideal, bandwidth
  }

  /// Reads `dram`; `nil` if a mistake was reported.
  static func decode(_ node: ConfigNode, log: DiagnosticLog) -> DRAMSpec? {
    var keys = Section(node, "dram", log: log)
    let model = keys.choice("model") as Model?
    let latency = keys.number("latency", Bounds.cycles, .cycles)
    let inOrder = keys.flag("in-order", default: false)
    let sharedRequests = keys.flag("shared-requests", default: false)
    var bandwidth: Int?
    switch model {
    case .bandwidth: bandwidth = keys.number("bandwidth", Bounds.bandwidth, .bandwidth)
    case .ideal where keys.has("bandwidth"):
      _ = keys.value("bandwidth", expected: nil)
      keys.report("bandwidth", "an ideal DRAM has no bandwidth", expected: "'model: bandwidth', or no such key")
    case .ideal: break
    // Which keys belong here is open: check the value, but don't ask for it.
    case nil: _ = keys.number("bandwidth", Bounds.bandwidth, .bandwidth, default: 0)
    }
    keys.finish()
    switch model {
    case .ideal:
      guard let latency, let inOrder, let sharedRequests else { return nil }
      return .ideal(latency: latency, inOrder: inOrder, sharedRequests: sharedRequests)
    case .bandwidth:
      for (key, flag) in [("in-order", inOrder), ("shared-requests", sharedRequests)] where flag == true {
        log.report(keys.place(key), "\(key) with a bandwidth", expected: "'model: ideal', or no such key")
        return nil
      }
      guard let bandwidth, let latency else { return nil }
      return .bandwidth(bytesPerSecond: bandwidth, latency: latency)
    case nil: return nil
    }
  }
}

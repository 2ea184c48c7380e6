extension Accelerator {
  /// Reads an accelerator from its description; docs/hardware.md lists the keys.
  ///
  /// - Throws: `DiagnosticError` with every mistake of the description.
  public static func decode(_ node: ConfigNode) throws(DiagnosticError) -> Accelerator {
    let log = DiagnosticLog()
    let accelerator = decode(node, log: log)
    if let error = DiagnosticError(log.found) { throw error }
    guard let accelerator else { throw DiagnosticError(Diagnostic(node.mark, "the description is incomplete")) }
    return accelerator
  }

  /// `nil` if a mistake was reported.
  private static func decode(_ node: ConfigNode, log: DiagnosticLog) -> Accelerator? {
    var keys = Section(node, "the accelerator", log: log)
    let name = keys.name()
    let clock = keys.number("clock", Bounds.clock, .frequency)
    let engineNodes = keys.list("engines", of: "engines", limit: Bounds.engines)
    let buffers = BufferTable(keys.list("buffers", of: "buffers", limit: Bounds.buffers), log: log)
    let engines = engineNodes.map { nodes in
      var taken: [String: SourceMark] = [:]
      return nodes.map { MatrixEngineSpec.decode($0, buffers: buffers, taken: &taken, log: log) }
    }
    let channels = keys.value("dma", expected: "a mapping with channels").flatMap {
      DMAChannelSpec.decodeAll($0, log: log)
    }
    let dram = keys.value("dram", expected: "a mapping with model and latency").flatMap {
      DRAMSpec.decode($0, log: log)
    }
    let vector = keys.value("vector", expected: "a mapping with lanes and operations").flatMap {
      VectorUnitSpec.decode($0, log: log)
    }
    let device = keys.value("device", expected: nil).flatMap { DeviceSpec.decode($0, log: log) }
    let logic = keys.value("resources", expected: nil).flatMap { DeclaredLogic.decode($0, log: log) }
    keys.finish()
    guard let name, let clock, let engines, let channels, let dram, let vector else { return nil }
    return Accelerator(
      name: name, clock: clock, engines: engines.compactMap { $0 }, buffers: buffers.specs.compactMap { $0 },
      channels: channels, dram: dram, vector: vector, device: device, declaredLogic: logic ?? DeclaredLogic())
  }
}

extension Section {
  /// A name that no earlier element of the same list has.
  mutating func uniqueName(taken: inout [String: SourceMark], reserved: Set<String> = []) -> String? {
    guard let name = name(reserved: reserved) else { return nil }
    if let earlier = taken.updateValue(place("name"), forKey: name) {
      taken[name] = earlier
      report("name", "the name '\(name)' is taken in line \(earlier.line)", expected: "another name")
    }
    return name
  }

  /// `engine 'array'`, or `engine` while its name can't be read.
  static func title(_ what: String, of node: ConfigNode) -> String {
    node["name"]?.text.map { "\(what) \(quoted($0))" } ?? what
  }
}

extension DeviceSpec {
  /// Reads `device`, the name of a known FPGA or a mapping with a budget; `nil` if a mistake was reported.
  static func decode(_ node: ConfigNode, log: DiagnosticLog) -> DeviceSpec? {
    guard case .mapping = node.content else {
      if let text = node.text, let device = known.first(where: { $0.name == text }) { return device }
      let names = known.map(\.name)
      log.report(
        node.mark, node.text.map { "unknown device \(quoted($0))" } ?? "device is \(node.kind)",
        expected: alternatives(names) + ", or a mapping with name, dsps, bram36, uram, luts and flip-flops",
        suggestion: node.text.flatMap { didYouMean($0, among: names) })
      return nil
    }
    var keys = Section(node, "device", log: log)
    let name = keys.name()
    let dsps = keys.number("dsps", Bounds.resource)
    let bram36 = keys.number("bram36", Bounds.resource)
    let uram = keys.number("uram", Bounds.resource, default: 0)
    let luts = keys.number("luts", Bounds.resource)
    let flipFlops = keys.number("flip-flops", Bounds.resource)
    keys.finish()
    guard let name, let dsps, let bram36, let uram, let luts, let flipFlops else { return nil }
    return DeviceSpec(name: name, dsps: dsps, bram36: bram36, uram: uram, luts: luts, flipFlops: flipFlops)
  }
}

extension DeclaredLogic {
  /// Reads `resources`; `nil` if a mistake was reported.
  static func decode(_ node: ConfigNode, log: DiagnosticLog) -> DeclaredLogic? {
    var keys = Section(node, "resources", log: log)
    let luts = keys.number("luts", Bounds.resource, default: 0)
    let flipFlops = keys.number("flip-flops", Bounds.resource, default: 0)
    keys.finish()
    guard let luts, let flipFlops else { return nil }
    return DeclaredLogic(luts: luts, flipFlops: flipFlops)
  }
}

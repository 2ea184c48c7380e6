extension VectorUnitSpec {
  /// Reads `vector`; `nil` if a mistake was reported.
  static func decode(_ node: ConfigNode, log: DiagnosticLog) -> VectorUnitSpec? {
    var keys = Section(node, "vector", log: log)
    let lanes = keys.number("lanes", Bounds.lanes)
    let rowsInFlight = keys.number("rows-in-flight", Bounds.rowsInFlight, default: 1)
    let divider = keys.number("divider", Bounds.cycles, .cycles, default: 0)
    let squareRoot = keys.number("square-root", Bounds.cycles, .cycles, default: 0)
    let dsps = keys.number("dsps", Bounds.resource, default: 0)
    let operations = keys.value("operations", expected: "a mapping of operations to their timing")
    let timing = operations.flatMap { decodeOperations($0, log: log) }
    keys.finish()
    guard let lanes, let rowsInFlight, let divider, let squareRoot, let dsps, let timing else { return nil }
    return VectorUnitSpec(
      lanes: lanes, operations: timing, dividerCycles: divider, squareRootCycles: squareRoot,
      rowsInFlight: rowsInFlight, dsps: dsps)
  }

  /// What a transformer needs has to be there. `scale` may be left out: it is then part of the requantizer and costs nothing
  /// of its own. So may operations of other models: they then have the timing of `VectorOperationSpec.usual`.
  private static func decodeOperations(
    _ node: ConfigNode, log: DiagnosticLog
  ) -> [VectorOperation: VectorOperationSpec]? {
    var keys = Section(node, "operations", log: log)
    var operations: [VectorOperation: VectorOperationSpec] = [:]
    for operation in VectorOperation.allCases {
      let usual = VectorOperationSpec.usual(operation)
      let expected = usual == nil ? "a mapping with passes, interval and latency" : nil
      if let node = keys.value(operation.rawValue, expected: expected) {
        operations[operation] = VectorOperationSpec.decode(node, operation, log: log)
      } else if let usual {
        operations[operation] = usual
      }
    }
    keys.finish()
    return operations.count == VectorOperation.allCases.count ? operations : nil
  }
}

extension VectorOperationSpec {
  fileprivate static func decode(
    _ node: ConfigNode, _ operation: VectorOperation, log: DiagnosticLog
  ) -> VectorOperationSpec? {
    var keys = Section(node, "operation '\(operation.rawValue)'", log: log)
    let passes = keys.number("passes", Bounds.repeats, default: 1)
    let interval = keys.number("interval", Bounds.repeats, .cycles, default: 1)
    let latency = keys.number("latency", Bounds.cycles, .cycles, default: 1)
    keys.finish()
    guard let passes, let interval, let latency else { return nil }
    return VectorOperationSpec(passes: passes, interval: interval, latency: latency)
  }
}

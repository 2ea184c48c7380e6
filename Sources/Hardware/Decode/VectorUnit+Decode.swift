import Numerics

extension VectorUnitSpec {
  /// Reads `vector`; `nil` if a mistake was reported.
  static func decode(_ node: ConfigNode, log: DiagnosticLog) -> VectorUnitSpec? {
    var keys = Section(node, "vector", log: log)
    let lanes = keys.number("lanes", Bounds.lanes)
    let rowsInFlight = keys.number("rows-in-flight", Bounds.rowsInFlight, default: 1)
    let packsRows = keys.flag("row-packing", default: false)
    let divider = keys.number("divider", Bounds.cycles, .cycles, default: 0)
    let squareRoot = keys.number("square-root", Bounds.cycles, .cycles, default: 0)
    let dsps = keys.number("dsps", Bounds.resource, default: 0)
    let common = decodeAlgorithm(&keys, log: log)
    let operations = keys.value("operations", expected: "a mapping of operations to their timing")
    let timing = operations.flatMap { decodeOperations($0, common, log: log) }
    keys.finish()
    guard let lanes, let rowsInFlight, let packsRows, let divider, let squareRoot, let dsps, let timing else {
      return nil
    }
    return VectorUnitSpec(
      lanes: lanes, operations: timing, dividerCycles: divider, squareRootCycles: squareRoot,
      rowsInFlight: rowsInFlight, packsRows: packsRows, dsps: dsps)
  }

  /// The algorithm of every operation that has it, whatever the operation itself says: one setting switches a whole unit.
  private static func decodeAlgorithm(_ keys: inout Section, log: DiagnosticLog) -> Algorithm? {
    keys.value("algorithm", expected: nil).flatMap { Section.word($0, "algorithm", log: log) }
  }

  /// What a transformer needs has to be there; operations of other models may be left out.
  private static func decodeOperations(
    _ node: ConfigNode, _ common: Algorithm?, log: DiagnosticLog
  ) -> [VectorOperation: VectorOperationSpec]? {
    var keys = Section(node, "operations", log: log)
    var operations: [VectorOperation: VectorOperationSpec] = [:]
    for operation in VectorOperation.allCases {
      let common = common.flatMap { operation.algorithms.contains($0) ? $0 : nil }
      let expected = operation.isRequired ? "a mapping with algorithm, passes, interval and latency" : nil
      if let node = keys.value(operation.rawValue, expected: expected) {
        operations[operation] = VectorOperationSpec.decode(node, operation, common, log: log)
      } else if !operation.isRequired {
        operations[operation] = .natural(operation, common ?? operation.usualAlgorithm)
      }
    }
    keys.finish()
    return operations.count == VectorOperation.allCases.count ? operations : nil
  }
}

extension VectorOperationSpec {
  /// Timing that isn't given is that of the algorithm that is taken at last.
  fileprivate static func decode(
    _ node: ConfigNode, _ operation: VectorOperation, _ common: Algorithm?, log: DiagnosticLog
  ) -> VectorOperationSpec? {
    var keys = Section(node, "operation '\(operation.rawValue)'", log: log)
    let own = keys.choice("algorithm", among: operation.algorithms, default: operation.usualAlgorithm)
    let natural = VectorOperationSpec.natural(operation, common ?? own ?? operation.usualAlgorithm)
    let passes = keys.number("passes", Bounds.repeats, default: natural.passes)
    let interval = keys.number("interval", Bounds.repeats, .cycles, default: natural.interval)
    let latency = keys.number("latency", Bounds.cycles, .cycles, default: natural.latency)
    keys.finish()
    guard own != nil, let passes, let interval, let latency else { return nil }
    return VectorOperationSpec(passes: passes, interval: interval, latency: latency, algorithm: natural.algorithm)
  }
}

import Machine
import SystemCBridge

/// A SystemC model of a program image; to be used within `SystemCKernel.exclusive`, where it lives as long as `body` runs.
///
/// ```swift
/// try SystemCKernel.exclusive {
///   let model = try SystemCModel(ProgramImage(schedule, memory: memory), level: .registers)
///   while !(try model.step()) { try model.registers(into: &registers) }
/// }
/// ```
public struct SystemCModel {
  /// How much of the machine there is.
  public enum Level: Sendable, Hashable {
    /// A module for each PE, each register of its own.
    case registers
    /// No PE grid and no bytes: every burst and tile in its cycle.
    case transactions
  }

  private let handle: OpaquePointer
  /// Groups of the register file in their order.
  public let groups: [RegisterGroup]
  /// Registers in the file.
  public let registerCount: Int

  /// - Throws: `CoSimulationError`.
  public init(_ image: ProgramImage, level: Level) throws(CoSimulationError) {
    var handle: OpaquePointer?
    let status = image.bytes.withUnsafeBufferPointer {
      vitsim_model_create(
        $0.baseAddress, $0.count, level == .registers ? VITSIM_REGISTERS : VITSIM_TRANSACTIONS, &handle)
    }
    try CoSimulationError.check(status)
    guard let handle else { throw .misuse(what: "no model has been made") }
    self.handle = handle
    groups = try Self.groups(of: handle)
    registerCount = groups.reduce(0) { $0 + $1.count }
  }

  private static func groups(of handle: OpaquePointer) throws(CoSimulationError) -> [RegisterGroup] {
    var groups: [RegisterGroup] = []
    for index in 0..<vitsim_model_groups(handle) {
      var group = vitsim_group()
      try CoSimulationError.check(vitsim_model_group(handle, index, &group))
      let dimensions = [group.dimensions.0, group.dimensions.1, group.dimensions.2, group.dimensions.3]
      groups.append(
        RegisterGroup(String(cString: group.name), dimensions.prefix(Int(group.rank)).map(Int.init)))
    }
    return groups
  }

  /// Cycles run so far.
  public var cycle: Int { Int(vitsim_model_cycle(handle)) }

  /// Runs the clock for `cycles` cycles, or until all instructions have ended.
  ///
  /// - Returns: Whether they have.
  /// - Throws: `CoSimulationError`.
  public func step(_ cycles: Int = 1) throws(CoSimulationError) -> Bool {
    var done: CInt = 0
    try CoSimulationError.check(vitsim_model_step(handle, Int64(cycles), &done))
    return done != 0
  }

  /// The register file after the last cycle.
  ///
  /// - Parameter registers: `registerCount` of them.
  /// - Throws: `CoSimulationError`.
  public func registers(into registers: inout [Int32]) throws(CoSimulationError) {
    let status = registers.withUnsafeMutableBufferPointer { vitsim_model_registers(handle, $0.baseAddress, $0.count) }
    try CoSimulationError.check(status)
  }

  /// The same without a copy.
  ///
  /// - Throws: `CoSimulationError`.
  func read(into registers: UnsafeMutableBufferPointer<Int32>) throws(CoSimulationError) {
    try CoSimulationError.check(vitsim_model_registers(handle, registers.baseAddress, registers.count))
  }

  /// Flips bits of one register, by its place in the register file.
  ///
  /// - Throws: `CoSimulationError`.
  public func upset(_ index: Int, mask: Int32) throws(CoSimulationError) {
    try CoSimulationError.check(vitsim_model_upset(handle, index, mask))
  }

  /// Takes all events out of the model, in the order in which they were noted.
  ///
  /// - Throws: `CoSimulationError`.
  public func takeEvents() throws(CoSimulationError) -> [TraceEvent] {
    var events: [TraceEvent] = []
    var chunk = [vitsim_event](repeating: vitsim_event(), count: 1024)
    while true {
      var count = 0
      try CoSimulationError.check(vitsim_model_events(handle, &chunk, chunk.count, &count))
      for event in chunk.prefix(count) {
        guard let kind = TraceEvent.Kind(rawValue: Int(event.kind)) else {
          throw .misuse(what: "an event of kind \(event.kind)")
        }
        events.append(
          TraceEvent(
            cycle: Int(event.cycle), unit: Int(event.unit), kind: kind, instruction: Int(event.instruction),
            detail: Int(event.detail)))
      }
      if count < chunk.count { return events }
    }
  }

  /// What a buffer holds now (level `registers`).
  ///
  /// - Throws: `CoSimulationError`.
  public func buffer(_ index: Int) throws(CoSimulationError) -> [UInt8] { try bytes(index, vitsim_model_buffer) }

  /// What a DRAM tensor holds now (level `registers`).
  ///
  /// - Throws: `CoSimulationError`.
  public func tensor(_ index: Int) throws(CoSimulationError) -> [UInt8] { try bytes(index, vitsim_model_tensor) }

  private typealias Getter = (
    OpaquePointer, Int, UnsafeMutablePointer<UnsafePointer<UInt8>?>, UnsafeMutablePointer<Int>
  ) -> vitsim_status

  private func bytes(_ index: Int, _ get: Getter) throws(CoSimulationError) -> [UInt8] {
    var bytes: UnsafePointer<UInt8>?
    var count = 0
    try CoSimulationError.check(get(handle, index, &bytes, &count))
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }
}

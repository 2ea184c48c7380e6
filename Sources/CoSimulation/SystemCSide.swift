import Machine
import Schedule
import SystemCBridge

/// The SystemC model of a schedule as one side of a comparison; lives within `SystemCKernel.exclusive`.
public final class SystemCSide: ClockedModel {
  public let name = "SystemC"
  public let groups: [RegisterGroup]
  public private(set) var isDone: Bool

  private let model: SystemCModel
  private let schedule: Schedule

  /// - Throws: `CoSimulationError`.
  public init(_ schedule: Schedule, memory: MemoryImage, level: SystemCModel.Level = .registers)
    throws(CoSimulationError)
  {
    model = try SystemCModel(ProgramImage(schedule, memory: memory), level: level)
    groups = model.groups
    isDone = schedule.instructions.isEmpty
    self.schedule = schedule
  }

  public func step() throws { isDone = try model.step() }

  /// Many cycles at once; fewer if all ends before.
  func step(cycles: Int) throws(CoSimulationError) { isDone = try model.step(cycles) }

  /// Cycles so far.
  var cycle: Int { model.cycle }

  public func read(into registers: UnsafeMutableBufferPointer<Int32>) throws { try model.read(into: registers) }

  public func takeEvents() throws -> [TraceEvent] { try model.takeEvents() }

  /// Flips bits of one register between two cycles.
  ///
  /// - Throws: `CoSimulationError` if it can't be.
  public func upset(_ register: Int, mask: Int32) throws(CoSimulationError) { try model.upset(register, mask: mask) }

  public func memories() throws -> [(name: String, bytes: [UInt8])] {
    let buffers = schedule.accelerator.buffers
    return try buffers.indices.map { (buffers[$0].name, try model.buffer($0)) }
      + schedule.tensors.indices.map { (schedule.tensors[$0].name, try model.tensor($0)) }
  }
}

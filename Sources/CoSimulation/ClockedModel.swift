import Machine

/// One side of a comparison: something with a clock, registers and events (docs/cosimulation.md).
public protocol ClockedModel: AnyObject {
  /// As reports call it: `vitsim`, `SystemC`.
  var name: String { get }
  /// Groups of the register file, in its order.
  var groups: [RegisterGroup] { get }
  /// All instructions have ended.
  var isDone: Bool { get }
  /// One clock cycle.
  func step() throws
  /// Copies the register file as the last edge has left it.
  func read(into registers: UnsafeMutableBufferPointer<Int32>) throws
  /// Events since this was called before, in any order.
  func takeEvents() throws -> [TraceEvent]
  /// What the memories hold, by name.
  func memories() throws -> [(name: String, bytes: [UInt8])]
}

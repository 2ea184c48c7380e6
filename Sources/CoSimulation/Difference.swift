import Machine

/// The first place where two models aren't the same.
public struct Difference: Sendable {
  public enum Kind: Sendable {
    /// A register, and how many others differ with it.
    case register(title: String, values: (Int32, Int32), others: Int)
    /// What one side says has happened and the other doesn't: nil where it has nothing to set against it.
    case event(TraceEvent?, TraceEvent?)
    /// One side has ended all instructions.
    case end(done: (Bool, Bool))
    /// A byte of a memory, after the last cycle.
    case memory(name: String, byte: Int, values: (UInt8, UInt8))
  }

  public var kind: Kind
  /// The cycle in which it came about: its clock edge left the difference.
  public var cycle: Int
  /// Unit, as in the accelerator's description.
  public var unit: String
  /// The last events up to then, of both sides alike.
  public var recent: [TraceEvent]
  /// Registers of both sides around it; empty if none were kept.
  public var window: LockStepWindow
}

/// Register files of both sides, cycle by cycle.
public struct LockStepWindow: Sendable {
  public var groups: [RegisterGroup] = []
  /// The first cycle of the window.
  public var first = 0
  /// After each cycle, from `first` on; a side that couldn't go on has fewer.
  public var left: [[Int32]] = []
  public var right: [[Int32]] = []

  public init() {}
}

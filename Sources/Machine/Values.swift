import Schedule

/// What one vector instruction of a schedule has just written.
public struct ValueEvent: Sendable {
  /// Index into `Schedule.instructions`.
  public var instruction: Int
  /// The destination's bytes, row by row, without gaps.
  public var bytes: [UInt8]
  public init(instruction: Int, bytes: [UInt8]) {
    self.instruction = instruction
    self.bytes = bytes
  }
}

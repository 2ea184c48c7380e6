/// How an engine reaches the one port of its buffer: word by word, each operand and the results through a FIFO of their own.
///
/// Timing: rules M18–M22 of docs/timing.md.
public struct StreamSpec: Sendable, Hashable {
  /// Words of a stream that have been asked for and not yet used, or that wait to be written, at most.
  public var fifo: Int
  /// Cycles from the start of a pass to the first request.
  public var start: Int
  /// Registers between the port and the array, each way.
  public var registers: Int
  /// Cycles from a pass's last step or word to its end, at least 1.
  public var finish: Int
  /// Cycles from a pass's end to the start of the next.
  public var restart: Int

  public init(fifo: Int, start: Int = 0, registers: Int = 0, finish: Int = 1, restart: Int = 0) {
    self.fifo = fifo
    self.start = start
    self.registers = registers
    self.finish = finish
    self.restart = restart
  }
}

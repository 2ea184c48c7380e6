import Analysis
import Machine
import Schedule

/// The literal engine's registers over some cycles of a run, written as they come (docs/output.md, "Waveforms").
///
/// Time depends on no value, so that registers of the control are those of every run of the schedule; what the data registers hold
/// is what `image` gives.
public struct WaveformRecording {
  /// Values up to which a dump can be handled: registers × cycles.
  public static let limit = 100_000_000

  /// A dump that nobody could open.
  public struct TooLarge: Error, Sendable, CustomStringConvertible {
    public var registers: Int
    public var cycles: Int

    public var description: String {
      let (values, overflow) = registers.multipliedReportingOverflow(by: cycles)
      let millions = overflow ? "far too many" : "\(values / 1_000_000) million"
      return
        "\(registers) registers in \(cycles) cycles are \(millions) values, more than \(limit / 1_000_000) million: "
        + "choose fewer cycles or fewer units"
    }
  }

  /// Cycles that are recorded.
  public let window: Range<Int>
  private let stepper: LiteralStepper
  private let patterns: [NamePattern]?

  /// - Parameters:
  ///   - cycles: Of the whole run.
  ///   - window: Cycles to record, all if there is none.
  ///   - units: Whose registers (`RegisterGroup.unit`) are recorded; all if there are none.
  /// - Throws: `TooLarge`; `MachineError` as `LiteralStepper`.
  public init(
    _ schedule: Schedule, image: MemoryImage, cycles: Int, window: Range<Int>? = nil, units: [NamePattern]? = nil
  ) throws {
    self.window = (window ?? 0..<cycles).clamped(to: 0..<cycles)
    patterns = units
    stepper = try LiteralStepper(schedule, image: image)
    let registers = stepper.groups.filter { units?.matches($0.unit) ?? true }.registers
    let (values, overflow) = registers.multipliedReportingOverflow(by: self.window.count)
    if overflow || values > Self.limit { throw TooLarge(registers: registers, cycles: self.window.count) }
  }

  /// Names that `units` can choose from.
  public var names: [String] {
    var names: [String] = []
    for group in stepper.groups where names.last != group.unit { names.append(group.unit) }
    return names
  }

  /// Gives the dump to `sink`, piece by piece.
  ///
  /// - Parameter progress: Called with each cycle that has passed.
  /// - Throws: `MachineError`; what `sink` throws.
  public func write(progress: (Int) -> Void = { _ in }, to sink: ([UInt8]) throws -> Void) throws {
    var writer = WaveformWriter([.init(groups: stepper.groups)]) { patterns?.matches($0.unit) ?? true }
    let registers = UnsafeMutableBufferPointer<Int32>.allocate(capacity: stepper.groups.registers)
    registers.initialize(repeating: 0)
    defer { registers.deallocate() }
    while stepper.cycle < window.upperBound, !stepper.isDone {
      let cycle = stepper.cycle
      try stepper.step()
      progress(cycle)
      guard window.contains(cycle) else { continue }
      stepper.read(into: registers)
      writer.begin(cycle)
      writer.add(UnsafeBufferPointer(registers))
      if writer.pending > 1 << 20 { try sink(writer.take()) }
    }
    writer.finish(window.upperBound)
    try sink(writer.take())
  }
}

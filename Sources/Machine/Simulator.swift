import Hardware
import Schedule

/// Which of the two implementations of the machine executes a schedule.
public enum EngineKind: String, Sendable, CaseIterable {
  /// Jumps from event to event; exact.
  case event
  /// One clock at a time, every PE register.
  case literal
}

/// What a run records besides its counters.
public struct RunOptions: Sendable {
  /// Record `Run.trace`.
  public var trace: Bool
  /// Record `Run.timelines`.
  public var timelines: Bool
  /// Called now and then with the present cycle and the number of instructions that have ended.
  public var progress: (@Sendable (_ cycle: Int, _ ended: Int) -> Void)?

  public init(
    trace: Bool = false, timelines: Bool = false,
    progress: (@Sendable (_ cycle: Int, _ ended: Int) -> Void)? = nil
  ) {
    self.trace = trace
    self.timelines = timelines
    self.progress = progress
  }
}

/// Why a schedule can't be executed to its end.
public enum MachineError: Error, Sendable, Hashable {
  /// From `cycle` on nothing is under way and no unit can go on: the named instructions wait for tokens that never come.
  case deadlock(cycle: Int, waiting: [Int])
  /// An instruction stands in the queue of a unit that can't execute it.
  case wrongUnit(instruction: Int, unit: String)
  /// An instruction that can't be executed at all, as lint would have said.
  case malformed(instruction: Int, what: String)
  /// Two results of the literal PE grid disagree: a defect of the simulator, never of the input.
  case inconsistent(instruction: Int, what: String)
  /// Values were asked for, but what the instruction computes isn't said, or the image doesn't fit the schedule.
  case noValues(instruction: Int?, what: String)
}

/// Executes schedules.
public enum Simulator {
  /// Runs `schedule` to its end.
  ///
  /// - Throws: `MachineError` when the schedule deadlocks, puts an instruction on a unit of the wrong kind, or refers to
  ///   what isn't there. That it computes what it should is for lint to prove.
  public static func run(
    _ schedule: Schedule, engine: EngineKind = .event, options: RunOptions = RunOptions()
  ) throws(MachineError) -> Run {
    try Admission(schedule.accelerator).check(schedule)
    return switch engine {
    case .event: try EventEngine.run(schedule, options: options)
    case .literal: try LiteralEngine.run(schedule, options: options)
    }
  }
}

extension Simulator {
  /// Runs `schedule` to its end and computes every byte: what DRAM holds then, tensor by tensor.
  ///
  /// Values are defined for schedules in which lint finds no race: both engines give the same.
  ///
  /// - Parameters:
  ///   - image: What DRAM and preloaded buffers hold at the start.
  ///   - observe: Called with the bytes that each vector instruction has written, when it has ended.
  /// - Throws: As `run(_:engine:options:)`; `.noValues` when the image doesn't fit or a stage has no arithmetic.
  public static func run(
    _ schedule: Schedule, engine: EngineKind = .event, options: RunOptions = RunOptions(), image: MemoryImage,
    observe: ((ValueEvent) -> Void)? = nil
  ) throws(MachineError) -> (run: Run, image: MemoryImage) {
    try Admission(schedule.accelerator).check(schedule, image)
    switch engine {
    case .event:
      let run = try EventEngine.run(schedule, options: options)
      let program = try ValueProgram(schedule, timings: run.timings)
      return (run, try program.execute(image, observe: observe))
    case .literal: return try LiteralEngine.run(schedule, options: options, image: image, observe: observe)
    }
  }
}

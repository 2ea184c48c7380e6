/// What happens to one unit at one cycle.
///
/// Traces are in the order (cycle, unit, kind, instruction, detail); both engines give the same list.
public struct TraceEvent: Sendable, Hashable, Comparable {
  public enum Kind: Int, Sendable, Hashable, CaseIterable {
    /// The instruction's first action.
    case start
    /// DMA: burst `detail` of the instruction is requested (read) or its first beat is sent (write).
    case request
    /// DMA: the last beat of burst `detail` moves (read) or its acknowledgement is seen (write): `done` of rules D4, D5.
    case burst
    /// Matrix: tile `detail` begins to read its stationary operand.
    case load
    /// Matrix: tile `detail` begins to read its streamed operand.
    case stream
    /// Matrix: the last result of tile `detail` is in the output buffer and can be read from this cycle on.
    case drained
    /// Vector: a pass over row `detail` begins to issue (row-wise operations; elementwise ones have one, detail 0). Matrix, with
    /// `streams`: the pass that begins with tile `detail` starts.
    case pass
    /// The instruction's results can be used from this cycle on.
    case end

    /// Name in trace files.
    public var name: String { String(describing: self) }
  }

  public var cycle: Int
  /// Index into `Accelerator.queues`.
  public var unit: Int
  public var kind: Kind
  /// Index into `Schedule.instructions`.
  public var instruction: Int
  /// Tile, burst or row within the instruction; 0 for `start` and `end`.
  public var detail: Int

  public init(cycle: Int, unit: Int, kind: Kind, instruction: Int, detail: Int = 0) {
    self.cycle = cycle
    self.unit = unit
    self.kind = kind
    self.instruction = instruction
    self.detail = detail
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.cycle, left.unit, left.kind.rawValue, left.instruction, left.detail)
      < (right.cycle, right.unit, right.kind.rawValue, right.instruction, right.detail)
  }
}

/// A stretch of one matrix engine's time that falls to one part.
public struct Segment: Sendable, Hashable {
  public var part: Part
  public var start: Int
  /// First cycle after the stretch.
  public var end: Int
  /// A `busy` stretch takes a step every `interval` cycles; the others are `narrow`. Else 1.
  public var interval: Int
  /// In which cycle of its interval the step enters, counted from 0: the last one unless `step-interval` says more.
  public var phase: Int
  public init(part: Part, start: Int, end: Int, interval: Int = 1, phase: Int? = nil) {
    self.part = part
    self.start = start
    self.end = end
    self.interval = interval
    self.phase = phase ?? interval - 1
  }

  /// Steps that enter before cycle `time`, which is within the stretch.
  public func steps(before time: Int) -> Int { (time - start + interval - 1 - phase) / interval }
}

/// When an instruction ran.
public struct InstructionTiming: Sendable, Hashable {
  /// Cycle of its first action.
  public var start: Int
  /// From this cycle on what it reads may be overwritten (rules G4, D10): its end, if nothing is given back before.
  public var read: Int
  /// First cycle in which its results can be used.
  public var end: Int
  public init(start: Int = 0, read: Int? = nil, end: Int = 0) {
    self.start = start
    self.read = read ?? end
    self.end = end
  }
}

/// Bytes that crossed one level of the memory hierarchy.
public struct Traffic: Sendable, Hashable {
  /// DRAM bytes in whole beats, by DMA channel (index into `Accelerator.channels`).
  public var dramRead: [Int]
  public var dramWritten: [Int]
  /// Bytes read from and written to each buffer (index into `Accelerator.buffers`) by all units.
  public var bufferRead: [Int]
  public var bufferWritten: [Int]
  public init(channels: Int, buffers: Int) {
    dramRead = Array(repeating: 0, count: channels)
    dramWritten = dramRead
    bufferRead = Array(repeating: 0, count: buffers)
    bufferWritten = bufferRead
  }
}

/// The result of executing a schedule.
///
/// Every unit's cycles are the sum of its instructions' stacks and its idle cycles: that sum is `cycles` for each unit.
public struct Run: Sendable, Hashable {
  /// First cycle after everything has ended.
  public var cycles: Int
  /// By instruction.
  public var timings: [InstructionTiming]
  /// By instruction: the cycles of its unit that it owns.
  public var stacks: [CycleStack]
  /// By unit: cycles of each part, `idle` included; each totals `cycles`.
  public var units: [CycleStack]
  /// Multiply-accumulates executed, by matrix engine.
  public var macs: [Int]
  public var traffic: Traffic
  /// By matrix engine: its whole time, cut where the part changes. Empty unless asked for.
  public var timelines: [[Segment]]
  /// Empty unless asked for.
  public var trace: [TraceEvent]

  public init(
    cycles: Int, timings: [InstructionTiming], stacks: [CycleStack], units: [CycleStack], macs: [Int],
    traffic: Traffic, timelines: [[Segment]], trace: [TraceEvent]
  ) {
    self.cycles = cycles
    self.timings = timings
    self.stacks = stacks
    self.units = units
    self.macs = macs
    self.traffic = traffic
    self.timelines = timelines
    self.trace = trace
  }
}

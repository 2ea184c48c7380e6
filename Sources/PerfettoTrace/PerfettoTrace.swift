import Analysis
import Hardware
import Machine
import Schedule

/// A run as a trace for Perfetto (ui.perfetto.dev): docs/output.md, "Perfetto".
///
/// ```swift
/// let trace = PerfettoTrace(schedule: schedule, run: run)
/// print(trace.estimatedBytes)
/// try trace.write { file += $0 }
/// ```
public struct PerfettoTrace: Sendable {
  /// What a trace holds.
  public struct Selection: Sendable, Hashable {
    /// Cycles; what goes on before and after is left out, what begins before or ends after them is cut there.
    public var window: Range<Int>?
    /// Tracks by name: units, buffers, `dram` (`PerfettoTrace.names`); `nil` for all.
    public var units: [NamePattern]?

    public init(window: Range<Int>? = nil, units: [NamePattern]? = nil) {
      self.window = window
      self.units = units
    }
  }

  /// What the run must have recorded: as much as a summary needs.
  public static let runOptions = Summary.runOptions

  let schedule: Schedule
  let run: Run
  let ownership: Ownership
  /// By instruction.
  let names: [String]
  let counters: [Counter]
  let tracks: Tracks
  /// Cycles that the trace shows.
  public let window: Range<Int>
  /// The buffers' occupancy is left out: the schedule has too many different regions to be followed.
  public let lacksOccupancy: Bool

  /// - Parameter run: The result of executing `schedule`, with at least `runOptions`.
  public init(schedule: Schedule, run: Run, selection: Selection = Selection()) {
    self.schedule = schedule
    self.run = run
    ownership = Ownership(schedule: schedule, run: run)
    names = schedule.instructions.map { $0.title(schedule.accelerator) }
    window = (selection.window ?? 0..<run.cycles).clamped(to: 0..<run.cycles)
    tracks = Tracks(schedule, selection.units)
    let buffers = tracks.buffers.isEmpty ? nil : BufferOccupancy(schedule: schedule, run: run)
    lacksOccupancy = buffers == nil && !tracks.buffers.isEmpty
    counters = tracks.counters(schedule, run, ownership, buffers)
  }

  /// Names that `Selection.units` can choose from.
  public static func names(of accelerator: Accelerator) -> [String] {
    accelerator.queues.map(\.name) + accelerator.buffers.map(\.name) + ["dram"]
  }

  /// About how large the trace is: within a fifth for all but the smallest.
  public var estimatedBytes: Int {
    var bytes = 50 * tracks.count
    for unit in tracks.units {
      forEachSlice(of: unit) { slice in
        switch slice {
        case .begin(_, _, let notes):
          bytes += 21 + notes.reduce(0) { $0 + 6 + (Int.bitWidth - $1.value.leadingZeroBitCount) / 7 }
        case .end: bytes += 17
        }
      }
    }
    return bytes + counters.reduce(0) { $0 + 27 * $1.points(in: window).count }
  }

  /// Gives the trace to `sink`, piece by piece.
  ///
  /// - Throws: What `sink` throws; nothing else in practice, as every message is complete.
  public func write(to sink: ([UInt8]) throws -> Void) throws {
    var writer = PacketWriter(clock: schedule.accelerator.clock)
    for track in tracks.descriptors { try writer.add(track, to: sink) }
    for unit in tracks.units {
      let track = tracks.identifier(ofUnit: unit)
      try forEachSlice(of: unit) { try writer.add($0, on: track, to: sink) }
    }
    for counter in counters {
      for point in counter.points(in: window) { try writer.add(point, on: counter.track, to: sink) }
    }
    try writer.finish(to: sink)
  }
}

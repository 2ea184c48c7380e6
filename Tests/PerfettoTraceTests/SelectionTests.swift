import Analysis
import Hardware
import Machine
import Schedule
import TestSupport
import Testing

@testable import PerfettoTrace

/// Windows and chosen units.
@Suite struct SelectionTests {
  private static func sample() throws -> (schedule: Schedule, run: Run) {
    try RealRun(design: "zcu102-32x32", engine: .event).sample()
  }

  /// What a window shows is what the whole trace shows in its cycles.
  @Test(arguments: [(0.0, 0.1), (0.3, 0.31), (0.5, 1.0), (0.99, 7.0)])
  func windowsAreCutOutOfTheWhole(first: Double, last: Double) throws {
    let (schedule, run) = try Self.sample()
    let window = Int(first * Double(run.cycles))..<Int(last * Double(run.cycles))
    let shown = window.clamped(to: 0..<run.cycles)
    let clock = schedule.accelerator.clock
    let whole = try PerfettoTraceTests.read(PerfettoTrace(schedule: schedule, run: run)).trace
    let cut = try PerfettoTraceTests.read(
      PerfettoTrace(schedule: schedule, run: run, selection: .init(window: window))
    ).trace
    func lines(_ trace: ReadTrace) -> [String] {
      trace.slices.compactMap { slice in
        let cycles = (PerfettoTraceTests.cycle(slice.start, clock)..<PerfettoTraceTests.cycle(slice.end, clock))
          .clamped(to: shown)
        if cycles.isEmpty { return nil }
        return "\(slice.track) \(slice.depth) \(slice.name) \(cycles) \(slice.notes["instruction"] ?? -1)"
      }
    }
    #expect(lines(cut) == lines(whole))
    #expect(!cut.slices.isEmpty)
    let (from, to) = (
      TraceTime(clock: clock).nanoseconds(shown.lowerBound), TraceTime(clock: clock).nanoseconds(shown.upperBound)
    )
    for slice in cut.slices {
      #expect(from <= slice.start && slice.end <= to)
      let cycles = PerfettoTraceTests.cycle(slice.end, clock) - PerfettoTraceTests.cycle(slice.start, clock)
      #expect(slice.depth == 1 || slice.notes["cycles"] == cycles)
      // A phase that has been cut says how long it is, and what of.
      let parts = Part.allCases.compactMap { slice.notes[$0.name] }
      #expect(parts.isEmpty || parts.reduce(0, +) == slice.notes["whole"] ?? cycles)
    }
    for track in Set(whole.samples.map(\.track)) {
      func value(_ trace: ReadTrace, at time: UInt64) -> Double? {
        trace.samples.last { $0.track == track && $0.time <= time }?.value
      }
      for time in stride(from: from, to: to, by: max(1, Int(to - from) / 50)) {
        #expect(value(cut, at: time) == value(whole, at: time))
      }
      #expect(cut.samples.filter { $0.track == track }.allSatisfy { from <= $0.time && $0.time <= to })
    }
  }

  @Test func unitsAreChosenByName() throws {
    let (schedule, run) = try Self.sample()
    let all = try PerfettoTraceTests.read(PerfettoTrace(schedule: schedule, run: run)).trace
    let some = try PerfettoTraceTests.read(
      PerfettoTrace(
        schedule: schedule, run: run,
        selection: .init(units: ["array", "dma.w*", "acc*"].map { NamePattern($0) }))
    ).trace
    let names = Set(some.tracks.values.map(\.name)).subtracting(["speck on \(schedule.accelerator.name)"])
    #expect(
      names == ["array", "array.utilization", "dma", "dma.weights", "buffers", "accumulators.occupancy"])
    for name in ["array", "dma.weights"] {
      let (mine, theirs) = (some.track(name), all.track(name))
      #expect(some.slices.count { $0.track == mine } == all.slices.count { $0.track == theirs })
    }
  }

  @Test(arguments: [100_000_000, 333_333_333, 1_000_000_000, 3_000_000_000, 1])
  func timeKeepsTheOrderOfCycles(clock: Int) {
    let time = TraceTime(clock: clock)
    for cycle in [0, 1, 2, 3, 1000, 123_456_789, 1 << 50] {
      let (now, next) = (time.nanoseconds(cycle), time.nanoseconds(cycle + 1))
      #expect(clock <= 1_000_000_000 ? now < next || next == .max : now <= next)
      if cycle < 1 << 30 { #expect(abs(Double(now) - Double(cycle) * 1e9 / Double(clock)) <= 0.51) }
    }
    #expect(time.nanoseconds(0) == 0)
  }
}

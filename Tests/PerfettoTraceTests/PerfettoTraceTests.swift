import Analysis
import Hardware
import Machine
import Schedule
import TestSupport
import Testing

@testable import PerfettoTrace

/// Traces, read back without what wrote them.
@Suite struct PerfettoTraceTests {
  static func read(_ trace: PerfettoTrace) throws -> (trace: ReadTrace, bytes: Int) {
    var bytes: [UInt8] = []
    try trace.write { bytes += $0 }
    return (try ReadTrace(bytes), bytes.count)
  }

  /// The cycle that a time stands for.
  static func cycle(_ time: UInt64, _ clock: Int) -> Int { Int((Double(time) * Double(clock) / 1e9).rounded()) }

  @Test(arguments: RealRun.all)
  func whatIsReadBackAddsUp(_ real: RealRun) throws {
    let (schedule, run) = try real.sample()
    let (trace, bytes) = try Self.read(PerfettoTrace(schedule: schedule, run: run))
    try Self.checkSlices(trace, schedule, run)
    try Self.checkCounters(trace, schedule, run)
    let estimate = PerfettoTrace(schedule: schedule, run: run).estimatedBytes
    #expect(bytes * 8 / 10 < estimate && estimate < bytes * 13 / 10, "\(estimate) for \(bytes)")
  }

  @Test func randomProgramsAddUp() throws {
    for seed in 0..<60 as Range<UInt64> {
      let schedule = RandomCase(seed: seed, byWord: seed % 4 == 0).schedule
      guard let run = try? Simulator.run(schedule, options: PerfettoTrace.runOptions) else { continue }
      let trace = try Self.read(PerfettoTrace(schedule: schedule, run: run)).trace
      try Self.checkSlices(trace, schedule, run)
      try Self.checkCounters(trace, schedule, run)
    }
  }

  /// Cycles that aren't whole nanoseconds, and cycles shorter than one: slices nest all the same, and say how long they are.
  @Test(arguments: [333_333_333, 2_500_000_001])
  func anyClockKeepsNesting(clock: Int) throws {
    var schedule = RandomCase(seed: 3, ordered: true).schedule
    schedule.accelerator.clock = clock
    let run = try Simulator.run(schedule, options: PerfettoTrace.runOptions)
    let trace = try Self.read(PerfettoTrace(schedule: schedule, run: run)).trace
    if clock < 1_000_000_000 { try Self.checkSlices(trace, schedule, run) }
    for (unit, queue) in schedule.accelerator.queues.enumerated() {
      let track = try #require(trace.track(queue.name))
      let phases = trace.slices.filter { $0.track == track && $0.depth == 3 }
      #expect(phases.reduce(0) { $0 + ($1.notes["cycles"] ?? 0) } == run.cycles - run.units[unit][.idle])
    }
  }

  /// Layers hold instructions, which hold phases, each as long as the cycles say that it has; all parts add up to the units' stacks.
  static func checkSlices(_ trace: ReadTrace, _ schedule: Schedule, _ run: Run) throws {
    let clock = schedule.accelerator.clock
    for (unit, queue) in schedule.accelerator.queues.enumerated() {
      let track = try #require(trace.track(queue.name))
      let slices = trace.slices.filter { $0.track == track }
      var (stack, instructions) = (CycleStack(), [Int]())
      var last = [Int](repeating: 0, count: 3)
      for slice in slices {
        let (start, end) = (cycle(slice.start, clock), cycle(slice.end, clock))
        #expect(1...3 ~= slice.depth)
        #expect(start >= last[slice.depth - 1], "slices of one depth overlap")
        last[slice.depth - 1] = end
        #expect(slice.depth == 1 || slice.notes["cycles"] == end - start)
        if slice.depth == 2, let index = slice.notes["instruction"] {
          instructions.append(index)
          #expect(schedule.instructions[index].queue == unit)
          #expect(slice.around == [schedule.layers[schedule.instructions[index].layer].name])
          #expect(slice.notes["start"] == run.timings[index].start && slice.notes["end"] == run.timings[index].end)
          #expect(run.stacks[index].total == end - start)
        }
        guard slice.depth == 3 else { continue }
        let parts = Part.allCases.filter { slice.notes[$0.name] != nil }
        for part in parts { stack[part] += slice.notes[part.name] ?? 0 }
        if parts.isEmpty, let part = Part.allCases.first(where: { $0.name == slice.name }) {
          stack[part] += end - start
        }
      }
      stack[.idle] = run.cycles - stack.total
      #expect(stack == run.units[unit], "\(queue.name)")
      #expect(instructions == schedule.instructions.indices.filter { schedule.instructions[$0].queue == unit })
    }
  }

  static func checkCounters(_ trace: ReadTrace, _ schedule: Schedule, _ run: Run) throws {
    let accelerator = schedule.accelerator
    /// Value × cycles, over the run.
    func integral(_ name: String) throws -> Double {
      let track = try #require(trace.track(name))
      let samples = trace.samples.filter { $0.track == track }.map { (cycle($0.time, accelerator.clock), $0.value) }
      #expect(samples.first?.0 == 0 && samples.last?.0 == run.cycles)
      return zip(samples, samples.dropFirst()).reduce(0) { $0 + $1.0.1 * Double($1.1.0 - $1.0.0) }
    }
    func isClose(_ value: Double, _ expected: Int) -> Bool { abs(value - Double(expected)) <= 1e-9 * Double(expected) }
    let clock = Double(accelerator.clock)
    let (read, written) = (try integral("dram.read") / clock, try integral("dram.written") / clock)
    #expect(isClose(read, run.traffic.dramRead.reduce(0, +)))
    #expect(isClose(written, run.traffic.dramWritten.reduce(0, +)))
    for (index, engine) in accelerator.engines.enumerated() {
      let macs = try integral("\(engine.name).utilization") / 100 * Double(engine.macsPerCycle)
      #expect(isClose(macs, run.macs[index]))
    }
    let occupancy = try #require(BufferOccupancy(schedule: schedule, run: run))
    for (index, buffer) in accelerator.buffers.enumerated() {
      let track = try #require(trace.track("\(buffer.name).occupancy"))
      let samples = trace.samples.filter { $0.track == track }
      var steps = occupancy.buffers[index]
      if steps.last?.cycle == run.cycles { steps.removeLast() }
      #expect(samples.dropLast().map(\.value) == steps.map { Double($0.bytes) })
      #expect(samples.dropLast().map { cycle($0.time, accelerator.clock) } == steps.map(\.cycle))
    }
  }

  @Test func tracksStandInATree() throws {
    let real = RealRun(design: "two-engines", engine: .event)
    let (schedule, run) = try real.sample()
    let trace = try Self.read(PerfettoTrace(schedule: schedule, run: run)).trace
    let root = "speck on \(schedule.accelerator.name)"
    for queue in schedule.accelerator.queues {
      let path = trace.path(try #require(trace.track(queue.name)))
      #expect(path == (queue.name.hasPrefix("dma.") ? [root, "dma", queue.name] : [root, queue.name]))
    }
    let engine = schedule.accelerator.engines[1].name
    #expect(trace.path(try #require(trace.track("\(engine).utilization"))) == [root, engine, "\(engine).utilization"])
    #expect(trace.tracks[try #require(trace.track("dram.read"))]?.unit == "B/s")
    #expect(trace.tracks.count == Set(trace.tracks.values.map(\.name)).count)
  }
}

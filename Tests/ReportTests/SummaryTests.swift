import Hardware
import Machine
import Schedule
import Testing

@testable import Analysis

@Suite struct SummaryTests {
  @Test func layersAddUpToTheRun() throws {
    let run = try Fixture.run()
    let summary = Summary(schedule: Fixture.schedule, run: run)
    #expect(summary.total.cycles == run.cycles)
    #expect(summary.layers.map(\.cycles).reduce(0, +) == run.cycles)
    for row in summary.layers + [summary.total] { #expect(row.stack.total == row.cycles) }
    for unit in summary.units { #expect(unit.stack.total == run.cycles) }
  }

  @Test func windowsEndWithTheirLayersLastInstruction() throws {
    let run = try Fixture.run()
    let summary = Summary(schedule: Fixture.schedule, run: run)
    #expect(summary.layers[0].cycles == run.timings[0...3].map(\.end).max())
    #expect(summary.layers[1].cycles == run.timings[5].end - run.timings[3].end)
  }

  @Test func theStackIsTheLeadEnginesTimeline() throws {
    let run = try Fixture.run()
    let summary = Summary(schedule: Fixture.schedule, run: run)
    #expect(summary.lead == 0)
    #expect(summary.total.stack == run.units[Fixture.array])
    // 2 tiles of columns × 2 of K × 6 rows of A, one a cycle, all in the first layer.
    #expect(summary.layers[0].stack[.busy] == 24)
    #expect(summary.layers[1].stack[.busy] == 0)
  }

  @Test func trafficByLayerIsTheMachinesTraffic() throws {
    let run = try Fixture.run()
    let summary = Summary(schedule: Fixture.schedule, run: run)
    #expect(summary.total.traffic.dramRead == run.traffic.dramRead.reduce(0, +))
    #expect(summary.total.traffic.dramWritten == run.traffic.dramWritten.reduce(0, +))
    #expect(summary.total.traffic.bufferRead == run.traffic.bufferRead)
    #expect(summary.total.traffic.bufferWritten == run.traffic.bufferWritten)
    // x: 6 rows of 8 bytes from address 3 on, each over 2 beats of 8; w: 5 beats.
    #expect(summary.layers[0].traffic.dramRead == 6 * 2 * 8 + 5 * 8)
    // y: 30 bytes from 1 past a beat: 4 beats.
    #expect(summary.layers[1].traffic.dramWritten == 4 * 8)
    // A once for each of two tiles of columns; the softmax's source once a pass, three times.
    #expect(summary.layers[0].traffic.bufferRead[0] == 2 * 48)
    #expect(summary.layers[1].traffic.bufferRead[0] == 3 * 30 + 30)
    // Sums: two tiles of K, the second of which reads them back; then the requantizer reads them.
    #expect(summary.layers[0].traffic.bufferWritten[2] == 2 * 120)
    #expect(summary.layers[0].traffic.bufferRead[2] == 120 + 120)
  }

  /// Blocks of up to 4 beats of 8 bytes, whole ones.
  @Test func trafficOfAlignedBursts() throws {
    var schedule = Fixture.schedule
    schedule.accelerator.channels[0].bursts = .aligned
    let run = try Simulator.run(schedule, options: Summary.runOptions)
    let summary = Summary(schedule: schedule, run: run)
    #expect(summary.total.traffic.dramRead == run.traffic.dramRead.reduce(0, +))
    #expect(summary.total.traffic.dramWritten == run.traffic.dramWritten.reduce(0, +))
    // x: rows from 3, 11, 19, 27, 35 and 43 on lie in blocks of 2, 4, 2, 1 and 1, 2, and 4 beats; w: 4 and 1.
    #expect(summary.layers[0].traffic.dramRead == (2 + 4 + 2 + 2 + 2 + 4 + 5) * 8)
  }

  @Test func ratesFollowFromCounters() throws {
    let summary = try Fixture.summary()
    let cycles = Double(summary.total.cycles)
    let metrics = summary.total.metrics
    #expect(summary.total.macs == 240)
    #expect(metrics.utilization == 240 / (cycles * 16))
    // The only matmul owns the array from the start to its mark, 16 MACs a cycle.
    let owned = Double(try Fixture.run().stacks[2].total)
    #expect(summary.layers[0].metrics.engineUtilization == 240 / (owned * 16))
    #expect(summary.layers[1].metrics.engineUtilization == 0)
    #expect(metrics.gops.isNear(2 * 240 / (cycles / 100e6) / 1e9))
    #expect(metrics.milliseconds.isNear(cycles / 100e3))
    #expect(summary.framesPerSecond.isNear(100e6 * 2 / cycles))
    #expect(metrics.intensity == 480 / Double(136 + 32))
    #expect(summary.resources.dsps == 8)
    #expect(metrics.gopsPerDSP == metrics.gops / 8)
    #expect(metrics.dspEfficiency == metrics.utilization)
    #expect(summary.framesPerSecondPerDSP == summary.framesPerSecond / 8)
  }

  @Test func vectorDSPsLowerTheEfficiency() throws {
    var schedule = Fixture.schedule
    schedule.accelerator.vector.dsps = 8
    let summary = Summary(schedule: schedule, run: try Fixture.run())
    #expect(summary.total.metrics.dspEfficiency == summary.total.metrics.utilization / 2)
  }

  @Test func aScheduleOfNothing() throws {
    var schedule = Fixture.schedule
    schedule.instructions = []
    let run = try Simulator.run(schedule, options: Summary.runOptions)
    let summary = Summary(schedule: schedule, run: run)
    #expect(summary.total.cycles == 0)
    #expect(summary.framesPerSecond == 0)
    #expect(summary.total.metrics.utilization == 0)
    #expect(summary.total.metrics.intensity == nil)
  }

  @Test func windowsOfATimeline() {
    var windows = TimelineWindows([
      Segment(part: .load, start: 0, end: 4), Segment(part: .busy, start: 4, end: 10),
      Segment(part: .drain, start: 10, end: 12),
    ])
    let first = windows.next(from: 0, to: 6)
    #expect((first[.load], first[.busy], first.total) == (4, 2, 6))
    let empty = windows.next(from: 6, to: 6)
    #expect(empty.total == 0)
    let second = windows.next(from: 6, to: 11)
    #expect((second[.busy], second[.drain], second.total) == (4, 1, 5))
    let third = windows.next(from: 11, to: 15)
    #expect((third[.drain], third[.idle], third.total) == (1, 3, 4))
  }
}

extension Double {
  /// Equal but for rounding.
  func isNear(_ other: Double) -> Bool { (self - other).magnitude <= other.magnitude * 1e-12 }
}

import Machine
import TestSupport
import Testing

@testable import Analysis

@Suite struct TimelineBinsTests {
  /// Whatever the bins, each is full and every part adds up to that of the run.
  @Test(arguments: RealRun.all.filter { $0.engine == .event }, [1, 7, 512, 1_000_000])
  func partsAddUpToTheRun(_ real: RealRun, limit: Int) throws {
    let (schedule, run) = try real.sample()
    let bins = TimelineBins(schedule: schedule, run: run, limit: limit)
    #expect(
      bins.count <= limit && bins.length * bins.count >= run.cycles && bins.length * (bins.count - 1) < run.cycles)
    for unit in run.units.indices {
      var sum = CycleStack()
      for bin in 0..<bins.count {
        var cycles = 0
        for part in Part.allCases {
          let share = bins.cycles(of: part, unit: unit, bin: bin)
          #expect(share >= 0)
          cycles += share
          sum[part] += share
        }
        if cycles != bins.cycles(of: bin) { Issue.record("bin \(bin) of unit \(unit) has \(cycles) cycles") }
      }
      #expect(sum == run.units[unit])
    }
  }

  /// With a bin a cycle, a matrix engine's bins are its timeline.
  @Test func aBinACycleIsTheTimeline() throws {
    let real = try #require(RealRun.all.first { $0.design == "edge-16x16" && $0.engine == .event })
    let (schedule, run) = try real.sample()
    let bins = TimelineBins(schedule: schedule, run: run, limit: .max)
    #expect(bins.length == 1 && bins.count == run.cycles)
    for segment in run.timelines[0] where segment.interval == 1 && segment.end <= run.cycles {
      for cycle in segment.start..<segment.end {
        if bins.cycles(of: segment.part, unit: 0, bin: cycle) != 1 {
          Issue.record("cycle \(cycle) isn't \(segment.part)")
        }
      }
    }
  }

  @Test(arguments: [
    (5, [10, 10], [3, 2]), (4, [4, 0, 0], [4, 0, 0]), (3, [1, 1, 1], [1, 1, 1]), (0, [5, 5], [0, 0]),
    (7, [100, 1, 1], [7, 0, 0]), (0, [0, 0], [0, 0]), (.max / 2, [.max / 2, .max / 2], [.max / 4 + 1, .max / 4]),
  ])
  func sharesAreInProportion(amount: Int, counts: [Int], shares: [Int]) {
    #expect(TimelineBins.shares(of: amount, among: counts) == shares)
  }

  /// In every cycle one unit is on the critical path.
  @Test(arguments: RealRun.all.filter { $0.engine == .event }, [1, 100, 1_000_000])
  func binsOfTheCriticalPathAreFull(_ real: RealRun, limit: Int) throws {
    let (schedule, run) = try real.sample()
    let path = CriticalPath(schedule: schedule, run: run)
    let bins = TimelineBins(path: path, schedule: schedule, cycles: run.cycles, limit: limit)
    var sums = run.units.map { _ in CycleStack() }
    for bin in 0..<bins.count {
      var cycles = 0
      for unit in run.units.indices {
        for part in Part.allCases {
          sums[unit][part] += bins.cycles(of: part, unit: unit, bin: bin)
          cycles += bins.cycles(of: part, unit: unit, bin: bin)
        }
      }
      if cycles != bins.cycles(of: bin) { Issue.record("bin \(bin) has \(cycles) cycles") }
    }
    #expect(sums == path.stacks(of: schedule))
  }

  /// No layer has more MACs in its engine's cycles than the engines can do; of one engine they are all its cycles but idle ones.
  @Test(arguments: RealRun.all.filter { $0.engine == .event })
  func engineCyclesHoldTheirMACs(_ real: RealRun) throws {
    let (schedule, run) = try real.sample()
    let cycles = run.engineCycles(of: schedule)
    let summary = Summary(schedule: schedule, run: run)
    for (row, cycles) in zip(summary.layers, cycles) {
      #expect(row.macs <= cycles * schedule.accelerator.peakMACsPerCycle, "\(row.name)")
    }
    if schedule.accelerator.engines.count == 1 {
      #expect(cycles.reduce(0, +) == run.cycles - run.units[0][.idle])
    }
  }

  @Test func fewestAndMostBytes() {
    let steps = [(0, 0), (3, 5), (4, 9), (10, 2), (15, 0)].map { BufferOccupancy.Step(cycle: $0.0, bytes: $0.1) }
    let bins = OccupancyBins(steps, length: 5, cycles: 18)
    #expect(bins.most == [9, 9, 2, 0] && bins.least == [0, 9, 2, 0])
    let one = OccupancyBins([BufferOccupancy.Step(cycle: 0, bytes: 7)], length: 4, cycles: 8)
    #expect(one.most == [7, 7] && one.least == [7, 7])
    #expect(OccupancyBins([], length: 4, cycles: 4).least == [0])
    #expect(OccupancyBins([], length: 4, cycles: 0).most.isEmpty)
  }
}

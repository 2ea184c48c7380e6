import Analysis
import Hardware
import Machine
import Schedule
import TestSupport
import Testing

/// Rates against the machine's counters.
@Suite struct RatesTests {
  @Test(arguments: RealRun.all)
  func ratesAddUpToTheCounters(_ real: RealRun) throws {
    let (schedule, run) = try real.sample()
    Self.check(schedule, run)
  }

  @Test func ratesOfRandomProgramsAddUp() throws {
    for seed in 0..<200 as Range<UInt64> {
      let schedule = RandomCase(seed: seed, byWord: seed % 4 == 0).schedule
      guard let run = try? Simulator.run(schedule, options: RunOptions(timelines: true)) else { continue }
      Self.check(schedule, run)
    }
  }

  private static func check(_ schedule: Schedule, _ run: Run) {
    let rates = Rates(
      schedule: schedule, run: run, ownership: Ownership(schedule: schedule, run: run))
    #expect(amount(rates.dramRead, run) == run.traffic.dramRead.reduce(0, +))
    #expect(amount(rates.dramWritten, run) == run.traffic.dramWritten.reduce(0, +))
    for (engine, steps) in rates.utilization.enumerated() {
      #expect(amount(steps, run, times: schedule.accelerator.engines[engine].macsPerCycle) == run.macs[engine])
      #expect(steps.allSatisfy { 0...1 ~= $0.rate })
    }
    let most = schedule.accelerator.channels.reduce(0) { $0 + $1.beatBytes }
    for step in rates.dramRead + rates.dramWritten { #expect(0...Double(most) * 1.000001 ~= step.rate) }
  }

  /// What has been done in the end.
  private static func amount(_ steps: [RateStep], _ run: Run, times factor: Int = 1) -> Int {
    #expect(steps.first?.cycle == 0 && steps.last?.rate == 0)
    var amount = 0.0
    for (step, next) in zip(steps, steps.dropFirst()) {
      #expect(step.cycle < next.cycle && step.rate != next.rate && next.cycle <= run.cycles)
      amount += step.rate * Double(next.cycle - step.cycle)
    }
    return Int((amount * Double(factor)).rounded())
  }
}

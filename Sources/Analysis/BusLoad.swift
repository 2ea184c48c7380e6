import Hardware
import Machine
import Schedule

/// How many bytes all channels together move over the DRAM's bus in any stretch of a run.
struct BusLoad {
  /// Cycles in which the rate changes, the rate from there on, and the bytes before.
  private var steps: [(cycle: Int, rate: Double, before: Double)] = []

  init(_ schedule: Schedule, _ run: Run) {
    let rates = Rates(schedule: schedule, run: run, ownership: Ownership(schedule: schedule, run: run))
    let changes = (rates.dramRead.map { ($0.cycle, 0) } + rates.dramWritten.map { ($0.cycle, 1) }).sorted { $0 < $1 }
    var (read, written) = (rates.dramRead[...], rates.dramWritten[...])
    var (readRate, writeRate) = (0.0, 0.0)
    for (cycle, source) in changes {
      if source == 0, let step = read.popFirst() { readRate = step.rate }
      if source == 1, let step = written.popFirst() { writeRate = step.rate }
      let before = steps.last.map { $0.before + $0.rate * Double(cycle - $0.cycle) } ?? 0
      steps.append((cycle, readRate + writeRate, before))
    }
  }

  /// Bytes in `stretch`.
  func bytes(in stretch: Range<Int>) -> Int {
    Int((bytes(until: stretch.upperBound) - bytes(until: stretch.lowerBound)).rounded())
  }

  private func bytes(until cycle: Int) -> Double {
    var (low, high) = (0, steps.count)
    while low < high {
      let middle = (low + high) / 2
      if steps[middle].cycle <= cycle { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return 0 }
    let step = steps[low - 1]
    return step.before + step.rate * Double(cycle - step.cycle)
  }
}

import Machine
import Schedule

/// Every unit's time by part, counted in bins of equal length: a picture of a run of any length in a bounded number of columns.
///
/// Parts lie where `Phases` has them; a phase of several parts is spread evenly. Whatever the bins, each part of a unit adds up to
/// `Run.units`.
public struct TimelineBins: Sendable, Hashable {
  /// Cycles of a bin; the last one may have fewer.
  public let length: Int
  /// How many there are.
  public let count: Int
  /// Of the run.
  public let cycles: Int
  /// By unit, then by bin and part: `bin * Part.allCases.count + part.rawValue`.
  private var counts: [[Int]]

  /// - Parameters:
  ///   - run: Of `schedule`, with timelines.
  ///   - limit: Bins at most; there are fewer where a bin would be shorter than a cycle.
  public init(schedule: Schedule, run: Run, limit: Int) {
    cycles = run.cycles
    length = Self.length(cycles: run.cycles, limit: limit)
    count = (run.cycles + length - 1) / length
    counts = Array(repeating: Array(repeating: 0, count: count * Part.allCases.count), count: run.units.count)
    let ownership = Ownership(schedule: schedule, run: run)
    for unit in run.units.indices {
      for (_, phases) in Phases(of: unit, schedule: schedule, run: run, ownership: ownership) {
        for phase in phases { add(phase, to: unit) }
      }
      let idle = ownership.idle(of: unit)
      add(Phase(kind: .part(.idle), start: idle, end: run.cycles), to: unit)
    }
  }

  /// The cycles in which each unit is the reason that time passes, by what it does in them: of every bin as many as it has, all units
  /// together.
  ///
  /// - Parameter path: Through a run of `schedule` that takes `cycles`.
  public init(path: CriticalPath, schedule: Schedule, cycles: Int, limit: Int) {
    self.cycles = cycles
    length = Self.length(cycles: cycles, limit: limit)
    count = (cycles + length - 1) / length
    let units = schedule.accelerator.queues.count
    counts = Array(repeating: Array(repeating: 0, count: count * Part.allCases.count), count: units)
    for step in path.steps {
      let phase = Phase(kind: .steps, start: step.start, end: step.end, mixture: step.stack)
      add(phase, to: schedule.instructions[step.instruction].queue)
    }
  }

  /// Cycles of each of at most `limit` bins for a run of `cycles`.
  public static func length(cycles: Int, limit: Int) -> Int {
    let limit = max(1, limit)
    return max(1, cycles / limit + (cycles % limit == 0 ? 0 : 1))
  }

  /// Cycles of `unit` in `bin` that fall to `part`.
  public func cycles(of part: Part, unit: Int, bin: Int) -> Int {
    counts[unit][bin * Part.allCases.count + part.rawValue]
  }

  /// Cycles of a bin: `length`, or what is left of the run.
  public func cycles(of bin: Int) -> Int { min(length, cycles - bin * length) }

  /// Cuts a phase at the edges of the bins; each gets of every part in proportion to what is left of it.
  private mutating func add(_ phase: Phase, to unit: Int) {
    let parts = phase.parts
    var left = parts.map(\.cycles)
    var start = phase.start
    while start < phase.end {
      let bin = start / length
      let end = min(phase.end, (bin + 1) * length)
      for (index, share) in Self.shares(of: end - start, among: left).enumerated() where share > 0 {
        left[index] -= share
        counts[unit][bin * Part.allCases.count + parts[index].part.rawValue] += share
      }
      start = end
    }
  }

  /// `amount` in proportion to `counts`, of which it is a part: none is exceeded, and the largest remainders are rounded up.
  static func shares(of amount: Int, among counts: [Int]) -> [Int] {
    if counts.count == 1 { return [amount] }
    let all = counts.reduce(0, +)
    guard all > 0 else { return counts.map { _ in 0 } }
    let exact = counts.map { all.dividingFullWidth(amount.multipliedFullWidth(by: $0)) }
    var shares = exact.map(\.quotient)
    let order = counts.indices.sorted { (-exact[$0].remainder, $0) < (-exact[$1].remainder, $1) }
    for index in order.prefix(amount - shares.reduce(0, +)) { shares[index] += 1 }
    return shares
  }
}

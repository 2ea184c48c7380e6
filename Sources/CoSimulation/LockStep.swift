import Machine

/// Two models of one schedule, cycle by cycle, until both have ended or one differs from the other.
public struct LockStep {
  public struct Options: Sendable {
    /// Cycles before and after a difference of which the registers are kept.
    public var before = 48
    public var after = 16
    /// Called now and then with the cycles that agree so far.
    public var progress: (@Sendable (_ cycles: Int) -> Void)?

    public init() {}
  }

  /// How far two models agree.
  public struct Outcome: Sendable {
    /// Cycles in which both were the same.
    public var cycles: Int
    /// Registers compared in each of them, and the groups that they are.
    public var registers: Int
    public var groups: [String]
    /// Events that both have had.
    public var events: Int
    /// Bytes of memory compared in the end.
    public var bytes: Int
    /// nil if they agree to the end.
    public var difference: Difference?
  }

  private let left: any ClockedModel
  private let right: any ClockedModel
  private let options: Options
  /// Name of each unit of the accelerator, as events count them.
  private let units: [String]
  private let history: History
  private var pending: (left: [TraceEvent], right: [TraceEvent]) = ([], [])
  private var recent: [TraceEvent] = []
  private var outcome: Outcome

  /// - Throws: `CoSimulationError.misuse` when the two don't have the same register groups.
  private init(_ left: any ClockedModel, _ right: any ClockedModel, units: [String], _ options: Options) throws {
    for (ours, theirs) in zip(left.groups, right.groups)
    where (ours.name, ours.dimensions) != (theirs.name, theirs.dimensions) {
      throw CoSimulationError.misuse(
        what:
          "\(left.name) has registers \(ours.name) \(ours.dimensions) where \(right.name) has \(theirs.name) \(theirs.dimensions)"
      )
    }
    if left.groups.count != right.groups.count {
      throw CoSimulationError.misuse(
        what: "\(left.name) has \(left.groups.count) register groups, \(right.name) \(right.groups.count)")
    }
    (self.left, self.right, self.units, self.options) = (left, right, units, options)
    history = History(registers: left.groups.registers, cycles: options.before + options.after + 1)
    outcome = Outcome(
      cycles: 0, registers: left.groups.registers, groups: left.groups.map(\.name), events: 0, bytes: 0, difference: nil
    )
  }

  /// Runs both.
  ///
  /// - Parameter units: Names of the accelerator's queues.
  /// - Throws: `CoSimulationError`, and what a model throws while both still agree.
  public static func compare(
    _ left: any ClockedModel, _ right: any ClockedModel, units: [String], options: Options = Options()
  ) throws -> Outcome {
    var comparison = try LockStep(left, right, units: units, options)
    try comparison.run()
    return comparison.outcome
  }

  private mutating func run() throws {
    while !left.isDone || !right.isDone {
      let cycle = outcome.cycles
      if left.isDone != right.isDone {
        return differ(.end(done: (left.isDone, right.isDone)), cycle: cycle - 1, unit: "")
      }
      try left.step()
      try right.step()
      let place = try history.take(cycle, left, right)
      try takeEvents(until: cycle)
      if let place { return differ(place, cycle) }
      if outcome.difference != nil { return follow() }
      outcome.cycles += 1
      if let progress = options.progress, outcome.cycles % 4096 == 0 { progress(outcome.cycles) }
    }
    try takeEvents(until: .max)
    if outcome.difference == nil { try compareMemories() }
  }

  // MARK: Events

  /// Compares all events up to `cycle`: those of later cycles may be noted by one side sooner than by the other.
  private mutating func takeEvents(until cycle: Int) throws {
    pending.left += try left.takeEvents()
    pending.right += try right.takeEvents()
    if pending.left.isEmpty, pending.right.isEmpty { return }
    let ours = Self.due(&pending.left, cycle)
    let theirs = Self.due(&pending.right, cycle)
    for index in 0..<max(ours.count, theirs.count) {
      let (one, other) = (index < ours.count ? ours[index] : nil, index < theirs.count ? theirs[index] : nil)
      if one == other {
        outcome.events += 1
        if let one { remember(one) }
        continue
      }
      guard outcome.difference == nil else { return }
      let first = [one, other].compactMap(\.self).min()
      let unit = first.map { units.indices.contains($0.unit) ? units[$0.unit] : "\($0.unit)" } ?? ""
      // What has happened too soon is what differs; the other side may still come to it.
      let sides = one == first ? (one, other == first ? other : nil) : (nil, other)
      return note(.event(sides.0, sides.1), cycle: first?.cycle ?? cycle, unit: unit)
    }
  }

  private static func due(_ events: inout [TraceEvent], _ cycle: Int) -> [TraceEvent] {
    let due = events.filter { $0.cycle <= cycle }.sorted()
    events.removeAll { $0.cycle <= cycle }
    return due
  }

  private mutating func remember(_ event: TraceEvent) {
    recent.append(event)
    if recent.count > 24 { recent.removeFirst(8) }
  }

  // MARK: What differs

  /// Names the register at `place` of the file.
  private mutating func differ(_ place: (index: Int, others: Int), _ cycle: Int) {
    let values = history.values(at: place.index)
    let found = left.groups.place(of: place.index)
    let title = found.map { $0.group.title(of: $0.index) } ?? "register \(place.index)"
    let unit = found.map { String($0.group.name.prefix { $0 != "." }) } ?? ""
    // A register says more than an event that follows from it.
    outcome.difference = nil
    differ(.register(title: title, values: values, others: place.others), cycle: cycle, unit: unit)
  }

  private mutating func differ(_ kind: Difference.Kind, cycle: Int, unit: String) {
    note(kind, cycle: cycle, unit: unit)
    if case .end = kind { follow(from: outcome.cycles) } else { follow() }
  }

  private mutating func note(_ kind: Difference.Kind, cycle: Int, unit: String) {
    outcome.difference = Difference(kind: kind, cycle: cycle, unit: unit, recent: recent, window: LockStepWindow())
  }

  /// Goes on for some cycles, so that a waveform shows what became of it.
  ///
  /// - Parameter first: The first cycle that isn't in the history yet; the one after the difference if nil.
  private mutating func follow(from first: Int? = nil) {
    let first = first ?? outcome.cycles + 1
    for cycle in first..<first + options.after {
      // A side that has come to its end, or can't go on, stays as it is.
      if !left.isDone { try? left.step() }
      if !right.isDone { try? right.step() }
      do { _ = try history.take(cycle, left, right) } catch { break }
    }
    outcome.difference?.window = history.window(left.groups)
  }

  private mutating func compareMemories() throws {
    for (ours, theirs) in zip(try left.memories(), try right.memories()) {
      if ours.bytes == theirs.bytes {
        outcome.bytes += ours.bytes.count
        continue
      }
      guard let byte = zip(ours.bytes, theirs.bytes).enumerated().first(where: { $1.0 != $1.1 }) else {
        throw CoSimulationError.misuse(what: "\(ours.name) has \(ours.bytes.count) and \(theirs.bytes.count) bytes")
      }
      return note(
        .memory(name: ours.name, byte: byte.offset, values: byte.element), cycle: outcome.cycles - 1, unit: ours.name)
    }
  }
}

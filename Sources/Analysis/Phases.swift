import Hardware
import Machine
import Schedule

/// A stretch of the cycles that an instruction owns.
public struct Phase: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    /// All its cycles are of one part.
    case part(Part)
    /// Tokens of several kinds are awaited, one after the other.
    case waits
    /// Steps enter the array, each a few cycles after the one before: `busy` and `narrow`.
    case steps
    /// DMA: beats move, or don't: `busy`, `narrow`, `wait.dram`.
    case beats
    /// Vector: passes over rows issue, or wait for a unit: `busy`, `narrow`, `latency`, `divide`, `sqrt`.
    case passes
  }

  public var kind: Kind
  public var start: Int
  /// First cycle after the phase.
  public var end: Int
  /// Cycles of each part where they are several; `nil` where all are of one.
  public var mixture: CycleStack?

  public var cycles: Int { end - start }

  /// The name in traces: that of the part, or of the kind.
  public var name: String {
    switch kind {
    case .part(let part): part.name
    case .waits: "wait"
    case .steps: "steps"
    case .beats: "beats"
    case .passes: "passes"
    }
  }

  /// Parts and their cycles, which add up to `cycles`.
  public var parts: [(part: Part, cycles: Int)] {
    if case .part(let part) = kind { return [(part, cycles)] }
    return Part.allCases.compactMap { part in mixture.flatMap { $0[part] == 0 ? nil : (part, $0[part]) } }
  }
}

/// The instructions of one unit in the order of its queue, each with its phases: they follow each other without gaps, and their
/// parts add up to the instruction's stack.
///
/// Of matrix engines they are cut from the run's timeline. Of DMA channels and the vector unit they are derived: docs/timing.md says in
/// which order parts come; where they come by turns they are one phase.
public struct Phases: Sequence, IteratorProtocol {
  private let schedule: Schedule
  private let run: Run
  private let spans: [OwnedSpan]
  private let unit: UnitKind
  private let timeline: [Segment]
  private var index = 0
  private var position = 0

  /// - Parameters:
  ///   - unit: Index into `Accelerator.queues`.
  ///   - run: Of `schedule`, with timelines.
  public init(of unit: Int, schedule: Schedule, run: Run, ownership: Ownership) {
    self.schedule = schedule
    self.run = run
    spans = ownership.units[unit]
    self.unit = schedule.accelerator.queues[unit].unit
    if case .matrix(let engine) = self.unit, run.timelines.indices.contains(engine) {
      timeline = run.timelines[engine]
    } else {
      timeline = []
    }
  }

  public mutating func next() -> (span: OwnedSpan, phases: [Phase])? {
    guard index < spans.count else { return nil }
    let span = spans[index]
    index += 1
    var builder = PhaseBuilder(span, run.stacks[span.instruction])
    switch unit {
    case .matrix: return (span, cut(span))
    case .vector: builder.vector(schedule.instructions[span.instruction], schedule.accelerator)
    case .dma:
      let before = index > 1 ? run.timings[spans[index - 2].instruction].end : 0
      builder.transfer(start: run.timings[span.instruction].start, previousEnd: before)
    }
    return (span, builder.phases)
  }

  private mutating func cut(_ span: OwnedSpan) -> [Phase] {
    var phases: [Phase] = []
    while position < timeline.count, timeline[position].start < span.end {
      let segment = timeline[position]
      let (start, end) = (Swift.max(segment.start, span.start), Swift.min(segment.end, span.end))
      if start < end { phases.append(segment.phase(from: start, to: end)) }
      if segment.end > span.end { break }
      position += 1
    }
    return phases
  }
}

extension Segment {
  /// The part of it from `start` to `end`.
  fileprivate func phase(from start: Int, to end: Int) -> Phase {
    let steps = steps(before: end) - steps(before: start)
    if part != .busy || steps == end - start { return Phase(kind: .part(part), start: start, end: end) }
    if steps == 0 { return Phase(kind: .part(.narrow), start: start, end: end) }
    var mixture = CycleStack()
    (mixture[.busy], mixture[.narrow]) = (steps, end - start - steps)
    return Phase(kind: .steps, start: start, end: end, mixture: mixture)
  }
}

/// Lays out an instruction's parts in its span.
private struct PhaseBuilder {
  private static let waits: [Part] = [.waitWeights, .waitInput, .waitVector, .waitMatrix, .waitStore]

  private(set) var phases: [Phase] = []
  private var cursor: Int
  private let end: Int
  /// What hasn't been laid out yet.
  private var rest: CycleStack

  init(_ span: OwnedSpan, _ stack: CycleStack) {
    (cursor, end, rest) = (span.start, span.end, stack)
  }

  /// Until the start the end of the instruction before, dispatch, tokens and the port are awaited; then come setup and beats, and
  /// behind the last instruction of all what its acknowledgements take.
  mutating func transfer(start: Int, previousEnd: Int) {
    let drain = max(0, min(previousEnd, start) - cursor)
    let setup = start - cursor - drain - rest[.waitPort] - Self.waits.reduce(0) { $0 + rest[$1] }
    add(.drain, atMost: drain)
    add(.setup, atMost: max(0, setup))
    addWaits()
    add(.waitPort)
    add(.setup)
    addMixture(.beats, [.busy, .narrow, .waitDRAM])
    add(.drain)
  }

  /// Tokens and ports, then the source's latency; behind the last group what is in the pipeline comes out.
  mutating func vector(_ instruction: Instruction, _ accelerator: Accelerator) {
    guard case .vector(let vector) = instruction.operation else { return }
    let pipeline = vector.stages.reduce(accelerator.buffers[vector.destination.buffer].latency) {
      $0 + (accelerator.vector.operations[$1.operation]?.latency ?? 0)
    }
    addWaits()
    add(.waitPort)
    add(.fill)
    let last = min(pipeline, rest[.latency])
    rest[.latency] -= last
    addMixture(.passes, [.busy, .narrow, .latency, .divide, .squareRoot])
    rest[.latency] = last
    add(.latency)
  }

  private mutating func add(_ part: Part, atMost limit: Int = .max) {
    let cycles = min(limit, rest[part])
    guard cycles > 0 else { return }
    rest[part] -= cycles
    phases.append(Phase(kind: .part(part), start: cursor, end: cursor + cycles))
    cursor += cycles
  }

  private mutating func addWaits() { addMixture(.waits, Self.waits) }

  private mutating func addMixture(_ kind: Phase.Kind, _ parts: [Part]) {
    let present = parts.filter { rest[$0] > 0 }
    guard present.count > 1 else {
      for part in present { add(part) }
      return
    }
    var mixture = CycleStack()
    for part in present { (mixture[part], rest[part]) = (rest[part], 0) }
    phases.append(Phase(kind: kind, start: cursor, end: cursor + mixture.total, mixture: mixture))
    cursor += mixture.total
  }
}

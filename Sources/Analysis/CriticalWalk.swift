import Hardware
import Machine
import Schedule

/// Goes back over a run, from its last cycle to its first, in the instruction that was the reason for each.
struct CriticalWalk {
  private let schedule: Schedule
  private let run: Run
  private let queues: [Queue]
  private let tokens: TokenMatch
  private let ports: PortHolders
  /// By instruction: the span of its unit's time that it owns, and the instruction before it on the unit.
  private var spans: [Range<Int>]
  private var before: [Int?]
  /// Latest first.
  private(set) var steps: [CriticalPath.Step] = []
  /// Everything from here on is explained; `instruction` is the reason for the cycle before.
  private var time: Int
  private var instruction: Int

  init(_ schedule: Schedule, _ run: Run) {
    self.schedule = schedule
    self.run = run
    queues = schedule.accelerator.queues
    tokens = TokenMatch(schedule, run.timings)
    let ownership = Ownership(schedule: schedule, run: run)
    spans = Array(repeating: 0..<0, count: schedule.instructions.count)
    before = Array(repeating: nil, count: schedule.instructions.count)
    for owned in ownership.units {
      for span in owned { spans[span.instruction] = span.start..<span.end }
      for (first, second) in zip(owned, owned.dropFirst()) { before[second.instruction] = first.instruction }
    }
    ports = PortHolders(schedule, run, ownership)
    time = run.cycles
    instruction = run.timings.indices.max { (run.timings[$0].end, $1) < (run.timings[$1].end, $0) } ?? 0
  }

  mutating func go() {
    if schedule.instructions.isEmpty { return }
    var latest = time
    var moves = 0
    while time > 0 {
      // Reasons go back through what has happened, so no instruction comes twice in one moment. If one did, nothing hangs.
      moves = time == latest ? moves + 1 : 0
      latest = time
      if moves > schedule.instructions.count + 1 { return explain(from: 0, as: .idle) }
      let span = spans[instruction]
      if time > span.upperBound { explain(from: span.upperBound, as: tail) }
      if time > span.lowerBound {
        switch queues[schedule.instructions[instruction].queue].unit {
        case .matrix(let engine): goThroughTiles(of: engine)
        case .vector: goThroughWork()
        case .dma(let channel): goThroughTransfer(on: channel)
        }
      } else if let previous = before[instruction] {
        instruction = previous
      } else {
        explain(from: 0, as: .idle)
      }
    }
  }

  /// What an instruction does when it no longer owns its unit's time.
  private var tail: Part {
    if case .vector = queues[schedule.instructions[instruction].queue].unit { .latency } else { .drain }
  }

  // MARK: Matrix engine

  /// Back over the engine's timeline, to a token that was waited for or to the beginning of the span.
  private mutating func goThroughTiles(of engine: Int) {
    let first = spans[instruction].lowerBound
    guard run.timelines.indices.contains(engine) else { return explain(from: first, with: run.stacks[instruction]) }
    let segments = run.timelines[engine]
    var index = segments.firstIndex(endingAtOrAfter: time)
    while time > first, segments.indices.contains(index) {
      let segment = segments[index]
      let start = max(segment.start, first)
      if segment.part.isTokenWait, goToProducer() { return }
      // Engines that read row by row hold no ports (rule M28).
      if segment.part == .waitPort, !isRowByRow(engine), goToHolder() { return }
      if segment.part == .load, let producer = loadBegins(before: index, in: segments) {
        explain(from: producer.visible, as: .load)
        return go(to: producer)
      }
      explain(from: start, with: stack(of: segment, from: start))
      index -= 1
    }
    if time > first { explain(from: first, with: run.stacks[instruction]) }
  }

  private func isRowByRow(_ engine: Int) -> Bool { schedule.accelerator.engines[engine].rowByRow }

  private func stack(of segment: Segment, from start: Int) -> CycleStack {
    var stack = CycleStack()
    let steps = segment.steps(before: time) - segment.steps(before: start)
    stack[segment.part] += steps
    stack[.narrow] += time - start - steps
    return stack
  }

  /// Segment `index` is what could be seen of the instruction's first load, which began when its token came, in the shadow of the
  /// tile before, and took longer than that: then the token is the reason, not the tile. Its producer.
  private func loadBegins(before index: Int, in segments: [Segment]) -> TokenMatch.Producer? {
    let (start, first) = (run.timings[instruction].start, spans[instruction].lowerBound)
    guard start > 0, start < segments[index].start else { return nil }
    var other = index - 1
    while other >= 0, segments[other].end > first {
      if segments[other].part == .busy || segments[other].part == .load { return nil }
      other -= 1
    }
    return tokens.producers(of: instruction).first { $0.visible == start }
  }

  // MARK: Vector unit and DMA channels

  private mutating func goThroughWork() {
    explain(from: run.timings[instruction].start, with: work)
    goThroughWaits()
  }

  private mutating func goThroughTransfer(on channel: Int) {
    let (first, start) = (spans[instruction].lowerBound, run.timings[instruction].start)
    explain(from: max(first, start), with: work)
    if start >= first { return goThroughWaits() }
    // Its beats came behind those of the transfer before, unless they couldn't have come by then: its own start is the reason.
    guard work[.waitDRAM] > 0, start + delay(on: channel) >= first else { return }
    explain(from: start, as: .waitDRAM)
    if let producer = arrival(at: start) { go(to: producer) }
  }

  /// From a transfer's start to its first beat, at least.
  private func delay(on channel: Int) -> Int {
    let setup = schedule.accelerator.channels[channel].setup
    if case .load = schedule.instructions[instruction].operation { return setup + schedule.accelerator.dram.latency }
    return setup
  }

  /// What the instruction does in its span from its start on.
  private var work: CycleStack {
    let (span, stack) = (spans[instruction], run.stacks[instruction])
    var work = CycleStack()
    for part in Part.allCases where !part.isTokenWait && part != .waitPort && part != .setup && part != .drain {
      work[part] = stack[part]
    }
    // The rest is what the descriptor takes, and, of a channel's last instruction, what comes back behind its last beat.
    let rest = max(0, span.upperBound - max(run.timings[instruction].start, span.lowerBound) - work.total)
    work[.setup] = min(rest, stack[.setup])
    work[.drain] = rest - work[.setup]
    return work
  }

  /// From the instruction's start back: a port, then the token that came last, else the instruction before.
  private mutating func goThroughWaits() {
    let first = spans[instruction].lowerBound
    let waited = run.stacks[instruction][.waitPort]
    if waited > 0 {
      if goToHolder() { return }
      explain(from: max(first, time - waited), as: .waitPort)
    }
    guard time > first, !goToProducer() else { return }
    var waits = run.stacks[instruction]
    for part in Part.allCases { waits[part] -= part == .waitPort ? waited : work[part] }
    explain(from: first, with: waits)
  }

  // MARK: Tokens

  /// Goes on in the instruction whose token ended the wait that ends now, if one did.
  private mutating func goToProducer() -> Bool {
    guard let producer = arrival(at: time) else { return false }
    go(to: producer)
    return true
  }

  private func arrival(at time: Int) -> TokenMatch.Producer? {
    tokens.producers(of: instruction).first { $0.visible == time }
  }

  private mutating func go(to producer: TokenMatch.Producer) {
    // A token on its way (rule G3).
    explain(from: producer.given, as: .waitIssue)
    instruction = producer.instruction
  }

  /// Goes on in the instruction whose port was waited for until now, if it is known.
  private mutating func goToHolder() -> Bool {
    guard let holder = ports.holder(for: instruction, at: time) else { return false }
    instruction = holder
    return true
  }

  // MARK: Steps

  private mutating func explain(from start: Int, as part: Part) {
    var stack = CycleStack()
    stack[part] = max(0, time - start)
    explain(from: start, with: stack)
  }

  /// Everything from `start` to `time` is this instruction's, in the proportions of `stack`.
  private mutating func explain(from start: Int, with stack: CycleStack) {
    guard start < time else { return }
    let stack = stack.share(of: time - start)
    if let last = steps.last, last.instruction == instruction, last.start == time {
      steps[steps.count - 1].start = start
      steps[steps.count - 1].stack += stack
    } else {
      steps.append(CriticalPath.Step(instruction: instruction, start: start, end: time, stack: stack))
    }
    time = start
  }
}

extension [Segment] {
  /// Segments follow each other without gaps: the one that holds the cycle before `time`.
  func firstIndex(endingAtOrAfter time: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle].end < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension Part {
  /// Waiting for a token of another unit.
  var isTokenWait: Bool {
    switch self {
    case .waitWeights, .waitInput, .waitVector, .waitMatrix, .waitStore: true
    default: false
    }
  }
}

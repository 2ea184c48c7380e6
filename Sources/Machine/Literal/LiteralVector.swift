import Hardware
import Schedule

/// A vector instruction as the unit sees it.
struct LiteralVectorOp {
  var instruction: Int
  var claims: Range<Int>
  var waits: Range<Int>
  var posts: Range<Int>
  var sourceLatency: Int
  var destinationLatency: Int
  /// Rows, `packed` of the instruction's side by side; the last may have fewer.
  var rows: Int
  var allRows: Int
  var packed: Int
  /// Groups of lanes in a row.
  var groups: Int
  /// Cycles that a group keeps the lanes, in the last pass and in those before it, and how many of them it would need with
  /// wide enough words.
  var lastInterval: Int
  var interval: Int
  var busyInterval: Int
  var passes: Int
  var latency: Int
  /// A softmax or LayerNorm is in the chain.
  var rowWise: Bool
  var squareRoot: Bool
  var source: Region
  var operand: Region?
  var destination: Region
}

/// The vector unit (rules V1–V6): lanes that issue one group at a time, rows in flight, a serial square root and a serial
/// divider.
struct LiteralVector: ~Copyable {
  private enum Stage { case latency, asksRoot, inRoot, asksDivider, inDivider, ready, issuing, issued }

  private struct Row {
    var pass = 0
    var stage = Stage.issued
    /// End of the present latency.
    var until = 0
  }

  /// A unit that serves one row at a time, in the order in which they ask.
  private struct Serial {
    var cycles: Int
    var queue = LiteralFIFO<Int>()
    var row = -1
    var until = 0
  }

  private let unit: Int
  private let agent: Int
  private let lanes: Int
  private let window: Int
  private let program: [LiteralVectorOp]
  /// What the instructions compute; empty where nobody asks for values.
  private let chains: [LiteralChain]
  private let observe: ((ValueEvent) -> Void)?
  private var data = LiteralLanes()
  private(set) var next = 0
  /// An instruction is under way: program[next].
  private var running = false
  private var starvation = LiteralStarvation()
  /// Cycles left until the first group may issue; then, after the last, until the end.
  private var fill = 0
  private var tail = -1
  /// Groups left to issue in this pass, the cycle within the present group and how many it takes.
  private var groupsLeft = 0
  private var phase = 0
  private var groupInterval = 1
  /// Passes of an elementwise chain still to issue, this one included.
  private var passesLeft = 0

  /// Rows in flight stand in a ring; `oldest` is the first whose last pass hasn't been issued.
  private var rows: [Row] = []
  private var admitted = 0
  private var oldest = 0
  private var lane = -1
  private var root: Serial
  private var divider: Serial

  init(
    _ spec: VectorUnitSpec, unit: Int, agent: Int, program: [LiteralVectorOp], chains: [LiteralChain],
    observe: ((ValueEvent) -> Void)?
  ) {
    self.chains = chains
    self.observe = observe
    self.unit = unit
    self.agent = agent
    self.program = program
    lanes = spec.lanes
    window = spec.rowsInFlight
    root = Serial(cycles: spec.squareRootCycles)
    divider = Serial(cycles: spec.dividerCycles)
  }

  /// The instruction that hasn't ended and whether tokens are all that it lacks.
  func head(_ tokens: LiteralTokens) -> (instruction: Int, starved: Bool)? {
    next < program.count ? (program[next].instruction, !tokens.met(program[next].waits)) : nil
  }

  static let labels = ["started", "ended", "admitted rows", "oldest row", "issuing row", "square root", "divider"]

  /// Its part of the register file.
  func visit(_ visitor: inout LiteralVisitor) {
    for count in [next + (running ? 1 : 0), next, admitted, oldest, lane, root.row, divider.row] {
      visitor.counter(count)
    }
  }

  /// One cycle: takes the next instruction if it can, issues, and books the cycle.
  @inline(__always)
  mutating func act(_ bus: inout LiteralBus) {
    if starvation.lasts(bus.tokens.epoch) { return bus.ledger.charge(starvation.instruction, starvation.part) }
    work(&bus)
  }

  private mutating func work(_ bus: inout LiteralBus) {
    if !running {
      if next == program.count { return bus.ledger.idle(unit) }
      if let part = start(&bus) { return bus.ledger.charge(program[next].instruction, part) }
    }
    let part = step(&bus)
    bus.ledger.charge(program[next].instruction, part)
    if data.isDue(bus.now) { data.land(bus.now, in: chains[next]) }
    if tail == 0 {
      let op = program[next]
      if let observe, !chains.isEmpty {
        observe(ValueEvent(instruction: op.instruction, bytes: chains[next].result))
      }
      bus.finish(op.instruction, posts: op.posts, agent: agent, claims: op.claims)
      bus.underway -= 1
      running = false
      tail = -1
      next += 1
    }
  }

  /// Starts the next instruction; if it can't, why.
  private mutating func start(_ bus: inout LiteralBus) -> Part? {
    if let part = bus.tokens.missing(program[next].waits) {
      starvation = LiteralStarvation(bus.tokens.epoch, program[next].instruction, part)
      return part
    }
    let op = program[next]
    guard bus.ports.grant(agent, op.claims) else { return .waitPort }
    bus.tokens.take(op.waits)
    bus.ledger.start(op.instruction, at: bus.now)
    bus.acted = true
    bus.underway += 1
    bus.ledger.traffic.bufferRead[op.source.buffer] += op.source.bytes * op.passes
    if let operand = op.operand { bus.ledger.traffic.bufferRead[operand.buffer] += operand.bytes }
    bus.ledger.traffic.bufferWritten[op.destination.buffer] += op.destination.bytes
    running = true
    fill = op.sourceLatency
    phase = 0
    passesLeft = op.passes
    if !op.rowWise {
      beginPass(of: op.rows * op.groups, isLast: op.passes == 1)
      bus.ledger.note(bus.now + fill, .pass, op.instruction)
    }
    rows = Array(repeating: Row(), count: op.rowWise ? min(window, op.rows) : 0)
    (admitted, oldest, lane) = (0, 0, -1)
    return nil
  }

  /// What the lanes do in this cycle.
  private mutating func step(_ bus: inout LiteralBus) -> Part {
    if tail > 0 {
      tail -= 1
      return .latency
    }
    if fill > 0 {
      fill -= 1
      return .fill
    }
    if program[next].rowWise {
      admit(bus.now)
      serve(bus.now)
      if lane < 0 { choose(&bus) }
      if lane < 0 { return waiting() }
    }
    let part: Part = phase < program[next].busyInterval ? .busy : .narrow
    phase += 1
    if phase == groupInterval {
      phase = 0
      groupsLeft -= 1
      if !chains.isEmpty, groupsLeft % program[next].groups == 0 { rowIssued(bus.now) }
      if groupsLeft == 0 { passIssued(bus.now + 1) }
    }
    return part
  }

  private mutating func beginPass(of groups: Int, isLast: Bool) {
    groupsLeft = groups
    groupInterval = isLast ? program[next].lastInterval : program[next].interval
  }

  /// The last group of a row has left the lanes in cycle `now`: behind the last pass the row goes through the pipeline.
  private mutating func rowIssued(_ now: Int) {
    let op = program[next]
    let cycle = now + op.latency + op.destinationLatency
    if !op.rowWise, passesLeft == 1 {
      pass(op.rows - 1 - groupsLeft / op.groups, until: cycle)
    } else if op.rowWise, rows[lane % rows.count].pass == op.passes - 1 {
      pass(lane, until: cycle)
    }
  }

  /// The rows of the instruction that went through the lanes side by side.
  private mutating func pass(_ row: Int, until cycle: Int) {
    let op = program[next]
    for row in row * op.packed..<min(op.allRows, (row + 1) * op.packed) {
      data.pass(row, of: chains[next], until: cycle)
    }
  }

  /// The last group of a pass has left the lanes; `edge` is the first cycle after it.
  private mutating func passIssued(_ edge: Int) {
    let op = program[next]
    if op.rowWise {
      let slot = lane % rows.count
      rows[slot].pass += 1
      rows[slot].stage = rows[slot].pass == op.passes ? .issued : .latency
      rows[slot].until = edge + op.latency
      lane = -1
      while oldest < admitted, rows[oldest % rows.count].stage == .issued { oldest += 1 }
      if oldest < op.rows { return }
    } else {
      passesLeft -= 1
      if passesLeft > 0 { return beginPass(of: op.rows * op.groups, isLast: passesLeft == 1) }
    }
    tail = op.latency + op.destinationLatency
  }

  // MARK: Rows

  /// Takes rows in while there is room for them.
  private mutating func admit(_ now: Int) {
    let op = program[next]
    while admitted < op.rows, rows[admitted % rows.count].stage == .issued {
      rows[admitted % rows.count] = Row(pass: 0, stage: .latency, until: now)
      admitted += 1
    }
  }

  /// Rows whose latency is over go on; the serial units finish and take rows.
  private mutating func serve(_ now: Int) {
    let op = program[next]
    for row in oldest..<admitted {
      let slot = row % rows.count
      if rows[slot].stage == .latency, rows[slot].until <= now {
        if rows[slot].pass < op.passes - 1 {
          rows[slot].stage = .ready
        } else if op.squareRoot {
          rows[slot].stage = .asksRoot
          root.queue.push(row)
        } else {
          rows[slot].stage = .asksDivider
          divider.queue.push(row)
        }
      }
    }
    while let row = Self.turn(&root, now, op.packed) {
      rows[row % rows.count].stage = .asksDivider
      divider.queue.push(row)
    }
    if root.row >= 0 { rows[root.row % rows.count].stage = .inRoot }
    while let row = Self.turn(&divider, now, op.packed) { rows[row % rows.count].stage = .ready }
    if divider.row >= 0 { rows[divider.row % rows.count].stage = .inDivider }
  }

  /// The row that leaves the unit, if one does; a free unit takes the next that asks.
  ///
  /// - Parameter each: Rows of the instruction that it serves one after the other.
  private static func turn(_ unit: inout Serial, _ now: Int, _ each: Int) -> Int? {
    if unit.row < 0 {
      if unit.queue.isEmpty { return nil }
      unit.row = unit.queue.pop()
      unit.until = now + each * unit.cycles
    }
    if unit.until > now { return nil }
    defer { unit.row = -1 }
    return unit.row
  }

  /// Free lanes take the oldest row whose next pass is ready.
  private mutating func choose(_ bus: inout LiteralBus) {
    let op = program[next]
    for row in oldest..<admitted where rows[row % rows.count].stage == .ready {
      rows[row % rows.count].stage = .issuing
      lane = row
      beginPass(of: op.groups, isLast: rows[row % rows.count].pass == op.passes - 1)
      bus.ledger.note(bus.now, .pass, op.instruction, row)
      return
    }
  }

  /// Why nothing issues: what the oldest row waits for.
  private func waiting() -> Part {
    switch rows[oldest % rows.count].stage {
    case .asksRoot, .inRoot: .squareRoot
    case .asksDivider, .inDivider: .divide
    default: .latency
    }
  }
}

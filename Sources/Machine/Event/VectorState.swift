import Hardware
import Schedule

/// The vector unit's queue (rules V1–V6).
struct VectorState {
  let program: [Int]
  var next = 0
  /// End of the instruction before.
  var free = 0
  var arrivals: [Arrival] = []

  init(program: [Int]) { self.program = program }
  var head: Int? { next < program.count ? program[next] : nil }
}

/// Constants of one vector instruction (rules V2–V5).
private struct VectorJob {
  var rows: Int
  var passes: Int
  /// Groups in a row, and cycles of a group by its operations alone.
  var groups: Int
  var interval: Int
  /// Cycles of a group with narrow words and shared ports: in the last pass, and in those before.
  var lastGroupCycles: Int
  var groupCycles: Int
  var latency: Int
  var outputLatency: Int
  var squareRoot: Int
  var divide: Int
  var rowsInFlight: Int
}

extension EventEngine {
  private func instruction(_ index: Int) -> VectorInstruction? {
    if case .vector(let instruction) = schedule.instructions[index].operation { instruction } else { nil }
  }

  /// Rule V1 but for the ports.
  mutating func vectorReady() -> Int? {
    guard let head = vector.head, let arrivals = tokens.visible(head, slots: .start)
    else { return nil }
    vector.arrivals = arrivals
    return max(vector.free, arrivals.latest)
  }

  func vectorClaims() -> Claims {
    var claims = Claims()
    guard let head = vector.head, let instruction = instruction(head) else { return claims }
    claims.add(ports.map.banks(of: instruction.source), role: 0)
    if let operand = instruction.operand { claims.add(ports.map.banks(of: operand), role: 1) }
    claims.add(ports.map.banks(of: instruction.destination), role: 2)
    return claims
  }

  mutating func startVector() {
    guard let head = vector.head, let instruction = instruction(head) else { return }
    let claims = vectorClaims()
    let job = job(instruction, share: ports.map.share(claims))
    let isRowWise = instruction.stages.contains { $0.operation.isRowWise }
    tokens.take(head, slots: .start)
    recorder.start(head, at: now)
    var cursor = vector.free
    recorder.wait(for: vector.arrivals, by: head, cursor: &cursor)
    recorder.spend(until: now, on: .waitPort, by: head, cursor: &cursor)
    let first = now + accelerator.buffers[instruction.source.buffer].latency
    recorder.spend(until: first, on: .fill, by: head, cursor: &cursor)
    let issued = isRowWise ? issueRows(job, from: first, by: head) : issueElements(job, from: first, by: head)
    let end = issued + job.latency + job.outputLatency
    recorder.spend(end - issued, on: .latency, by: head)
    countBytes(instruction, passes: job.passes)

    let agent = agents.vector
    for index in 0..<claims.count {
      let role = index == 0 ? claims.role.0 : index == 1 ? claims.role.1 : claims.role.2
      ports.claim(agent: agent, role: role, banks: claims.banks(index), until: end)
    }
    vector.free = end
    vector.next += 1
    acted(agent)
    finish(head, end: end)
    arm(agent)
  }

  /// Rule V2 and what a chain of stages costs together.
  private func job(_ instruction: VectorInstruction, share: Int) -> VectorJob {
    let unit = accelerator.vector
    let packed = unit.rowsAtOnce(rows: instruction.rows, columns: instruction.columns)
    var job = VectorJob(
      rows: ceil(instruction.rows, packed), passes: 1, groups: ceil(instruction.columns, unit.lanes), interval: 1,
      lastGroupCycles: 1,
      groupCycles: 1, latency: 0, outputLatency: accelerator.buffers[instruction.destination.buffer].latency,
      squareRoot: 0, divide: 0,
      rowsInFlight: unit.rowsInFlight)
    for stage in instruction.stages {
      let spec = unit.operations[stage.operation] ?? VectorOperationSpec()
      job.passes = max(job.passes, spec.passes)
      job.interval = max(job.interval, spec.interval)
      job.latency += spec.latency
      if stage.operation.isRowWise { job.divide = packed * unit.dividerCycles }
      if stage.operation == .layerNorm { job.squareRoot = packed * unit.squareRootCycles }
    }
    let lanes = min(unit.lanes, instruction.columns)
    func narrow(_ region: Region, elements: Int, rows: Int) -> Int {
      ceil(rows * lanes * ceil(region.bytes, elements), accelerator.buffers[region.buffer].wordBytes)
    }
    job.groupCycles = max(job.interval, narrow(instruction.source, elements: instruction.elements, rows: packed))
    job.lastGroupCycles = max(
      job.groupCycles, narrow(instruction.destination, elements: instruction.elements, rows: packed))
    if let operand = instruction.operand {
      let isParameters = instruction.stages.contains { $0.operation == .layerNorm }
      let elements = isParameters ? instruction.columns : instruction.elements
      job.lastGroupCycles = max(
        job.lastGroupCycles, narrow(operand, elements: elements, rows: isParameters ? 1 : packed))
    }
    job.groupCycles *= share
    job.lastGroupCycles *= share
    return job
  }

  /// Rule V3. Returns the end of the last group's issue.
  private mutating func issueElements(_ job: VectorJob, from start: Int, by index: Int) -> Int {
    let groups = job.rows * job.groups
    let cycles = groups * ((job.passes - 1) * job.groupCycles + job.lastGroupCycles)
    let busy = groups * job.passes * job.interval
    recorder.event(.pass, index, at: start)
    recorder.spend(busy, on: .busy, by: index)
    recorder.spend(cycles - busy, on: .narrow, by: index)
    return start + cycles
  }

  /// Rules V4 and V5. Returns the end of the last pass's issue.
  private mutating func issueRows(_ job: VectorJob, from start: Int, by index: Int) -> Int {
    /// A row under way: its next pass, when that is ready, and on the way there the ends of pipeline and square root.
    struct Row {
      var pass = 0
      var ready = 0
      var asked = 0
      var rooted = 0
    }
    let window = min(job.rowsInFlight, job.rows)
    var rows = Array(repeating: Row(), count: window)
    var rootFree = 0
    var dividerFree = 0
    func prepare(_ row: inout Row, asking time: Int) {
      row.asked = time
      row.rooted = time
      row.ready = time
      guard row.pass == job.passes - 1 else { return }
      if job.squareRoot > 0 {
        row.rooted = max(time, rootFree) + job.squareRoot
        rootFree = row.rooted
      }
      row.ready = row.rooted
      if job.divide > 0 {
        row.ready = max(row.rooted, dividerFree) + job.divide
        dividerFree = row.ready
      }
    }
    for row in 0..<window { prepare(&rows[row], asking: start) }
    let busy = job.groups * job.interval
    // Rows stay in order: an older row is ready for each pass no later than a younger one, and goes first.
    var oldest = 0
    var time = start
    while oldest < job.rows {
      if let progress, oldest & 0xfffff == 0xfffff { progress(time, ended) }
      var chosen = -1
      var soonest = Int.max
      for row in oldest..<min(oldest + window, job.rows) {
        let ready = rows[row % window].ready
        if ready <= time {
          chosen = row
          break
        }
        soonest = min(soonest, ready)
      }
      guard chosen >= 0 else {
        let row = rows[oldest % window]
        recorder.spend(until: min(row.asked, soonest), on: .latency, by: index, cursor: &time)
        recorder.spend(until: min(row.rooted, soonest), on: .squareRoot, by: index, cursor: &time)
        recorder.spend(until: soonest, on: .divide, by: index, cursor: &time)
        continue
      }
      let isLast = rows[chosen % window].pass == job.passes - 1
      let cycles = job.groups * (isLast ? job.lastGroupCycles : job.groupCycles)
      recorder.event(.pass, index, at: time, detail: chosen)
      recorder.spend(busy, on: .busy, by: index)
      recorder.spend(cycles - busy, on: .narrow, by: index)
      time += cycles
      rows[chosen % window].pass += 1
      if rows[chosen % window].pass < job.passes {
        prepare(&rows[chosen % window], asking: time + job.latency)
      } else {
        oldest += 1
        rows[chosen % window] = Row()
        if chosen + window < job.rows { prepare(&rows[chosen % window], asking: time) }
      }
    }
    return time
  }

  private mutating func countBytes(_ instruction: VectorInstruction, passes: Int) {
    recorder.traffic.bufferRead[instruction.source.buffer] += passes * instruction.source.bytes
    if let operand = instruction.operand { recorder.traffic.bufferRead[operand.buffer] += operand.bytes }
    recorder.traffic.bufferWritten[instruction.destination.buffer] += instruction.destination.bytes
  }
}

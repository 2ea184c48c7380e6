import Hardware
import Schedule

/// The pass under way of an engine that reads its operands row by row (rules M27–M29).
struct RowPass {
  var isRunning = false
  /// The first cycle of the next pass, or row.
  var next = 0
  /// The tile that is next to stream has been loaded, or has what it keeps.
  var isLoaded = false
  /// A tile streams; its rows that are read.
  var streams = false
  var liveRows = 0
  /// Where a tile is loaded: whether one is, the matmul it belongs to, rows of the load, the first of which are zeros.
  var loads = false
  var loadJob = 0
  var loadRows = 0
  var zeroRows = 0
  /// Rows in all, those that have been read, and what has been of the next one.
  var rows = 0
  var row = 0
  var hasStep = false
  var hasLoad = false
  /// Rows of the streamed operand of the tile that is loaded, where they go through the transposer.
  var aheadRows = 0
  var hasAhead = true
  /// Rows of zeros that go between a load and its stream: what was loaded is transposed.
  var transposeRows = 0
  var arrivals: [Arrival] = []
}

extension ArrayState {
  /// The next cycle in which a row may be read or a pass may begin; `nil` while a token is missing.
  mutating func rowReady(tokens: TokenTable) -> Int? {
    if rows.isRunning { return rows.next }
    guard streaming.job < jobs.count else { return nil }
    let job = jobs[streaming.job]
    rows.arrivals = []
    if streaming.tile == 0, rows.transposeRows == 0 {
      let slots = rows.isLoaded ? slots(ofStream: job) : slots(ofLoad: job)
      guard let arrivals = tokens.visible(job.instruction, slots: slots) else { return nil }
      rows.arrivals = arrivals
    }
    return max(rows.next, issue(streaming), rows.arrivals.latest, flight.bound - job.inputDepth)
  }

  /// A cycle in which the next row may be read. Returns the instruction that this ends, if any, and when.
  mutating func readRow(
    at now: Int, words: inout WordTable, results: inout WordTable, tokens: inout TokenTable, recorder: inout Recorder
  ) -> (instruction: Int, at: Int)? {
    let job = jobs[streaming.job]
    if !rows.isRunning { beginPass(at: now, job, &tokens, &recorder) }
    if !rows.hasStep { rows.hasStep = words.take(job.streamer.banks(0), at: now) }
    if !rows.hasAhead { rows.hasAhead = words.take(jobs[rows.loadJob].streamer.banks(0), at: now) }
    if !rows.hasLoad { rows.hasLoad = words.take(jobs[rows.loadJob].loader.banks(0), at: now) }
    let isRead = rows.hasStep && rows.hasAhead && rows.hasLoad
    let part: Part = !isRead ? .waitPort : rows.streams ? .busy : .load
    recorder.spend(until: now + 1, on: part, by: job.instruction, cursor: &cursor, engine: engine)
    rows.next = now + 1
    guard isRead else { return nil }
    if rows.streams, rows.row < streaming.streamed(of: job), accumulates(job) {
      let distance = job.inputDepth + depth + constants.spec.columns - 1 + job.outputDepth
      results.write(job.streamer.banks(1), at: now + distance - 1)
    }
    rows.row += 1
    if rows.row == rows.loadRows { loadBefore.end = now + 1 + jobs[rows.loadJob].loadDepth }
    prepareRow()
    return rows.row == rows.rows ? endPass(at: now, job, &recorder) : nil
  }

  /// Slots whose tokens gate the load and the stream: what is read with the load waits with it.
  private func slots(ofLoad job: ArrayJob) -> SlotSet { job.readsAhead ? loaderSlots.union(.a) : loaderSlots }
  private func slots(ofStream job: ArrayJob) -> SlotSet {
    job.readsAhead ? streamerSlots.subtracting(.a) : streamerSlots
  }

  // MARK: Passes

  private mutating func beginPass(
    at now: Int, _ job: ArrayJob, _ tokens: inout TokenTable, _ recorder: inout Recorder
  ) {
    let index = job.instruction
    recorder.spend(until: issue(streaming), on: .waitIssue, by: index, cursor: &cursor, engine: engine)
    recorder.wait(for: rows.arrivals, by: index, cursor: &cursor, engine: engine)
    recorder.spend(until: now, on: .drain, by: index, cursor: &cursor, engine: engine)
    rows.isRunning = true
    rows.loads = false
    (rows.rows, rows.row, rows.loadRows, rows.liveRows, rows.aheadRows) = (constants.spec.minimumSteps, 0, 0, 0, 0)
    rows.streams = rows.isLoaded && rows.transposeRows == 0
    if rows.transposeRows > 0 {
      rows.rows = rows.transposeRows
      rows.transposeRows = 0
      return prepareRow()
    }
    if rows.streams {
      if streaming.tile == 0 { tokens.take(index, slots: slots(ofStream: job)) }
      loadBeside(at: now, job, &tokens, &recorder)
      rows.rows = max(streaming.steps(of: job), rows.loadRows, rows.aheadRows)
      rows.liveRows = job.readsAhead ? 0 : streaming.streamed(of: job)
      recorder.event(.stream, index, at: now, detail: streaming.tile)
    } else {
      beginRows(streaming, at: now, &tokens, &recorder)
      rows.rows = max(rows.rows, rows.loadRows, rows.aheadRows)
    }
    rows.isLoaded = rows.loads
    prepareRow()
  }

  /// The next tile's load goes beside the stream that begins, if it can.
  private mutating func loadBeside(
    at now: Int, _ job: ArrayJob, _ tokens: inout TokenTable, _ recorder: inout Recorder
  ) {
    var next = streaming
    next.advance(over: job)
    guard next.job < jobs.count, issue(next) <= now else { return }
    if next.tile == 0 {
      let instruction = jobs[next.job].instruction
      let slots = slots(ofLoad: jobs[next.job])
      guard let arrivals = tokens.visible(instruction, slots: slots), arrivals.latest <= now else { return }
    }
    beginRows(next, at: now, &tokens, &recorder)
  }

  /// The rows of a tile's load begin; those of what it keeps are zeros.
  private mutating func beginRows(
    _ tile: TileCursor, at now: Int, _ tokens: inout TokenTable, _ recorder: inout Recorder
  ) {
    let job = jobs[tile.job]
    rows.loads = true
    rows.loadJob = tile.job
    if job.readsAhead { rows.aheadRows = tile.rows(of: job) }
    if tile.tile == 0 {
      tokens.take(job.instruction, slots: slots(ofLoad: job))
      recorder.start(job.instruction, at: now)
    }
    guard !tile.isKept(of: job) else { return }
    recorder.event(.load, job.instruction, at: now, detail: tile.tile)
    recorder.traffic.bufferRead[job.stationaryBuffer] += tile.rows(of: job) * tile.columns(of: job)
    (rows.loadRows, rows.zeroRows) = (constants.spec.rows, constants.spec.rows - tile.rows(of: job))
    rows.transposeRows = job.transposeCycles
  }

  /// What the next row needs no port for counts as read.
  private mutating func prepareRow() {
    rows.hasStep = !rows.streams || rows.row >= rows.liveRows
    rows.hasAhead = rows.row >= rows.aheadRows
    rows.hasLoad = rows.loadRows == 0 || rows.row < rows.zeroRows || rows.row >= rows.loadRows
  }

  /// The last row of the pass is read in cycle `now`.
  private mutating func endPass(
    at now: Int, _ job: ArrayJob, _ recorder: inout Recorder
  ) -> (instruction: Int, at: Int)? {
    rows.isRunning = false
    let drained = now + job.inputDepth + depth + constants.spec.columns - 1 + job.outputDepth
    flight.enter(until: drained)
    guard rows.streams else { return nil }
    count(job, rows: streaming.rows(of: job), columns: streaming.columns(of: job), recorder: &recorder)
    recorder.event(.drained, job.instruction, at: drained, detail: streaming.tile)
    retired = max(retired, drained)
    let isLast = streaming.tile == job.tiles - 1
    streaming.advance(over: job)
    return isLast ? (job.instruction, retired) : nil
  }
}

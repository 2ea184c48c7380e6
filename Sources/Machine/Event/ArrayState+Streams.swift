import Hardware
import Schedule

/// What a pass of an engine with `streams` leaves to the next one.
struct PassState {
  /// When the stationary operands of tiles that haven't begun are in place, from the streaming one on.
  var ahead: [Int] = []
  /// The first cycle in which the next pass may start, and in which the pace lets a step enter.
  var free = 0
  var pace = 0
  /// E.
  var end = 0
  /// x of the last tile's steps.
  var entries: [Int] = []
  /// The next instruction's tokens for its stationary operand have been taken.
  var hasLoaderTokens = false
  /// When the last load was in place.
  var inPlace = 0
  var loaderArrivals: [Arrival] = []
  var streamerArrivals: [Arrival] = []
}

// Rules M18–M22: one pass after the other, each with the port to itself.
extension ArrayState {
  /// When the next pass can ask for the port; `nil` while a token is missing.
  mutating func passReady(_ streams: StreamSpec, tokens: TokenTable) -> Int? {
    guard streaming.job < jobs.count else { return nil }
    passes.loaderArrivals = []
    passes.streamerArrivals = []
    if streaming.tile == 0 {
      let instruction = jobs[streaming.job].instruction
      if !passes.hasLoaderTokens {
        guard let arrivals = tokens.visible(instruction, slots: loaderSlots) else { return nil }
        passes.loaderArrivals = arrivals
      }
      guard let arrivals = tokens.visible(instruction, slots: streamerSlots) else { return nil }
      passes.streamerArrivals = arrivals
    }
    return max(passes.free, passes.loaderArrivals.latest, passes.streamerArrivals.latest)
  }

  /// The port is granted in cycle `now`.
  mutating func pass(
    at now: Int, _ streams: StreamSpec, tokens: inout TokenTable, recorder: inout Recorder
  ) -> Stream {
    let job = jobs[streaming.job]
    let first = streaming
    if first.tile == 0 {
      let instruction = job.instruction
      if !passes.hasLoaderTokens { tokens.take(instruction, slots: loaderSlots) }
      tokens.take(instruction, slots: streamerSlots)
      passes.hasLoaderTokens = false
      recorder.start(job.instruction, at: now)
    }
    var places: [TileCursor] = []
    repeat {
      places.append(streaming)
      streaming.advance(over: job)
    } while streaming.job == first.job && isSamePass(places[0], streaming, job)
    let next = passes.ahead.count <= places.count ? nextLoad(at: now, &tokens) : nil
    var pass = StreamedPass(
      constants(streams, job), tiles: places.map { shape(job, $0) }, start: now, ahead: passes.ahead, next: next,
      biasWords: job.biasWords, pace: passes.pace, follows: passes.entries)
    let end = pass.run()

    record(pass, job, places, start: now, end: end, &recorder)
    passes.ahead = Array(passes.ahead.dropFirst(places.count)) + (next == nil ? [] : [pass.inPlace[places.count]])
    passes.free = end + streams.restart
    passes.pace = (pass.steps.last?.last?.taken ?? now) + constants.spec.stepInterval
    passes.end = end
    passes.entries = pass.entries
    let isLast = streaming.job > first.job
    return Stream(
      claims: job.streamer, operandsUntil: end, resultsUntil: end, ended: isLast ? (job.instruction, end) : nil)
  }

  /// Tiles of one pass of the inner loop of rule M1.
  private func isSamePass(_ one: TileCursor, _ other: TileCursor, _ job: ArrayJob) -> Bool {
    job.columnsInner ? one.inner == other.inner : one.outer == other.outer
  }

  /// Words of the next pass's first tile, if it may be loaded in a pass that starts now; takes the tokens that it needs.
  private mutating func nextLoad(at now: Int, _ tokens: inout TokenTable) -> Int? {
    guard streaming.job < jobs.count else { return nil }
    let job = jobs[streaming.job]
    if streaming.tile == 0 {
      let instruction = job.instruction
      guard let arrivals = tokens.visible(instruction, slots: loaderSlots), arrivals.latest <= now else { return nil }
      tokens.take(instruction, slots: loaderSlots)
      passes.hasLoaderTokens = true
    }
    return loadWords(job, streaming)
  }

  private func loadWords(_ job: ArrayJob, _ tile: TileCursor) -> Int {
    let rows = full ? constants.spec.rows : ceil(tile.rows(of: job), constants.spec.macsPerPE)
    return rows
      * max(1, ceil((full ? constants.spec.columns : tile.columns(of: job)) * constants.spec.macsPerPE, job.loadWord))
  }

  private func shape(_ job: ArrayJob, _ tile: TileCursor) -> StreamedPass.Tile {
    let replicas = full ? constants.spec.replicas : job.replicas
    let height = full ? constants.spec.rows * constants.spec.macsPerPE : tile.rows(of: job)
    let columns = full ? constants.spec.columns : tile.columns(of: job)
    return StreamedPass.Tile(
      steps: job.steps, stepsPerWord: max(1, job.streamWord / (replicas * height)),
      resultsPerWord: max(1, job.outputWord / (4 * replicas * columns)), loadWords: loadWords(job, tile),
      isFinal: tile.inner == job.innerTiles - 1, accumulates: job.accumulate || tile.inner > 0)
  }

  private func constants(_ streams: StreamSpec, _ job: ArrayJob) -> StreamedPass.Constants {
    StreamedPass.Constants(
      streams: streams, interval: constants.spec.stepInterval, swapCycles: constants.spec.swapCycles,
      registerSets: constants.spec.tilesAhead,
      outputFIFO: constants.spec.outputFIFO, edge: constants.spec.edgeRegisters,
      depth: depth + constants.spec.edgeRegisters,
      streamLatency: job.inputDepth - constants.spec.edgeRegisters,
      loadLatency: job.loadDepth - constants.spec.edgeRegisters,
      outputLatency: job.outputLatency)
  }

  // MARK: What a run reports

  private mutating func record(
    _ pass: StreamedPass, _ job: ArrayJob, _ places: [TileCursor], start: Int, end: Int, _ recorder: inout Recorder
  ) {
    recorder.event(.pass, job.instruction, at: start, detail: places[0].tile)
    for (index, place) in places.enumerated() {
      recorder.event(.stream, job.instruction, at: pass.begins[index], detail: place.tile)
      recorder.event(.drained, job.instruction, at: pass.drained[index], detail: place.tile)
      let (rows, columns) = (place.rows(of: job), place.columns(of: job))
      recorder.macs[engine] += rows * columns * job.streamed
      recorder.traffic.bufferRead[job.streamedBuffer] += rows * job.streamed
      if place.inner == job.innerTiles - 1 {
        recorder.traffic.bufferWritten[job.outputBuffer] += 4 * columns * job.streamed
      }
    }
    for load in pass.loadStarts {
      let isNext = load.tile == places.count
      let place = isNext ? streaming : places[load.tile]
      let owner = isNext ? jobs[streaming.job] : job
      recorder.event(.load, owner.instruction, at: load.at, detail: place.tile)
      recorder.traffic.bufferRead[owner.stationaryBuffer] += place.rows(of: owner) * place.columns(of: owner)
      passes.inPlace = max(passes.inPlace, pass.inPlace[load.tile])
    }
    recorder.traffic.bufferRead[job.stationaryBuffer] += job.biasBytes
    attribute(pass, job, start: start, end: end, &recorder)
  }

  /// "Where the cycles go", engine with streams.
  private mutating func attribute(
    _ pass: StreamedPass, _ job: ArrayJob, start: Int, end: Int, _ recorder: inout Recorder
  ) {
    let index = job.instruction
    func spend(_ time: Int, _ part: Part, _ cursor: inout Int, _ recorder: inout Recorder) {
      recorder.spend(until: time, on: part, by: index, cursor: &cursor, engine: engine)
    }
    spend(passes.free, .setup, &cursor, &recorder)
    recorder.wait(for: passes.loaderArrivals, by: index, cursor: &cursor, engine: engine)
    recorder.wait(for: passes.streamerArrivals, by: index, cursor: &cursor, engine: engine)
    spend(start, .waitPort, &cursor, &recorder)
    for steps in pass.steps {
      for step in steps {
        spend(step.pace, .narrow, &cursor, &recorder)
        spend(step.load, .load, &cursor, &recorder)
        spend(step.turnaround, .turnaround, &cursor, &recorder)
        spend(step.results, .waitResults, &cursor, &recorder)
        spend(step.taken, .waitOffer, &cursor, &recorder)
        spend(step.taken + 1, .busy, &cursor, &recorder)
      }
    }
    spend(end, .drain, &cursor, &recorder)
  }
}

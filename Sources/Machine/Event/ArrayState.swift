import Hardware
import Schedule

/// One matrix engine: its loader and streamer, and what the tile before left behind (rules M1–M29).
///
/// What is asked for at every tile is inlined: a call would copy the state.
struct ArrayState {
  let engine: Int
  let constants: Constants
  /// Tiles whose stationary operand is there from the start.
  let loadedTiles: Int
  let jobs: [ArrayJob]
  /// κ of rule M3: cycles by which new weights could overtake old ones in a PE column.
  let overtake: Int
  /// Cycles from a step at the edge to its result at the bottom of column 0 (rule M7).
  let depth: Int
  let loaderSlots: SlotSet
  let streamerSlots: SlotSet
  let skewed: Bool
  /// Results may have to be flushed before a load (rule M25).
  let flushes: Bool

  var loading = TileCursor()
  var streaming = TileCursor()
  /// The tiles that are loaded, or being loaded, and not yet streaming: oldest first, at most `tilesAhead`.
  var loaded: [LoadedTile] = []
  var loadBefore = LoadBefore()
  var before: TileBefore?
  /// The tiles before that whose registers the loader may have to wait for, oldest first.
  private var older: [TileBefore] = []
  let isElastic: Bool
  /// Of an elastic engine.
  var elastic: ElasticStream?
  /// x of all steps of the tile before, of an elastic engine.
  private var entriesBefore: [Int] = []
  /// Of an engine with `streams`: what the pass before left behind.
  var passes = PassState()
  /// Of an engine that reads row by row: the pass under way.
  var rows = RowPass()
  var flight: Flight
  /// When the last tile whose loading has begun is in place (LS + H).
  var lastInPlace: Int { max(loadBefore.end, passes.inPlace) }
  /// Largest DE so far (rule M13).
  var retired = 0
  /// What `streamerReady` found for the next tile: rules M8 and M12, and M6.
  private(set) var separation = 0
  private(set) var turnaround = 0
  /// First cycle that no instruction owns yet.
  var cursor = 0
  var loaderArrivals: [Arrival] = []
  var streamerArrivals: [Arrival] = []

  /// The engine's description, which is large, and the buffers: apart, so that the state is quickly copied.
  final class Constants: Sendable {
    let spec: MatrixEngineSpec
    let buffers: [BufferSpec]
    let banks: BankMap
    init(_ spec: MatrixEngineSpec, _ buffers: [BufferSpec], _ banks: BankMap) {
      (self.spec, self.buffers, self.banks) = (spec, buffers, banks)
    }
  }

  struct LoadedTile {
    var arrivals: [Arrival]
    var ready: Int
    var start: Int
    /// LS + H and `swap-cycles`: the first step may enter.
    var inPlace: Int
  }
  struct LoadBefore {
    /// LS + H and ls of the load before.
    var end = 0
    var start = -1
    /// First cycle after the last word.
    var free = 0
  }
  /// The tile before, as rules M3–M12 refer to it.
  struct TileBefore {
    var start: Int
    /// SS.
    var entry: Int
    var steps: Int
    var pace: Pace
    /// x of the first and the last step.
    var first: Int
    var last: Int
    /// Of an elastic engine: when the operands of the first and the last step were taken.
    var firstTaken = 0
    var taken = 0
    /// The earliest SS of the next tile.
    var next: Int
    /// First cycle in which its operands no longer are read: that of lock step.
    var read: Int
    var drained = 0
    /// X, oi and the rows of rule M11.
    var shift = 0
    var shiftRows = 1
    var shiftInterval = 1
    var end: Int { last + 1 }

    init(start: Int, entry: Int, steps: Int, pace: Pace) {
      (self.start, self.entry, self.steps, self.pace) = (start, entry, steps, pace)
      first = entry + pace.phase
      last = entry + pace.entry(steps - 1)
      next = entry + steps * pace.interval
      read = start + steps * pace.interval
    }
  }

  /// When the steps of a tile enter, from SS on: rules M4 and M10.
  struct Pace {
    /// ii.
    var interval: Int
    /// The cycle of its interval in which a step enters, counted from 0: when its last word is there.
    var phase: Int
    /// From SS to x of step `j`.
    func entry(_ j: Int) -> Int { phase + j * interval }
  }

  init(engine: Int, program: [Int], schedule: Schedule, banks: BankMap) {
    self.engine = engine
    let spec = schedule.accelerator.engines[engine]
    constants = Constants(spec, schedule.accelerator.buffers, banks)
    loadedTiles = schedule.loadedTiles(of: engine)
    var jobs: [ArrayJob] = []
    for index in program {
      guard case .matmul(let matmul) = schedule.instructions[index].operation else { continue }
      jobs.append(ArrayJob(index, matmul, constants))
    }
    self.jobs = jobs
    isElastic = spec.isElastic && spec.streams == nil
    if isElastic { elastic = ElasticStream(spec) }
    flight = Flight(most: spec.tilesInFlight)
    skewed = spec.interconnect == .systolic
    flushes = spec.flushes
    overtake = skewed ? (spec.rows - 1) * (spec.peRegisters - 1) : 0
    var levels = 0
    while 1 << levels < spec.rows { levels += 1 }
    depth = skewed ? spec.rows * spec.peRegisters : spec.peRegisters + spec.adderTreeRegisters * levels
    switch spec.dataflow {
    case .weightStationary: (loaderSlots, streamerSlots) = (.b, [.start, .a, .out])
    case .inputStationary: (loaderSlots, streamerSlots) = (.a, [.start, .b, .out])
    case .outputStationary where spec.lockStep: (loaderSlots, streamerSlots) = (.a, [.start, .b, .out])
    case .outputStationary: (loaderSlots, streamerSlots) = ([], [.start, .a, .b, .out])
    }
  }

  /// Tiles whose stationary operand is there from the start: they count as loaded within cycle 0.
  mutating func takeLoaded(_ recorder: inout Recorder) {
    if constants.spec.streams != nil {
      passes.ahead = Array(repeating: 1 - constants.spec.swapCycles, count: loadedTiles)
      return
    }
    for _ in 0..<loadedTiles {
      if loading.tile == 0 { recorder.start(jobs[loading.job].instruction, at: 0) }
      loaded.append(LoadedTile(arrivals: [], ready: 0, start: 0, inPlace: 1))
      loadBefore.start = 0
      loading.advanceLoad(over: jobs[loading.job])
    }
  }

  var loadsOperand: Bool { constants.spec.hasLoader }
  var full: Bool { constants.spec.edgeTiles == .full }
  var loaderClaims: Claims { jobs[loading.job].loader }
  var streamerClaims: Claims { jobs[streaming.job].streamer }
  /// The instruction that can't go on.
  var head: Int? { streaming.job < jobs.count ? jobs[streaming.job].instruction : nil }

  /// Rule M26: the first cycle in which the tile may be issued.
  @inline(__always) func issue(_ tile: TileCursor) -> Int {
    constants.spec.issueLatency + tile.number * constants.spec.issueInterval
  }

  // MARK: Loader

  /// When the loader can ask for its port: rules G1, M3, M5a. `nil` while no registers are free or a token is missing.
  mutating func loaderReady(tokens: TokenTable) -> Int? {
    guard loadsOperand, constants.spec.streams == nil, !constants.spec.rowByRow,
      loaded.count < constants.spec.tilesAhead, loading.job < jobs.count
    else {
      return nil
    }
    let job = jobs[loading.job]
    loaderArrivals = []
    if loading.tile == 0 {
      guard let arrivals = tokens.visible(job.instruction, slots: loaderSlots) else {
        return nil
      }
      loaderArrivals = arrivals
    }
    var entry = loadBefore.end
    var start = max(loadBefore.start + 1, issue(loading))
    if constants.spec.lockStep {
      guard loading.number == streaming.number else { return nil }
      if let before {
        let passed = constants.spec.dataflow == .outputStationary ? 0 : before.first + overtake
        entry = max(entry, passed, flight.bound)
        start = max(start, before.read)
      }
      return unflushed(max(entry - job.loadDepth, start, loaderArrivals.latest))
    }
    if isElastic { start = max(start, loadBefore.free) }
    if let before = registersBefore {
      let passed = constants.spec.shadowWeights ? before.first : before.last
      start = max(start, before.start)
      // What isn't at a fixed pace can't be foreseen.
      if isElastic { start = max(start, constants.spec.shadowWeights ? before.firstTaken : before.taken) }
      entry = max(entry, (constants.spec.shadowWeights ? passed : passed + 1) + overtake)
      if !constants.spec.shadowWeights, !constants.spec.tileOverlap {
        entry = max(entry, before.drained)
        if isElastic { start = max(start, before.drained) }
      }
    }
    return max(entry - job.loadDepth, start, loaderArrivals.latest)
  }

  /// The tile that used the registers before into which the loader's next tile goes.
  private var registersBefore: TileBefore? {
    let back = constants.spec.tilesAhead - 1 - loaded.count
    if back == 0 { return before }
    return older.count >= back ? older[older.count - back] : nil
  }

  /// Rows of the load that is next, and cycles of each: rules M2 and M24.
  @inline(__always) func loadShape(_ job: ArrayJob) -> (rows: Int, interval: Int) {
    let live = loading.rows(of: job)
    if job.outputStationary {
      let rows =
        full
        ? constants.spec.replicas * constants.spec.rows
        : ceil(live, constants.spec.rows) * min(constants.spec.rows, live)
      return (max(constants.spec.rows, job.steps), max(1, ceil(rows * constants.spec.macsPerPE, job.streamWord)))
    }
    let columns = full ? constants.spec.columns : loading.columns(of: job)
    return (
      full ? constants.spec.rows : ceil(live, constants.spec.macsPerPE),
      max(1, ceil(columns * constants.spec.macsPerPE, job.loadWord))
    )
  }

  /// The loader's port is granted in cycle `now`: rule M2. Returns the claim's release.
  ///
  /// - Parameter share: By which a load beside a stream is slower (rule M24); `nil` for one that goes alone.
  mutating func load(
    at now: Int, ready: Int, beside share: Int? = nil, tokens: inout TokenTable, recorder: inout Recorder
  ) -> Int {
    let job = jobs[loading.job]
    let shape = loadShape(job)
    let words = shape.rows * shape.interval * (share ?? 1)
    let end = (isElastic ? elastic?.load(words: words, from: now) : nil).map { $0 + 1 } ?? now + words
    let inPlace = end + job.loadDepth + job.transposeCycles
    if constants.spec.lockStep, share == nil {
      let edge = skewed ? (full ? constants.spec.columns : loading.columns(of: job)) - 1 : 0
      flight.enter(until: inPlace - 1 + depth + edge + job.outputDepth)
    }
    if loading.tile == 0 {
      tokens.take(job.instruction, slots: loaderSlots)
      recorder.start(job.instruction, at: now)
    }
    recorder.event(.load, job.instruction, at: now, detail: loading.tile)
    if !job.outputStationary {
      recorder.traffic.bufferRead[job.stationaryBuffer] += loading.rows(of: job) * loading.columns(of: job)
    }
    loaded.append(
      LoadedTile(arrivals: loaderArrivals, ready: ready, start: now, inPlace: inPlace + constants.spec.swapCycles))
    loadBefore = LoadBefore(end: inPlace, start: now, free: end)
    loading.advanceLoad(over: job)
    return end
  }

  // MARK: Streamer

  /// When the streamer can ask for its ports: rules G1, M4–M6, M8, M12. `nil` while weights or tokens are missing.
  mutating func streamerReady(tokens: TokenTable) -> Int? {
    if let streams = constants.spec.streams { return passReady(streams, tokens: tokens) }
    if constants.spec.rowByRow { return rowReady(tokens: tokens) }
    guard streaming.job < jobs.count, !loadsOperand || streaming.block > 0 || !loaded.isEmpty else { return nil }
    let job = jobs[streaming.job]
    streamerArrivals = []
    if streaming.tile == 0 {
      guard let arrivals = tokens.visible(job.instruction, slots: streamerSlots) else {
        return nil
      }
      streamerArrivals = arrivals
    }
    var start = max(streamerArrivals.latest, issue(streaming))
    (separation, turnaround) = (0, 0)
    if let before {
      separation = separationBound(job, before)
      turnaround = accumulatorBound(job, before)
      start = max(start, before.start + 1, before.next - job.inputDepth)
      if isElastic { start = max(start, before.taken + 1) }
    }
    var entry = max(separation, turnaround, flight.bound)
    if let loaded = loaded.first {
      entry = max(entry, loaded.inPlace)
      start = max(start, loaded.start + 1)
    }
    return max(start, isElastic ? entry : entry - job.inputDepth)
  }

  /// Rules M8 and M12: the first cycle in which the tile may enter as far as the results of the one before go.
  @inline(__always) private func separationBound(_ job: ArrayJob, _ before: TileBefore) -> Int {
    var bound = constants.spec.tileOverlap ? 0 : before.drained
    guard job.outputStationary, constants.spec.outputPath != .direct else { return bound }
    let hop = skewed ? 1 : 0
    let passed = before.shift + before.shiftInterval + (before.shiftRows - 1) * max(0, before.shiftInterval - hop)
    let pace = pace(job, streaming)
    switch constants.spec.outputPath {
    case .direct: break
    case .shift: bound = max(bound, passed - pace.phase)
    case .shiftRegisters:
      bound = max(bound, passed - constants.spec.peRegisters - pace.entry(streaming.steps(of: job) - 1))
    }
    return bound
  }

  /// Rule M6.
  @inline(__always) private func accumulatorBound(_ job: ArrayJob, _ before: TileBefore) -> Int {
    guard !isElastic, accumulates(job) else { return 0 }
    let pace = pace(job, streaming)
    let steps = streaming.steps(of: job)
    if job.outputStationary { return before.last + job.outputLatency - pace.entry(steps - 1) }
    let last = min(steps, before.steps) - 1
    return before.entry + job.outputLatency
      + max(before.pace.phase - pace.phase, before.pace.entry(last) - pace.entry(last))
  }

  @inline(__always) func accumulates(_ job: ArrayJob) -> Bool {
    job.accumulate || (!job.outputStationary && streaming.inner > 0)
  }

  /// - Parameter share: That of a stream beside a load; `nil` for one that goes alone.
  @inline(__always) func pace(_ job: ArrayJob, _ tile: TileCursor, share: Int? = nil) -> Pace {
    let words = words(job, tile) * (share ?? job.share)
    return Pace(interval: max(words, constants.spec.stepInterval), phase: words - 1)
  }

  /// Cycles of the words of one step, if their ports are theirs alone.
  @inline(__always) private func words(_ job: ArrayJob, _ tile: TileCursor) -> Int {
    let rows = tile.rows(of: job)
    let columns = full ? constants.spec.columns : tile.columns(of: job)
    if job.outputStationary, constants.spec.lockStep {
      return max(1, ceil(columns * constants.spec.macsPerPE, job.secondWord))
    }
    if job.outputStationary {
      var live = full ? constants.spec.replicas * job.rows : ceil(rows, job.rows) * min(job.rows, rows)
      if job.pixelsInRow > 0 {
        // Every multiplier has an operand of its own.
        live = (full ? live : ceil(rows, job.rows) * min(job.rows, job.pixelsInRow)) * columns
      }
      return max(1, ceil(live * job.depth, job.streamWord), ceil(columns * job.depth, job.secondWord))
    }
    let replicas = full ? constants.spec.replicas : job.replicas
    let height = full ? constants.spec.rows * constants.spec.macsPerPE : rows
    return max(1, ceil(replicas * height, job.streamWord), ceil(replicas * columns * 4, job.outputWord))
  }

  /// A stream as granted: what the engine needs to claim, and the instruction that it ends, if any.
  struct Stream {
    var claims: Claims
    var operandsUntil: Int
    var resultsUntil: Int
    var ended: (instruction: Int, at: Int)?
  }

  /// The streamer's ports are granted in cycle `now`: rules M4, M7, M10, M11, M13.
  ///
  /// - Parameter share: That of a stream beside a load; `nil` for one that goes alone.
  mutating func stream(
    at now: Int, beside share: Int? = nil, tokens: inout TokenTable, recorder: inout Recorder
  ) -> Stream {
    if let streams = constants.spec.streams { return pass(at: now, streams, tokens: &tokens, recorder: &recorder) }
    let job = jobs[streaming.job]
    let rows = streaming.rows(of: job)
    let columns = streaming.columns(of: job)
    let entry = now + job.inputDepth
    let edge = (full ? constants.spec.columns : columns) - 1
    var tile = TileBefore(
      start: now, entry: entry, steps: streaming.steps(of: job), pace: pace(job, streaming, share: share))
    let last = tile.last
    var steps: [ElasticStream.Step] = []
    if isElastic {
      steps = stretch(&tile, job, depth: depth + (skewed ? edge : 0) + constants.spec.edgeRegisters)
    } else if !job.outputStationary {
      tile.drained = last + depth + (skewed ? edge : 0) + job.outputDepth
    } else if constants.spec.outputPath == .direct {
      let bottom = (full ? constants.spec.rows : min(constants.spec.rows, rows)) - 1
      tile.drained = last + (skewed ? bottom + edge : 0) + constants.spec.peRegisters + job.outputDepth
    } else {
      tile.shift = last + (skewed ? constants.spec.rows - 1 : 0) + constants.spec.peRegisters
      let replicas = full ? constants.spec.replicas : ceil(rows, job.rows)
      tile.shiftRows = job.rows
      tile.shiftInterval = max(1, ceil(replicas * (edge + 1) * 4, job.outputWord))
      tile.drained = tile.shift + (skewed ? edge : 0) + job.rows * tile.shiftInterval + job.outputDepth
    }
    if streaming.tile == 0 {
      tokens.take(job.instruction, slots: streamerSlots)
      if !loadsOperand { recorder.start(job.instruction, at: now) }
    }
    attribute(job, start: now, tile: tile, steps: steps, recorder: &recorder)
    count(job, rows: job.pixelsInRow > 0 ? job.results(streaming) : rows, columns: columns, recorder: &recorder)
    recorder.event(.stream, job.instruction, at: now, detail: streaming.tile)
    recorder.event(.drained, job.instruction, at: tile.drained, detail: streaming.tile)

    retired = max(retired, tile.drained)
    flight.enter(until: tile.drained)
    var stream = Stream(
      claims: job.streamer, operandsUntil: tile.end - job.inputDepth, resultsUntil: tile.drained, ended: nil)
    if streaming.tile == job.tiles - 1 { stream.ended = (job.instruction, retired) }
    if constants.spec.tilesAhead > 1, let before {
      older.append(before)
      if older.count >= constants.spec.tilesAhead { older.removeFirst() }
    }
    before = tile
    if streaming.block == 0 {
      if loaded.count == 1 { loaded.removeAll(keepingCapacity: true) } else if loadsOperand { loaded.removeFirst() }
    }
    streaming.advance(over: job)
    return stream
  }

  /// Rules M14 and M15: the steps of an elastic engine.
  private mutating func stretch(_ tile: inout TileBefore, _ job: ArrayJob, depth: Int) -> [ElasticStream.Step] {
    let columns = full ? constants.spec.columns : streaming.columns(of: job)
    let replicas = full ? constants.spec.replicas : job.replicas
    let demand = ElasticStream.Demand(
      start: tile.start, steps: tile.steps, words: tile.pace.phase + 1, interval: tile.pace.interval,
      inputDepth: job.inputDepth, depth: depth, outputLatency: job.outputLatency,
      isFinal: streaming.inner == job.innerTiles - 1,
      resultInterval: max(1, ceil(replicas * columns * 4, job.outputWord)),
      follows: accumulates(job) ? entriesBefore : [], distance: job.outputLatency)
    guard let result = elastic?.stream(demand) else { return [] }
    entriesBefore = result.steps.map(\.entry)
    tile.first = entriesBefore[0]
    tile.last = entriesBefore[tile.steps - 1]
    tile.firstTaken = tile.first - tile.pace.phase - job.inputDepth
    tile.taken = tile.last - tile.pace.phase - job.inputDepth
    tile.next = tile.last - tile.pace.phase + tile.pace.interval
    tile.drained = result.drained
    return result.steps
  }
}

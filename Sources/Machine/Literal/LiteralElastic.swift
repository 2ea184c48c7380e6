import Hardware

/// What an elastic engine has besides its array: the handshakes of its edges, and the FIFO of results (rules M14–M16).
struct LiteralElastic {
  /// Results of one step on their way to the output buffer.
  struct Row {
    var tile: Int
    var step: Int
    var isLast: Bool
    /// Where they stand in the FIFO's memory.
    var slot: Int
    /// The cycle in which all of them are there.
    var arrival: Int
    var interval: Int
    var latency: Int
  }

  /// Why no step is taken, at the time when a step taken now would be at the array.
  private struct Reason {
    var cycle: Int
    var part: Part
  }

  private let depth: Int
  /// Rows of the FIFO's memory: its entries, and the registers between it and the output buffer.
  let slots: Int
  private let streamDuty: Duty
  private let loadDuty: Duty
  private let resultDuty: Duty

  // What the sources offer, until it is taken.
  private var isStepOffered = false
  private var isWordOffered = false

  /// Steps of the streaming tile that have been taken, and the first cycle in which the next one may be.
  private(set) var takenSteps = 0
  private(set) var nextTake = 0
  /// The first cycle in which the next tile's words may be at the array.
  private(set) var paceBound = 0
  /// x of the steps of the streaming tile and of the one before.
  private var entries: [Int] = []
  private var entriesBefore: [Int] = []
  /// Cycles in which steps that have been taken, and rows of the stationary operand, are at the array.
  private var arrivals = LiteralFIFO<Int>()
  private var rowArrivals = LiteralFIFO<Int>()
  private var reasons = LiteralFIFO<Reason>()

  // The load under way: words to take, of a row those that have been taken.
  private var wordsLeft = 0
  private var rowWords = 0
  private var rowInterval = 1
  /// The first cycle after the last word taken, and the same at the array.
  private(set) var loadFree = 0
  private(set) var loadedUntil = 0

  private var rows = LiteralFIFO<Row>()
  private var landings: [(row: Row, at: Int)] = []
  /// Results that get into the output buffer at this edge.
  private(set) var landed: [Row] = []
  /// Final steps that have been taken, and those whose results had left the FIFO before this cycle.
  private var finalsTaken = 0
  private var finalsGone = 0
  private var goneNow = 0
  private var nextSend = 0
  private var nextSlot = 0

  /// DE of tiles that have ended, by number modulo the size, and the largest.
  private var drained = [Int](repeating: 0, count: 32)
  private(set) var drainedAll = 0

  /// - Parameters:
  ///   - longest: The largest latency of an output buffer.
  ///   - perWord: Of an engine with `streams`: steps whose results stand in one word, at most.
  init(_ spec: MatrixEngineSpec, longest: Int, perWord: Int) {
    depth = spec.outputFIFO
    slots = Self.slots(spec, longest: longest, perWord: perWord)
    (streamDuty, loadDuty, resultDuty) = (spec.streamDuty, spec.loadDuty, spec.resultDuty)
  }

  var hasFIFO: Bool { depth > 0 }

  /// Rows of the FIFO's memory: its entries, and the registers between it and the output buffer, of whole words with `streams`.
  static func slots(_ spec: MatrixEngineSpec, longest: Int, perWord: Int) -> Int {
    guard spec.outputFIFO > 0 else { return 0 }
    guard let streams = spec.streams else { return spec.outputFIFO + longest + 1 }
    return spec.outputFIFO + (streams.fifo + longest + 3) * perWord
  }

  /// The beginning of a cycle: sources offer anew what has been taken.
  mutating func offer(_ now: Int) {
    if streamDuty.isOpen(in: now) { isStepOffered = true }
    if loadDuty.isOpen(in: now) { isWordOffered = true }
  }

  /// What the streams offer in this cycle.
  mutating func present(step: Bool) { isStepOffered = step }
  mutating func present(word: Bool) { isWordOffered = word }

  // MARK: Steps

  /// A tile's stream begins.
  mutating func begin(_ now: Int) {
    takenSteps = 0
    nextTake = now
    entriesBefore = entries
    entries = []
  }

  /// Takes the next step of a tile if everything is there; x of the step.
  ///
  /// - Parameters:
  ///   - follows: The cycles by which it follows the same step of the tile before, if it accumulates.
  ///   - delay: din.
  mutating func take(_ now: Int, _ tile: LiteralTile, follows: Int?, delay: Int) -> Int? {
    if let part = obstacle(now, tile, follows: follows, delay: delay) {
      reasons.push(Reason(cycle: now + delay, part: part))
      return nil
    }
    return accept(now, tile, delay: delay)
  }

  /// Why the next step of a tile can't be taken; nil if it can.
  func obstacle(_ now: Int, _ tile: LiteralTile, follows: Int?, delay: Int) -> Part? {
    let toArray = delay + tile.phase
    var turnaround = 0
    if let follows, takenSteps < entriesBefore.count { turnaround = entriesBefore[takenSteps] + follows - toArray }
    if now < nextTake { return .narrow }
    if now < turnaround { return .turnaround }
    if tile.isFinal, hasFIFO, finalsTaken - finalsGone >= depth { return .waitResults }
    return isStepOffered ? nil : .waitOffer
  }

  /// Takes the next step of a tile; its x.
  mutating func accept(_ now: Int, _ tile: LiteralTile, delay: Int) -> Int {
    let toArray = delay + tile.phase
    isStepOffered = false
    takenSteps += 1
    nextTake = now + tile.interval
    paceBound = nextTake + delay
    arrivals.push(now + delay)
    entries.append(now + toArray)
    if tile.isFinal, hasFIFO { finalsTaken += 1 }
    return now + toArray
  }

  /// Whether the words of a step reach the array in this cycle.
  mutating func arrives(_ now: Int) -> Bool {
    guard !arrivals.isEmpty, arrivals.first == now else { return false }
    arrivals.pop()
    return true
  }

  /// Why no step is at the array.
  mutating func reason(_ now: Int) -> Part {
    while !reasons.isEmpty, reasons.first.cycle < now { reasons.pop() }
    return !reasons.isEmpty && reasons.first.cycle == now ? reasons.first.part : .narrow
  }

  // MARK: Stationary operand

  var isLoading: Bool { wordsLeft > 0 }

  /// The first cycle in which a load of so many cycles from buffer to array may be asked for.
  func loadAt(delay: Int) -> Int { isLoading ? .max : max(loadFree, loadedUntil - delay) }

  mutating func beginLoad(words: Int, rowInterval: Int) {
    wordsLeft = words
    rowWords = 0
    self.rowInterval = rowInterval
  }

  /// Takes a word of the stationary operand if one is offered; whether it is the load's last.
  mutating func takeWord(_ now: Int, delay: Int) -> Bool {
    guard wordsLeft > 0, isWordOffered else { return false }
    isWordOffered = false
    wordsLeft -= 1
    rowWords += 1
    if rowWords == rowInterval {
      rowWords = 0
      rowArrivals.push(now + delay)
    }
    guard wordsLeft == 0 else { return false }
    loadFree = now + 1
    loadedUntil = loadFree + delay
    return true
  }

  /// Whether a row of the stationary operand is at the array in this cycle.
  mutating func rowArrives(_ now: Int) -> Bool {
    guard !rowArrivals.isEmpty, rowArrivals.first == now else { return false }
    rowArrivals.pop()
    return true
  }

  // MARK: Results

  /// The place in the FIFO's memory for the results of a step, which are complete in cycle `arrival`.
  mutating func queue(_ tile: LiteralTile, number: Int, step: Int, arrival: Int, latency: Int) -> Int {
    let slot = nextSlot
    nextSlot = slot + 1 == slots ? 0 : slot + 1
    rows.push(
      Row(
        tile: number, step: step, isLast: step == tile.steps - 1, slot: slot, arrival: arrival,
        interval: tile.outInterval, latency: latency))
    return slot
  }

  /// The edge before cycle `next`: the oldest results leave if they are complete and taken then; `landed` are those that left
  /// long enough ago to be in the output buffer.
  mutating func send(next: Int) {
    finalsGone += goneNow
    goneNow = 0
    landed.removeAll(keepingCapacity: true)
    if !rows.isEmpty, rows.first.arrival <= next, next >= nextSend, resultDuty.isOpen(in: next) {
      let row = rows.pop()
      goneNow = 1
      nextSend = next + row.interval
      landings.append((row, next + row.latency))
    }
    settle(next)
  }

  /// The same of an engine with `streams`: the results that leave, where they have room, are on their way to the port.
  mutating func leave(next: Int, hasRoom: Bool) -> Row? {
    finalsGone += goneNow
    goneNow = 0
    landed.removeAll(keepingCapacity: true)
    settle(next)
    guard hasRoom, !rows.isEmpty, rows.first.arrival <= next else { return nil }
    goneNow = 1
    return rows.pop()
  }

  /// Results get into the output buffer at the edge before cycle `cycle`.
  mutating func land(_ row: Row, at cycle: Int) { landings.append((row, cycle)) }

  private mutating func settle(_ next: Int) {
    if landings.isEmpty { return }
    for landing in landings where landing.at <= next { landed.append(landing.row) }
    if !landed.isEmpty { landings.removeAll { $0.at <= next } }
  }

  /// A tile has ended: its results can be used from cycle `cycle` on.
  mutating func end(_ number: Int, at cycle: Int) {
    drained[number & 31] = cycle
    drainedAll = max(drainedAll, cycle)
  }

  /// DE of a tile that ended not long ago.
  func drainEnd(_ number: Int) -> Int { drained[number & 31] }
}

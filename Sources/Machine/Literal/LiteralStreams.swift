import Hardware

/// What an engine with `streams` has between its array and the one port: a FIFO for each stream, an arbiter that takes turns, and
/// the controller of passes (rules M18–M22).
struct LiteralStreams {
  /// A stream that reads: words that it may still ask for, words on their way, and words that wait at the array.
  struct Source {
    var wanted = 0
    /// Asked for and not used: places of the FIFO that are taken.
    var taken = 0
    var waiting = 0
    var onTheWay = LiteralFIFO<Int>()

    /// The words that reach the array by cycle `now` join those that wait.
    mutating func arrive(_ now: Int) {
      while !onTheWay.isEmpty, onTheWay.first <= now {
        onTheWay.pop()
        waiting += 1
      }
    }

    mutating func request(arriving cycle: Int) {
      wanted -= 1
      taken += 1
      onTheWay.push(cycle)
    }
  }

  /// Results in one word on its way to the port.
  struct Word {
    var rows: Int
    /// The first cycle in which it can ask.
    var ready: Int
  }

  let spec: StreamSpec
  /// Streamed and stationary operand, and the bias.
  var streamed = Source()
  var stationary = Source()
  var bias = Source()
  /// Places that are given back at the end of the cycle.
  private var streamedFreed = 0
  private var stationaryFreed = 0
  /// Words that are to be written.
  var resultsWanted = 0

  // The pass under way.
  var isRunning = false
  var requestFrom = 0
  /// Number of the tile behind its last.
  var endTile = 0
  var program = 0
  /// When the bias is in its registers.
  var biasReady = 0
  /// Words of the next pass's first tile: they are asked for from a cycle on.
  private(set) var nextWords = 0
  private(set) var nextFrom = 0
  /// When the last word of the pass's own tiles reaches the array.
  private var ownArrival = 0
  /// Whose turn it is: streamed operand, stationary operand, bias, results.
  private var turn = 0
  /// E, when it is known, and the first cycle in which the next pass may start.
  var end = Int.max
  var free = 0
  var lastResult = 0

  /// Steps of the word at the array that have been taken.
  var stepsOfWord = 0
  /// Tiles, by their number in the engine, whose last step has been taken.
  var doneTiles = 0
  /// The tile whose stationary operand is asked for next, and its words that have been asked for.
  var requestTile = 0
  var requestWords = 0
  /// Words of the load under way that have been taken.
  var loadWords = 0

  /// Results that have left the engine's FIFO, by step, and the words that they make up: the one that fills, and the full ones.
  private(set) var rows = LiteralFIFO<LiteralElastic.Row>()
  private var filling = 0
  private(set) var words = LiteralFIFO<Word>()

  /// Tokens for the stationary operand of the instruction whose first tile was loaded by the pass before are taken.
  var hasLoaderTokens = false
  /// What the engine did in this cycle.
  var part = Part.idle

  init(_ spec: StreamSpec) { self.spec = spec }

  /// A pass begins: words of its streams, and of the next pass's first load.
  mutating func begin(_ now: Int, streamed: Int, stationary: Int, next: Int, bias: Int, results: Int) {
    isRunning = true
    end = .max
    lastResult = 0
    turn = 0
    requestFrom = now + spec.start
    (self.streamed.wanted, self.stationary.wanted, self.bias.wanted) = (streamed, stationary, bias)
    resultsWanted = results
    biasReady = bias > 0 ? .max : 0
    nextWords = next
    nextFrom = stationary > 0 ? .max : requestFrom
  }

  /// The stream that has the port in this cycle: the first, from the one whose turn it is on, that asks; nil if none does.
  mutating func grant(_ now: Int) -> Int? {
    if now >= nextFrom, nextWords > 0 {
      stationary.wanted += nextWords
      nextWords = 0
    }
    guard now >= requestFrom else { return nil }
    for offset in 0..<4 {
      let stream = (turn + offset) & 3
      if asks(stream, now) {
        turn = (turn + 1) & 3
        return stream
      }
    }
    return nil
  }

  private func asks(_ stream: Int, _ now: Int) -> Bool {
    switch stream {
    case 0: streamed.wanted > 0 && streamed.taken < spec.fifo
    case 1: stationary.wanted > 0 && stationary.taken < spec.fifo
    case 2: bias.wanted > 0
    default: !words.isEmpty && words.first.ready <= now
    }
  }

  /// A word of the stationary operand has been granted.
  mutating func requestStationary(arriving cycle: Int) {
    stationary.request(arriving: cycle)
    if stationary.wanted == 0, nextFrom == .max { nextFrom = cycle + spec.start }
  }

  /// A word of the streamed operand, or of the stationary one, has been used.
  mutating func useStreamed() {
    streamed.waiting -= 1
    streamedFreed = 1
  }
  mutating func useStationary() {
    stationary.waiting -= 1
    stationaryFreed = 1
  }

  // MARK: Results

  /// Whether one more step's results fit into the words that wait for the port.
  var hasRoom: Bool { words.count < spec.fifo }

  /// Results of a step leave the engine's FIFO in cycle `cycle`.
  mutating func pack(_ row: LiteralElastic.Row, perWord: Int, at cycle: Int) {
    rows.push(row)
    filling += 1
    if filling == perWord || row.isLast {
      words.push(Word(rows: filling, ready: cycle + spec.registers))
      filling = 0
    }
  }

  mutating func popWord() -> Word {
    resultsWanted -= 1
    return words.pop()
  }
  mutating func popRow() -> LiteralElastic.Row { rows.pop() }

  /// Every word of the pass has been moved and used, and no step is left.
  func isDone(steps: Bool) -> Bool {
    steps && streamed.wanted == 0 && stationary.wanted == 0 && stationary.taken - stationaryFreed == 0 && nextWords == 0
      && bias.wanted == 0 && resultsWanted == 0
  }

  /// The edge at the end of a cycle.
  mutating func commit() {
    streamed.taken -= streamedFreed
    stationary.taken -= stationaryFreed
    (streamedFreed, stationaryFreed) = (0, 0)
  }
}

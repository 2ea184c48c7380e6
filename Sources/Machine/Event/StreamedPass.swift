import Hardware

/// One pass of an engine with `streams`: which word has the port when, and what follows from it (rules M18–M22).
///
/// Times are known in the order in which they depend on each other: whatever the words granted so far settle is worked out, then
/// the port goes to the stream that can use it first.
struct StreamedPass {
  struct Tile {
    var steps: Int
    /// Steps in a word of the streamed operand, and in one of the results.
    var stepsPerWord: Int
    var resultsPerWord: Int
    /// Words of the stationary operand.
    var loadWords: Int
    var isFinal: Bool
    /// The steps' sums are added to those of the tile before.
    var accumulates: Bool
    var words: Int { ceil(steps, stepsPerWord) }
    var resultWords: Int { isFinal ? ceil(steps, resultsPerWord) : 0 }
  }

  /// What is the same for all tiles.
  struct Constants {
    var streams: StreamSpec
    var interval: Int
    var swapCycles: Int
    /// Sets of registers for the stationary operand.
    var registerSets: Int
    var outputFIFO: Int
    var edge: Int
    /// From the array's edge to results behind the array.
    var depth: Int
    var streamLatency: Int
    var loadLatency: Int
    var outputLatency: Int
  }

  /// Why a step didn't come sooner: cycles until which each holds, in the order of attribution.
  struct Step {
    var pace = 0
    var load = 0
    var turnaround = 0
    var results = 0
    /// e.
    var taken = 0
  }

  private let constants: Constants
  private let tiles: [Tile]
  /// Words of all loads of this pass, and how many of them are of its own tiles.
  private let loads: [(tile: Int, words: Int)]
  private let ownLoadWords: Int
  private let start: Int

  /// Totals and grants of the streams: streamed operand, stationary operand, bias, results.
  private var total = [0, 0, 0, 0]
  private var grants: [[Int]] = [[], [], [], []]

  // Steps that are known.
  private(set) var steps: [[Step]]
  private var tile = 0
  private var word = 0
  private var pace: Int
  private var follows: [Int]
  /// Last step taken of each word of the streamed operand.
  private var wordTaken: [Int] = []
  /// ss of each tile that has begun.
  private(set) var begins: [Int] = []
  private(set) var drained: [Int]

  // Words of the stationary operand that are known to be taken.
  private var loadTaken: [Int] = []
  private var load = 0
  private var loadWord = 0
  /// First words of loads by tile of the pass, in the order of `loads`, and LS + H of the tiles.
  private(set) var loadStarts: [(tile: Int, at: Int)] = []
  private(set) var inPlace: [Int]

  // Results of final steps: when they are behind the array, and when they left the FIFO.
  private var behind: [Int] = []
  private var left: [Int] = []
  /// The tile and word of each result word; the cycle in which it is complete.
  private var resultTile = 0
  private var resultStep = 0
  private var resultWord = 0
  private var complete: [Int] = []
  private var wordTiles: [Int] = []

  /// - Parameters:
  ///   - start: s.
  ///   - ahead: When the stationary operands of the first tiles were in place.
  ///   - next: Words of the next pass's first tile, if it is loaded too; it counts as one tile more.
  ///   - pace: The first cycle in which the pace lets a step enter.
  ///   - follows: x of the steps of the tile before.
  init(
    _ constants: Constants, tiles: [Tile], start: Int, ahead: [Int], next: Int?, biasWords: Int, pace: Int,
    follows: [Int]
  ) {
    self.constants = constants
    self.tiles = tiles
    self.start = start
    self.pace = max(start, pace)
    self.follows = follows
    var loads: [(tile: Int, words: Int)] = []
    for index in min(ahead.count, tiles.count)..<tiles.count { loads.append((index, tiles[index].loadWords)) }
    ownLoadWords = loads.reduce(0) { $0 + $1.words }
    if let next { loads.append((tiles.count, next)) }
    self.loads = loads
    inPlace = Array(repeating: .max, count: tiles.count + 1)
    for (index, time) in ahead.prefix(tiles.count).enumerated() { inPlace[index] = time }
    steps = Array(repeating: [], count: tiles.count)
    drained = Array(repeating: 0, count: tiles.count)
    total = [
      tiles.reduce(0) { $0 + $1.words }, ownLoadWords + (next ?? 0), biasWords, tiles.reduce(0) { $0 + $1.resultWords },
    ]
  }

  /// Grants all words. E, the pass's end.
  mutating func run() -> Int {
    var turn = 0
    var now = start + constants.streams.start
    settle()
    while true {
      let readyFrom = (ready(0), ready(1), ready(2), ready(3))
      let first = min(readyFrom.0, readyFrom.1, readyFrom.2, readyFrom.3)
      if first == .max { break }
      now = max(now, first)
      var stream = turn
      while Self.entry(stream, of: readyFrom) > now { stream = (stream + 1) & 3 }
      grants[stream].append(now)
      if stream == 3 { drained[wordTiles[grants[3].count - 1]] = now + max(1, constants.outputLatency) }
      turn = (turn + 1) & 3
      now += 1
      settle()
    }
    let last = max(
      steps.last?.last?.taken ?? start, loadTaken.last ?? start, grants.reduce(start) { max($0, $1.last ?? 0) })
    return max(last + constants.streams.finish, grants[3].last.map { $0 + max(1, constants.outputLatency) } ?? 0)
  }

  /// x of the last tile's steps.
  var entries: [Int] { steps.last?.map { $0.taken + constants.edge } ?? [] }

  // MARK: Port

  private static func entry(_ index: Int, of times: (Int, Int, Int, Int)) -> Int {
    switch index {
    case 0: times.0
    case 1: times.1
    case 2: times.2
    default: times.3
    }
  }

  /// Rules M19 to M22: the first cycle in which stream `index` can ask for its next word; `.max` while that isn't known, or if it
  /// has no more.
  private func ready(_ index: Int) -> Int {
    let word = grants[index].count
    guard word < total[index] else { return .max }
    let first = start + constants.streams.start
    switch index {
    case 0: return max(first, room(word, wordTaken))
    case 1:
      let room = room(word, loadTaken)
      guard word >= ownLoadWords, ownLoadWords > 0, room < .max else { return max(first, room) }
      return max(room, grants[1][ownLoadWords - 1] + loadArrival + constants.streams.start)
    case 2: return first
    default: return word < complete.count ? complete[word] + constants.streams.registers : .max
    }
  }

  /// The first cycle in which a FIFO whose words were used in `used` has room for `word`; `.max` while that isn't known.
  private func room(_ word: Int, _ used: [Int]) -> Int {
    let before = word - constants.streams.fifo
    if before < 0 { return 0 }
    return before < used.count ? used[before] + 1 : .max
  }

  private var streamArrival: Int { constants.streamLatency + constants.streams.registers }
  private var loadArrival: Int { constants.loadLatency + constants.streams.registers }

  // MARK: What the words settle

  private mutating func settle() {
    var isSettled = false
    while !isSettled {
      isSettled = true
      while takeLoadWord() { isSettled = false }
      while takeStep() { isSettled = false }
      while leave() { isSettled = false }
    }
  }

  /// The next word of the stationary operand, into registers that the tile before no longer needs.
  private mutating func takeLoadWord() -> Bool {
    guard load < loads.count, loadTaken.count < grants[1].count else { return false }
    let (target, words) = loads[load]
    let user = target - constants.registerSets
    var free = 0
    if user >= 0 {
      guard steps[user].count == tiles[user].steps, let last = steps[user].last else { return false }
      free = last.taken + 1
    }
    let granted = grants[1][loadTaken.count]
    if loadWord == 0 { loadStarts.append((target, granted)) }
    loadTaken.append(max(free, granted + loadArrival, (loadTaken.last ?? -1) + 1))
    loadWord += 1
    if loadWord == words {
      inPlace[target] = loadTaken[loadTaken.count - 1] + 1 + constants.edge
      (load, loadWord) = (load + 1, 0)
    }
    return true
  }

  private mutating func takeStep() -> Bool {
    guard tile < tiles.count else { return false }
    let shape = tiles[tile]
    let number = steps[tile].count
    guard inPlace[tile] < .max, word < grants[0].count, grants[2].count == total[2] else { return false }
    var step = Step(pace: pace, load: inPlace[tile] + constants.swapCycles)
    if shape.accumulates, number < follows.count {
      step.turnaround = follows[number] + constants.outputLatency - constants.edge
    }
    if shape.isFinal, behind.count >= constants.outputFIFO {
      let before = behind.count - constants.outputFIFO
      guard before < left.count else { return false }
      step.results = left[before] + 1
    }
    let bias = grants[2].last.map { $0 + streamArrival + 1 } ?? 0
    step.taken = max(
      max(step.pace, step.load, step.turnaround), step.results, grants[0][word] + streamArrival, bias)
    if number == 0 { begins.append(max(step.pace, step.load)) }
    steps[tile].append(step)
    pace = step.taken + constants.interval
    let out = step.taken + constants.edge + constants.depth
    if shape.isFinal { behind.append(out) } else { drained[tile] = out + constants.outputLatency }
    let isLast = number + 1 == shape.steps
    if isLast || (number + 1) % shape.stepsPerWord == 0 {
      wordTaken.append(step.taken)
      word += 1
    }
    if isLast {
      follows = steps[tile].map { $0.taken + constants.edge }
      tile += 1
    }
    return true
  }

  /// The oldest results leave the FIFO for their word, where there is room for it.
  private mutating func leave() -> Bool {
    guard left.count < behind.count else { return false }
    while !tiles[resultTile].isFinal { resultTile += 1 }
    let shape = tiles[resultTile]
    let before = resultWord - constants.streams.fifo
    if before >= 0, before >= grants[3].count { return false }
    let room = before < 0 ? 0 : grants[3][before] + 1
    let time = max(behind[left.count], (left.last ?? -1) + 1, room)
    left.append(time)
    resultStep += 1
    let isLast = resultStep == shape.steps
    if isLast || resultStep % shape.resultsPerWord == 0 {
      complete.append(time)
      wordTiles.append(resultTile)
      resultWord += 1
    }
    if isLast { (resultTile, resultStep) = (resultTile + 1, 0) }
    return true
  }
}

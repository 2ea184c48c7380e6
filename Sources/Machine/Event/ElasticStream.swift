import Hardware

/// The steps of an elastic engine, each when its operands are offered and its results have room (rules M14–M16).
struct ElasticStream {
  /// What one tile asks of its steps.
  struct Demand {
    /// ss: the streamer's ports are granted.
    var start: Int
    var steps: Int
    /// w and ii of rule M4.
    var words: Int
    var interval: Int
    /// din.
    var inputDepth: Int
    /// From x of a step to its results behind the array, all columns, and from there to the output buffer.
    var depth: Int
    var outputLatency: Int
    /// Results pass the FIFO, in so many cycles a step.
    var isFinal: Bool
    var resultInterval: Int
    /// x of the steps before that an accumulating tile follows, and by how much.
    var follows: [Int]
    var distance: Int
  }

  /// Why a step didn't come sooner: cycles at the array's edge until which each holds, in the order of attribution.
  struct Step {
    var pace: Int
    var turnaround: Int
    var results: Int
    var offer: Int
    /// x.
    var entry: Int
  }

  private let spec: MatrixEngineSpec
  /// Cycle in which the last step's operands, and the last word of a stationary operand, were taken.
  private var taken = -1
  private var loaded = -1
  /// When the results of the last `output-fifo` final steps left the FIFO, by number modulo its size, and how many there were.
  private var left: [Int]
  private var finals = 0
  private var lastLeft = 0

  init(_ spec: MatrixEngineSpec) {
    self.spec = spec
    left = Array(repeating: 0, count: spec.outputFIFO)
  }

  /// Rule M16: the cycle in which the last of `words` words is taken, the first not before `now`.
  mutating func load(words: Int, from now: Int) -> Int {
    if spec.loadDuty.isAlways {
      loaded = now + words - 1
    } else {
      for word in 0..<words {
        let offered = spec.loadDuty.first(from: loaded + 1)
        loaded = word == 0 ? max(offered, now) : offered
      }
    }
    return loaded
  }

  /// Rules M14 and M15: the steps of a tile, and DE.
  mutating func stream(_ demand: Demand) -> (steps: [Step], drained: Int) {
    var steps: [Step] = []
    steps.reserveCapacity(demand.steps)
    let isQueued = demand.isFinal && spec.outputFIFO > 0
    let toArray = demand.inputDepth + demand.words - 1
    var pace = demand.start
    var drained = 0
    for index in 0..<demand.steps {
      let turnaround =
        index < demand.follows.count ? demand.follows[index] + demand.distance - toArray : 0
      var results = 0
      if isQueued, finals >= left.count { results = left[finals % left.count] + 1 }
      let offer = spec.streamDuty.first(from: taken + 1)
      taken = max(pace, turnaround, results, offer)
      let entry = taken + toArray
      var out = entry + demand.depth
      if isQueued {
        out = spec.resultDuty.first(from: max(out, lastLeft))
        left[finals % left.count] = out
        lastLeft = out + demand.resultInterval
        finals += 1
      }
      drained = max(drained, out + demand.outputLatency)
      steps.append(
        Step(
          pace: pace + demand.inputDepth, turnaround: turnaround + demand.inputDepth,
          results: results + demand.inputDepth, offer: taken + demand.inputDepth, entry: entry))
      pace = taken + demand.interval
    }
    return (steps, drained)
  }
}

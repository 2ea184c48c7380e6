/// The token counters of the machine (rules G1, G2): one for each producer, consumer and slot in use.
///
/// Units look at the counters while a cycle runs; they change only when it is committed, except that an agent takes its
/// own tokens, which no other agent can see.
struct LiteralTokens {
  struct Wait {
    var counter: Int
    var count: Int
    /// What the counter must show: `count` and what waits of the same counter written before it take.
    var need: Int
    /// What a cycle is lost to while the wait isn't met.
    var part: Part
  }

  struct Post {
    var counter: Int
    var count: Int
    /// Cycles on the way.
    var delay: Int
  }

  /// Tokens on their way.
  private struct Flight {
    var cycle: Int
    var counter: Int
    var count: Int
  }
  private var flights: [Flight] = []
  /// By counter: when the last ones posted are there.
  private var latest: [Int: Int] = [:]

  var counts: [Int] = []
  /// Changes whenever a counter is given tokens.
  private(set) var epoch = 0
  var waits: [Wait] = []
  var posts: [Post] = []

  func met(_ range: Range<Int>) -> Bool {
    for index in range where counts[waits[index].counter] < waits[index].need { return false }
    return true
  }

  /// The part to which the first unmet wait of `range` belongs, in the order written.
  func missing(_ range: Range<Int>) -> Part? {
    for index in range where counts[waits[index].counter] < waits[index].need { return waits[index].part }
    return nil
  }

  mutating func take(_ range: Range<Int>) {
    for index in range { counts[waits[index].counter] -= waits[index].count }
  }

  /// Posts at the edge before cycle `cycle`; how many of the posts are on their way then. Tokens of one counter keep their order.
  mutating func post(_ range: Range<Int>, at cycle: Int) -> Int { post(range, sent: cycle, now: cycle) }

  /// The same of tokens that are sent in `cycle`, `now` or later.
  mutating func post(_ range: Range<Int>, sent: Int, now cycle: Int) -> Int {
    let before = flights.count
    epoch &+= 1
    for index in range {
      let post = posts[index]
      let arrival = max(sent + post.delay, latest[post.counter] ?? 0)
      if arrival > cycle {
        latest[post.counter] = arrival
        flights.append(Flight(cycle: arrival, counter: post.counter, count: post.count))
      } else {
        counts[post.counter] = Self.sum(counts[post.counter], post.count)
      }
    }
    return flights.count - before
  }

  /// The edge before cycle `cycle`; how many posts are there now that were on their way.
  @inline(__always)
  mutating func arrive(_ cycle: Int) -> Int { flights.isEmpty ? 0 : land(cycle) }

  private mutating func land(_ cycle: Int) -> Int {
    let before = flights.count
    epoch &+= 1
    for flight in flights where flight.cycle <= cycle {
      counts[flight.counter] = Self.sum(counts[flight.counter], flight.count)
    }
    flights.removeAll { $0.cycle <= cycle }
    return before - flights.count
  }

  /// The value of a counter, to be read or upset from outside.
  mutating func withCounter(_ counter: Int, _ body: (inout Int) -> Void) {
    body(&counts[counter])
    epoch &+= 1
  }

  /// More tokens than a machine word counts are as good as that many.
  static func sum(_ left: Int, _ right: Int) -> Int {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }
}

/// An agent has nothing under way and lacks tokens. It stays so until a counter is given some: nothing is asked anew before.
struct LiteralStarvation {
  private var epoch = -1
  /// The instruction that can't start, and what its cycles are lost to.
  private(set) var instruction = 0
  private(set) var part = Part.idle

  init() {}

  init(_ epoch: Int, _ instruction: Int, _ part: Part) {
    (self.epoch, self.instruction, self.part) = (epoch, instruction, part)
  }

  @inline(__always)
  func lasts(_ epoch: Int) -> Bool { self.epoch == epoch }
}

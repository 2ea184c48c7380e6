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
  }

  var counts: [Int] = []
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

  mutating func post(_ range: Range<Int>) {
    for index in range { counts[posts[index].counter] = Self.sum(counts[posts[index].counter], posts[index].count) }
  }

  /// More tokens than a machine word counts are as good as that many.
  static func sum(_ left: Int, _ right: Int) -> Int {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }
}

/// The transfers in flight of a channel with `transfers-in-flight` (rule D2).
struct TransferFlight {
  /// 0: any number.
  private let limit: Int
  /// Oldest first; when those landed that did before the oldest.
  private var flying: [(instruction: Int, landing: Int?)] = []
  /// One of them landed early.
  private var hasEarly = false
  /// When the last ones landed, as many as may fly, in order.
  private var landings: [Int] = []

  init(limit: Int) { self.limit = limit }

  mutating func begin(_ instruction: Int) {
    if limit > 0 { flying.append((instruction, nil)) }
  }

  /// A transfer is no longer in flight, from `time` on. They land in order.
  ///
  /// - Parameter early: It is behind one whose row is written again, and lands when it is done itself (rule D11).
  mutating func land(_ instruction: Int, at time: Int, early: Bool) {
    guard let place = flying.firstIndex(where: { $0.instruction == instruction }) else { return }
    flying[place].landing = time
    hasEarly = hasEarly || early
    var landed = flying.prefix { $0.landing != nil }.compactMap(\.landing)
    if landed.isEmpty { return }
    if hasEarly { landed.sort() }
    hasEarly = false
    for time in landed { landings.append(max(landings.last ?? 0, time)) }
    flying.removeFirst(landed.count)
    landings.removeFirst(max(0, landings.count - limit))
  }

  /// When so many have landed that one more may begin; `nil` while that isn't known.
  ///
  /// - Parameter oldest: The oldest one if its row is written again, and when it lands at the earliest.
  func free(oldest: (instruction: Int, landing: Int)?) -> Int? {
    if limit == 0 { return 0 }
    let missing = flying.count - limit + 1
    if missing <= 0 {
      let place = landings.count - limit + flying.count
      return place >= 0 ? landings[place] : 0
    }
    guard let oldest, flying[0].instruction == oldest.instruction else { return nil }
    let early = flying.dropFirst().compactMap(\.landing)
    guard missing <= early.count, early[missing - 1] <= oldest.landing else { return nil }
    return early[missing - 1]
  }
}

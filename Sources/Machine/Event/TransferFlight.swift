/// The transfers in flight of a channel with `transfers-in-flight` (rule D2).
struct TransferFlight {
  private struct Transfer {
    var instruction: Int
    /// When it landed; the cycle of its last beat or word.
    var landing: Int?
    var last = 0
  }

  /// 0: any number.
  private let limit: Int
  /// Oldest first.
  private var flying: [Transfer] = []
  /// When the last ones landed, as many as may fly, in order.
  private var landings: [Int] = []

  init(limit: Int) { self.limit = limit }

  mutating func begin(_ instruction: Int) {
    if limit > 0 { flying.append(Transfer(instruction: instruction)) }
  }

  /// A transfer is no longer in flight, from `time` on; its last beat or word came in `last`. They land in order, but those behind a
  /// row that is written again, and done before it is, may land before that one (rule D11).
  mutating func land(_ instruction: Int, at time: Int, last: Int) {
    guard let place = flying.firstIndex(where: { $0.instruction == instruction }) else { return }
    let before = place == 0 ? landings.last : flying[place - 1].landing ?? landings.last
    flying[place].landing = max(time, before ?? 0)
    flying[place].last = last
    let landed = flying.prefix { $0.landing != nil }
    guard let first = landed.first else { return }
    let early = landed.dropFirst().prefix { $0.last < first.last }
    let times =
      (landed.prefix(1) + early).compactMap(\.landing).sorted()
      + landed.dropFirst(1 + early.count).compactMap(\.landing)
    for time in times { landings.append(max(landings.last ?? 0, time)) }
    flying.removeFirst(landed.count)
    landings.removeFirst(max(0, landings.count - limit))
  }

  /// When so many have landed that one more may begin; `nil` while that isn't known.
  ///
  /// - Parameter oldest: The oldest one if its row is written again: when the last word of that comes and it lands at the earliest.
  func free(oldest: (instruction: Int, last: Int, landing: Int)?) -> Int? {
    if limit == 0 { return 0 }
    let missing = flying.count - limit + 1
    if missing <= 0 {
      let place = landings.count - limit + flying.count
      return place >= 0 ? landings[place] : 0
    }
    guard let oldest, flying[0].instruction == oldest.instruction else { return nil }
    let early = flying.dropFirst().prefix { $0.landing != nil && $0.last < oldest.last }.compactMap(\.landing)
    guard missing <= early.count, early[missing - 1] <= oldest.landing else { return nil }
    return early[missing - 1]
  }
}

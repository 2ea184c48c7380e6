import Schedule

/// Tokens between queues: for each (producer, consumer, slot) the cycles from which they are visible, oldest first.
///
/// A post stands once however many tokens it gives, so that counts cost neither memory nor time.
struct TokenTable {
  private struct Counter {
    /// Tokens posted up to and including each post, and the cycle from which its own are visible.
    var posts: [(total: Int, time: Int)] = []
    var taken = 0
    /// The first post that isn't taken to its last token.
    var first = 0

    /// The cycle from which the `number`-th token, counted from 1, is visible; `nil` if it hasn't been posted.
    func time(of number: Int) -> Int? {
      guard let last = posts.last, number <= last.total else { return nil }
      var post = first
      while posts[post].total < number { post += 1 }
      return posts[post].time
    }
  }

  private let queues: Int
  private let slots = TokenSlot.allCases.count
  private let instructions: [Instruction]
  private var counters: [Counter]

  init(_ schedule: Schedule) {
    queues = schedule.accelerator.queues.count
    instructions = schedule.instructions
    counters = Array(repeating: Counter(), count: queues * queues * slots)
  }

  private func index(from: Int, to: Int, slot: TokenSlot) -> Int {
    (from * queues + to) * slots + slot.index
  }

  /// The cycle from which they are visible, after the last ones that were posted before.
  @discardableResult
  mutating func post(from: Int, to: Int, slot: TokenSlot, count: Int, at time: Int) -> Int {
    guard count > 0 else { return time }
    let index = index(from: from, to: to, slot: slot)
    let last = counters[index].posts.last ?? (0, 0)
    // They keep their order on the way.
    let visible = max(time, last.time)
    counters[index].posts.append((last.total + count, visible))
    return visible
  }

  /// For each wait of an instruction (index) whose slot is in `slots`, in the order written, the cycle in which all its tokens
  /// are visible; `nil` when one of them hasn't been posted. Nothing is taken.
  func visible(_ instruction: Int, slots: SlotSet) -> [Arrival]? {
    let (waits, queue) = (instructions[instruction].waits, instructions[instruction].queue)
    guard !waits.isEmpty else { return [] }
    var arrivals: [Arrival] = []
    arrivals.reserveCapacity(waits.count)
    for (position, wait) in waits.enumerated() where slots.contains(wait.slot) {
      let index = index(from: wait.from, to: queue, slot: wait.slot)
      var last = counters[index].taken + wait.count
      for earlier in waits[..<position] where earlier.from == wait.from && earlier.slot == wait.slot {
        last += earlier.count
      }
      var time = 0
      if wait.count > 0 {
        guard let known = counters[index].time(of: last) else { return nil }
        time = known
      }
      arrivals.append(Arrival(from: wait.from, slot: wait.slot, time: time))
    }
    return arrivals
  }

  mutating func take(_ instruction: Int, slots: SlotSet) {
    let queue = instructions[instruction].queue
    for wait in instructions[instruction].waits where slots.contains(wait.slot) {
      let index = index(from: wait.from, to: queue, slot: wait.slot)
      counters[index].taken += wait.count
      let taken = counters[index].taken
      while counters[index].first < counters[index].posts.count,
        counters[index].posts[counters[index].first].total <= taken
      {
        counters[index].first += 1
      }
    }
  }
}

/// When the tokens of one wait are there, and who gave them.
struct Arrival {
  var from: Int
  var slot: TokenSlot
  var time: Int
}

/// A set of token slots.
struct SlotSet: OptionSet {
  let rawValue: Int
  static let start = SlotSet(rawValue: 1)
  static let a = SlotSet(rawValue: 2)
  static let b = SlotSet(rawValue: 4)
  static let out = SlotSet(rawValue: 8)
  func contains(_ slot: TokenSlot) -> Bool { rawValue & 1 << slot.index != 0 }
}

extension TokenSlot {
  /// Position in `allCases`.
  var index: Int {
    switch self {
    case .start: 0
    case .a: 1
    case .b: 2
    case .out: 3
    }
  }
}

extension Array where Element == Arrival {
  /// The cycle in which the last of them is there; 0 for none.
  var latest: Int { reduce(0) { Swift.max($0, $1.time) } }
}

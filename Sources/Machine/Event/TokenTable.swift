import Schedule

/// Tokens between queues: for each (producer, consumer, slot) the cycles from which they are visible, oldest first.
struct TokenTable {
  private let queues: Int
  private var times: [[Int]]
  private var taken: [Int]

  init(queues: Int) {
    self.queues = queues
    times = Array(repeating: [], count: queues * queues * TokenSlot.allCases.count)
    taken = Array(repeating: 0, count: times.count)
  }

  private func index(from: Int, to: Int, slot: TokenSlot) -> Int {
    (from * queues + to) * 4 + slot.index
  }

  mutating func post(from: Int, to: Int, slot: TokenSlot, count: Int, at time: Int) {
    let index = index(from: from, to: to, slot: slot)
    for _ in 0..<count { times[index].append(time) }
  }

  /// For each wait of `instruction` whose slot is in `slots`, in the order written, the cycle in which all its tokens
  /// are visible; `nil` when one of them hasn't been posted. Nothing is taken.
  func visible(_ instruction: Instruction, slots: SlotSet) -> [Arrival]? {
    guard !instruction.waits.isEmpty else { return [] }
    var arrivals: [Arrival] = []
    for (position, wait) in instruction.waits.enumerated() where slots.contains(wait.slot) {
      let index = index(from: wait.from, to: instruction.queue, slot: wait.slot)
      var last = taken[index] + wait.count
      for earlier in instruction.waits[..<position] where earlier.from == wait.from && earlier.slot == wait.slot {
        last += earlier.count
      }
      guard last <= times[index].count else { return nil }
      arrivals.append(Arrival(from: wait.from, slot: wait.slot, time: wait.count > 0 ? times[index][last - 1] : 0))
    }
    return arrivals
  }

  mutating func take(_ instruction: Instruction, slots: SlotSet) {
    for wait in instruction.waits where slots.contains(wait.slot) {
      taken[index(from: wait.from, to: instruction.queue, slot: wait.slot)] += wait.count
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

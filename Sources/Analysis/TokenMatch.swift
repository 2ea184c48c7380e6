import Machine
import Schedule

/// Which instruction's tokens each instruction waited for: posts and waits matched first-in first-out, as the machine does.
struct TokenMatch {
  /// The instruction that gave the last token of one wait.
  struct Producer {
    var instruction: Int
    var slot: TokenSlot
    /// Cycle from which on it gave them (rules G1, G4, D10), and from which they were visible (G3).
    var given: Int
    var visible: Int
  }

  /// By instruction, in the order of its waits.
  private let producers: [Producer]
  private let ranges: [Range<Int>]

  init(_ schedule: Schedule, _ timings: [InstructionTiming]) {
    let slots = TokenSlot.allCases
    let queues = schedule.accelerator.queues.count
    func key(_ from: Int, _ to: Int, _ slot: TokenSlot) -> Int {
      (from * queues + to) * slots.count + (slots.firstIndex(of: slot) ?? 0)
    }
    /// Tokens given up to and with each post.
    var posts = [[(total: Int, producer: Producer)]](repeating: [], count: queues * queues * slots.count)
    for (index, instruction) in schedule.instructions.enumerated() {
      for post in instruction.posts where post.count > 0 {
        let key = key(instruction.queue, post.to, post.slot)
        let last = posts[key].last
        let given = Self.isGivenWhenRead(post, of: instruction) ? timings[index].read : timings[index].end
        let visible = max(given + post.delay, last?.producer.visible ?? 0)
        posts[key].append(
          (
            (last?.total ?? 0) + post.count,
            Producer(instruction: index, slot: post.slot, given: given, visible: visible)
          ))
      }
    }
    var taken = Array(repeating: 0, count: posts.count)
    var next = Array(repeating: 0, count: posts.count)
    var all: [Producer] = []
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(schedule.instructions.count)
    for instruction in schedule.instructions {
      let first = all.count
      for wait in instruction.waits where wait.count > 0 {
        let key = key(wait.from, instruction.queue, wait.slot)
        taken[key] += wait.count
        while next[key] < posts[key].count, posts[key][next[key]].total < taken[key] { next[key] += 1 }
        if next[key] < posts[key].count { all.append(posts[key][next[key]].producer) }
      }
      ranges.append(first..<all.count)
    }
    producers = all
    self.ranges = ranges
  }

  /// A store's tokens all are, as soon as that is before its end (rule D10).
  private static func isGivenWhenRead(_ post: TokenPost, of instruction: Instruction) -> Bool {
    if case .store = instruction.operation { true } else { post.whenRead }
  }

  /// Those whose tokens `instruction` took.
  func producers(of instruction: Int) -> ArraySlice<Producer> { producers[ranges[instruction]] }
}

import Hardware

/// Deadlocks, tokens left over, and the order that tokens give.
///
/// Tokens from one queue to one slot of another are a counter, and both ends are in order: so which instruction posted
/// the n-th token, and which takes it, doesn't depend on time, and one untimed execution stands for all.
extension Linter {
  /// - Returns: the order, or `nil` after a deadlock.
  mutating func checkTokens() -> TokenOrder? {
    guard queues.count <= 256, schedule.instructions.count <= (1 << 24) / (queues.count + 1) else {
      add(.unproved, nil, "\(schedule.instructions.count) instructions on \(queues.count) units are too many to order")
      return nil
    }
    var execution = TokenExecution(schedule, queues: queues)
    execution.run()
    guard execution.order.order.count == schedule.instructions.count else {
      reportDeadlock(execution)
      return nil
    }
    for channel in execution.channels.indices where execution.channels[channel].left > 0 {
      let (from, to, slot) = execution.ends(of: channel)
      let left = execution.channels[channel].left
      add(
        .leftover, execution.channels[channel].posts.last?.instruction,
        "\(left) token\(left == 1 ? "" : "s") from \(name(ofQueue: from)) to \(name(ofQueue: to)) (slot \(slot.rawValue)) "
          + "\(left == 1 ? "is" : "are") never taken: wait for \(left == 1 ? "it" : "them") or don't post")
    }
    return execution.order
  }

  private mutating func reportDeadlock(_ execution: TokenExecution) {
    for queue in queues.indices {
      guard let head = execution.head(of: queue), let wait = execution.missing(for: head) else { continue }
      let channel = execution.channels[execution.channel(from: wait.from, to: queue, wait.slot)]
      let producer =
        execution.head(of: wait.from).map { "waits itself at instruction \($0)" } ?? "has no instructions left"
      add(
        .deadlock, head,
        "\(name(ofQueue: queue)) waits for \(wait.count) token\(wait.count == 1 ? "" : "s") (slot \(wait.slot.rawValue)) "
          + "from \(name(ofQueue: wait.from)), which has \(channel.left) posted and not taken, and \(producer)")
    }
  }
}

/// Executes a schedule without time: an instruction goes when its queue and its tokens let it.
struct TokenExecution {
  /// Tokens from one queue to one slot of another.
  struct Channel {
    /// Instructions that posted, with the number of tokens posted up to and including each.
    var posts: [(total: Int, instruction: Int)] = []
    var taken = 0
    /// The post that the last token taken came from.
    var cursor = 0
    var left: Int { (posts.last?.total ?? 0) - taken }
  }

  private(set) var channels: [Channel]
  private(set) var order: TokenOrder
  private let schedule: Schedule
  private let queues: [Queue]
  private var heads: [Int]
  /// Running clocks: what the tokens taken so far by each slot of each queue have shown to have ended.
  private var slots: [[[Int32]]]

  init(_ schedule: Schedule, queues: [Queue]) {
    self.schedule = schedule
    self.queues = queues
    var members = [[Int]](repeating: [], count: queues.count)
    var positions: [Int32] = []
    for (index, instruction) in schedule.instructions.enumerated() {
      positions.append(Int32(members[instruction.queue].count))
      members[instruction.queue].append(index)
    }
    order = TokenOrder(positions: positions, members: members)
    channels = Array(repeating: Channel(), count: queues.count * queues.count * TokenSlot.allCases.count)
    heads = Array(repeating: 0, count: queues.count)
    let clock = [Int32](repeating: 0, count: queues.count)
    slots = Array(repeating: [clock, clock, clock], count: queues.count)
  }

  func channel(from: Int, to: Int, _ slot: TokenSlot) -> Int {
    (from * queues.count + to) * TokenSlot.allCases.count + slot.index
  }

  func ends(of channel: Int) -> (from: Int, to: Int, slot: TokenSlot) {
    let (pair, slot) = channel.quotientAndRemainder(dividingBy: TokenSlot.allCases.count)
    return (pair / queues.count, pair % queues.count, TokenSlot.allCases[slot])
  }

  /// The next instruction of a queue, `nil` at its end.
  func head(of queue: Int) -> Int? {
    heads[queue] < order.members[queue].count ? order.members[queue][heads[queue]] : nil
  }

  /// The first wait that an instruction's tokens aren't there for.
  func missing(for index: Int) -> TokenWait? {
    let instruction = schedule.instructions[index]
    for (number, wait) in instruction.waits.enumerated() {
      var needed = wait.count
      for earlier in instruction.waits[..<number] where earlier.from == wait.from && earlier.slot == wait.slot {
        needed = saturatingSum(needed, earlier.count)
      }
      if channels[channel(from: wait.from, to: instruction.queue, wait.slot)].left < needed { return wait }
    }
    return nil
  }

  /// Of the instructions that can go, the first in the schedule goes.
  mutating func run() {
    var ready = queues.indices.map { readyHead(of: $0) }
    while let next = ready.min(), next < .max {
      execute(next)
      let instruction = schedule.instructions[next]
      ready[instruction.queue] = readyHead(of: instruction.queue)
      for post in instruction.posts where ready[post.to] == .max { ready[post.to] = readyHead(of: post.to) }
    }
  }

  private func readyHead(of queue: Int) -> Int {
    guard let head = head(of: queue), missing(for: head) == nil else { return .max }
    return head
  }

  private mutating func execute(_ index: Int) {
    let instruction = schedule.instructions[index]
    let queue = instruction.queue
    for wait in instruction.waits {
      let channel = channel(from: wait.from, to: queue, wait.slot)
      channels[channel].taken += wait.count
      while channels[channel].posts[channels[channel].cursor].total < channels[channel].taken {
        channels[channel].cursor += 1
      }
      let producer = channels[channel].posts[channels[channel].cursor].instruction
      order.join(endOf: producer, into: &slots[queue][wait.slot.access.rawValue])
    }
    order.execute(index, queue: queue, isMatmul: queues[queue].isMatrix, slots: slots[queue])
    heads[queue] += 1
    for post in instruction.posts {
      let channel = channel(from: queue, to: post.to, post.slot)
      let total = saturatingSum(channels[channel].posts.last?.total ?? 0, post.count)
      channels[channel].posts.append((total, index))
    }
  }
}

extension TokenSlot {
  fileprivate var index: Int {
    switch self {
    case .start: 0
    case .a: 1
    case .b: 2
    case .out: 3
    }
  }

  /// The accesses that the slot's tokens let go.
  fileprivate var access: TokenOrder.Access {
    switch self {
    case .start, .a: .start
    case .b: .b
    case .out: .out
    }
  }
}

import Hardware
import Schedule

/// An order in which the instructions of a schedule may execute: queues in order, no token taken before it is posted.
struct UntimedOrder {
  /// Tokens from one queue to one slot of another.
  private struct Edge: Hashable {
    var from: Int
    var to: Int
    var slot: TokenSlot
  }

  private let instructions: [Instruction]
  private var members: [[Int]]

  init(_ schedule: Schedule) {
    instructions = schedule.instructions
    members = Array(repeating: [], count: schedule.accelerator.queues.count)
    for (index, instruction) in instructions.enumerated() { members[instruction.queue].append(index) }
  }

  /// Lets each queue go as far as its tokens allow, again and again, until all have ended.
  ///
  /// - Throws: `MachineError.deadlock` with the first instruction that is left in each queue.
  func order() throws(MachineError) -> [Int] {
    var order: [Int] = []
    order.reserveCapacity(instructions.count)
    var tokens: [Edge: Int] = [:]
    var next = Array(repeating: 0, count: members.count)
    /// Queues that may go on: at first all, later those that tokens were posted to.
    var ready = Set(members.indices)
    while let queue = ready.min() {
      ready.remove(queue)
      while next[queue] < members[queue].count {
        let index = members[queue][next[queue]]
        guard take(instructions[index].waits, of: queue, from: &tokens) else { break }
        order.append(index)
        next[queue] += 1
        for post in instructions[index].posts {
          let edge = Edge(from: queue, to: post.to, slot: post.slot)
          tokens[edge] = Self.sum(tokens[edge, default: 0], post.count)
          if post.to != queue { ready.insert(post.to) }
        }
      }
    }
    guard order.count == instructions.count else {
      let waiting = members.indices.compactMap { next[$0] < members[$0].count ? members[$0][next[$0]] : nil }
      throw .deadlock(cycle: 0, waiting: waiting.sorted())
    }
    return order
  }

  /// Counts of a hostile schedule may be anything.
  private static func sum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }

  /// Takes the tokens of all waits, or none.
  private func take(_ waits: [TokenWait], of queue: Int, from tokens: inout [Edge: Int]) -> Bool {
    // Two waits for the same tokens are met together (rule G2).
    var needed: [Edge: Int] = [:]
    for wait in waits {
      let edge = Edge(from: wait.from, to: queue, slot: wait.slot)
      needed[edge] = Self.sum(needed[edge, default: 0], wait.count)
    }
    for (edge, count) in needed where tokens[edge, default: 0] < count { return false }
    for (edge, count) in needed { tokens[edge, default: 0] -= count }
    return true
  }
}

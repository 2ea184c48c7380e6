import Hardware
import Schedule

/// Turns exact dependences into counting tokens.
enum Lowering {
  /// The order in which instructions stand in the schedule: as issued, but loads that share a channel with stores
  /// move up to right after the last instruction that they depend on (and never past a load of their channel), since a
  /// store that waits for results would keep the next tiles from loading.
  static func hoistLoads(
    _ instructions: [Instruction], _ dependences: Dependences, issued: [Int], queues: Int
  ) -> [Int] {
    var stores = Array(repeating: false, count: queues)
    for instruction in instructions {
      if case .store = instruction.operation { stores[instruction.queue] = true }
    }
    guard stores.contains(true) else { return issued }
    // `anchor`: the place in `issued` after which a load stands; every other instruction stands at its own.
    var anchor = Array(repeating: 0, count: issued.count)
    var lastLoad = Array(repeating: -1, count: queues)
    for (place, index) in issued.enumerated() {
      anchor[index] = place
      let queue = instructions[index].queue
      guard case .load = instructions[index].operation, stores[queue] else { continue }
      var latest = lastLoad[queue]
      for dependence in dependences[index] { latest = max(latest, anchor[dependence.producer]) }
      anchor[index] = max(0, latest)
      lastLoad[queue] = anchor[index]
    }
    let places = issued.indices.sorted { (anchor[issued[$0]], $0) < (anchor[issued[$1]], $1) }
    return places.map { issued[$0] }
  }

  /// The instructions in `order`, with tokens.
  ///
  /// A dependence is dropped if its producer is in the same queue, or if the consumer, or one before it in the
  /// order of its queue's operand slot, has already waited for this producer or a later one of the same queue. What is
  /// left grows strictly on both sides, so that each dependence is one token posted and one taken, first for first.
  static func lower(
    _ instructions: [Instruction], _ dependences: Dependences, order: [Int], queues: Int
  ) -> [Instruction] {
    var place = Array(repeating: 0, count: order.count)
    for (index, old) in order.enumerated() { place[old] = index }
    var result = order.map { instructions[$0] }
    var tokens: [Token] = []
    // By consumer queue, slot and producer queue: place of the latest producer waited for.
    let slots = TokenSlot.allCases
    var waited = Array(repeating: -1, count: queues * slots.count * queues)
    var needed = Array(repeating: -1, count: slots.count * queues)
    for (index, old) in order.enumerated() {
      let consumer = result[index].queue
      for dependence in dependences[old] {
        let queue = instructions[dependence.producer].queue
        let key = dependence.slot.index * queues + queue
        if queue != consumer { needed[key] = max(needed[key], place[dependence.producer]) }
      }
      for (key, producer) in needed.enumerated() where producer >= 0 {
        needed[key] = -1
        let history = consumer * slots.count * queues + key
        guard producer > waited[history] else { continue }
        waited[history] = producer
        tokens.append(Token(slot: slots[key / queues], from: producer, to: index))
      }
    }
    give(tokens, to: &result)
    return result
  }

  /// Of two instructions, by their places in the schedule.
  private struct Token {
    var slot: TokenSlot
    var from: Int
    var to: Int
  }

  /// - Parameter tokens: In the order in which they are waited for.
  private static func give(_ tokens: [Token], to instructions: inout [Instruction]) {
    var waits = Array(repeating: 0, count: instructions.count)
    var posts = waits
    for token in tokens {
      waits[token.to] += 1
      posts[token.from] += 1
    }
    for token in tokens {
      let (producer, consumer) = (instructions[token.from].queue, instructions[token.to].queue)
      instructions[token.to].waits.reserveCapacity(waits[token.to])
      instructions[token.to].waits.append(TokenWait(from: producer, slot: token.slot))
      instructions[token.from].posts.reserveCapacity(posts[token.from])
      instructions[token.from].posts.append(TokenPost(to: consumer, slot: token.slot))
    }
  }
}

import Hardware
import Schedule

/// Turns exact dependences into counting tokens.
enum Lowering {
  /// The order in which instructions stand in the schedule: as issued, but loads that share a channel with stores
  /// move up to right after the last instruction that they depend on (and never past a load of their channel), since a
  /// store that waits for results would keep the next tiles from loading.
  static func hoistLoads(_ instructions: [Instruction], _ dependences: [[Dependence]], queues: Int) -> [Int] {
    var stores = Array(repeating: false, count: queues)
    for instruction in instructions {
      if case .store = instruction.operation { stores[instruction.queue] = true }
    }
    guard stores.contains(true) else { return Array(instructions.indices) }
    // `anchor`: the instruction after which a load stands; every other stands at its own place.
    var anchor = Array(instructions.indices)
    var lastLoad = Array(repeating: -1, count: queues)
    for (index, instruction) in instructions.enumerated() {
      guard case .load = instruction.operation, stores[instruction.queue] else { continue }
      var place = lastLoad[instruction.queue]
      for dependence in dependences[index] { place = max(place, anchor[dependence.producer]) }
      anchor[index] = max(0, place)
      lastLoad[instruction.queue] = anchor[index]
    }
    return instructions.indices.sorted { (anchor[$0], $0) < (anchor[$1], $1) }
  }

  /// The instructions in `order`, with tokens.
  ///
  /// A dependence is dropped if its producer is in the same queue, or if the consumer, or one before it in the
  /// order of its queue's operand slot, has already waited for this producer or a later one of the same queue. What is
  /// left grows strictly on both sides, so that each dependence is one token posted and one taken, first for first.
  static func lower(
    _ instructions: [Instruction], _ dependences: [[Dependence]], order: [Int], queues: Int
  ) -> [Instruction] {
    var result: [Instruction] = []
    result.reserveCapacity(order.count)
    var place = Array(repeating: 0, count: order.count)
    for (index, old) in order.enumerated() { place[old] = index }
    // By consumer queue, slot and producer queue: place of the latest producer waited for.
    let slots = TokenSlot.allCases.count
    var waited = Array(repeating: -1, count: queues * slots * queues)
    var needed = Array(repeating: -1, count: slots * queues)
    for (index, old) in order.enumerated() {
      var instruction = instructions[old]
      for dependence in dependences[old] {
        let queue = instructions[dependence.producer].queue
        let key = dependence.slot.index * queues + queue
        if queue != instruction.queue { needed[key] = max(needed[key], place[dependence.producer]) }
      }
      for (key, producer) in needed.enumerated() where producer >= 0 {
        needed[key] = -1
        let history = instruction.queue * slots * queues + key
        guard producer > waited[history] else { continue }
        waited[history] = producer
        let slot = TokenSlot.allCases[key / queues]
        instruction.waits.append(TokenWait(from: key % queues, slot: slot))
        result[producer].posts.append(TokenPost(to: instruction.queue, slot: slot))
      }
      assert(result.count == index)
      result.append(instruction)
    }
    return result
  }
}

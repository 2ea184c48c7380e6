/// What tokens alone say about the order of a schedule's instructions.
///
/// A clock has an entry for each queue: how many of that queue's instructions have certainly ended.
struct TokenOrder {
  /// Accesses of an instruction that are ordered apart: DMA and vector instructions have the first only.
  enum Access: Int {
    /// All accesses of a DMA or vector instruction; a matmul's operand `a`.
    case start
    /// A matmul's operand `b`.
    case b
    /// A matmul's results.
    case out
  }

  /// An order in which the instructions may execute, as near as possible to the schedule's own.
  private(set) var order: [Int] = []
  /// Position of each instruction in its queue.
  let positions: [Int32]
  /// Instructions of each queue.
  let members: [[Int]]
  private let queueCount: Int
  /// Four clocks an instruction: its accesses, and its end.
  private var clocks: [Int32]
  private static let clocksPerInstruction = 4
  private static let end = 3

  init(positions: [Int32], members: [[Int]]) {
    self.positions = positions
    self.members = members
    queueCount = members.count
    clocks = Array(repeating: 0, count: positions.count * Self.clocksPerInstruction * queueCount)
    order.reserveCapacity(positions.count)
  }

  /// How many instructions of each queue have ended before an access.
  func clock(_ instruction: Int, _ access: Access) -> ArraySlice<Int32> {
    let start = index(instruction, access.rawValue)
    return clocks[start..<start + queueCount]
  }

  private func index(_ instruction: Int, _ clock: Int) -> Int {
    (instruction * Self.clocksPerInstruction + clock) * queueCount
  }

  /// Joins the end of `producer` to one of the running clocks of a queue.
  func join(endOf producer: Int, into clock: inout [Int32]) {
    let end = index(producer, Self.end)
    for queue in 0..<queueCount { clock[queue] = max(clock[queue], clocks[end + queue]) }
  }

  /// Notes that `instruction` of `queue` executes next, after what `slots` hold: the tokens taken so far by each slot.
  mutating func execute(_ instruction: Int, queue: Int, isMatmul: Bool, slots: [[Int32]]) {
    order.append(instruction)
    let position = positions[instruction]
    let (start, b) = (index(instruction, Access.start.rawValue), index(instruction, Access.b.rawValue))
    let (out, end) = (index(instruction, Access.out.rawValue), index(instruction, Self.end))
    for other in 0..<queueCount {
      clocks[start + other] = slots[0][other]
      clocks[b + other] = slots[1][other]
      // Results come after both operands are read.
      clocks[out + other] = max(slots[0][other], slots[1][other], slots[2][other])
      clocks[end + other] = clocks[out + other]
    }
    // One after the other: DMA transfers, vector instructions, results of matmuls. But an engine may read the operands
    // of a matmul before an earlier one has ended.
    if !isMatmul { clocks[start + queue] = position }
    clocks[out + queue] = position
    clocks[end + queue] = position + 1
  }
}

extension Schedule {
  /// Follows what instructions read and write in the buffers, in an order that their tokens allow, as near as possible to the
  /// schedule's own.
  ///
  /// - Parameters:
  ///   - columns: Numbers that `FollowedMemory.readers` keeps for each atom; 0 at the start, as its writers are negative.
  ///   - visit: Called with an instruction, its accesses in the order in which they happen, and the buffers; when atoms have been cut
  ///   anew, `isNew` says so.
  /// - Returns: What is known of each buffer in the end; `nil` for a schedule that deadlocks, or where lint says `unproved`.
  package func followBuffers(
    columns: Int,
    _ visit: (
      _ instruction: Int, _ accesses: ArraySlice<MemoryAccess>, _ buffers: inout [FollowedMemory], _ isNew: Bool
    ) -> Void
  ) -> [MemoryState]? {
    let queues = accelerator.queues
    guard queues.count <= 256, instructions.count <= (1 << 24) / (queues.count + 1) else { return nil }
    var execution = TokenExecution(self, queues: queues)
    execution.run()
    let order = execution.order.order
    guard order.count == instructions.count else { return nil }
    // Buffers alone: nothing of the DRAM.
    var onChip = self
    (onChip.tensors, onChip.preloads) = ([], [])
    let map = AccessMap(onChip)
    var buffers = map.footprints.map { FollowedMemory(footprints: $0.count, queues: columns) }
    var start = 0
    while start < order.count {
      for buffer in buffers.indices { buffers[buffer].close() }
      let end = buffers.enterWindow(from: start, order, map, rows: 1 << 12)
      if buffers.open(map) != nil { return nil }
      for place in start..<end { visit(order[place], map.accesses(of: order[place]), &buffers, place == start) }
      start = end
    }
    for buffer in buffers.indices { buffers[buffer].close() }
    return buffers.map(\.state)
  }
}

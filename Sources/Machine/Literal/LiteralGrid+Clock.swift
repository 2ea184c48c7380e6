import CKernels

// One clock of the array: what hops, what leaves.
extension LiteralGrid {
  /// One clock edge of the array. `step` of the tile being fed enters in cycle `now`, or nothing when it is negative.
  ///
  /// When nothing is inside, nothing moves: every register that data can reach holds zero, and would again.
  ///
  /// - Returns: the tile whose last result row begins its way down a shifting output path, else −1.
  mutating func clock(_ now: Int, _ step: Int) -> Int {
    var tag = 0
    entered = step
    if step >= 0 {
      liveUntil = now &+ tags.length
      tag = CK_LIVE
      if step == 0 {
        tag |= CK_FIRST
        swaps = (now < swapUntil ? swaps.first : now, now)
        swapUntil = now &+ (rows &- 1) &* rowDelay &+ pitch
      }
      if step == feed.steps &- 1 { tag |= CK_LAST }
    } else if now >= liveUntil {
      return -1
    }
    let isLast = tag & CK_LAST != 0
    tags.push(UInt8(truncatingIfNeeded: tag))
    lastTiles.push(isLast ? feed.tile : -1)
    if hasBias { enterBias(step) }
    if isOutput {
      if isLast, path != .direct { shiftQueue.push(feed.goal) }
      enterOutput(step)
      let shifted = path == .direct ? -1 : shift(now)
      clockOutput()
      return shifted
    }
    enterStationary(step)
    if hasValues { aim(step) }
    if isSystolic { clockSystolic(now) } else { clockBroadcast(now) }
    return -1
  }

  // MARK: Stationary operand

  @inline(__always)
  private mutating func clockSystolic(_ now: Int) {
    for index in 0..<replicaCount {
      let replica = replicas + index
      if hasShadow, now < swapUntil {
        ck_swap(
          replica.pointee.weights, replica.pointee.chain, tags.now, Int32(truncatingIfNeeded: rowDelay),
          reached(now, by: swaps, delay: rowDelay, across: pitch, of: rows), shape)
      }
      replica.pointee.sums.turn()
      let sums = replica.pointee.sums.now
      if hasBias { ck_slant(sums, replica.pointee.bias.now, Int32(columns), shape.pitch) }
      var skew = skew(replica)
      ck_systolic(replica.pointee.activations, replica.pointee.weights, sums, &skew, shape)
      // Column c's result is in the register at the foot of the array now that its tag has come as far.
      let foot = replica.pointee.sums.next + rows &* pitch
      ck_collect(foot, tags.now + (rows &* stages &- 1), leaving, shape.pitch)
      if hasValues { ck_leave(&exit, foot, replica.pointee.targets.now + (rows &* stages &- 1), 1, 0, Int32(columns)) }
    }
  }

  @inline(__always)
  private func skew(_ replica: UnsafeMutablePointer<LiteralReplica>) -> ck_skew {
    ck_skew(
      ring: replica.pointee.edge.all, slots: Int32(truncatingIfNeeded: replica.pointee.edge.count),
      head: Int32(truncatingIfNeeded: replica.pointee.edge.head), delay: Int32(truncatingIfNeeded: rowDelay))
  }

  /// The rows, or columns, that control bits have reached and not yet left: of `count`, they get to the next in `delay` cycles and
  /// are in each for `cycles`.
  @inline(__always)
  private func reached(
    _ now: Int, by entries: (first: Int, last: Int), delay: Int, across cycles: Int, of count: Int
  ) -> ck_span {
    var (first, end) = (max(0, now &- entries.last &- cycles &+ delay), now &- entries.first &+ delay)
    if delay > 1 { (first, end) = (first / delay, end / delay) }
    return ck_span(first: Int32(truncatingIfNeeded: first), end: Int32(truncatingIfNeeded: min(count, end)))
  }

  private mutating func clockBroadcast(_ now: Int) {
    let leaves = Int(tags.now[treeStages &- 1]) & CK_LIVE != 0
    for index in 0..<replicaCount {
      let replica = replicas + index
      if hasShadow, Int(tags.now[0]) & CK_FIRST != 0 {
        replica.pointee.weights.update(from: replica.pointee.chain, count: rows &* depth &* pitch &* cell)
      }
      replica.pointee.sums.turn()
      ck_broadcast(
        replica.pointee.edge.now, replica.pointee.weights + plane(of: feed.load),
        hasBias ? replica.pointee.bias.now : nil,
        replica.pointee.sums.now, shape)
      if leaves {
        let foot = replica.pointee.sums.next
        leaving[0] &+= ck_sum(foot, Int32(pitch))
        if hasValues { ck_leave(&exit, foot, replica.pointee.targets.now + (treeStages &- 1), 0, 0, Int32(columns)) }
      }
    }
  }

  /// Where the registers of a load begin.
  func plane(of load: Int) -> Int { load % planes &* rows &* depth &* pitch &* cell }

  /// One clock edge of the loading chain: `row` of the tile's rows enters, the one for the lowest PEs first, or none when
  /// it is negative.
  @inline(__always)
  mutating func clockChain(_ now: Int, _ row: Int) {
    loaded = row
    if row >= 0 || (now < chainUntil && isSystolic) { moveChain(now, row) }
  }

  private mutating func moveChain(_ now: Int, _ row: Int) {
    if row >= 0 {
      loads = (now < chainUntil ? loads.first : now, now)
      chainUntil = now &+ commands.length
      topUntil = now &+ columns
    }
    commands.push(row >= 0 ? .max : 0)
    top.turn()
    if row >= 0 { enterTop(row) }
    let size = depth &* pitch &* cell
    for index in 0..<replicaCount {
      let replica = replicas + index
      if isSystolic {
        if now < topUntil {
          ck_top(
            replica.pointee.hop, top.all, reached(now, by: loads, delay: 1, across: 1, of: columns), Int32(top.count),
            Int32(top.head), shape)
        }
        ck_chain(
          replica.pointee.chain, replica.pointee.hop, commands.now,
          reached(now, by: loads, delay: 1, across: pitch, of: rows), shape)
      } else {
        let chain = replica.pointee.chain + plane(of: chainFeed.load)
        (chain + size).update(from: chain, count: (rows &- 1) &* size)
        chain.update(from: top.now, count: size)
      }
    }
  }

  // MARK: Output-stationary

  private func clockOutput() {
    for index in 0..<replicaCount {
      let replica = replicas + index
      if stages > 1 { replica.pointee.sums.turn() }
      let pipe = stages > 1 ? replica.pointee.sums.now : nil
      let seen = tags.now + (stages &- 1)
      let bias = hasBias ? replica.pointee.bias.now + (stages &- 1) &* pitch : nil
      if isSystolic {
        var skew = skew(replica)
        ck_top(
          replica.pointee.weights, top.all, ck_span(first: 0, end: Int32(columns)), Int32(top.count), Int32(top.head),
          shape)
        ck_output_systolic(
          replica.pointee.activations, replica.pointee.weights, pipe, replica.pointee.accumulators,
          replica.pointee.results, seen, bias, &skew, shape)
      } else if let own = replica.pointee.own {
        ck_output_separate(
          replica.pointee.edge.now, own, top.now, pipe, replica.pointee.accumulators, replica.pointee.results, seen[0],
          bias, shape)
      } else {
        ck_output_broadcast(
          replica.pointee.edge.now, top.now, pipe, replica.pointee.accumulators, replica.pointee.results, seen[0], bias,
          shape)
      }
    }
  }

  /// The shifting output path: it begins when the result of the lowest PE of column 0 is visible, and shifts once an
  /// interval. Commands travel right with the skew of the results.
  private mutating func shift(_ now: Int) -> Int {
    let hop = isSystolic ? 1 : 0
    if lastTiles.now[(rows &- 1) &* hop &+ stages] >= 0 {
      shifting = shiftQueue.pop()
      (shiftCount, shiftPhase) = (0, 0)
    }
    var command: Int32 = 0
    var finished = -1
    let goal = shifting
    if shifting.tile >= 0 {
      liveUntil = max(liveUntil, now &+ tags.length &+ shifts.length)
      shiftPhase &+= 1
      if shiftPhase == shifting.interval {
        shiftPhase = 0
        shiftCount &+= 1
        command = Int32(truncatingIfNeeded: shiftCount)
        shiftUntil = now &+ pitch
        if shiftCount == goal.layout.rows {
          finished = shifting.tile
          shifting.tile = -1
        }
      }
    }
    shifts.push(command)
    if hasValues { aim(shift: Int(command), of: goal) }
    if now >= shiftUntil { return finished }
    if !isSystolic { uniform.update(repeating: command, count: pitch) }
    for index in 0..<replicaCount {
      let chain = replicas[index].results ?? replicas[index].accumulators
      if hasValues {
        ck_leave(
          &exit, chain + (goal.layout.rows &- 1) &* pitch, replicas[index].targets.now, isSystolic ? 1 : 0, 0,
          Int32(columns))
      }
      ck_shift(chain, isSystolic ? shifts.now : uniform, leaving, Int32(goal.layout.rows), Int32(pitch))
    }
    return finished
  }

  // MARK: What leaves

  /// Says where the results of a step that enters now will go.
  private mutating func aim(_ step: Int) {
    let tile = tileTable + max(0, feed.tile) % tileTableSize
    for index in 0..<replicaCount {
      let row = step &* replicaCount &+ index
      var target = ck_target(at: -1, tile: nil)
      if step >= 0, row < feed.extent, feed.isQueued {
        target = ck_target(at: Int64(4 &* (slot &* replicaCount &+ index) &* pitch), tile: tile)
      } else if step >= 0, row < feed.extent, let data = feed.goal.data {
        let streamed = feed.first &+ row
        let (m, n) = feed.columnsAreRows ? (feed.column, streamed) : (streamed, feed.column)
        target = ck_target(at: data.pointee.results.place(m, n), tile: tile)
      }
      replicas[index].targets.push(target)
    }
  }

  /// Moves the results of a step from the FIFO to where they go.
  func unload(_ slot: Int, _ step: Int, into results: LiteralResults, adds: Bool, feed: LiteralFeed) {
    guard hasValues else { return }
    for index in 0..<replicaCount {
      let row = step &* replicaCount &+ index
      guard row < feed.extent else { continue }
      let words = fifo + (slot &* replicaCount &+ index) &* pitch
      for column in 0..<feed.width {
        let (m, n) = feed.columnsAreRows ? (feed.column &+ column, row) : (row, feed.column &+ column)
        results.put(words[column], m, n, adds: adds)
      }
    }
  }

  /// The same of a shift: first the lowest PEs' results leave.
  private mutating func aim(shift command: Int, of goal: LiteralGoal) {
    for index in 0..<replicaCount {
      replicas[index].targets.push(
        command > 0 ? target((index &+ 1) &* goal.layout.rows &- command, of: goal) : ck_target(at: -1, tile: nil))
    }
  }

  /// Where row `row` of an output-stationary tile's results goes.
  private func target(_ row: Int, of goal: LiteralGoal) -> ck_target {
    guard row < goal.lanes, let data = goal.data, let result = goal.layout.result(at: goal.from &+ row) else {
      return ck_target(at: -1, tile: nil)
    }
    return ck_target(
      at: data.pointee.results.place(result, goal.column), tile: tileTable + goal.tile % tileTableSize)
  }

  /// The results of an output-stationary tile that become visible `distance` hops from PE (0, 0) leave by themselves.
  mutating func leave(_ distance: Int, of goal: LiteralGoal) {
    guard hasValues, isSystolic || distance == 0 else { return }
    for index in 0..<replicaCount {
      for row in 0..<goal.layout.rows {
        let column = isSystolic ? distance &- row : 0
        guard 0..<columns ~= column else { continue }
        var target = target(index &* goal.layout.rows &+ row, of: goal)
        ck_leave(
          &exit, replicas[index].accumulators + row &* pitch, &target, 0, Int32(column),
          Int32(isSystolic ? column &+ 1 : columns))
      }
    }
  }

  /// The end of a cycle: results that get to the output buffer are written.
  mutating func land() {
    guard exit.pending > 0 else { return }
    exitLatencies.withUnsafeBufferPointer { latencies in
      if let base = latencies.baseAddress { ck_land(&exit, base, Int32(latencies.count)) }
    }
  }
}

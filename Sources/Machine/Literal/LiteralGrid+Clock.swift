import CKernels

/// What the edge of an array needs to know of the tile that it feeds.
struct LiteralFeed {
  var tile = -1
  /// Where the operands of the matmul begin in the table.
  var stream = 0
  var stay = 0
  var from = 0
  var column = 0
  var lanes = 0
  var width = 0
  var loadRows = 0
  /// Steps, and what is streamed over all replicas and steps.
  var steps = 0
  var extent = 0
  var outInterval = 1
}

// One clock of the array: what enters, what hops, what leaves.
extension LiteralGrid {
  /// One clock edge of the array. `step` of the tile being fed enters in cycle `now`, or nothing when it is negative.
  ///
  /// When nothing is inside, nothing moves: every register that data can reach holds zero, and would again.
  ///
  /// - Returns: the tile whose last result row begins its way down a shifting output path, else −1.
  mutating func clock(_ now: Int, _ step: Int) -> Int {
    var tag = 0
    if step >= 0 {
      liveUntil = now &+ tags.length
      tag = CK_LIVE
      if step == 0 {
        tag |= CK_FIRST
        swapUntil = now &+ (rows &- 1) &* rowDelay &+ pitch
      }
      if step == feed.steps &- 1 { tag |= CK_LAST }
    } else if now >= liveUntil {
      return -1
    }
    let isLast = tag & CK_LAST != 0
    tags.push(UInt8(truncatingIfNeeded: tag))
    lastTiles.push(isLast ? feed.tile : -1)
    if isOutput {
      if isLast, path != .direct { shiftQueue.push((feed.tile, feed.outInterval)) }
      enterOutput(step)
      let shifted = path == .direct ? -1 : shift(now)
      clockOutput()
      return shifted
    }
    enterStationary(step)
    if isSystolic { clockSystolic(now) } else { clockBroadcast(now) }
    return -1
  }

  // MARK: What enters

  private func enterStationary(_ step: Int) {
    let width = rows &* depth
    for index in 0..<replicaCount {
      replicas[index].edge.turn()
      let slot = replicas[index].edge.now
      let row = step &* replicaCount &+ index
      var live = 0
      if step >= 0, row < feed.extent {
        live = feed.lanes
        slot.update(from: table + ((feed.stream &+ row &* CK_ROW &+ feed.from) & mask), count: live)
      }
      (slot + live).update(repeating: 0, count: width &- live)
    }
  }

  private mutating func enterOutput(_ step: Int) {
    top.turn()
    top.now.update(repeating: 0, count: depth &* pitch)
    for index in 0..<replicaCount {
      replicas[index].edge.turn()
      replicas[index].edge.now.update(repeating: 0, count: rows &* depth)
    }
    if step < 0 { return }
    for v in 0..<depth {
      let k = step &* depth &+ v
      if k >= feed.extent { return }
      (top.now + v &* pitch).update(
        from: table + ((feed.stay &+ k &* CK_ROW &+ feed.column) & mask), count: feed.width)
      let rowsOfA = table + ((feed.stream &+ k &* CK_ROW &+ feed.from) & mask)
      for index in 0..<replicaCount {
        let slot = replicas[index].edge.now
        for row in 0..<max(0, min(rows, feed.lanes &- index &* rows)) {
          slot[row &* depth &+ v] = rowsOfA[index &* rows &+ row]
        }
      }
    }
  }

  // MARK: Stationary operand

  private func clockSystolic(_ now: Int) {
    for index in 0..<replicaCount {
      let replica = replicas + index
      if hasShadow, now < swapUntil {
        ck_swap(
          replica.pointee.weights, replica.pointee.chain, tags.now, Int32(rows), Int32(depth), Int32(rowDelay),
          Int32(pitch))
      }
      replica.pointee.sums.turn()
      ck_systolic(
        replica.pointee.activations, replica.pointee.weights, replica.pointee.sums.now, skew(replica), Int32(rows),
        Int32(depth), Int32(pitch))
      // Column c's result is in the register at the foot of the array now that its tag has come as far.
      ck_collect(
        replica.pointee.sums.next + rows &* pitch, tags.now + (rows &* stages &- 1), leaving, Int32(pitch))
    }
  }

  private func skew(_ replica: UnsafeMutablePointer<LiteralReplica>) -> ck_skew {
    ck_skew(
      ring: replica.pointee.edge.all, slots: Int32(replica.pointee.edge.count), head: Int32(replica.pointee.edge.head),
      delay: Int32(rowDelay))
  }

  private func clockBroadcast(_ now: Int) {
    let leaves = Int(tags.now[treeStages &- 1]) & CK_LIVE != 0
    for index in 0..<replicaCount {
      let replica = replicas + index
      if hasShadow, Int(tags.now[0]) & CK_FIRST != 0 {
        replica.pointee.weights.update(from: replica.pointee.chain, count: rows &* depth &* pitch)
      }
      replica.pointee.sums.turn()
      ck_broadcast(
        replica.pointee.edge.now, replica.pointee.weights, replica.pointee.sums.now, Int32(rows), Int32(depth),
        Int32(pitch))
      if leaves { leaving[0] &+= ck_sum(replica.pointee.sums.next, Int32(pitch)) }
    }
  }

  /// One clock edge of the loading chain: `row` of the tile's rows enters, the one for the lowest PEs first, or none when
  /// it is negative.
  mutating func clockChain(_ now: Int, _ row: Int) {
    if row >= 0 {
      chainUntil = now &+ commands.length
      topUntil = now &+ columns
    } else if now >= chainUntil || !isSystolic {
      return
    }
    commands.push(row >= 0 ? .max : 0)
    top.turn()
    if row >= 0 {
      for v in 0..<depth {
        let lane = (chainFeed.loadRows &- 1 &- row) &* depth &+ v
        let place = top.now + v &* pitch
        place.update(repeating: 0, count: pitch)
        if lane < chainFeed.lanes {
          place.update(
            from: table + ((chainFeed.stay &+ (chainFeed.from &+ lane) &* CK_ROW &+ chainFeed.column) & mask),
            count: chainFeed.width)
        }
      }
    }
    let size = depth &* pitch
    for index in 0..<replicaCount {
      let replica = replicas + index
      if isSystolic {
        if now < topUntil {
          ck_top(
            replica.pointee.hop, top.all, Int32(columns), Int32(depth), Int32(pitch), Int32(top.count), Int32(top.head))
        }
        ck_chain(
          replica.pointee.chain, replica.pointee.hop, commands.now, Int32(rows), Int32(depth), Int32(pitch))
      } else {
        let chain = replica.pointee.chain
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
      if isSystolic {
        ck_top(
          replica.pointee.weights, top.all, Int32(columns), Int32(depth), Int32(pitch), Int32(top.count),
          Int32(top.head))
        ck_output_systolic(
          replica.pointee.activations, replica.pointee.weights, pipe, replica.pointee.accumulators,
          replica.pointee.results, seen, skew(replica), Int32(rows), Int32(depth), Int32(pitch))
      } else {
        ck_output_broadcast(
          replica.pointee.edge.now, top.now, pipe, replica.pointee.accumulators, replica.pointee.results, seen[0],
          Int32(rows), Int32(depth), Int32(pitch))
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
    if shifting.tile >= 0 {
      liveUntil = max(liveUntil, now &+ tags.length &+ shifts.length)
      shiftPhase &+= 1
      if shiftPhase == shifting.interval {
        shiftPhase = 0
        shiftCount &+= 1
        command = Int32(truncatingIfNeeded: shiftCount)
        shiftUntil = now &+ pitch
        if shiftCount == rows {
          finished = shifting.tile
          shifting.tile = -1
        }
      }
    }
    shifts.push(command)
    if now >= shiftUntil { return finished }
    if !isSystolic { uniform.update(repeating: command, count: pitch) }
    for index in 0..<replicaCount {
      let chain = replicas[index].results ?? replicas[index].accumulators
      ck_shift(chain, isSystolic ? shifts.now : uniform, leaving, Int32(rows), Int32(pitch))
    }
    return finished
  }

  // MARK: What leaves

  /// The sum of what has left column `column` since it was last asked for.
  func take(_ column: Int) -> UInt32 {
    defer { leaving[column] = 0 }
    return leaving[column]
  }

  /// The sum of the results that become visible `distance` hops from PE (0, 0).
  func diagonal(_ distance: Int) -> UInt32 {
    var total: UInt32 = 0
    for index in 0..<replicaCount {
      let sums = replicas[index].accumulators
      total &+=
        isSystolic
        ? ck_diagonal(sums, Int32(rows), Int32(columns), Int32(pitch), Int32(distance))
        : (distance == 0 ? ck_sum(sums, Int32(rows &* pitch)) : 0)
    }
    return total
  }
}

extension LiteralGrid {
  /// What the sum of all results of a tile must be (algorithm-based fault tolerance), modulo 2³²:
  /// Σ_k (Σ of what is streamed) · (Σ of what stays).
  func checksum(_ feed: LiteralFeed, _ extent: Int) -> UInt32 {
    if isOutput {
      return ck_checksum_output(
        table, Int64(mask), Int64(feed.stream + feed.from), Int32(feed.lanes), Int64(feed.stay + feed.column),
        Int32(feed.width), Int64(extent))
    }
    return ck_checksum_stationary(
      table, Int64(mask), Int64(feed.stream + feed.from), Int64(extent), Int32(feed.lanes),
      Int64(feed.stay + feed.from * Int(CK_ROW) + feed.column), Int32(feed.width), scratch)
  }
}

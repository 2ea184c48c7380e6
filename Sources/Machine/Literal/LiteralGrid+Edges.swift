import CKernels

/// What the edge of an array needs to know of the tile that it feeds.
struct LiteralFeed {
  var tile = -1
  var layout = LiteralLayout()
  var stream: UnsafePointer<LiteralOperand>?
  var stay: UnsafePointer<LiteralOperand>?
  var hasBias = false
  /// Columns of the array are columns of the results, or rows (input-stationary).
  var columnsAreRows = false
  /// Results pass the FIFO.
  var isQueued = false
  /// Number of the load of its stationary operand.
  var load = 0
  /// First element of K (output-stationary: first row) and first column, and the first of what is streamed.
  var from = 0
  var column = 0
  var first = 0
  var lanes = 0
  var width = 0
  /// Output-stationary: lanes that make a result.
  var live = 0
  var loadRows = 0
  /// Steps, and what is streamed over all replicas and steps.
  var steps = 0
  var extent = 0
  var goal = LiteralGoal()
}

/// Where the results of a tile go.
struct LiteralGoal {
  var tile = -1
  var data: UnsafePointer<LiteralMatMul.Data>?
  var layout = LiteralLayout()
  /// Output-stationary: first row, rows over all replicas.
  var from = 0
  var lanes = 0
  var column = 0
  /// Cycles of a row of results that is shifted out.
  var interval = 1
}

// What enters the array, and the sums from which its results are checked.
extension LiteralGrid {
  /// Takes up the tile whose first step is next.
  ///
  /// - Parameters:
  ///   - delay: From the array to the output buffer, or, `edge`, to the FIFO.
  ///   - reads: How many cycles before its end a result is added to what the buffer holds; −1 if it isn't.
  mutating func begin(_ next: LiteralFeed, delay: Int, reads: Int, isQueued: Bool, edge: Int) {
    feed = next
    feed.isQueued = isQueued
    if isQueued {
      tileTable[next.tile % tileTableSize] = ck_tile(
        bytes: UnsafeMutableRawPointer(fifo).assumingMemoryBound(to: UInt8.self), stride: 4, row: 0, pitch: 0,
        width: Int32(next.width), delay: Int32(edge), reads: -1)
    } else if let results = next.goal.data?.pointee.results {
      tileTable[next.tile % tileTableSize] = results.tile(
        next.width, delay: delay, reads: reads, columnsAreRows: next.columnsAreRows)
    }
    guard hasBias else { return }
    biasSum = 0
    biasRowSum = 0
    biasRow.update(repeating: 0, count: pitch)
    if next.hasBias, !next.columnsAreRows, let bias = next.goal.data?.pointee.bias {
      bias.read(4 &* next.column, 4 &* next.width, into: biasRow)
      biasRowSum = ck_sum(biasRow, Int32(next.width))
    }
  }

  @inline(__always)
  mutating func enterStationary(_ step: Int) {
    let width = rows &* depth
    if step == 0 { streamSums.update(repeating: 0, count: width) }
    for index in 0..<replicaCount {
      replicas[index].edge.turn()
      let slot = replicas[index].edge.now
      let row = step &* replicaCount &+ index
      var live = 0
      if step >= 0, row < feed.extent, let stream = feed.stream {
        live = feed.lanes
        if shape.wide == 0, let bytes = stream.pointee.bytes(feed.first &+ row, feed.from) {
          ck_enter_bytes(slot, bytes, Int32(live), streamSums)
        } else {
          stream.pointee.fetch(feed.first &+ row, feed.from, live, into: line)
          ck_enter(slot, line, Int32(live), 1, streamSums, shape.wide)
        }
      }
      (slot + live &* cell).update(repeating: 0, count: (width &- live) &* cell)
    }
  }

  mutating func enterOutput(_ step: Int) {
    top.turn()
    top.now.update(repeating: 0, count: top.size)
    for index in 0..<replicaCount {
      replicas[index].edge.turn()
      replicas[index].edge.now.update(repeating: 0, count: rows &* depth &* cell)
      replicas[index].own?.update(repeating: 0, count: resultRows &* pitch &* cell)
    }
    guard step >= 0, let stream = feed.stream, let stay = feed.stay else { return }
    if step == 0 { productSum = 0 }
    if feed.layout.isDepthwise { return enterDepthwise(step, stream, stay) }
    for v in 0..<depth {
      guard let k = feed.layout.element(step, v) else { return }
      stay.pointee.fetch(k, feed.column, feed.width, into: line)
      ck_enter(top.now + v &* pitch &* cell, line, Int32(feed.width), 1, nil, shape.wide)
      let topSum = ck_total(line, Int32(feed.width))
      stream.pointee.fetch(k, feed.from, feed.lanes, into: line)
      productSum &+= topSum &* ck_total(line, Int32(feed.lanes))
      for index in 0..<replicaCount {
        let live = max(0, min(rows, feed.lanes &- index &* rows))
        ck_enter(
          replicas[index].edge.now + v &* cell, line + index &* rows, Int32(live), Int32(depth), nil, shape.wide)
      }
    }
  }

  /// Every multiplier gets a pixel of its own channel; all of a column get the same weight.
  private mutating func enterDepthwise(
    _ step: Int, _ stream: UnsafePointer<LiteralOperand>, _ stay: UnsafePointer<LiteralOperand>
  ) {
    if step >= feed.extent { return }
    let weights = line + feed.width
    stay.pointee.fetch(step, feed.column, feed.width, into: weights)
    ck_enter(top.now, weights, Int32(feed.width), 1, nil, shape.wide)
    for index in 0..<replicaCount {
      guard let own = replicas[index].own else { continue }
      for row in 0..<max(0, min(resultRows, feed.lanes &- index &* resultRows)) {
        guard let window = feed.layout.result(at: feed.from &+ index &* resultRows &+ row) else { continue }
        stream.pointee.fetchChannels(step, of: window, feed.column, feed.width, into: line)
        ck_enter(own + row &* pitch &* cell, line, Int32(feed.width), 1, nil, shape.wide)
        for channel in 0..<feed.width {
          productSum &+= UInt32(bitPattern: Int32(line[channel]) &* Int32(weights[channel]))
        }
      }
    }
  }

  /// Row `row` of the tile's stationary operand at the top edge, the one for the lowest PEs first.
  mutating func enterTop(_ row: Int) {
    for v in 0..<depth {
      let lane = (chainFeed.loadRows &- 1 &- row) &* depth &+ v
      let place = top.now + v &* pitch &* cell
      place.update(repeating: 0, count: pitch &* cell)
      if lane < chainFeed.lanes, let stay = chainFeed.stay {
        stay.pointee.fetch(chainFeed.from &+ lane, chainFeed.column, chainFeed.width, into: line)
        ck_enter(place, line, Int32(chainFeed.width), 1, nil, shape.wide)
        staySums[chainFeed.load % max(2, planes) &* rows &* depth &+ lane] = ck_total(line, Int32(chainFeed.width))
      }
    }
  }

  /// Puts a tile's stationary operand into the registers from which its first step takes it.
  mutating func fill(_ tile: LiteralFeed) {
    chainFeed = tile
    let size = depth &* pitch &* cell
    for row in 0..<tile.loadRows {
      enterTop(tile.loadRows &- 1 &- row)
      for index in 0..<replicaCount {
        (replicas[index].chain + plane(of: tile.load) + row &* size).update(from: top.now, count: size)
      }
    }
  }

  // MARK: Bias

  /// What the sums begin with that enter in this cycle: a row of the bias, the bias of a step, or zeros.
  mutating func enterBias(_ step: Int) {
    for index in 0..<replicaCount {
      if step < 0 || (isOutput && step > 0) {
        // A sum that enters without a step begins with nothing; an accumulator isn't begun by it at all.
        replicas[index].bias.push(isOutput ? nil : UnsafePointer(noBias))
        continue
      }
      let row = step &* replicaCount &+ index
      if isOutput {
        replicas[index].bias.push(biasRow)
        // Rows without operands begin with it too: a shifting path brings their results out with the others.
        let count = path == .direct ? feed.lanes : feed.layout.rows &* replicaCount
        biasSum = biasRowSum &* UInt32(truncatingIfNeeded: count)
      } else if row >= feed.extent || !feed.hasBias {
        replicas[index].bias.push(noBias)
      } else {
        if feed.columnsAreRows { fillBias(feed.first &+ row) }
        replicas[index].bias.push(biasRow)
        biasSum &+= biasRowSum
      }
    }
  }

  /// Input-stationary: all columns of a step begin with the same.
  private mutating func fillBias(_ step: Int) {
    var word: Int32 = 0
    feed.goal.data?.pointee.bias?.read(4 &* step, 4, into: &word)
    biasRow.update(repeating: word, count: feed.width)
    biasRowSum = UInt32(bitPattern: word) &* UInt32(truncatingIfNeeded: feed.width)
  }

  // MARK: Check

  /// What the sum of all results of the tile just fed must be (algorithm-based fault tolerance), modulo 2³²:
  /// Σ_k (Σ of what was streamed) · (Σ of what stayed), and the biases.
  func checksum() -> UInt32 {
    biasSum
      &+ (isOutput
        ? productSum : ck_dot(streamSums, staySums + feed.load % max(2, planes) &* rows &* depth, Int32(feed.lanes)))
  }

  /// The sum of what has left column `column` since it was last asked for.
  mutating func take(_ column: Int) -> UInt32 {
    defer { leaving[column] = 0 }
    return leaving[column]
  }

  /// The sum of a tile's results that become visible `distance` hops from PE (0, 0).
  func diagonal(_ distance: Int, of goal: LiteralGoal) -> UInt32 {
    var total: UInt32 = 0
    for index in 0..<replicaCount {
      let sums = replicas[index].accumulators
      let live = max(0, min(goal.layout.rows, goal.lanes &- index &* goal.layout.rows))
      total &+=
        isSystolic
        ? ck_diagonal(sums, Int32(live), Int32(columns), Int32(pitch), Int32(distance))
        : (distance == 0 ? ck_sum(sums, Int32(live &* pitch)) : 0)
    }
    return total
  }
}

// The registers of an engine, by name and one by one.
extension LiteralMatrix {
  /// Its part of the register file.
  var groups: [RegisterGroup] {
    let (l, r, c, v) = (grid.replicaCount, grid.rows, grid.columns, grid.depth)
    func operands(_ kind: String, sets: Int = 1) -> RegisterGroup {
      group(kind, [("replica", l), ("row", sets * r), ("multiplier", v), ("column", c)])
    }
    func sums(_ kind: String, _ stages: Int?, _ rows: Int?) -> RegisterGroup {
      group(
        kind,
        [("replica", l)] + (stages.map { [("register", $0)] } ?? []) + (rows.map { [("row", $0)] } ?? []) + [
          ("column", c)
        ])
    }
    var groups: [RegisterGroup] = []
    if grid.isSystolic { groups.append(operands("a")) }
    if isOutput {
      if grid.isSystolic { groups.append(operands("b")) }
      if grid.stages > 1 { groups.append(sums("product", grid.stages - 1, grid.resultRows)) }
      groups.append(sums("acc", nil, grid.resultRows))
      if grid.path == .shiftRegisters { groups.append(sums("out", nil, grid.resultRows)) }
    } else {
      groups.append(operands("w", sets: grid.planes))
      if grid.hasShadow { groups.append(operands("shadow")) }
      groups +=
        grid.isSystolic ? [operands("pass"), sums("sum", grid.stages, r)] : [sums("tree", grid.treeStages, nil)]
    }
    let control = ["loads issued", "streams issued", "tiles entered", "instructions ended"]
    return groups + [RegisterGroup("\(spec.name).control", [control.count], labels: control)]
  }

  private func group(_ kind: String, _ axes: [(name: String, size: Int)]) -> RegisterGroup {
    RegisterGroup("\(spec.name).\(kind)", axes.map(\.size), axes: axes.map(\.name))
  }

  mutating func visit(_ visitor: inout LiteralVisitor) {
    grid.visit(&visitor)
    visitor.counter(hasLoader ? loadNext : 0)
    visitor.counter(streamNext)
    visitor.counter(feedTile)
    visitor.counter(ended)
  }
}

extension LiteralGrid {
  fileprivate func visit(_ visitor: inout LiteralVisitor) {
    let lanes = rows &* depth
    // A row of memory more than of registers: what passes down stands one row of PEs below.
    let below = depth &* pitch
    func operands(_ count: Int, _ cells: (LiteralReplica) -> UnsafeMutablePointer<Int8>, _ first: Int) {
      for index in 0..<replicaCount {
        let cells = cells(replicas[index]) + first &* cell
        if cell == 1 {
          visitor.plane(cells, rows: count, columns: columns, pitch: pitch)
        } else {
          cells.withMemoryRebound(to: Int16.self, capacity: count &* pitch) {
            visitor.plane($0, rows: count, columns: columns, pitch: pitch)
          }
        }
      }
    }
    func sums(_ count: Int, _ rows: Int, _ first: Int) {
      for index in 0..<replicaCount {
        for age in 0..<count {
          visitor.plane(replicas[index].sums.plane(age) + first, rows: rows, columns: columns, pitch: pitch)
        }
      }
    }
    if isSystolic { operands(lanes, \.activations, 0) }
    if isOutput {
      if isSystolic { operands(lanes, \.weights, below) }
      if stages > 1 { sums(stages - 1, resultRows, 0) }
      for index in 0..<replicaCount {
        visitor.plane(replicas[index].accumulators, rows: resultRows, columns: columns, pitch: pitch)
      }
      if path == .shiftRegisters {
        for index in 0..<replicaCount {
          if let results = replicas[index].results {
            visitor.plane(results, rows: resultRows, columns: columns, pitch: pitch)
          }
        }
      }
      return
    }
    operands(planes &* lanes, \.weights, 0)
    if hasShadow { operands(lanes, \.chain, 0) }
    if isSystolic {
      operands(lanes, \.hop, below)
      sums(stages, rows, pitch)
    } else {
      sums(treeStages, 1, 0)
    }
  }
}

extension LiteralMatrix {
  /// What has entered the array in this cycle.
  var edges: GridEdges { grid.edges }
}

extension LiteralGrid {
  fileprivate var edges: GridEdges {
    var edges = GridEdges()
    if isOutput { return edges }
    let replica = replicas[0]
    if entered >= 0 {
      edges.step = operands(replica.edge.now, rows * depth)
      edges.isFirst = entered == 0
      edges.bias = Array(UnsafeBufferPointer(start: hasBias ? replica.bias.now : noBias, count: columns))
    }
    if loaded >= 0 {
      edges.load = (0..<depth).flatMap { operands(top.now + $0 * pitch * cell, columns) }
    }
    return edges
  }

  private func operands(_ cells: UnsafeMutablePointer<Int8>, _ count: Int) -> [Int16] {
    if cell == 1 { return (0..<count).map { Int16(cells[$0]) } }
    return cells.withMemoryRebound(to: Int16.self, capacity: count) {
      Array(UnsafeBufferPointer(start: $0, count: count))
    }
  }
}

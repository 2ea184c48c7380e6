import Hardware
import Schedule

extension RandomCase {
  /// The smallest case reachable by single cuts on which `fails` still holds.
  func shrunk(while fails: (RandomCase) -> Bool) -> RandomCase {
    var smallest = self
    var progress = true
    while progress {
      progress = false
      for candidate in smallest.smaller() where fails(candidate) {
        smallest = candidate
        progress = true
        break
      }
    }
    return smallest
  }

  /// Every case that is one step simpler: an item less, a dependence less, an extent halved, a knob at its plain value.
  private func smaller() -> [RandomCase] {
    var cases: [RandomCase] = []
    for index in items.indices.reversed() { cases.append(without(index)) }
    for index in items.indices {
      for position in items[index].dependences.indices {
        var copy = self
        copy.items[index].dependences.remove(at: position)
        cases.append(copy)
      }
      for operation in items[index].operation.smaller() {
        var copy = self
        copy.items[index].operation = operation
        cases.append(copy)
      }
    }
    for accelerator in accelerator.plainer() where accelerator != self.accelerator {
      cases.append(RandomCase(accelerator: accelerator, items: items))
    }
    return cases
  }

  private func without(_ removed: Int) -> RandomCase {
    var copy = self
    copy.items.remove(at: removed)
    for index in copy.items.indices {
      copy.items[index].dependences = copy.items[index].dependences.compactMap { dependence -> Dependence? in
        guard dependence.item != removed else { return nil }
        var moved = dependence
        if moved.item > removed { moved.item -= 1 }
        return moved
      }
    }
    return copy
  }
}

extension Operation {
  fileprivate func smaller() -> [Operation] {
    func cut(_ region: Region, rows: Int, rowBytes: Int) -> Region {
      Region(buffer: region.buffer, offset: region.offset, rows: rows, rowBytes: rowBytes)
    }
    switch self {
    case .matmul(let old):
      var result: [Operation] = []
      for (m, k, n) in [
        (old.m / 2, old.k, old.n), (old.m, old.k / 2, old.n), (old.m, old.k, old.n / 2), (old.m - 1, old.k, old.n),
        (old.m, old.k - 1, old.n), (old.m, old.k, old.n - 1),
      ] where min(m, k, n) > 0 {
        result.append(
          .matmul(
            MatMul(
              m: m, k: k, n: n, a: cut(old.a, rows: m, rowBytes: k), b: cut(old.b, rows: k, rowBytes: n),
              out: cut(old.out, rows: m, rowBytes: 4 * n), accumulate: old.accumulate, op: 0)))
      }
      if old.accumulate {
        var plain = old
        plain.accumulate = false
        result.append(.matmul(plain))
      }
      return result
    case .vector(let old):
      var result: [Operation] = []
      for (rows, columns) in [(old.rows / 2, old.columns), (old.rows, old.columns / 2), (old.rows - 1, old.columns)]
      where min(rows, columns) > 0 {
        var new = old
        new.rows = rows
        new.columns = columns
        new.source = cut(old.source, rows: rows, rowBytes: old.source.rowBytes / old.columns * columns)
        new.destination = cut(old.destination, rows: rows, rowBytes: columns)
        if let operand = old.operand {
          let parameters = old.stages[0].operation == .layerNorm
          new.operand = cut(operand, rows: parameters ? 1 : rows, rowBytes: parameters ? 5 * columns : columns)
        }
        result.append(.vector(new))
      }
      if old.stages.count > 1 {
        var new = old
        new.stages.removeLast()
        result.append(.vector(new))
      }
      return result
    case .load(let old), .store(let old):
      var result: [Operation] = []
      for (rows, rowBytes) in [
        (old.dram.rows / 2, old.dram.rowBytes), (old.dram.rows, old.dram.rowBytes / 2),
        (old.dram.rows, old.dram.rowBytes - 1),
      ] where min(rows, rowBytes) > 0 {
        var new = old
        new.dram = DRAMRegion(address: old.dram.address, rows: rows, rowBytes: rowBytes, stride: old.dram.stride)
        new.region = cut(old.region, rows: rows, rowBytes: rowBytes)
        if case .load = self { result.append(.load(new)) } else { result.append(.store(new)) }
      }
      return result
    }
  }
}

extension Accelerator {
  /// Copies with one knob at its plainest value.
  fileprivate func plainer() -> [Accelerator] {
    var result: [Accelerator] = []
    func change(_ body: (inout Accelerator) -> Void) {
      var copy = self
      body(&copy)
      result.append(copy)
    }
    for index in engines.indices {
      change { $0.engines[index].replicas = 1 }
      change { $0.engines[index].macsPerPE = 1 }
      change { $0.engines[index].peRegisters = 1 }
      change { $0.engines[index].edgeRegisters = 0 }
      change { $0.engines[index].tileOverlap = true }
      change { $0.engines[index].shadowWeights = true }
      change { $0.engines[index].edgeTiles = .trimmed }
      change { $0.engines[index].outputPath = .direct }
      change { $0.engines[index].dataflow = .weightStationary }
      change { $0.engines[index].interconnect = .systolic }
      change { $0.engines[index].rows = max(1, $0.engines[index].rows / 2) }
      change { $0.engines[index].columns = max(1, $0.engines[index].columns / 2) }
    }
    for index in buffers.indices {
      change { $0.buffers[index].ports = 3 }
      change { $0.buffers[index].banks = 1 }
      change { $0.buffers[index].latency = 0 }
      change { $0.buffers[index].wordBytes = 64 }
    }
    for index in channels.indices {
      change { $0.channels[index].setup = 0 }
      change { $0.channels[index].outstanding = 8 }
      change { $0.channels[index].burstBeats = 16 }
      change { $0.channels[index].boundaryBytes = 4096 }
    }
    change { $0.dram = .ideal(latency: 0) }
    change { $0.vector.rowsInFlight = 1 }
    change { $0.vector.dividerCycles = 0 }
    change { $0.vector.squareRootCycles = 0 }
    for operation in VectorOperation.allCases {
      change { $0.vector.operations[operation] = VectorOperationSpec(passes: 1, interval: 1, latency: 0) }
    }
    return result
  }
}

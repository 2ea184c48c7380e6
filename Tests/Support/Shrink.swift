import Hardware
import Schedule

extension RandomCase {
  /// The smallest case reachable by single cuts on which `fails` still holds.
  package func shrunk(while fails: (RandomCase) -> Bool) -> RandomCase {
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
      var copy = self
      copy.accelerator = accelerator
      cases.append(copy)
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
    switch self {
    case .matmul(let old): return old.smaller().map { .matmul($0) }
    case .vector(let old): return old.smaller().map { .vector($0) }
    case .load(let old), .store(let old):
      var result: [Operation] = []
      for (rows, rowBytes) in [
        (old.dram.rows / 2, old.dram.rowBytes), (old.dram.rows, old.dram.rowBytes / 2),
        (old.dram.rows, old.dram.rowBytes - 1),
      ] where min(rows, rowBytes) > 0 {
        var new = old
        new.dram = DRAMRegion(address: old.dram.address, rows: rows, rowBytes: rowBytes, stride: old.dram.stride)
        new.region = old.region.cut(rows, rowBytes)
        if case .load = self { result.append(.load(new)) } else { result.append(.store(new)) }
      }
      return result
    }
  }
}

extension Region {
  /// As many rows from the same place on, without gaps.
  fileprivate func cut(_ rows: Int, _ rowBytes: Int) -> Region {
    Region(buffer: buffer, offset: offset, rows: rows, rowBytes: rowBytes)
  }
}

extension MatMul {
  fileprivate func smaller() -> [MatMul] {
    var result: [MatMul] = []
    func change(_ body: (inout MatMul) -> Void) {
      var copy = self
      body(&copy)
      if copy != self { result.append(copy) }
    }
    for (m, k, n) in [(m / 2, k, n), (m, k / 2, n), (m, k, n / 2), (m - 1, k, n), (m, k - 1, n), (m, k, n - 1)]
    where min(m, k, n) > 0 {
      change {
        ($0.m, $0.k, $0.n) = (m, k, n)
        if case .windows = aOrder { $0.aOrder = .rowMajor }
        $0.a = a.cut(m, k)
        $0.b = b.cut(k, n)
        $0.out = out.cut(m, 4 * n)
        $0.bias = bias?.cut(1, 4 * n)
      }
    }
    change { $0.accumulate = false }
    change { $0.bias = nil }
    change { ($0.aZero, $0.bZero) = (0, 0) }
    change { $0.bOrder = .rowMajor }
    if case .columnMajor = aOrder { change { $0.aOrder = .rowMajor } }
    return result
  }
}

extension VectorInstruction {
  fileprivate func smaller() -> [VectorInstruction] {
    var result: [VectorInstruction] = []
    let width = destination.bytes / (resultRows * resultColumns)
    func resize(_ rows: Int, _ columns: Int, _ stages: [VectorStage]) {
      var new = self
      (new.rows, new.columns, new.stages) = (rows, columns, stages)
      guard rows > 0, new.resultColumns > 0 else { return }
      new.source = source.cut(rows, source.bytes / elements * columns)
      new.destination = destination == source ? new.source : destination.cut(new.resultRows, new.resultColumns * width)
      let isNorm = stages.contains { $0.operation == .layerNorm }
      new.operand =
        stages.contains(where: \.operation.takesOperand)
        ? operand?.cut(isNorm ? 1 : rows, isNorm ? 5 * columns : columns) : nil
      result.append(new)
    }
    for (rows, columns) in [(rows / 2, columns), (rows, columns / 2), (rows - 1, columns)] where columns > 0 {
      resize(rows, columns, stages)
    }
    if stages.count > 1 { resize(rows, columns, stages.dropLast()) }
    return result
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
      change { $0.engines[index].streams = nil }
      change { $0.engines[index].streams?.start = 0 }
      change { $0.engines[index].streams?.registers = 0 }
      change { $0.engines[index].streams?.finish = 1 }
      change { $0.engines[index].streams?.restart = 0 }
      change { $0.engines[index].streams?.fifo = 10 }
      change { $0.engines[index].tileOverlap = true }
      change { if $0.engines[index].streams == nil { $0.engines[index].shadowWeights = true } }
      change { $0.engines[index].swapCycles = 0 }
      change { $0.engines[index].stationaryBuffers = 1 }
      change { $0.engines[index].streamDuty = .always }
      change { $0.engines[index].loadDuty = .always }
      change { $0.engines[index].resultDuty = .always }
      change {
        if $0.engines[index].streams == nil { $0.engines[index].outputFIFO = 0; $0.engines[index].resultDuty = .always }
      }
      change { $0.engines[index].kernelTaps = .packed }
      change { $0.engines[index].stepInterval = 1 }
      let reads = engines[index].rowByRow
      change { $0.engines[index].rowByRow = false }
      change { if !reads { $0.engines[index].minimumSteps = 1 } }
      change { $0.engines[index].tilesInFlight = 0 }
      change { $0.engines[index].tileSteps = 0 }
      change { if !reads { ($0.engines[index].lockStep, $0.engines[index].tileSteps) = (false, 0) } }
      change { $0.engines[index].transposeCycles = 0 }
      change { $0.engines[index].issueLatency = 0 }
      change { $0.engines[index].issueInterval = 0 }
      change { $0.engines[index].tileOrder = .rowsInner }
      change { if !reads { $0.engines[index].edgeTiles = .trimmed } }
      change { if !$0.engines[index].lockStep { $0.engines[index].outputPath = .direct } }
      change { if $0.engines[index].dataflow != .outputStationary { $0.engines[index].dataflow = .weightStationary } }
      change {
        if $0.engines[index].stationaryBuffers == 1, !$0.engines[index].depthwise, $0.engines[index].streams == nil {
          $0.engines[index].interconnect = .systolic
        }
      }
      change { $0.engines[index].rows = max(1, $0.engines[index].rows / 2) }
      change { $0.engines[index].columns = max(1, $0.engines[index].columns / 2) }
    }
    for index in buffers.indices {
      let isStreamed = engines.contains { $0.streams != nil && $0.inputs == index }
      change { if !isStreamed { $0.buffers[index].ports = 3 } }
      change { $0.buffers[index].banks = 1 }
      change { $0.buffers[index].latency = 0 }
      change { $0.buffers[index].loadLatency = 0 }
      change { $0.buffers[index].wordBytes = isStreamed ? 256 : 64 }
    }
    for index in channels.indices {
      change { $0.channels[index].setup = 0 }
      change { $0.channels[index].narrowing = 1 }
      change { $0.channels[index].gatherAhead = 0 }
      change { $0.channels[index].gatherWords = 0 }
      change { $0.channels[index].readCompletion = 0 }
      change { $0.channels[index].acknowledgement = nil }
      change { $0.channels[index].sendPath = 0 }
      change { $0.channels[index].writePath = 0 }
      change { $0.channels[index].outstanding = 8 }
      change { $0.channels[index].burstBeats = 16 }
      change { $0.channels[index].boundaryBytes = 4096 }
      change { $0.channels[index].bursts = .incrementing }
      change { ($0.channels[index].assembly, $0.channels[index].sendPath) = (false, 0) }
      change { $0.channels[index].transfersInFlight = 0 }
      change { $0.channels[index].dispatch = 0 }
      change { $0.channels[index].slotReturn = 1 }
      change { $0.channels[index].completion = 1 }
      change { $0.channels[index].beatCredit = false }
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

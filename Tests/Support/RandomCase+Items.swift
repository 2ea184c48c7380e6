import Hardware
import Schedule

// Random instructions.
extension RandomCase {
  package mutating func addItem(_ random: inout SplitMix64, ordered: Bool) {
    let engines = accelerator.engines.count
    var queue = random.int(0...engines + accelerator.channels.count)
    if random.chance(30) { queue = 0 }
    let operation: Operation
    if queue < engines {
      operation = .matmul(matmul(&random, accelerator.engines[queue]))
    } else if queue == engines {
      operation = .vector(vector(&random, ordered: ordered))
    } else {
      operation = transfer(&random, accelerator.channels[queue - engines - 1])
    }
    var dependences: [Dependence] = []
    if !items.isEmpty {
      for _ in 0..<random.int(0...3) {
        let slot: TokenSlot = queue < engines ? random.pick([.a, .b, .out]) : .start
        dependences.append(
          Dependence(
            item: max(0, items.count - random.int(1...5)), slot: slot, tokens: random.pick([1, 1, 1, 2]),
            delay: random.pick([0, 0, 0, 1, 12])))
      }
    }
    if ordered {
      for (index, item) in items.enumerated().reversed() where item.queue != queue {
        for access in operation.accesses
        where item.operation.accesses.contains(where: { access.conflicts(with: $0) })
          && !dependences.contains(where: { $0.item == index && $0.slot == access.slot })
        {
          dependences.append(Dependence(item: index, slot: access.slot))
        }
      }
      dependences.sort { $0.item > $1.item }
    }
    items.append(Item(queue: queue, operation: operation, dependences: dependences))
  }

  private func anywhere(_ random: inout SplitMix64) -> Int { random.int(0...accelerator.buffers.count - 1) }

  /// `rows` × `rowBytes` bytes, now and then with gaps, now and then in rows of another length (of whole `unit`s).
  private func region(
    _ random: inout SplitMix64, buffer: Int, rows: Int, rowBytes: Int, unit: Int = 1, isImage: Bool = false
  ) -> Region {
    var (rows, rowBytes) = (rows, rowBytes)
    if !isImage, random.chance(25) {
      let units = rows * rowBytes / unit
      let lengths = (1...units).filter { units % $0 == 0 && units / $0 <= 16 }
      let length = random.pick(lengths)
      (rows, rowBytes) = (units / length, length * unit)
    }
    let pitch = rowBytes + (random.chance(20) ? random.int(0...9) : 0)
    let span = (rows - 1) * pitch + rowBytes
    return Region(
      buffer: buffer, offset: random.int(0...max(0, accelerator.buffers[buffer].bytes - span)), rows: rows,
      rowBytes: rowBytes, pitch: pitch)
  }

  // MARK: Matrix engines

  private func matmul(_ random: inout SplitMix64, _ engine: MatrixEngineSpec) -> MatMul {
    var (m, k) = (random.int(1...14), random.int(1...14))
    let n = random.int(1...14)
    var aOrder: OperandOrder = random.chance(70) ? .rowMajor : .columnMajor
    var image: (rows: Int, rowBytes: Int)?
    let isDepthwise = engine.depthwise && random.chance(60)
    if isDepthwise || random.chance(20) {
      var windows = Self.windows(&random)
      if isDepthwise {
        windows.channels = n
        windows.pixelPitch = n + random.pick([0, 0, 2])
        windows.outputColumns = random.int(1...7)
      }
      m = windows.outputColumns * random.int(1...3)
      k = isDepthwise ? windows.taps : windows.depth
      image = (random.int(1...6), (windows.width - 1) * windows.pixelPitch + windows.channels)
      aOrder = .windows(windows)
    }
    let a =
      image.map { region(&random, buffer: engine.inputs, rows: $0.rows, rowBytes: $0.rowBytes, isImage: true) }
      ?? region(&random, buffer: engine.inputs, rows: m, rowBytes: k)
    let other = random.chance(75) ? engine.weights : engine.inputs
    var op = MatMul(
      m: m, k: k, n: n, isDepthwise: isDepthwise, a: a, b: region(&random, buffer: other, rows: k, rowBytes: n),
      out: region(&random, buffer: engine.outputs, rows: m, rowBytes: 4 * n, unit: 4),
      accumulate: random.chance(30), op: 0, aOrder: aOrder, bOrder: random.chance(70) ? .rowMajor : .columnMajor,
      aZero: random.chance(30) ? random.int(-128...127) : 0, bZero: random.chance(20) ? random.int(-128...127) : 0)
    // Accumulation is on results of the same shape.
    let earlier = items.compactMap { item -> MatMul? in
      if case .matmul(let matmul) = item.operation { matmul } else { nil }
    }
    if op.accumulate, let base = earlier.last(where: { $0.out.buffer == engine.outputs }), random.chance(70),
      image == nil
    {
      (op.m, op.n, op.out) = (base.m, base.n, base.out)
      op.a = region(&random, buffer: engine.inputs, rows: op.m, rowBytes: k)
      op.b = region(&random, buffer: other, rows: k, rowBytes: op.n)
    }
    // What is kept is that of the matmul before in the queue, where it can be.
    if engine.rowByRow, let last = items.last(where: { $0.queue < accelerator.engines.count }), random.chance(50),
      case .matmul(let before) = last.operation, image == nil, accelerator.engines[last.queue] == engine
    {
      (op.k, op.n, op.b, op.bOrder, op.bZero, op.keeps) = (
        before.k, before.n, before.b, before.bOrder, before.bZero, true
      )
      op.a = region(&random, buffer: engine.inputs, rows: op.m, rowBytes: op.k)
      op.out = region(&random, buffer: engine.outputs, rows: op.m, rowBytes: 4 * op.n, unit: 4)
    }
    if !op.accumulate, !op.keeps, random.chance(40) {
      op.bias = region(&random, buffer: anywhere(&random), rows: 1, rowBytes: 4 * op.n, unit: 4)
    }
    return op
  }

  private static func windows(_ random: inout SplitMix64) -> Windows {
    let channels = random.int(1...3)
    return Windows(
      width: random.int(1...6), channels: channels, pixelPitch: channels + random.pick([0, 0, 2]),
      kernelRows: random.int(1...3), kernelColumns: random.int(1...3), strideY: random.int(1...2),
      strideX: random.int(1...2), dilationY: random.pick([1, 1, 2]), dilationX: random.pick([1, 1, 2]),
      originY: random.int(-2...1), originX: random.int(-2...1), outputColumns: random.int(1...4))
  }

  // MARK: Vector unit

  private mutating func vector(_ random: inout SplitMix64, ordered: Bool) -> VectorInstruction {
    let rows = random.int(1...7)
    var columns = random.int(1...12)
    var operations = [random.pick(VectorOperation.allCases)]
    while random.chance(40), operations.count < 4 {
      let taken = operations.contains(where: \.takesOperand)
      operations.append(random.pick(VectorOperation.allCases.filter { !(taken && $0.takesOperand) }))
    }
    // What changes the shape comes last, and sums are four bytes wide until they are requantized.
    if let last = operations.firstIndex(where: { $0 == .divide || $0 == .average }) {
      operations.removeSubrange((last + 1)...)
    }
    operations = [operations[0]] + operations.dropFirst().filter { $0 != .requantize }
    if operations.contains(.divide) { columns += 1 }
    let first = operations[0]
    // A scale leaves the width as it is; what it makes of sums isn't defined.
    let isWide =
      first == .requantize || (first == .divide && random.chance(50))
      || (first == .scale && !ordered && random.chance(50))
    let staysWide = isWide && operations.allSatisfy { $0 == .scale }
    if isWide, first == .scale { operations = operations.filter { $0 == .scale } }

    let stages = operations.map { operation in
      let firstColumn = random.int(0...3)
      arithmetic.append(
        random.arithmetic(operation, factors: firstColumn + columns, isWide: isWide && operation == first))
      return VectorStage(operation, op: 0, arithmetic: arithmetic.count - 1, firstColumn: firstColumn)
    }
    let source = region(
      &random, buffer: isWide ? min(2, accelerator.buffers.count - 1) : anywhere(&random), rows: rows,
      rowBytes: columns * (isWide ? 4 : 1))
    var operand: Region?
    if operations.contains(.layerNorm) {
      operand = region(&random, buffer: anywhere(&random), rows: 1, rowBytes: 5 * columns)
    } else if operations.contains(where: \.takesOperand) {
      operand = region(&random, buffer: anywhere(&random), rows: rows, rowBytes: columns)
    }
    let isInPlace = isWide == staysWide && random.chance(20) && ![.divide, .average].contains(operations.last)
    var op = VectorInstruction(
      stages: stages, rows: rows, columns: columns, source: source, operand: operand, destination: source)
    if !isInPlace {
      op.destination = region(
        &random, buffer: anywhere(&random), rows: op.resultRows, rowBytes: op.resultColumns * (staysWide ? 4 : 1))
    }
    return op
  }

  // MARK: DMA

  private func transfer(_ random: inout SplitMix64, _ channel: DMAChannelSpec) -> Operation {
    let (rows, rowBytes) = (random.int(1...5), random.int(1...60))
    let stride = random.chance(15) ? 0 : rowBytes + (random.chance(50) ? random.int(0...70) : 0)
    let tensor = random.pick(Self.tensors)
    let transfer = Transfer(
      dram: DRAMRegion(
        address: tensor.address + random.int(0...tensor.bytes - ((rows - 1) * stride + rowBytes)), rows: rows,
        rowBytes: rowBytes, stride: stride),
      region: region(&random, buffer: anywhere(&random), rows: rows, rowBytes: rowBytes), op: 0)
    let writes = channel.carries == [.outputs] || (channel.carries.contains(.outputs) && random.chance(40))
    return writes ? .store(transfer) : .load(transfer)
  }
}

extension VectorInstruction {
  /// The shape behind the last stage.
  package var resultRows: Int { stages.last?.operation == .average ? 1 : rows }
  package var resultColumns: Int { stages.last?.operation == .divide ? columns - 1 : columns }
}

/// One operand of an operation, by its first and last byte.
package struct RandomAccess {
  /// A buffer, or −1 for DRAM.
  var space: Int
  var bytes: Range<Int>
  var slot: TokenSlot
  var writes: Bool

  package init(_ region: Region, _ slot: TokenSlot, writes: Bool = false) {
    (space, bytes) = (region.buffer, region.offset..<region.end)
    (self.slot, self.writes) = (slot, writes)
  }

  package init(_ region: DRAMRegion, writes: Bool) {
    (space, bytes) = (-1, region.address..<region.end)
    (slot, self.writes) = (.start, writes)
  }

  package func conflicts(with other: RandomAccess) -> Bool {
    space == other.space && (writes || other.writes) && bytes.overlaps(other.bytes)
  }
}

extension Operation {
  package var accesses: [RandomAccess] {
    switch self {
    case .load(let it): [RandomAccess(it.dram, writes: false), RandomAccess(it.region, .start, writes: true)]
    case .store(let it): [RandomAccess(it.region, .start), RandomAccess(it.dram, writes: true)]
    case .matmul(let it):
      [RandomAccess(it.a, .a), RandomAccess(it.b, .b), RandomAccess(it.out, .out, writes: true)]
        + (it.bias.map { [RandomAccess($0, .b)] } ?? [])
    case .vector(let it):
      [RandomAccess(it.source, .start), RandomAccess(it.destination, .start, writes: true)]
        + (it.operand.map { [RandomAccess($0, .start)] } ?? [])
    }
  }
}

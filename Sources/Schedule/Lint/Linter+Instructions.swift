import Hardware

/// Each instruction by itself: its unit, its buffers and DRAM tensors, its sizes, its tokens' slots.
extension Linter {
  mutating func checkInstructions() {
    let tensors = schedule.tensors.sorted { $0.address < $1.address }
    for index in schedule.instructions.indices {
      if isFull { return }
      let instruction = schedule.instructions[index]
      guard queues.indices.contains(instruction.queue) else {
        regionsAreSound = false
        tokensAreSound = false
        add(.index, index, "queue \(instruction.queue) of \(queues.count)")
        continue
      }
      if !schedule.layers.indices.contains(instruction.layer) {
        add(.index, index, "layer \(instruction.layer) of \(schedule.layers.count)")
      }
      let unit = queues[instruction.queue]
      switch (instruction.operation, unit.unit) {
      case (.load(let transfer), .dma(let channel)):
        check(transfer, isLoad: true, schedule.accelerator.channels[channel], tensors, index)
      case (.store(let transfer), .dma(let channel)):
        check(transfer, isLoad: false, schedule.accelerator.channels[channel], tensors, index)
      case (.matmul(let matmul), .matrix(let engine)):
        check(matmul, schedule.accelerator.engines[engine], index)
      case (.vector(let vector), .vector):
        check(vector, index)
      default:
        regionsAreSound = false
        add(.unit, index, "\(unit.name) can't execute a \(instruction.operation.keyword): move it to another queue")
      }
      checkSlots(instruction, index)
    }
  }

  private mutating func checkSlots(_ instruction: Instruction, _ index: Int) {
    for wait in instruction.waits {
      check("wait for", wait.from, wait.slot, of: instruction.queue, wait.count, index)
    }
    for post in instruction.posts { check("post to", post.to, post.slot, of: post.to, post.count, index) }
  }

  /// One wait or post: `slot` is a slot of the queue `taker`.
  private mutating func check(
    _ verb: String, _ other: Int, _ slot: TokenSlot, of taker: Int, _ count: Int, _ index: Int
  ) {
    if !queues.indices.contains(other) {
      add(.index, index, "\(verb) queue \(other) of \(queues.count)")
    } else if queues[taker].isMatrix == (slot == .start) {
      add(
        .token, index,
        "\(name(ofQueue: taker)) has no slot \(slot.rawValue): a matrix engine has a, b and out, other units start")
    } else if !(1...1 << 31 ~= count) {
      add(.token, index, "\(verb) \(name(ofQueue: other)): \(count) tokens at once; use 1 to 2^31")
    } else {
      return
    }
    tokensAreSound = false
  }

  // MARK: Regions

  /// Whether the region lies in its buffer.
  mutating func check(_ region: Region, _ role: String, _ instruction: Int?, written: Bool = false) -> Bool {
    let buffers = schedule.accelerator.buffers
    guard buffers.indices.contains(region.buffer) else {
      regionsAreSound = false
      add(.index, instruction, "\(role): buffer \(region.buffer) of \(buffers.count)")
      return false
    }
    guard let end = end(region.offset, region.rows, region.rowBytes, region.pitch) else {
      regionsAreSound = false
      add(.shape, instruction, "\(role) = \(text(region)): sizes must be positive, with at most 2^40 bytes in all")
      return false
    }
    let buffer = buffers[region.buffer]
    if end > buffer.bytes {
      regionsAreSound = false
      add(
        .overflow, instruction,
        "\(role) = \(text(region)) ends at byte \(end) of \(buffer.bytes): \(end - buffer.bytes) too far; "
          + "use smaller tiles or a larger buffer")
      return false
    }
    if written, region.rows > 1, region.pitch < region.rowBytes {
      add(.shape, instruction, "\(role) = \(text(region)): rows \(region.pitch) bytes apart overwrite each other")
    }
    return true
  }

  /// First byte behind the region, or `nil` where that isn't sensible. Rows of a region that is read may overlap, so
  /// its bytes need a bound of their own: the size of the largest buffers.
  private func end(_ offset: Int, _ rows: Int, _ rowBytes: Int, _ pitch: Int) -> Int? {
    guard offset >= 0, rows > 0, rowBytes > 0, pitch >= 0,
      let bytes = checkedProduct(rows, rowBytes), bytes <= 1 << 40,
      let last = checkedProduct(rows - 1, pitch)
    else { return nil }
    let end = saturatingSum(saturatingSum(offset, last), rowBytes)
    return end == .max ? nil : end
  }

  private mutating func check(
    _ transfer: Transfer, isLoad: Bool, _ channel: DMAChannelSpec, _ tensors: [DRAMTensor], _ index: Int
  ) {
    checkOperator(transfer.op, index)
    let region = transfer.region
    let dram = transfer.dram
    let regionFits = check(region, "region", index, written: isLoad)
    guard let end = end(dram.address, dram.rows, dram.rowBytes, dram.stride) else {
      regionsAreSound = false
      return add(.shape, index, "\(text(dram)): sizes must be positive, with at most 2^40 bytes in all")
    }
    if regionFits { report(transfer.sizeMistakes, index) }
    guard let tensor = tensors.lastIndex(startingAtOrBefore: dram.address).map({ tensors[$0] }),
      end <= tensor.address + tensor.bytes
    else {
      regionsAreSound = false
      return add(.dram, index, "\(text(dram)) isn't inside one tensor: declare the tensor or correct the address")
    }
    let cargo: Cargo = isLoad ? (tensor.kind == .weight ? .weights : .inputs) : .outputs
    if !channel.carries.contains(cargo) {
      add(
        .unit, index,
        "dma.\(channel.name) doesn't carry \(cargo.rawValue), but this \(isLoad ? "loads" : "stores") \(tensor.name) "
          + "(\(tensor.kind.rawValue)): use another channel")
    }
    if !isLoad, tensor.kind == .weight || tensor.kind == .input {
      add(.dram, index, "a store to \(tensor.name), which is only read: store to an output or a spill")
    }
    if !isLoad, dram.rows > 1, dram.stride < dram.rowBytes {
      add(.shape, index, "\(text(dram)): rows \(dram.stride) bytes apart overwrite each other")
    }
  }

  mutating func checkOperator(_ op: Int, _ instruction: Int) {
    if !schedule.operators.indices.contains(op) {
      add(.index, instruction, "operator \(op) of \(schedule.operators.count)")
    }
  }

  // MARK: Matrix engines

  private mutating func check(_ matmul: MatMul, _ engine: MatrixEngineSpec, _ index: Int) {
    checkOperator(matmul.op, index)
    var isSound = operand("a", matmul.a, [engine.inputs], engine, index)
    isSound = operand("b", matmul.b, [engine.weights, engine.inputs], engine, index) && isSound
    isSound = operand("out", matmul.out, [engine.outputs], engine, index) && isSound
    if let bias = matmul.bias {
      isSound = operand("bias", bias, [engine.weights, engine.inputs], engine, index) && isSound
    }
    guard matmul.m > 0, matmul.k > 0, matmul.n > 0, checkedProduct(matmul.m, matmul.k, matmul.n, 8) != nil else {
      return add(
        .shape, index, "M·K·N = \(matmul.m)·\(matmul.k)·\(matmul.n): use positive sizes with a product below 2^60")
    }
    if matmul.isDepthwise, !engine.depthwise {
      add(.unit, index, "\(engine.name) can't multiply channel by channel: use an engine with depthwise, or matmuls")
    }
    if isSound { report(matmul.sizeMistakes, index) }
  }

  /// Whether the region lies in its buffer.
  private mutating func operand(
    _ role: String, _ region: Region, _ reached: [Int], _ engine: MatrixEngineSpec, _ index: Int
  ) -> Bool {
    guard check(region, role, index, written: role == "out") else { return false }
    let buffers = schedule.accelerator.buffers
    if !reached.contains(region.buffer) {
      let names = reached.filter(buffers.indices.contains).map { buffers[$0].name }
      add(
        .buffer, index,
        "\(engine.name) has no path to \(buffers[region.buffer].name) for \(role): "
          + "place it in \(names.joined(separator: " or "))")
    }
    return true
  }

  mutating func report(_ mistakes: [SizeMistake], _ index: Int) {
    for mistake in mistakes {
      var place = mistake.role.map { "\($0) " } ?? ""
      if let region = mistake.region { place += "= \(text(region)) " }
      add(.shape, index, place + mistake.what)
    }
  }
}

extension Operation {
  /// As in the text form.
  var keyword: String {
    switch self {
    case .load: "load"
    case .store: "store"
    case .matmul(let matmul): matmul.isDepthwise ? "depthwise" : "matmul"
    case .vector: "vector operation"
    }
  }
}

extension Queue {
  var isMatrix: Bool {
    if case .matrix = unit { true } else { false }
  }
}

extension [DRAMTensor] {
  /// The last tensor, of a list in the order of addresses, that doesn't begin behind `address`.
  public func lastIndex(startingAtOrBefore address: Int) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? low - 1 : nil
  }
}

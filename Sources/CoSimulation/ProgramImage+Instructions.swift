import Schedule

extension WordWriter {
  mutating func region(_ region: Region) {
    word(region.buffer)
    word(region.offset)
    word(region.rows)
    word(region.rowBytes)
    word(region.pitch)
  }

  /// - Parameter withArithmetic: Stages refer to the table of arithmetic.
  mutating func instruction(_ instruction: Instruction, withArithmetic: Bool) {
    word(instruction.queue)
    switch instruction.operation {
    case .load(let transfer):
      word(0)
      self.transfer(transfer)
    case .store(let transfer):
      word(1)
      self.transfer(transfer)
    case .matmul(let matmul):
      word(matmul.isDepthwise ? 3 : 2)
      self.matmul(matmul)
    case .vector(let vector):
      word(4)
      self.vector(vector, withArithmetic: withArithmetic)
    }
    list(instruction.waits) { $0.token($1.from, $1.slot, $1.count) }
    list(instruction.posts) { writer, post in
      writer.token(post.to, post.slot, post.count)
      writer.word(post.delay)
      writer.flag(post.whenRead)
    }
  }

  private mutating func token(_ queue: Int, _ slot: TokenSlot, _ count: Int) {
    word(queue)
    keyword(slot)
    word(count)
  }

  private mutating func transfer(_ transfer: Transfer) {
    word(transfer.dram.address)
    word(transfer.dram.rows)
    word(transfer.dram.rowBytes)
    word(transfer.dram.stride)
    region(transfer.region)
  }

  private mutating func matmul(_ matmul: MatMul) {
    word(matmul.m)
    word(matmul.k)
    word(matmul.n)
    operand(matmul.a, matmul.aOrder, zero: matmul.aZero)
    operand(matmul.b, matmul.bOrder, zero: matmul.bZero)
    optional(matmul.bias) { $0.region($1) }
    region(matmul.out)
    flag(matmul.accumulate)
    flag(matmul.keeps)
  }

  private mutating func operand(_ region: Region, _ order: OperandOrder, zero: Int) {
    self.region(region)
    switch order {
    case .rowMajor: word(0)
    case .columnMajor: word(1)
    case .windows(let windows):
      word(2)
      for value in [
        windows.width, windows.channels, windows.pixelPitch, windows.kernelRows, windows.kernelColumns,
        windows.strideY, windows.strideX, windows.dilationY, windows.dilationX, windows.originY, windows.originX,
        windows.outputColumns,
      ] { word(value) }
    }
    word(zero)
  }

  private mutating func vector(_ vector: VectorInstruction, withArithmetic: Bool) {
    word(vector.rows)
    word(vector.columns)
    region(vector.source)
    optional(vector.operand) { $0.region($1) }
    region(vector.destination)
    list(vector.stages) { writer, stage in
      writer.keyword(stage.operation)
      writer.word(withArithmetic ? stage.arithmetic ?? -1 : -1)
      writer.word(stage.firstColumn)
    }
  }
}

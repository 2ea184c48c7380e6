import Hardware
import Schedule

/// What both engines rely on: every instruction is on a unit that can execute it, and refers to what is there.
struct Admission {
  private let accelerator: Accelerator
  private let queues: [Queue]

  init(_ accelerator: Accelerator) {
    self.accelerator = accelerator
    queues = accelerator.queues
  }

  /// - Throws: `MachineError.wrongUnit` or `.malformed`.
  func check(_ schedule: Schedule) throws(MachineError) {
    for (index, instruction) in schedule.instructions.enumerated() {
      guard queues.indices.contains(instruction.queue) else {
        throw .wrongUnit(instruction: index, unit: "queue \(instruction.queue)")
      }
      if let mistake = mistake(in: instruction) { throw .malformed(instruction: index, what: mistake) }
      let queue = queues[instruction.queue]
      switch (instruction.operation, queue.unit) {
      case (.matmul(let matmul), .matrix(let engine)):
        if matmul.isDepthwise, !accelerator.engines[engine].depthwise {
          throw .wrongUnit(instruction: index, unit: queue.name)
        }
      case (.vector, .vector), (.load, .dma), (.store, .dma): break
      default: throw .wrongUnit(instruction: index, unit: queue.name)
      }
    }
    if let instruction = schedule.readPostMistakes.first {
      throw .malformed(
        instruction: instruction,
        what: "tokens @read of a unit that doesn't read row by row, or beside others for the same slot")
    }
    if let (instruction, mistake) = schedule.keptMistakes.first {
      throw .malformed(instruction: instruction, what: mistake)
    }
    if let mistake = schedule.loadedMistakes.first {
      let engine = schedule.loaded.first?.engine ?? 0
      throw .malformed(instruction: schedule.instructions.firstIndex { $0.queue == engine } ?? 0, what: mistake)
    }
  }

  private func mistake(in instruction: Instruction) -> String? {
    let tokensAreSound =
      instruction.waits.allSatisfy { queues.indices.contains($0.from) && $0.count > 0 }
      && instruction.posts.allSatisfy { queues.indices.contains($0.to) && $0.count > 0 }
    guard tokensAreSound else { return "a token of a queue that doesn't exist, or a count below 1" }
    switch instruction.operation {
    case .matmul(let matmul):
      guard Self.areCountable(matmul.m, matmul.k, matmul.n) else {
        return "sizes that aren't positive or can't be counted"
      }
      let mistake = mistake(in: matmul.a) ?? mistake(in: matmul.b) ?? mistake(in: matmul.out)
      return mistake ?? matmul.bias.flatMap { self.mistake(in: $0) } ?? matmul.windowsMistake
    case .vector(let vector):
      guard Self.areCountable(vector.rows, vector.columns) else {
        return "sizes that aren't positive or can't be counted"
      }
      guard vector.stages.allSatisfy({ accelerator.vector.operations[$0.operation] != nil }) else {
        return "an operation that the vector unit doesn't have"
      }
      let mistake = mistake(in: vector.source) ?? mistake(in: vector.destination)
      return mistake ?? vector.operand.flatMap { self.mistake(in: $0) }
    case .load(let transfer), .store(let transfer):
      let dram = transfer.dram
      guard Self.end(of: dram.address, dram.rows, dram.rowBytes, dram.stride) != nil else {
        return "a DRAM region that isn't one"
      }
      return mistake(in: transfer.region)
    }
  }

  func mistake(in region: Region) -> String? {
    guard accelerator.buffers.indices.contains(region.buffer),
      let end = Self.end(of: region.offset, region.rows, region.rowBytes, region.pitch),
      end <= accelerator.buffers[region.buffer].bytes
    else { return "a region that isn't in its buffer" }
    return nil
  }

  /// Positive, and their product countable, eightfold.
  private static func areCountable(_ a: Int, _ b: Int, _ c: Int = 1) -> Bool {
    guard a > 0, b > 0, c > 0, case (let ab, false) = a.multipliedReportingOverflow(by: b),
      case (let abc, false) = ab.multipliedReportingOverflow(by: c)
    else { return false }
    return !abc.multipliedReportingOverflow(by: 8).overflow
  }

  /// First byte after a rectangle of bytes; `nil` unless it has rows, columns and an end that can be counted. Rows may
  /// overlap, so that its bytes need a bound of their own.
  private static func end(of start: Int, _ rows: Int, _ rowBytes: Int, _ pitch: Int) -> Int? {
    guard start >= 0, rows > 0, rowBytes > 0, pitch >= 0 || rows == 1,
      case (let bytes, false) = rows.multipliedReportingOverflow(by: rowBytes), bytes <= 1 << 40,
      case (let span, false) = (rows - 1).multipliedReportingOverflow(by: pitch),
      case (let last, false) = start.addingReportingOverflow(span),
      case (let end, false) = last.addingReportingOverflow(rowBytes)
    else { return nil }
    return end
  }
}

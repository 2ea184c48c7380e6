import Hardware
import Schedule

/// What both engines rely on where they compute values. Lint says the same, and more.
extension Admission {
  /// Bytes of all buffers and tensors together, up to which an engine keeps values.
  private static let memoryLimit = 1 << 32

  /// Behind it, every operand has the size that its operation needs and lies in its buffer or in one tensor, every stage
  /// says what it computes, and `image` fits the schedule.
  ///
  /// - Parameter needsArithmetic: Else stages may say nothing, if none of the schedule does.
  /// - Throws: `MachineError.wrongUnit`, `.malformed` or `.noValues`.
  func check(
    _ schedule: Schedule, _ image: MemoryImage, needsArithmetic: Bool = true
  ) throws(MachineError) {
    try check(schedule)
    try checkMemory(schedule, image)
    for (index, arithmetic) in schedule.arithmetic.enumerated() {
      if let problem = arithmetic.problem {
        throw .noValues(instruction: nil, what: "arithmetic \(index): \(problem)")
      }
    }
    let tensors = schedule.tensors.sorted { $0.address < $1.address }
    let buffers = schedule.accelerator.buffers.reduce(0) { $0 + $1.bytes }
    for (index, instruction) in schedule.instructions.enumerated() {
      let mistakes: [SizeMistake]
      let regions: [Region?]
      switch instruction.operation {
      case .matmul(let matmul):
        mistakes = matmul.sizeMistakes
        regions = [matmul.a, matmul.b, matmul.out, matmul.bias]
      case .vector(let vector):
        mistakes = vector.sizeMistakes
        regions = [vector.source, vector.destination, vector.operand]
      case .load(let transfer), .store(let transfer):
        mistakes = transfer.sizeMistakes
        regions = [transfer.region]
        let region = transfer.dram
        guard let tensor = tensors.lastIndex(startingAtOrBefore: region.address).map({ tensors[$0] }),
          region.end <= tensor.address + tensor.bytes
        else {
          throw .malformed(instruction: index, what: "a DRAM region that isn't inside one tensor")
        }
      }
      if let mistake = mistakes.first {
        throw .malformed(instruction: index, what: (mistake.role.map { "\($0) " } ?? "") + mistake.what)
      }
      // Rows may overlap, so that a small buffer can seem to hold any number of bytes.
      for case let region? in regions where region.bytes > buffers {
        throw .malformed(instruction: index, what: "a region of more bytes than all buffers have")
      }
      if needsArithmetic || !schedule.arithmetic.isEmpty, case .vector(let vector) = instruction.operation,
        let mistake = vector.arithmeticMistakes(schedule.arithmetic).first
      {
        throw .noValues(instruction: index, what: mistake)
      }
    }
  }

  /// Tensors apart from one another, preloads in their buffers, an image of the same sizes, all of a bearable size.
  private func checkMemory(_ schedule: Schedule, _ image: MemoryImage) throws(MachineError) {
    func refuse(_ what: String) -> MachineError { .noValues(instruction: nil, what: what) }
    var total = 0
    let memories =
      schedule.accelerator.buffers.map { ("buffer \(quoted($0.name))", $0.bytes) }
      + schedule.tensors.map { ("tensor \(quoted($0.name))", $0.bytes) }
    for (name, bytes) in memories {
      guard 0...Self.memoryLimit ~= bytes else {
        throw refuse("\(name) has \(bytes) bytes: at most 2^32 can be kept with values, so make it smaller")
      }
      total = min(total + bytes, Self.memoryLimit + 1)
    }
    if total > Self.memoryLimit { throw refuse("buffers and tensors have more than 2^32 bytes together") }
    let tensors = schedule.tensors.sorted { $0.address < $1.address }
    for tensor in tensors where tensor.address < 0 || tensor.bytes < 1 || tensor.address > .max - tensor.bytes {
      throw refuse("tensor \(tensor.name) has address \(tensor.address) and \(tensor.bytes) bytes")
    }
    for (low, high) in zip(tensors, tensors.dropFirst()) where low.address + low.bytes > high.address {
      throw refuse("tensors \(low.name) and \(high.name) overlap")
    }
    for preload in schedule.preloads {
      if let mistake = mistake(in: preload) { throw refuse("a preload: \(mistake)") }
    }

    guard image.tensors.count == schedule.tensors.count else {
      throw refuse("the image has \(image.tensors.count) tensors, the schedule \(schedule.tensors.count)")
    }
    for (tensor, bytes) in zip(schedule.tensors, image.tensors) {
      if let bytes, bytes.count != tensor.bytes {
        throw refuse("the image has \(bytes.count) bytes for \(tensor.name), which has \(tensor.bytes)")
      }
    }
    guard image.preloads.count == schedule.preloads.count || image.preloads.isEmpty else {
      throw refuse("the image has \(image.preloads.count) preloads, the schedule \(schedule.preloads.count)")
    }
    for (index, (region, bytes)) in zip(schedule.preloads, image.preloads).enumerated() {
      if let bytes, bytes.count != region.bytes {
        throw refuse("the image has \(bytes.count) bytes for preload \(index), which has \(region.bytes)")
      }
    }
  }
}

import Hardware

extension Schedule {
  /// Matmuls that are to keep a stationary operand that isn't in the array, and why it isn't (rule M29).
  public var keptMistakes: [(instruction: Int, mistake: String)] {
    var mistakes: [(Int, String)] = []
    guard instructions.contains(where: \.keeps) else { return [] }
    var before: [Int: MatMul] = [:]
    /// By queue: something has written to the operand since.
    var isChanged: [Int: Bool] = [:]
    for (index, instruction) in instructions.enumerated() {
      if let result = instruction.operation.result {
        for (queue, matmul) in before where result.mayOverlap(matmul.b) { isChanged[queue] = true }
      }
      guard case .matmul(let matmul) = instruction.operation else { continue }
      let queue = instruction.queue
      if matmul.keeps, accelerator.engines.indices.contains(queue),
        let mistake = mistake(
          in: matmul, after: before[queue], isChanged[queue] ?? false, accelerator.engines[queue])
      {
        mistakes.append((index, mistake))
      }
      if !matmul.keeps { isChanged[queue] = matmul.out.mayOverlap(matmul.b) }
      before[queue] = matmul
    }
    return mistakes
  }

  private func mistake(
    in matmul: MatMul, after before: MatMul?, _ isChanged: Bool, _ engine: MatrixEngineSpec
  ) -> String? {
    if !engine.rowByRow { return "keep: \(engine.name) doesn't read row by row" }
    guard let before else { return "keep: there is no matmul before it" }
    let isSame =
      matmul.b == before.b && matmul.bOrder == before.bOrder && matmul.bZero == before.bZero && matmul.k == before.k
      && matmul.n == before.n
    if !isSame { return "keep: operand b isn't that of the matmul before" }
    if isChanged { return "keep: something writes to operand b, which is in the array as it was" }
    if matmul.k > engine.rows || matmul.n > engine.columns { return "keep: operand b takes more than one load" }
    if matmul.bias != nil || before.bias != nil { return "keep: a bias comes with a load" }
    return nil
  }
}

extension Schedule {
  /// Instructions with tokens that can't be given when operands have been read: not of a matmul on an engine that reads row by row, or
  /// beside tokens for the same slot that are given at the end (rule G4).
  public var readPostMistakes: [Int] {
    struct Counter: Hashable {
      var from, to: Int
      var slot: TokenSlot
    }
    guard instructions.contains(where: { $0.posts.contains(where: \.whenRead) }) else { return [] }
    var kinds: [Counter: Bool] = [:]
    return instructions.indices.filter { index in
      let queue = instructions[index].queue
      let canRead = accelerator.engines.indices.contains(queue) && accelerator.engines[queue].rowByRow
      return instructions[index].posts.contains { post in
        let counter = Counter(from: queue, to: post.to, slot: post.slot)
        let isOther = kinds[counter, default: post.whenRead] != post.whenRead
        kinds[counter] = post.whenRead
        return isOther || post.whenRead && !canRead
      }
    }
  }
}

extension Instruction {
  fileprivate var keeps: Bool { if case .matmul(let matmul) = operation { matmul.keeps } else { false } }
}

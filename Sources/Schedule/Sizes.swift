import Hardware

/// Sizes of one instruction that contradict each other.
public struct SizeMistake: Sendable, Hashable {
  /// The operand to blame, as the text form calls it, and its region; nil where it is the operation as a whole.
  public var role: String?
  public var region: Region?
  /// What is wrong, with its numbers.
  public var what: String

  init(_ role: String, _ region: Region, _ what: String) {
    self.role = role
    self.region = region
    self.what = what
  }

  init(_ what: String) { self.what = what }
}

// What follows takes for granted that regions lie in buffers of at most 2⁴⁰ bytes and that M·K·N and rows·columns can be
// counted, eightfold. Lint reports the mistakes; engines that compute values refuse to run with one.

extension MatMul {
  /// Why operand A can't be the windows that it is said to be, or, if depthwise, has to be; else nil.
  public var windowsMistake: String? {
    guard case .windows(let windows) = aOrder else {
      return isDepthwise ? "has no windows, which a depthwise product needs" : nil
    }
    guard isDepthwise else { return windows.mistake(m: m, k: k, image: a) }
    if windows.channels != n { return "has windows of \(windows.channels) channels, but N is \(n)" }
    guard let depth = checkedProduct(k, n) else { return "K·N overflows" }
    return windows.mistake(m: m, k: depth, image: a)
  }

  /// What doesn't fit: operands to M, K and N, windows to their image, the bias to N and to an accumulation.
  public var sizeMistakes: [SizeMistake] {
    var mistakes: [SizeMistake] = []
    func expect(_ role: String, _ region: Region, _ bytes: Int, _ formula: String) {
      if region.bytes == bytes { return }
      mistakes.append(SizeMistake(role, region, "holds \(region.bytes) bytes, \(formula) is \(bytes)"))
    }
    if let mistake = windowsMistake { mistakes.append(SizeMistake("a", a, mistake)) }
    if windows == nil, !isDepthwise { expect("a", a, m * k, "M·K") }
    if case .windows = bOrder { mistakes.append(SizeMistake("b", b, "has windows, which only operand a can have")) }
    expect("b", b, k * n, "K·N")
    expect("out", out, 4 * m * n, "4·M·N")
    if out.rowBytes % 4 != 0 {
      mistakes.append(SizeMistake("out", out, "a row of \(out.rowBytes) bytes cuts an INT32 result"))
    }
    if let bias {
      expect("bias", bias, 4 * n, "4·N")
      if bias.rowBytes % 4 != 0 {
        mistakes.append(SizeMistake("bias", bias, "a row of \(bias.rowBytes) bytes cuts an INT32"))
      }
      if accumulate {
        mistakes.append(SizeMistake("bias", bias, "enters with the first sums, but this adds to earlier ones"))
      }
    }
    for (role, zero, region) in [("a", aZero, a), ("b", bZero, b)] where !(-128...127 ~= zero) {
      mistakes.append(SizeMistake(role, region, "has the zero point \(zero): use -128 to 127"))
    }
    return mistakes
  }
}

extension VectorInstruction {
  /// What doesn't fit: the widths of elements from stage to stage, the second operand, source and destination.
  public var sizeMistakes: [SizeMistake] {
    if stages.isEmpty { return [SizeMistake("a vector instruction without stages")] }
    var mistakes: [SizeMistake] = []
    if let mistake = operandMistake { mistakes.append(mistake) }
    guard source.bytes == elements || source.bytes == 4 * elements else {
      let what = "holds \(source.bytes) bytes for \(elements) elements: they must be 1 or 4 bytes wide"
      return mistakes + [SizeMistake("source", source, what)]
    }
    var chain = Chain(rows: rows, columns: columns, width: source.bytes / elements)
    for (index, stage) in stages.enumerated() {
      if let what = chain.pass(stage.operation, isLast: index == stages.count - 1) {
        return mistakes + [SizeMistake(what)]
      }
    }
    let bytes = chain.rows * chain.columns * chain.width
    if destination.bytes != bytes {
      let what =
        "holds \(destination.bytes) bytes, \(chain.rows * chain.columns) elements of \(chain.width) need \(bytes)"
      mistakes.append(SizeMistake("destination", destination, what))
    }
    return mistakes
  }

  /// What goes from stage to stage: `rows` × `columns` elements, `width` bytes each.
  private struct Chain {
    var rows: Int
    var columns: Int
    var width: Int

    /// Goes through one stage; returns why it can't.
    mutating func pass(_ operation: VectorOperation, isLast: Bool) -> String? {
      if operation == .requantize && width == 1 {
        return "requantize takes INT32, but elements of 1 byte come to it: read the accumulators"
      }
      if width == 4, operation != .requantize, operation != .scale, operation != .divide {
        return "\(operation.rawValue) takes INT8, but INT32 comes to it: requantize first"
      }
      if operation != .scale { width = 1 }
      guard operation == .divide || operation == .average else { return nil }
      if !isLast { return "\(operation.rawValue) changes the shape: it must be the last stage of its chain" }
      if operation == .average {
        rows = 1
      } else if columns < 2 {
        return "divide takes rows of 2 elements or more, the last of which is the divisor"
      } else {
        columns -= 1
      }
      return nil
    }
  }

  private var operandMistake: SizeMistake? {
    let takers = stages.filter(\.operation.takesOperand)
    if takers.count > 1 {
      return SizeMistake("a chain has one second operand, but \(takers.count) stages take it: split the chain")
    }
    guard let taker = takers.first?.operation else {
      let all = VectorOperation.allCases.filter(\.takesOperand).map(\.rawValue).joined(separator: ", ")
      return operand.map { SizeMistake("operand", $0, "belongs to no stage: only \(all) take one") }
    }
    guard let operand else { return SizeMistake("\(taker.rawValue) has no operand: give it one") }
    let bytes = taker == .layerNorm ? 5 * columns : elements
    if operand.bytes == bytes { return nil }
    let what = taker == .layerNorm ? "5 a column: \(bytes)" : "one for each of \(elements) elements"
    return SizeMistake("operand", operand, "holds \(operand.bytes) bytes; \(taker.rawValue) takes \(what)")
  }
}

extension Transfer {
  /// Both sides must hold the same number of bytes.
  public var sizeMistakes: [SizeMistake] {
    if dram.bytes == region.bytes { return [] }
    return [SizeMistake("region", region, "holds \(region.bytes) bytes, the DRAM side \(dram.bytes): make them equal")]
  }
}

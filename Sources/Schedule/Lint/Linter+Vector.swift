import Hardware

/// Chains of vector operations: widths of elements from stage to stage, the second operand, sizes.
extension Linter {
  mutating func check(_ vector: VectorInstruction, _ index: Int) {
    for stage in vector.stages {
      checkOperator(stage.op, index)
      if schedule.accelerator.vector.operations[stage.operation] == nil {
        add(.unit, index, "the vector unit of this accelerator has no \(stage.operation.rawValue): describe it there")
      }
    }
    if vector.stages.isEmpty { add(.shape, index, "a vector instruction without stages") }
    let sourceFits = check(vector.source, "source", index)
    let destinationFits = check(vector.destination, "destination", index, written: true)
    guard vector.rows > 0, vector.columns > 0, let elements = checkedProduct(vector.rows, vector.columns),
      checkedProduct(elements, 5) != nil
    else {
      regionsAreSound = false
      return add(.shape, index, "\(vector.rows)×\(vector.columns) elements: use positive sizes below 2^60 in all")
    }
    checkOperand(vector, elements, index)
    guard sourceFits, destinationFits else { return }
    guard vector.source.bytes == elements || vector.source.bytes == 4 * elements else {
      return add(
        .shape, index,
        "source \(text(vector.source)) holds \(vector.source.bytes) bytes for \(elements) elements: "
          + "they must be 1 or 4 bytes wide")
    }
    let width = widthAfter(vector, vector.source.bytes / elements, index)
    if let width, vector.destination.bytes != width * elements {
      add(
        .shape, index,
        "destination \(text(vector.destination)) holds \(vector.destination.bytes) bytes, "
          + "\(elements) elements of \(width) need \(width * elements)")
    }
  }

  /// Bytes of an element behind the last stage; `nil` and a finding where a stage can't take what comes to it.
  private mutating func widthAfter(_ vector: VectorInstruction, _ first: Int, _ index: Int) -> Int? {
    var width = first
    for stage in vector.stages {
      switch (stage.operation, width) {
      case (.requantize, 4): width = 1
      case (.scale, _),
        (_, 1) where stage.operation != .requantize:
        break
      case (.requantize, _):
        add(.shape, index, "requantize takes INT32, but elements of \(width) byte come to it: read the accumulators")
        return nil
      default:
        add(.shape, index, "\(stage.operation.rawValue) takes INT8, but INT32 comes to it: requantize first")
        return nil
      }
    }
    return width
  }

  private mutating func checkOperand(_ vector: VectorInstruction, _ elements: Int, _ index: Int) {
    let takers = vector.stages.filter { $0.operation == .add || $0.operation == .layerNorm }
    if takers.count > 1 {
      return add(.shape, index, "a chain has one second operand, but \(takers.count) stages take it: split the chain")
    }
    guard let operand = vector.operand else {
      if let taker = takers.first { add(.shape, index, "\(taker.operation.rawValue) has no operand: give it one") }
      return
    }
    guard check(operand, "operand", index) else { return }
    guard let taker = takers.first else {
      return add(.shape, index, "operand \(text(operand)), but no stage takes one: only add and layernorm do")
    }
    let isAdd = taker.operation == .add
    let bytes = isAdd ? elements : 5 * vector.columns
    if operand.bytes != bytes {
      add(
        .shape, index,
        "operand \(text(operand)) holds \(operand.bytes) bytes; "
          + (isAdd ? "add takes one for each of \(elements) elements" : "layernorm takes 5 a column: \(bytes)"))
    }
  }
}

import Hardware
import Numerics

/// Chains of vector operations: what the unit has, sizes, and what stages compute.
extension Linter {
  mutating func check(_ vector: VectorInstruction, _ index: Int) {
    for stage in vector.stages {
      checkOperator(stage.op, index)
      if schedule.accelerator.vector.operations[stage.operation] == nil {
        add(.unit, index, "the vector unit of this accelerator has no \(stage.operation.rawValue): describe it there")
      }
    }
    var isSound = check(vector.source, "source", index)
    isSound = check(vector.destination, "destination", index, written: true) && isSound
    if let operand = vector.operand { isSound = check(operand, "operand", index) && isSound }
    guard vector.rows > 0, vector.columns > 0, checkedProduct(vector.rows, vector.columns, 8) != nil else {
      regionsAreSound = false
      return add(
        .shape, index, "\(vector.rows)×\(vector.columns) elements: use positive sizes below 2^60 in all")
    }
    guard isSound else { return }
    let mistakes = vector.sizeMistakes
    report(mistakes, index)
    if mistakes.isEmpty, hasArithmetic {
      for mistake in vector.arithmeticMistakes(schedule.arithmetic) { add(.values, index, mistake) }
    }
  }

  /// Every entry of the table by itself.
  mutating func checkArithmetic() {
    for (index, entry) in schedule.arithmetic.enumerated() {
      if let problem = entry.problem { add(.values, nil, "arithmetic \(index): \(problem)") }
    }
  }
}

extension Schedule {
  /// Whether values are asked for: there is a table, or a stage refers to one.
  var hasArithmetic: Bool {
    !arithmetic.isEmpty
      || instructions.contains { instruction in
        guard case .vector(let vector) = instruction.operation else { return false }
        return vector.stages.contains { $0.arithmetic != nil }
      }
  }
}

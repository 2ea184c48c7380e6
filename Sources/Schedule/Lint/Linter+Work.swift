import Hardware

/// No operator is dropped: the work of all instructions is that of the table of operators.
///
/// What must be done with the results of a matmul is to take each out of the accumulators once: by `requantize`, which
/// names the operator, or by `divide`, which names its own. Whose results a division takes is known once memory is
/// followed, so that matmuls are compared with the table behind that.
extension Linter {
  /// Work that is done for each operator.
  struct Work {
    var macs: [Int]
    /// Elements written by the stages of an operator; of a matmul: taken out of accumulators.
    var elements: [Int]
    /// Bytes loaded for an operator.
    var loaded: [Int]

    init(operators: Int) {
      macs = Array(repeating: 0, count: operators)
      elements = macs
      loaded = macs
    }
  }

  mutating func checkWork() {
    let operators = schedule.operators
    for (index, instruction) in schedule.instructions.enumerated() {
      switch instruction.operation {
      case .load(let transfer):
        if operators.indices.contains(transfer.op) {
          work.loaded[transfer.op] = saturatingSum(work.loaded[transfer.op], saturatingBytes(transfer.region))
        }
      case .store: break
      case .matmul(let matmul):
        guard operators.indices.contains(matmul.op) else { continue }
        let macs = checkedProduct(matmul.m, matmul.k, matmul.n) ?? .max
        work.macs[matmul.op] = saturatingSum(work.macs[matmul.op], max(0, macs))
      case .vector(let vector): count(vector, index)
      }
    }
    for (op, info) in operators.enumerated() {
      compare(work.macs[op], info.macs, "multiply-accumulates", op)
      switch info.kind {
      case .matmul: break
      case .move:
        if work.loaded[op] < info.elements {
          add(.work, nil, "operator \(op) (\(info.name)): \(work.loaded[op]) of \(info.elements) bytes are loaded")
        }
      default: compare(work.elements[op], info.elements, "elements", op)
      }
    }
    if !schedule.dividesAccumulators { compareResults() }
  }

  /// Results of matmuls that are taken out of the accumulators against those that are due.
  mutating func compareResults() {
    for (op, info) in schedule.operators.enumerated() where info.kind == .matmul {
      compare(work.elements[op], info.elements, "requantized elements", op)
    }
  }

  /// The division `index` takes results of the operator `op`.
  mutating func countDivision(_ index: Int, of op: Int) {
    guard case .vector(let vector) = schedule.instructions[index].operation, work.elements.indices.contains(op) else {
      return
    }
    work.elements[op] = saturatingSum(work.elements[op], checkedProduct(vector.rows, vector.columns) ?? .max)
  }

  /// Each stage counts what it writes.
  private mutating func count(_ vector: VectorInstruction, _ index: Int) {
    for stage in vector.stages where schedule.operators.indices.contains(stage.op) {
      let info = schedule.operators[stage.op]
      guard info.kind == stage.operation.kind else {
        add(
          .work, index,
          "\(stage.operation.rawValue) for operator \(stage.op) (\(info.name)), which is a \(info.kind.rawValue)")
        continue
      }
      let rows = stage.operation == .average ? min(1, vector.rows) : vector.rows
      let columns = stage.operation == .divide ? vector.columns - 1 : vector.columns
      let elements = rows < 1 || columns < 1 ? 0 : checkedProduct(rows, columns) ?? .max
      work.elements[stage.op] = saturatingSum(work.elements[stage.op], elements)
    }
  }

  private func saturatingBytes(_ region: Region) -> Int { max(0, checkedProduct(region.rows, region.rowBytes) ?? .max) }

  private mutating func compare(_ done: Int, _ due: Int, _ what: String, _ op: Int) {
    if done == due { return }
    let name = "operator \(op) (\(schedule.operators[op].name))"
    if done < due {
      add(.work, nil, "\(name): \(done) of \(due) \(what), \(due - max(0, done)) are missing")
    } else {
      add(.work, nil, "\(name): \(done) \(what) instead of \(due): some are done twice")
    }
  }
}

extension VectorInstruction {
  /// Whether results of a matmul go straight into a division.
  var dividesAccumulators: Bool {
    guard stages.contains(where: { $0.operation == .divide }), !stages.contains(where: { $0.operation == .requantize }),
      let elements = checkedProduct(rows, columns, 4), let bytes = checkedProduct(source.rows, source.rowBytes)
    else { return false }
    return bytes == elements
  }
}

extension Schedule {
  var dividesAccumulators: Bool {
    instructions.contains { instruction in
      guard case .vector(let vector) = instruction.operation else { return false }
      return vector.dividesAccumulators
    }
  }
}

extension VectorOperation {
  /// The kind of operator whose elements a stage counts for.
  fileprivate var kind: OperatorKind {
    switch self {
    case .requantize: .matmul
    case .scale: .scale
    case .add: .add
    case .multiply: .multiply
    case .relu: .relu
    case .gelu: .gelu
    case .hardSwish: .hardSwish
    case .lookup: .lookup
    case .divide: .divide
    case .average: .average
    case .softmax: .softmax
    case .layerNorm: .layerNorm
    }
  }
}

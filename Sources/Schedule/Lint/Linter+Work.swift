import Hardware

/// No operator is dropped: the work of all instructions is that of the table of operators.
extension Linter {
  mutating func checkWork() {
    let operators = schedule.operators
    var macs = [Int](repeating: 0, count: operators.count)
    /// Elements that passed the stage that an operator needs (a matmul: requantized), or bytes loaded for it.
    var elements = macs
    var loaded = macs
    for (index, instruction) in schedule.instructions.enumerated() {
      switch instruction.operation {
      case .load(let transfer):
        if operators.indices.contains(transfer.op) {
          loaded[transfer.op] = saturatingSum(loaded[transfer.op], saturatingBytes(transfer.region))
        }
      case .store: break
      case .matmul(let matmul):
        guard operators.indices.contains(matmul.op) else { continue }
        let work = checkedProduct(matmul.m, matmul.k, matmul.n) ?? .max
        macs[matmul.op] = saturatingSum(macs[matmul.op], max(0, work))
      case .vector(let vector):
        let work = max(0, checkedProduct(vector.rows, vector.columns) ?? .max)
        for stage in vector.stages where operators.indices.contains(stage.op) {
          let kind = operators[stage.op].kind
          if kind == stage.operation.kind {
            elements[stage.op] = saturatingSum(elements[stage.op], work)
          } else {
            add(
              .work, index,
              "\(stage.operation.rawValue) for operator \(stage.op) (\(operators[stage.op].name)), "
                + "which is a \(kind.rawValue)")
          }
        }
      }
    }
    for (op, info) in operators.enumerated() {
      compare(macs[op], info.macs, "multiply-accumulates", op)
      if info.kind != .move {
        compare(elements[op], info.elements, info.kind == .matmul ? "requantized elements" : "elements", op)
      } else if loaded[op] < info.elements {
        add(.work, nil, "operator \(op) (\(info.name)): \(loaded[op]) of \(info.elements) bytes are loaded")
      }
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

import Hardware
import Numerics
import Schedule

/// What memories hold for the instructions of one run: values, or noise where nobody asks for them.
final class LiteralContents {
  /// nil without values.
  let memory: LiteralMemory?
  private let noise: LiteralNoise
  private let arena = LiteralArena()
  private let arithmetic: [StageArithmetic]
  /// Results of elementwise stages, by entry of the arithmetic.
  private var tables: [Int: [Int8]] = [:]

  init(_ schedule: Schedule, _ image: MemoryImage?) {
    memory = image.map { LiteralMemory(schedule, $0) }
    noise = LiteralNoise(longest: schedule.accelerator.engines.reduce(1) { max($0, LiteralGrid.longestLine($1)) })
    arithmetic = schedule.arithmetic
  }

  // MARK: Matrix engines

  func operand(
    _ op: MatMul, _ dataflow: Dataflow, isStationary: Bool, _ instruction: Int
  ) -> UnsafePointer<LiteralOperand> {
    guard let memory else {
      return arena.place(LiteralOperand(noise, start: instruction &* 40_503 &+ (isStationary ? 30_011 : 0)))
    }
    // Output-stationary engines stream A as lines of a step; B takes the place of the stationary operand.
    if isStationary == (dataflow == .inputStationary) {
      return arena.place(
        LiteralOperand(
          memory[op.a], op.aOrder, rows: op.m, columns: op.k, linesAreRows: dataflow == .weightStationary,
          zero: op.aZero))
    }
    return arena.place(
      LiteralOperand(
        memory[op.b], op.bOrder, rows: op.k, columns: op.n, linesAreRows: dataflow != .inputStationary, zero: op.bZero))
  }

  func data(_ op: MatMul) -> UnsafePointer<LiteralMatMul.Data>? {
    memory.map { memory in
      arena.place(
        LiteralMatMul.Data(
          results: LiteralResults(memory[op.out], columns: op.n), bias: op.bias.map { memory[$0] },
          isWide: op.aZero != 0 || op.bZero != 0))
    }
  }

  // MARK: Other units

  func data(_ transfer: Transfer) -> UnsafePointer<LiteralTransfer.Data>? {
    memory.map { arena.place(LiteralTransfer.Data(dram: $0[transfer.dram], buffer: $0[transfer.region])) }
  }

  func chain(_ op: VectorInstruction) -> LiteralChain? {
    if arithmetic.isEmpty { return nil }
    return memory.map { memory in
      LiteralChain(
        steps: op.stages.compactMap(step), source: memory[op.source], operand: op.operand.map { memory[$0] },
        destination: memory[op.destination], rows: op.rows, columns: op.columns,
        isWide: op.source.bytes > op.elements)
    }
  }

  private func step(_ stage: VectorStage) -> LiteralChain.Step? {
    guard let entry = stage.arithmetic, arithmetic.indices.contains(entry) else { return nil }
    switch arithmetic[entry] {
    case .requantize(let requantization): return .requantize(requantization, firstColumn: stage.firstColumn)
    case .elementwise(let elementwise):
      let table = tables[entry] ?? elementwise.table
      tables[entry] = table
      return .table(table)
    case .add(let addition): return .add(addition)
    case .multiply(let multiplication): return .multiply(multiplication)
    case .softmax(let softmax): return .softmax(softmax)
    case .layerNorm(let layerNorm): return .layerNorm(layerNorm)
    case .divide(let quotient): return .divide(quotient)
    case .average(let average): return .average(average)
    }
  }
}

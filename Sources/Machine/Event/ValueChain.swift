import Numerics
import Schedule

/// A chain of vector stages, prepared.
struct ValueChain: Sendable {
  let instruction: Int
  private let rows: Int
  private let columns: Int
  private let kernels: [RowKernel]
  /// The last stage, if it takes all rows.
  private let average: Average?
  private let source: ValueView
  private let operand: ValueView?
  private let destination: ValueView
  /// The second operand is LayerNorm's parameters: the same row for all.
  private let operandIsOneRow: Bool

  /// Bytes of elements that a task works on at a time, small enough for the first cache.
  private static let blockBytes = 1 << 13

  /// `nil` if a stage can't take what comes to it, or has no arithmetic.
  init?(_ instruction: Int, _ vector: VectorInstruction, _ arithmetic: [StageArithmetic]) {
    self.instruction = instruction
    rows = vector.rows
    columns = vector.columns
    let width = vector.source.bytes / vector.elements
    var kernels: [RowKernel] = []
    var average: Average?
    var resultColumns = vector.columns
    for (index, stage) in vector.stages.enumerated() {
      guard let entry = stage.arithmetic, arithmetic.indices.contains(entry), average == nil else { return nil }
      if case .average(let it) = arithmetic[entry], width == 1 || index > 0 {
        average = it
        continue
      }
      guard
        let kernel = RowKernel(
          arithmetic[entry], columns: resultColumns, firstColumn: stage.firstColumn, isWide: index == 0 && width == 4)
      else { return nil }
      resultColumns = kernel.resultColumns
      kernels.append(kernel)
    }
    guard !kernels.isEmpty || average != nil else { return nil }
    self.kernels = kernels
    self.average = average
    let source = ValueView(vector.source, rows: vector.rows, rowBytes: vector.columns * width)
    let destination = ValueView(
      vector.destination, rows: average == nil ? vector.rows : 1, rowBytes: resultColumns)
    let isOneRow = vector.stages.contains { $0.operation == .layerNorm }
    let operand = vector.operand.map {
      isOneRow
        ? ValueView($0, rows: 1, rowBytes: 5 * vector.columns)
        : ValueView($0, rows: vector.rows, rowBytes: vector.columns)
    }
    guard vector.destination.bytes == destination.bytes, vector.source.bytes == source.bytes,
      vector.operand?.bytes == operand?.bytes
    else { return nil }
    operandIsOneRow = isOneRow
    // In place, each row of the destination replaces the row that it was made of; any other overlap reads what was there.
    self.source = source.copied(if: source.overlaps(destination) && !source.isExactly(destination))
    self.operand = operand.map { $0.copied(if: $0.overlaps(destination) && !$0.isExactly(destination)) }
    self.destination = destination.copied(if: destination.hasOverlappingRows)
  }

  func execute(_ state: ValueState) throws(MachineError) {
    let buffers = state.buffers
    // The rows before an average, if there are stages before it.
    let middleBytes = average == nil || kernels.isEmpty ? 0 : rows * columns
    let memory = try state.scratch(
      source.scratchBytes + destination.scratchBytes + (operand?.scratchBytes ?? 0) + middleBytes, for: instruction)
    let sourcePlace = memory
    let destinationPlace = sourcePlace + source.scratchBytes
    let operandPlace = destinationPlace + destination.scratchBytes
    let middle = operandPlace + (operand?.scratchBytes ?? 0)
    source.gather(from: buffers, to: sourcePlace)
    operand?.gather(from: buffers, to: operandPlace)
    let input = source.block(in: buffers, scratch: sourcePlace)
    let second = operand?.block(in: buffers, scratch: operandPlace)
    let output = destination.block(in: buffers, scratch: destinationPlace)
    if let average {
      let inner = kernels.isEmpty ? input : RowBlock(base: middle, pitch: columns)
      if !kernels.isEmpty { try run(input, second, to: inner, state) }
      mean(average, of: inner, to: output, state.pool)
    } else {
      try run(input, second, to: output, state)
    }
    destination.scatter(to: buffers, from: destinationPlace)
  }

  /// The destination's bytes, row by row, without gaps.
  func results(_ state: ValueState) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: destination.bytes) { bytes, count in
      guard let base = bytes.baseAddress else { return }
      destination.region.read(from: state.buffers[destination.region.buffer], to: UnsafeMutableRawPointer(base))
      count = destination.bytes
    }
  }

  private func run(
    _ input: RowBlock, _ operand: RowBlock?, to output: RowBlock, _ state: ValueState
  ) throws(MachineError) {
    let threads = state.pool.threads
    let inBlock = max(1, min(Self.blockBytes / columns, (rows + 2 * threads - 1) / (2 * threads)))
    let blocks = (rows + inBlock - 1) / inBlock
    // Memory for every thread beforehand: tasks can't fail.
    var rowsOfWorkers: [UnsafeMutableRawPointer] = []
    for worker in 0..<threads {
      guard let memory = state.pool.scratch(worker: worker, bytes: inBlock * columns) else {
        throw ValueState.noMemory(instruction)
      }
      rowsOfWorkers.append(memory)
    }
    let work = { (block: Int, worker: Int) in
      let first = block * inBlock
      let count = min(inBlock, rows - first)
      var current = input.dropFirst(first)
      let second = operandIsOneRow ? operand : operand?.dropFirst(first)
      for (index, kernel) in kernels.enumerated() {
        let isLast = index == kernels.count - 1
        let next = isLast ? output.dropFirst(first) : RowBlock(base: rowsOfWorkers[worker], pitch: columns)
        kernel.apply(rows: count, current, operand: second, to: next, path: state.path)
        current = next
      }
    }
    if rows * columns < Self.smallest {
      for block in 0..<blocks { work(block, 0) }
    } else {
      state.pool.run(blocks, work)
    }
  }

  /// Elements below which one thread alone is quicker.
  private static let smallest = 4096

  private func mean(_ average: Average, of input: RowBlock, to output: RowBlock, _ pool: ThreadPool) {
    pool.run((columns + 63) / 64) { block, _ in
      for column in block * 64..<min(columns, block * 64 + 64) {
        let elements = (0..<rows).map { input.base.load(fromByteOffset: $0 * input.pitch + column, as: Int8.self) }
        output.base.storeBytes(of: average.apply(elements), toByteOffset: column, as: Int8.self)
      }
    }
  }
}

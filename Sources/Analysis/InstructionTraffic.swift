import Hardware
import Schedule

/// Bytes that one instruction moves, by level of the memory hierarchy: docs/timing.md, "Bytes".
///
/// Derived from the instruction alone; added up over a schedule it gives `Run.traffic` of the machine.
public struct InstructionTraffic: Sendable, Hashable {
  /// DRAM bytes in whole beats.
  public var dramRead = 0
  public var dramWritten = 0
  /// Bytes by buffer (index into `Accelerator.buffers`).
  public var bufferRead: [Int]
  public var bufferWritten: [Int]

  public init(buffers: Int) {
    bufferRead = Array(repeating: 0, count: buffers)
    bufferWritten = bufferRead
  }

  /// Adds what `instruction` moves when it runs on `unit` of `accelerator`.
  ///
  /// Instructions on units of the wrong kind, which the machine refuses, add nothing.
  public mutating func add(_ instruction: Instruction, on unit: UnitKind, of accelerator: Accelerator) {
    switch (instruction.operation, unit) {
    case (.load(let transfer), .dma(let channel)):
      let channel = accelerator.channels[channel]
      // Rows in one place are fetched once (rule D11).
      let repeats = channel.assembly && transfer.dram.stride == 0
      dramRead += channel.bytesOnBus(for: transfer.dram, rows: repeats ? 1 : transfer.dram.rows)
      bufferWritten[transfer.region.buffer] += transfer.region.bytes
    case (.store(let transfer), .dma(let channel)):
      bufferRead[transfer.region.buffer] += transfer.region.bytes
      dramWritten += accelerator.channels[channel].bytesOnBus(for: transfer.dram, rows: transfer.dram.rows)
    case (.matmul(let matmul), .matrix(let engine)):
      add(matmul, on: accelerator.engines[engine])
    case (.vector(let vector), .vector):
      let passes = vector.stages.reduce(1) { max($0, accelerator.vector.operations[$1.operation]?.passes ?? 1) }
      bufferRead[vector.source.buffer] += vector.source.bytes * passes
      if let operand = vector.operand { bufferRead[operand.buffer] += operand.bytes }
      bufferWritten[vector.destination.buffer] += vector.destination.bytes
    default:
      break
    }
  }

  /// The stationary operand is read once, the streamed one once for every tile across the array's columns (rule M1).
  /// Partial sums are written for every tile of K and, but for the first, read back.
  private mutating func add(_ matmul: MatMul, on engine: MatrixEngineSpec) {
    let results = matmul.m * matmul.n * 4
    let operandA = matmul.m * matmul.k
    let operandB = matmul.k * matmul.n
    var readsA = 1
    var readsB = 1
    var sums = 1
    switch engine.dataflow {
    case .weightStationary:
      readsA = tiles(matmul.n, engine.columns)
      sums = tiles(matmul.k, engine.rows * engine.macsPerPE)
    case .inputStationary:
      readsB = tiles(matmul.m, engine.columns)
      sums = tiles(matmul.k, engine.rows * engine.macsPerPE)
    case .outputStationary:
      readsA = tiles(matmul.n, engine.columns)
      readsB = tiles(matmul.m, engine.rows * engine.replicas)
    }
    if matmul.isDepthwise, let windows = matmul.windows {
      // A pixel of every channel, once; weights for each tile of pixels (rule M17).
      readsA = matmul.n
      let groups = matmul.m / windows.outputColumns * tiles(windows.outputColumns, engine.rows * engine.macsPerPE)
      readsB = tiles(groups, engine.replicas)
    }
    bufferRead[matmul.a.buffer] += operandA * readsA
    bufferRead[matmul.b.buffer] += operandB * readsB
    bufferRead[matmul.out.buffer] += results * (matmul.accumulate ? sums : sums - 1)
    bufferWritten[matmul.out.buffer] += results * sums
  }

  private func tiles(_ size: Int, _ tile: Int) -> Int { (size + tile - 1) / tile }
}

extension DMAChannelSpec {
  /// Bytes that the bus carries for the first `rows` rows of a DRAM region, in whole beats (rule D1).
  ///
  /// Incrementing bursts are cut at beats, so that a row's beats don't depend on where it is cut.
  func bytesOnBus(for region: DRAMRegion, rows: Int) -> Int {
    var beats = 0
    for row in 0..<rows {
      let start = region.address + row * region.stride
      if bursts == .aligned {
        beats += alignedBeats(from: start, bytes: region.rowBytes)
        continue
      }
      beats += (start + region.rowBytes + beatBytes - 1) / beatBytes - start / beatBytes
    }
    return beats * beatBytes
  }

  /// Beats of the aligned blocks that carry a row.
  private func alignedBeats(from start: Int, bytes: Int) -> Int {
    let largest = min(burstBeats * beatBytes, boundaryBytes)
    var (address, beats) = (start, 0)
    while address < start + bytes {
      let end = min(start + bytes, (address / largest + 1) * largest)
      var size = beatBytes
      while address / size != (end - 1) / size { size *= 2 }
      beats += size / beatBytes
      address = end
    }
    return beats
  }
}

import Compiler
import Hardware
import Machine

/// Where rows are measured: the machine, with the accelerators that the configurations describe.
public struct Bench: Sendable {
  private let accelerator: @Sendable (_ path: String, _ settings: [String]) throws -> Accelerator

  /// - Parameter accelerator: reads the description at a path below `configs` with `path=value` settings applied, such as
  ///   `engines.array.rows=16`.
  public init(_ accelerator: @escaping @Sendable (_ path: String, _ settings: [String]) throws -> Accelerator) {
    self.accelerator = accelerator
  }

  /// The accelerator of a description below `configs`, with settings applied.
  func design(_ path: String, _ settings: [String]) throws -> Accelerator { try accelerator(path, settings) }

  /// Runs `m`×`k` times `k`×`n` as one matmul on the first engine, operands on chip from the start.
  ///
  /// - Throws: what the loader throws; `CompileError` if the buffers are too small; `MachineError`.
  func product(
    m: Int, k: Int, n: Int, on path: String, _ settings: [String], options: RunOptions = RunOptions()
  ) throws -> Run {
    let schedule = try Compiler.gemm(m: m, k: k, n: n, on: accelerator(path, settings), operandsOnChip: true)
    return try Simulator.run(schedule, options: options)
  }
}

extension Run {
  /// Cycle in which the first engine takes its last step; −1 if it takes none. Needs `timelines`.
  var lastStep: Int { (timelines.first?.last { $0.part == .busy }?.end ?? 0) - 1 }

  /// Cycle in which the first tile begins to stream. Needs `trace`.
  var firstStream: Int { trace.first { $0.kind == .stream }?.cycle ?? -1 }
}

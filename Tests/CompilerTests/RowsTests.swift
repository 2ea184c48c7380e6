import Compiler
import Hardware
import Machine
import Schedule
import Testing

/// A row-wise operation by itself.
@Suite struct RowsTests {
  @Test(arguments: [VectorOperation.softmax, .layerNorm])
  func oneInstructionWithEverythingOnChip(operation: VectorOperation) throws {
    for accelerator in [Accelerator.zcu102, .unified] {
      let schedule = try Compiler.rows(operation, rows: 5, columns: 7, on: accelerator)
      #expect(schedule.instructions.count == 1 && schedule.operators.map(\.elements) == [35])
      #expect(Lint.check(schedule) == [])
      #expect(try Simulator.run(schedule, engine: .event) == Simulator.run(schedule, engine: .literal))
    }
  }

  /// Rules V1 to V6 with one row in flight: every pass of a row waits for the one before.
  @Test func cyclesOfTheUnitAlone() throws {
    var accelerator = Accelerator.zcu102
    accelerator.vector = VectorUnitSpec(
      lanes: 2, operations: [.softmax: VectorOperationSpec(passes: 3, interval: 1, latency: 0)])
    for index in accelerator.buffers.indices {
      accelerator.buffers[index].latency = 0
      accelerator.buffers[index].ports = 4
    }
    let schedule = try Compiler.rows(.softmax, rows: 6, columns: 9, on: accelerator)
    #expect(try Simulator.run(schedule).cycles == 6 * 5 * 3)
  }

  @Test func errors() {
    #expect(throws: CompileError.unsupported(layer: "gelu", reason: "only softmax and layernorm can stand alone")) {
      try Compiler.rows(.gelu, rows: 1, columns: 1, on: .zcu102)
    }
    var bare = Accelerator.zcu102
    bare.vector.operations[.softmax] = nil
    #expect(throws: CompileError.missingOperation(.softmax, layer: "softmax")) {
      try Compiler.rows(.softmax, rows: 1, columns: 1, on: bare)
    }
    for (rows, columns) in [(0, 1), (1, 0), (1 << 40, 1 << 40)] {
      #expect(throws: CompileError.self) { try Compiler.rows(.softmax, rows: rows, columns: columns, on: .zcu102) }
    }
    #expect(throws: CompileError.self) { try Compiler.rows(.softmax, rows: 1 << 20, columns: 64, on: .zcu102) }
  }
}

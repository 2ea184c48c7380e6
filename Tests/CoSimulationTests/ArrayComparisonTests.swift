import CoSimulation
import Hardware
import Testing

/// Arrays of libraries beside the literal engine's grid.
struct ArrayComparisonTests {
  @Test(.enabled(if: ArrayToolbox.hasVerilator, "Verilator or a C++ compiler is missing: apt install verilator g++"))
  func theVerilatedArrayAgreesWithTheGrid() throws {
    let outcome = try compare(library: ArrayToolbox.square.get())
    #expect(outcome.difference == nil)
    #expect(outcome.registers == 5 * 16)
    #expect(outcome.cycles > 0)
  }

  @Test(.enabled(if: ArrayToolbox.hasCompiler, "there is no C compiler: apt install g++"))
  func anotherSumIsFoundWhereItIs() throws {
    // Its first sum is 7 from the start on.
    let outcome = try compare(library: ArrayStubTests.stub())
    let difference = try #require(outcome.difference)
    #expect(difference.cycle == 0)
    #expect(difference.unit == "array")
    guard case .register(let title, let values, let others) = difference.kind else {
      Issue.record("\(difference.kind)")
      return
    }
    #expect(title.hasPrefix("array.sum["))
    #expect(values == (0, 7))
    #expect(others == 1)
  }

  /// Two arrays that nothing enters would agree whatever they are.
  @Test func anEngineWithoutInstructionsIsRefused() throws {
    let drill = Drill()
    var schedule = drill.schedule
    schedule.instructions.removeAll { $0.queue == Drill.array }
    let what = "array has no instruction in this schedule: nothing would enter the array"
    #expect(throws: CoSimulationError.unsupported(what: what)) {
      try ArrayComparison.run(schedule, memory: drill.memory, library: "none.so")
    }
  }

  /// Before the library is opened, so that it is the engine that is named.
  @Test func enginesOfAnotherKindAreRefused() throws {
    let cases: [(String, (inout MatrixEngineSpec) -> Void)] = [
      ("interconnect: broadcast", { $0.interconnect = .broadcast }),
      ("dataflow: output-stationary", { $0.dataflow = .outputStationary }),
      ("macs-per-pe: 2", { $0.macsPerPE = 2 }),
      ("replicas: 2", { $0.replicas = 2 }),
      ("stationary-buffers: 2", { $0.stationaryBuffers = 2 }),
    ]
    for (reason, change) in cases {
      let error = try #require(throws: CoSimulationError.self) {
        try compare(library: "/no/such/library.so") { change(&$0.accelerator.engines[0]) }
      }
      #expect(error.what.contains("array: \(reason): an array library follows"), "\(error.what)")
    }
  }

  private func compare(library path: String, change: (inout Drill) -> Void = { _ in }) throws -> LockStep.Outcome {
    var drill = Drill()
    change(&drill)
    return try ArrayComparison.run(drill.schedule, memory: drill.memory, library: path)
  }
}

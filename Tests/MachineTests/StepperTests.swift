import Hardware
import Machine
import Schedule
import TestSupport
import Testing

/// The literal engine cycle by cycle: its registers are those of the run, and they hold what docs/cosimulation.md says.
@Suite struct StepperTests {
  private func registers(_ stepper: LiteralStepper) -> [Int32] {
    Array(unsafeUninitializedCapacity: stepper.groups.registers) { buffer, count in
      buffer.initialize(repeating: 0)
      stepper.read(into: buffer)
      count = buffer.count
    }
  }

  /// Registers of one group.
  private func group(_ name: String, _ stepper: LiteralStepper) throws -> [Int32] {
    let place = try #require(stepper.groups.firstIndex { $0.name == name })
    let first = stepper.groups[..<place].reduce(0) { $0 + $1.count }
    return Array(registers(stepper)[first..<first + stepper.groups[place].count])
  }

  @Test func steppingIsRunning() throws {
    for seed in 1...60 as ClosedRange<UInt64> {
      let candidate = RandomCase(seed: seed, ordered: true)
      let (run, image) = try Simulator.run(
        candidate.schedule, engine: .literal, options: RunOptions(trace: true), image: candidate.image)

      let stepper = try LiteralStepper(candidate.schedule, image: candidate.image)
      var events: [TraceEvent] = []
      while !stepper.isDone {
        try stepper.step()
        events += stepper.takeEvents()
      }

      #expect(stepper.cycle == run.cycles, "seed \(seed)")
      #expect(events.sorted() == run.trace, "seed \(seed)")
      #expect(stepper.image == image, "seed \(seed)")
    }
  }

  /// (1 2) · (5 6 / 7 8) through 2 × 2 PEs. The load takes cycles 0 and 1, the step enters in cycle 2.
  private func product() throws -> LiteralStepper {
    var bench = ValueBench(Bench(rows: 2, columns: 2))
    bench.put([1, 2], Region(buffer: 0, offset: 0, rows: 1, rowBytes: 2))
    bench.put([5, 6, 7, 8], Region(buffer: 1, offset: 0, rows: 2, rowBytes: 2))
    bench.bench.matmul(1, 2, 2)
    return try LiteralStepper(bench.schedule, image: bench.image)
  }

  @Test func everyRegisterOfAProduct() throws {
    let stepper = try product()
    let names = ["array.shadow", "array.pass", "array.a", "array.w", "array.sum", "array.control"]
    // After each cycle, as PEs (0, 0), (0, 1), (1, 0), (1, 1).
    let expected: [[[Int32]]] = [
      [[7, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]],
      [[5, 8, 0, 0], [7, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]],
      [[5, 6, 7, 0], [7, 8, 0, 0], [1, 0, 0, 0], [5, 0, 0, 0], [5, 0, 0, 0], [1, 1, 1, 0]],
      [[5, 6, 7, 8], [7, 8, 0, 0], [0, 1, 2, 0], [5, 6, 7, 0], [0, 6, 19, 0], [1, 1, 1, 0]],
      [[5, 6, 7, 8], [7, 8, 0, 0], [0, 0, 0, 2], [5, 6, 7, 8], [0, 0, 0, 22], [1, 1, 1, 1]],
    ]
    for (cycle, groups) in expected.enumerated() {
      try stepper.step()
      for (name, registers) in zip(names, groups) {
        #expect(try group(name, stepper) == registers, "\(name) after cycle \(cycle)")
      }
    }
    #expect(stepper.isDone)
  }

  @Test func edgesShowWhatEnters() throws {
    let stepper = try product()
    var seen: [[Int16]?] = []
    while !stepper.isDone {
      try stepper.step()
      let edges = stepper.edges(of: 0)
      seen.append(edges.load ?? edges.step)
    }
    #expect(seen == [[7, 8], [5, 6], [1, 2], nil, nil])
  }

  @Test func anUpsetIsSeenAndChangesTheResult() throws {
    let stepper = try product()
    for _ in 0..<2 { try stepper.step() }
    let shadow = try #require(stepper.groups.firstIndex { $0.name == "array.shadow" })
    let register = stepper.groups[..<shadow].reduce(0) { $0 + $1.count } + 1
    #expect(stepper.upset(register, mask: 4))
    #expect(try group("array.shadow", stepper) == [5, 12, 0, 0])
    let control = try #require(stepper.groups.firstIndex { $0.name == "array.control" })
    #expect(!stepper.upset(stepper.groups[..<control].reduce(0) { $0 + $1.count }, mask: 1))
    #expect(!stepper.upset(stepper.groups.registers, mask: 1))
  }

  @Test func registersHaveAPlaceAndAName() throws {
    let groups = [RegisterGroup("a", [2, 1, 3]), RegisterGroup("none", [0]), RegisterGroup("b", [2])]
    #expect(groups.place(of: 5)?.group.name == "a")
    #expect(groups[0].coordinates(of: 5) == [1, 0, 2])
    #expect(groups[0].title(of: 5) == "a[1, 2]")
    #expect(groups.place(of: 7)?.index == 1)
    #expect(groups.place(of: 8) == nil)
    #expect(groups.place(of: -1) == nil)
    let sum = RegisterGroup("array.sum", [1, 2, 1, 3], axes: ["replica", "register", "row", "column"])
    #expect(sum.title(of: 5) == "array.sum[register 1, row 0, column 2]")
    #expect(RegisterGroup("v", [2], labels: ["started", "ended"]).title(of: 1) == "v[ended]")
  }
}

import CoSimulation
import Foundation
import Hardware
import Machine
import Schedule
import Testing

/// The vector unit in SystemC against the event engine: every event, and the bytes of every instruction when it ends.
@Suite(.enabled(if: SystemCKernel.isAvailable, "built without SystemC: apt install libsystemc-dev, then a clean build"))
struct VectorUnitTests {
  /// More with `VITSIM_VECTOR_CASES=…`.
  static let cases = ProcessInfo.processInfo.environment["VITSIM_VECTOR_CASES"].flatMap { Int($0) } ?? 100

  @Test func eventsAndBytesAreThoseOfTheEventEngine() throws {
    var differ = 0
    for seed in 0..<UInt64(Self.cases) where differ < 5 {
      let it = VectorCase(seed: seed, traffic: seed % 2 == 0)
      var written: [Int: [UInt8]] = [:]
      let (run, image) = try Simulator.run(it.schedule, options: RunOptions(trace: true), image: it.image) {
        written[$0.instruction] = $0.bytes
      }
      let found = try Self.run(it.schedule, it.image, .registers)
      if let difference = Self.difference(run.trace, found.trace) {
        Issue.record("case \(seed): \(difference); \(it.schedule.accelerator.vector); \(it.schedule.instructions)")
        differ += 1
      } else if found.bytes != written {
        let first = written.keys.sorted().first { found.bytes[$0] != written[$0] } ?? -1
        Issue.record("case \(seed): bytes of instruction \(first) differ: \(it.schedule.instructions)")
        differ += 1
      }
      #expect(found.tensors == image.tensors, "case \(seed)")
      #expect(found.cycles == run.cycles, "case \(seed)")
    }
  }

  @Test func registersAreThoseOfTheLiteralEngine() throws {
    var differ = 0
    for seed in 0..<UInt64(Self.cases) where differ < 5 {
      let it = VectorCase(seed: seed, values: seed % 8 != 0, traffic: seed % 2 == 0)
      let units = it.schedule.accelerator.queues.map(\.name)
      let outcome = try SystemCKernel.exclusive {
        try LockStep.compare(
          LiteralStepper(it.schedule, image: it.image), SystemCSide(it.schedule, memory: it.image), units: units)
      }
      guard let difference = outcome.difference else { continue }
      differ += 1
      Issue.record("case \(seed): \(difference.kind) in cycle \(difference.cycle); \(it.schedule.instructions)")
    }
  }

  @Test func withoutBytesOrValuesTimeIsTheSame() throws {
    for seed in 0..<UInt64(Self.cases / 2) {
      let it = VectorCase(seed: seed, values: seed % 2 == 0, traffic: seed % 3 == 0)
      let trace = try Simulator.run(it.schedule, options: RunOptions(trace: true)).trace
      let level: SystemCModel.Level = seed % 4 < 2 ? .registers : .transactions
      let found = try Self.run(it.schedule, nil, level)
      #expect(Self.difference(trace, found.trace) == nil, "case \(seed)")
    }
  }

  @Test func withoutArithmeticNothingIsWritten() throws {
    let it = VectorCase(seed: 3, values: false)
    try SystemCKernel.exclusive {
      let model = try SystemCModel(ProgramImage(it.schedule, memory: it.image), level: .registers)
      while !(try model.step(1000)) {}
      for index in it.schedule.accelerator.buffers.indices {
        #expect(try model.buffer(index) == it.image.preloads[index])
      }
    }
  }

  /// Events in order, the bytes that each instruction has written by its end, what DRAM holds then, and the cycles of the
  /// run.
  private static func run(
    _ schedule: Schedule, _ memory: MemoryImage?, _ level: SystemCModel.Level
  ) throws -> (trace: [TraceEvent], bytes: [Int: [UInt8]], tensors: [[UInt8]?], cycles: Int) {
    try SystemCKernel.exclusive {
      let model = try SystemCModel(ProgramImage(schedule, memory: memory), level: level)
      var (trace, bytes): ([TraceEvent], [Int: [UInt8]]) = ([], [:])
      var isDone = false
      while !isDone {
        isDone = try model.step()
        let events = try model.takeEvents()
        trace += events
        guard memory != nil else { continue }
        for event in events where event.kind == .end {
          guard case .vector(let vector) = schedule.instructions[event.instruction].operation else { continue }
          bytes[event.instruction] = try read(vector.destination, model.buffer(vector.destination.buffer))
        }
      }
      let tensors = memory == nil ? [] : try schedule.tensors.indices.map { try model.tensor($0) }
      return (trace.sorted(), bytes, tensors, model.cycle)
    }
  }

  private static func read(_ region: Region, _ buffer: [UInt8]) -> [UInt8] {
    (0..<region.bytes).map { buffer[region.offset + $0 / region.rowBytes * region.pitch + $0 % region.rowBytes] }
  }

  private static func difference(_ expected: [TraceEvent], _ found: [TraceEvent]) -> String? {
    if expected == found { return nil }
    let index = zip(expected, found).enumerated().first { $1.0 != $1.1 }?.offset ?? min(expected.count, found.count)
    let (left, right) = (expected.dropFirst(index).first, found.dropFirst(index).first)
    return "event \(index) is \(right.map { "\($0)" } ?? "missing"), not \(left.map { "\($0)" } ?? "there")"
  }
}

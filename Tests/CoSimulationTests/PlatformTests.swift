import CoSimulation
import Compiler
import Foundation
import Hardware
import Machine
import Model
import Numerics
import Schedule
import TestSupport
import Testing

/// The accelerator in a virtual platform, in both coding styles: to the cycle, and byte by byte, what our engines say.
@Suite(.enabled(if: PlatformToolbox.isPossible, Comment(rawValue: PlatformToolbox.reason)))
struct PlatformTests {
  /// Ways to the same cycles: styles, where the latency is, how far the accelerator runs ahead, what the memory does.
  static let exact = [
    "--style lt", "--style lt --quantum 1", "--style lt --quantum 1000000 --poll 1", "--style at",
    "--style at --latency-in port", "--style lt --latency-in memory --transport waits",
    "--style lt --transport waits --quantum 37", "--style at --base 0x100000",
    "--style at --phases late", "--style at --latency-in port --phases short",
    "--style at --latency-in port --phases early",
  ]

  /// Both runs of the platform (the second on what the first has left) and its memory after one, beside the engine's.
  private static func check(_ schedule: Schedule, _ memory: MemoryImage, _ options: String) throws {
    let expected = try Simulator.run(schedule, image: memory)
    let outcome = try PlatformToolbox.run(schedule, memory, options)
    try #require(outcome.runs.count == 1, "\(outcome.text)")
    compare(outcome.runs[0], expected.run, schedule, options)
    let tensors = expected.image.tensors.enumerated().map {
      $1 ?? Array(repeating: 0, count: schedule.tensors[$0].bytes)
    }
    #expect(outcome.memory == Array(tensors.joined()), "\(options)")
  }

  private static func compare(
    _ registers: PlatformToolbox.Registers, _ run: Run, _ schedule: Schedule, _ options: String
  ) {
    #expect(registers.isDone, "\(options)")
    #expect(registers.cycles == run.cycles, "\(options)")
    #expect(registers.end == run.cycles, "\(options)")
    #expect(registers.instructions == schedule.instructions.count)
    let channels = registers.units.suffix(schedule.accelerator.channels.count)
    #expect(channels.map(\.read) == run.traffic.dramRead, "\(options)")
    #expect(channels.map(\.written) == run.traffic.dramWritten, "\(options)")
    for (queue, unit) in registers.units.enumerated() {
      let own = schedule.instructions.indices.filter { schedule.instructions[$0].queue == queue }
      #expect(unit.ended == own.count)
      #expect((unit.occupied == 0) == own.isEmpty && unit.occupied <= run.cycles, "\(options)")
    }
  }

  @Test(arguments: exact) func aProductTakesTheSameCyclesAndLeavesTheSameBytes(options: String) throws {
    var schedule = try Compiler.gemm(
      m: 40, k: 70, n: 36, on: PlatformToolbox.accelerator("edge-16x16.yaml"), operandsOnChip: false)
    schedule.requantize()
    try Self.check(schedule, MemoryImage(random: schedule, seed: 3), options)
  }

  /// Accelerators with several channels and a DRAM that is too slow for them, and everything else that can be.
  @Test(arguments: exact) func randomProgramsTakeTheSameCyclesAndLeaveTheSameBytes(options: String) throws {
    var (compared, narrow) = (0, 0)
    for seed in 0..<32 {
      var candidate = RandomCase(seed: 7_000 + UInt64(seed), ordered: true)
      candidate.leaveOutWhatTheModelLacks()
      let schedule = candidate.schedule
      if candidate.items.isEmpty || !RandomLockStepTests.isDefined(schedule) { continue }
      compared += 1
      if schedule.accelerator.channels.count > 1, case .bandwidth = schedule.accelerator.dram { narrow += 1 }
      try Self.check(schedule, candidate.image, options)
    }
    #expect(compared > 12 && narrow > 3, "\(compared), \(narrow)")
  }

  /// What one run leaves in the accelerator has no part in the next.
  @Test(arguments: ["--style lt --runs 3", "--style at --runs 3"]) func runsFollowEachOther(options: String) throws {
    for seed in 0..<12 {
      var candidate = RandomCase(seed: 9_000 + UInt64(seed), ordered: true)
      candidate.leaveOutWhatTheModelLacks()
      if candidate.items.isEmpty { continue }
      let outcome = try PlatformToolbox.run(candidate.schedule, candidate.image, options)
      #expect(outcome.runs.count == 3 && Set(outcome.runs).count == 1, "\(outcome.text)")
    }
  }

  @Test(arguments: [
    "--style lt", "--style at", "--style lt --traffic dummy", "--style at --traffic dummy --runs 2",
  ])
  func aNetworkTakesTheSameCycles(options: String) throws {
    let accelerator = try PlatformToolbox.accelerator("edge-16x16.yaml")
    let schedule = try Compiler.compile(Zoo.graph("deit-tiny", image: 64), for: accelerator)
    let run = try Simulator.run(schedule)
    let outcome = try PlatformToolbox.run(schedule, nil, options + " --level transactions")
    try #require(!outcome.runs.isEmpty, "\(outcome.text)")
    for registers in outcome.runs { Self.compare(registers, run, schedule, options) }
  }

  /// Without values nothing is written; writes of zeros are.
  @Test func ignoredBurstsLeaveMemoryAlone() throws {
    let schedule = try Compiler.gemm(
      m: 8, k: 16, n: 16, on: PlatformToolbox.accelerator("edge-16x16.yaml"), operandsOnChip: false)
    var memory = MemoryImage(random: schedule, seed: 5)
    for (index, tensor) in schedule.tensors.enumerated() {
      memory.tensors[index] = Array(repeating: 0x5A, count: tensor.bytes)
    }
    let ignored = try PlatformToolbox.run(schedule, memory, "--level transactions")
    let dummy = try PlatformToolbox.run(schedule, memory, "--level transactions --traffic dummy")
    #expect(ignored.memory.allSatisfy { $0 == 0x5A })
    let zeros = schedule.tensors.filter { $0.kind == .output }.reduce(0) { $0 + $1.bytes }
    #expect(zeros > 0 && dummy.memory.count { $0 == 0 } == zeros)
    #expect(ignored.runs == dummy.runs)
  }
}

extension Schedule {
  /// Gives all stages of the vector unit the same requantization.
  fileprivate mutating func requantize() {
    arithmetic = [.requantize(Requantization(algorithm: .fixedPoint, factors: [0.003], zeroPoint: -5))]
    for index in instructions.indices {
      guard case .vector(var vector) = instructions[index].operation else { continue }
      for stage in vector.stages.indices { vector.stages[stage].arithmetic = 0 }
      instructions[index].operation = .vector(vector)
    }
  }
}

import CoSimulation
import Foundation
import Hardware
import Machine
import Schedule
import TestSupport
import Testing

/// The literal engine and the SystemC model are two implementations of docs/timing.md and docs/cosimulation.md; every register must be
/// the same after every cycle. `VITSIM_CASES` and `VITSIM_SEED` ask for more and for others.
@Suite(.enabled(if: SystemCKernel.isAvailable, "built without SystemC: apt install libsystemc-dev, then a clean build"))
struct RandomLockStepTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let cases = environment["VITSIM_CASES"].flatMap(Int.init) ?? 120
  private static let seed = environment["VITSIM_SEED"].flatMap(UInt64.init) ?? 1

  @Test func unitsAgreeRegisterByRegister() throws {
    var compared = 0
    for index in 0..<Self.cases {
      var candidate = RandomCase(seed: Self.seed &* 1_000_003 &+ UInt64(index), ordered: true)
      // Half of the cases press on engines and channels alone.
      if index % 2 == 0 { candidate.leaveOutVectorUnit() }
      candidate.leaveOutWhatTheModelLacks()
      if candidate.items.isEmpty || !Self.isDefined(candidate.schedule) { continue }
      compared += 1
      guard let difference = Self.difference(candidate) else { continue }
      let small = candidate.shrunk { Self.isDefined($0.schedule) && Self.difference($0) != nil }
      Issue.record(
        """
        case \(index) of seed \(Self.seed): \(difference)
        shrunk: \(Self.difference(small) ?? "")
        \(small.accelerator)
        \(small.schedule.instructions.enumerated().map { "\($0) \($1)" }.joined(separator: "\n"))
        """)
      return
    }
    #expect(compared > Self.cases / 2)
  }

  /// Without a grid and without bytes: every event, in the cycle in which the event engine has it.
  @Test func transactionsAgreeWithTheEventEngine() throws {
    for index in 0..<Self.cases * 4 {
      var candidate = RandomCase(seed: Self.seed &* 1_000_003 &+ UInt64(index), ordered: index % 2 == 1)
      if index % 2 == 0 { candidate.leaveOutVectorUnit() }
      candidate.leaveOutWhatTheModelLacks()
      if candidate.items.isEmpty { continue }
      guard let difference = Self.transactions(candidate) else { continue }
      let small = candidate.shrunk { Self.transactions($0) != nil }
      Issue.record(
        """
        case \(index) of seed \(Self.seed): \(difference)
        shrunk: \(Self.transactions(small) ?? "")
        \(small.accelerator)
        \(small.schedule.instructions.enumerated().map { "\($0) \($1)" }.joined(separator: "\n"))
        """)
      return
    }
  }

  /// Values are defined where lint finds no race (docs/timing.md, "What is computed").
  static func isDefined(_ schedule: Schedule) -> Bool {
    let races: Set<LintFinding.Kind> = [.race, .shape, .overflow, .deadlock, .unproved]
    return !Lint.check(schedule).contains { races.contains($0.kind) }
  }

  private static func transactions(_ candidate: RandomCase) -> String? {
    do {
      let outcome = try TransactionComparison.run(candidate.schedule)
      return outcome.difference.map { "\($0.kind) in cycle \($0.cycle)" }
    } catch { return "\(error)" }
  }

  private static func difference(_ candidate: RandomCase) -> String? {
    do {
      let schedule = candidate.schedule
      let outcome = try SystemCKernel.exclusive {
        try LockStep.compare(
          try LiteralStepper(schedule, image: candidate.image), try SystemCSide(schedule, memory: candidate.image),
          units: schedule.accelerator.queues.map(\.name))
      }
      return outcome.difference.map { "\($0.kind) in cycle \($0.cycle)" }
    } catch { return "\(error)" }
  }
}

extension RandomCase {
  /// Instructions of the vector unit, and what waits for them.
  mutating func leaveOutVectorUnit() {
    for index in items.indices.reversed() where items[index].queue == accelerator.engines.count { remove(index) }
  }

  private mutating func remove(_ removed: Int) {
    items.remove(at: removed)
    for index in items.indices {
      items[index].dependences = items[index].dependences.compactMap { dependence -> Dependence? in
        guard dependence.item != removed else { return nil }
        var moved = dependence
        if moved.item > removed { moved.item -= 1 }
        return moved
      }
    }
  }

  /// Plain values for keys that the SystemC model refuses.
  mutating func leaveOutWhatTheModelLacks() {
    for index in accelerator.engines.indices {
      accelerator.engines[index].lockStep = false
      accelerator.engines[index].rowByRow = false
      accelerator.engines[index].tileSteps = 0
      accelerator.engines[index].outputFIFO = 0
      accelerator.engines[index].streamDuty = .always
      accelerator.engines[index].loadDuty = .always
      accelerator.engines[index].resultDuty = .always
      accelerator.engines[index].streams = nil
      accelerator.engines[index].kernelTaps = .packed
      accelerator.engines[index].depthwise = false
    }
    postsWhenRead = false
    if case .ideal(let latency, _, _) = accelerator.dram { accelerator.dram = .ideal(latency: latency) }
    for index in accelerator.channels.indices {
      accelerator.channels[index].narrowing = 1
      accelerator.channels[index].gatherAhead = 0
      accelerator.channels[index].gatherWords = 0
      accelerator.channels[index].gatherCycles = 0
      accelerator.channels[index].readCompletion = 0
      accelerator.channels[index].acknowledgement = nil
      accelerator.channels[index].sendPath = 0
      accelerator.channels[index].writePath = 0
    }
    for index in items.indices.reversed() {
      for place in items[index].dependences.indices { items[index].dependences[place].delay = 0 }
      switch items[index].operation {
      case .matmul(var matmul) where !matmul.isDepthwise:
        matmul.keeps = false
        items[index].operation = .matmul(matmul)
      case .matmul: remove(index)
      case .load(let transfer) where transfer.dram.stride == 0 && transfer.dram.rows > 1: remove(index)
      default: break
      }
    }
  }
}

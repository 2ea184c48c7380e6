import Foundation
import Hardware
import Machine
import Schedule
import TestSupport
import Testing

/// Both engines must compute the same bytes, and those that a plain executor of whole instructions computes: all of DRAM at
/// the end, and what each vector instruction writes. `VITSIM_CASES` and `VITSIM_SEED` ask for more and for others.
@Suite struct ValueDifferentialTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let cases = environment["VITSIM_CASES"].flatMap(Int.init) ?? 250
  private static let seed = environment["VITSIM_SEED"].flatMap(UInt64.init) ?? 1

  @Test func enginesAgreeOnEveryByte() {
    var defined = 0
    for index in 0..<Self.cases {
      let candidate = RandomCase(seed: Self.seed &* 1_000_003 &+ UInt64(index), ordered: true)
      guard Self.isDefined(candidate.schedule) else { continue }
      defined += 1
      guard let difference = Self.difference(candidate) else { continue }
      let small = candidate.shrunk { Self.isDefined($0.schedule) && Self.difference($0) != nil }
      Issue.record(
        """
        case \(index) of seed \(Self.seed): \(difference)
        shrunk: \(Self.difference(small) ?? "")
        \(DifferentialTests.describe(small))
        \(small.arithmetic)
        """)
      return
    }
    #expect(defined > Self.cases / 2)
  }

  /// Values are defined where lint finds no race, and where an engine that writes over results of its own, before anything
  /// else has come in between, writes the same results anew (docs/timing.md, "What is computed").
  private static func isDefined(_ schedule: Schedule) -> Bool {
    let races: Set<LintFinding.Kind> = [.race, .shape, .overflow, .deadlock, .unproved]
    if Lint.check(schedule).contains(where: { races.contains($0.kind) }) { return false }
    let products = schedule.instructions.compactMap { instruction -> (queue: Int, op: MatMul)? in
      if case .matmul(let op) = instruction.operation { (instruction.queue, op) } else { nil }
    }
    return products.indices.allSatisfy { index in
      let (queue, op) = products[index]
      let out = RandomAccess(op.out, .out, writes: true)
      return products[..<index].allSatisfy { earlier in
        earlier.queue != queue || (earlier.op.out, earlier.op.m, earlier.op.n) == (op.out, op.m, op.n)
          || !out.conflicts(with: RandomAccess(earlier.op.out, .out, writes: true))
      }
    }
  }

  private struct Outcome {
    var run: Run
    var tensors: [[UInt8]]
    var events: [ValueEvent]
  }

  private static func outcome(_ candidate: RandomCase, _ engine: EngineKind) throws -> Outcome {
    var events: [ValueEvent] = []
    let (run, image) = try Simulator.run(candidate.schedule, engine: engine, image: candidate.image) {
      events.append($0)
    }
    return Outcome(run: run, tensors: image.tensors.map { $0 ?? [] }, events: events)
  }

  /// What distinguishes the outcomes, or nil.
  private static func difference(_ candidate: RandomCase) -> String? {
    do {
      let literal = try outcome(candidate, .literal)
      if literal.run != (try Simulator.run(candidate.schedule, engine: .literal)) { return "values change the time" }
      let plain = PlainMachine(candidate.schedule, candidate.image, literal.run)
      let others = [
        ("event", try outcome(candidate, .event)),
        ("plain", Outcome(run: literal.run, tensors: plain.tensors, events: plain.events)),
      ]
      for (name, other) in others {
        if literal.events.map(\.instruction) != other.events.map(\.instruction) {
          return "\(name): other vector instructions are seen"
        }
        for (left, right) in zip(literal.events, other.events) where left.bytes != right.bytes {
          return "instruction \(left.instruction): literal \(left.bytes), \(name) \(right.bytes)"
        }
        for (tensor, (left, right)) in zip(literal.tensors, other.tensors).enumerated() where left != right {
          let byte = zip(left, right).enumerated().first { $1.0 != $1.1 }?.offset
          return "byte \(byte ?? left.count) of tensor \(tensor): literal and \(name) differ"
        }
      }
      return nil
    } catch { return "\(error)" }
  }
}

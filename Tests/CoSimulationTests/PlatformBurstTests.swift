import Hardware
import Schedule
import Testing

/// What a memory may do to a burst, on a transfer small enough to count its cycles by hand.
@Suite(.enabled(if: PlatformToolbox.isPossible, Comment(rawValue: PlatformToolbox.reason)))
struct PlatformBurstTests {
  /// A load of eight beats of 8 bytes as one burst, at 1 GHz, from an ideal DRAM of latency 5 that the options replace.
  private static func load() throws -> Schedule {
    var accelerator = try PlatformToolbox.accelerator("edge-16x16.yaml")
    accelerator.clock = 1_000_000_000
    accelerator.channels[0].setup = 0
    accelerator.dram = .ideal(latency: 5)
    let region = Region(buffer: 0, offset: 0, rows: 1, rowBytes: 64)
    let load = Transfer(dram: DRAMRegion(address: 0, rows: 1, rowBytes: 64), region: region, op: 0)
    return Schedule(
      accelerator: accelerator, model: ModelReference(name: "load", image: 0, batch: 1),
      operators: [OperatorInfo(name: "load", kind: .move, macs: 0, elements: 0)],
      layers: [Layer(name: "load", operators: [0])],
      tensors: [DRAMTensor(name: "tensor", kind: .input, address: 0, bytes: 64)],
      instructions: [
        Instruction(queue: accelerator.queues.count - accelerator.channels.count, layer: 0, operation: .load(load))
      ])
  }

  private static func cycles(_ schedule: Schedule, _ options: String) throws -> Int {
    let outcome = try PlatformToolbox.run(schedule, nil, "--level transactions " + options)
    return try #require(outcome.runs.first, "\(outcome.text)").cycles
  }

  /// s = 0, a = 0, q = 5; a beat every 4 cycles: t_j = 8, 12, … (R3), and the load ends a cycle after t_7 (D4).
  @Test(arguments: ["--style lt", "--style at"]) func beatsPassAtTheMemorysPace(style: String) throws {
    let told = try Self.cycles(Self.load(), style + " --bandwidth 2000000000")
    #expect(told == 5 + 8 * 4)
  }

  /// Without `beat_times` the beats end with the response: at once known if loosely timed; else all are there when it comes, and
  /// go into the buffer one a cycle from then on.
  @Test func beatsOfWhichNothingIsToldEndWithTheResponse() throws {
    let load = try Self.load()
    let loose = try Self.cycles(load, "--style lt --bandwidth 2000000000 --beats untold")
    let approximate = try Self.cycles(load, "--style at --bandwidth 2000000000 --beats untold")
    #expect(loose == 5 + 8 * 4)
    #expect(approximate == 5 + 8 * 4 + 7)
  }

  /// An ideal memory answers in the cycle in which a burst gets there.
  @Test(arguments: ["--style lt", "--style at"]) func anIdealMemoryAnswersAtOnce(style: String) throws {
    #expect(try Self.cycles(Self.load(), style + " --latency 0") == 8)
    #expect(try Self.cycles(Self.load(), style + " --latency 9") == 9 + 8)
  }
}

import CoSimulation
import Hardware
import Machine
import Schedule
import Testing

/// One wrong thing on one side: the comparison finds it and names the right place. Our engine against itself where there is no
/// SystemC.
@Suite struct FaultDrillTests {
  private static let sides: [Drill.Side] = SystemCKernel.isAvailable ? Drill.Side.allCases : [.vitsim]
  private static let both = sides.flatMap { side in [(side, true), (side, false)] }

  private func title(_ difference: Difference) -> String {
    if case .register(let title, _, _) = difference.kind { title } else { "\(difference.kind)" }
  }

  @Test(arguments: sides) func withoutAFaultBothAgree(_ side: Drill.Side) throws {
    let outcome = try Drill.compare(side, faultOnTheLeft: false) { _ in }
    let run = try Simulator.run(Drill().schedule, options: RunOptions(trace: true))
    #expect(outcome.difference == nil)
    #expect(outcome.cycles == run.cycles)
    #expect(outcome.events == run.trace.count)
    #expect(outcome.bytes == 3 * 1024 + 24 + 16 + 96)
    #expect(outcome.registers > 6 * 16)
  }

  @Test(arguments: both) func aCycleOfDRAMLatency(_ side: Drill.Side, _ isLeft: Bool) throws {
    let outcome = try Drill.compare(side, faultOnTheLeft: isLeft) {
      $0.accelerator.dram = .bandwidth(bytesPerSecond: 400_000_000, latency: 10)
    }
    let difference = try #require(outcome.difference)
    // The first request, in cycle 0, gets to the DRAM in cycle 9 or 10.
    #expect(title(difference) == "dram.control[bursts queued]")
    #expect(difference.cycle == 9)
    #expect(difference.unit == "dram")
  }

  @Test(arguments: both) func aCycleOfBufferLatency(_ side: Drill.Side, _ isLeft: Bool) throws {
    let outcome = try Drill.compare(side, faultOnTheLeft: isLeft) { $0.accelerator.buffers[1].latency = 2 }
    let difference = try #require(outcome.difference)
    // The stationary operand gets to the array a cycle later: its first row, the lowest PEs', at PE (0, 0).
    #expect(title(difference) == "array.shadow[row 0, column 0]")
    #expect(difference.unit == "array")
  }

  @Test(arguments: both) func aBitOfAWeight(_ side: Drill.Side, _ isLeft: Bool) throws {
    let outcome = try Drill.compare(side, faultOnTheLeft: isLeft) { $0.memory.tensors[1]?[4 * 2 + 3] ^= 16 }
    let difference = try #require(outcome.difference)
    guard case .register(let title, let values, let others) = difference.kind else {
      Issue.record("\(difference.kind)")
      return
    }
    // Row 2 of B goes past PE (0, 3) on its way down.
    #expect(title == "array.shadow[row 0, column 3]")
    #expect(values.0 ^ values.1 == 16)
    #expect(others == 0)
  }

  @Test(arguments: both) func aDroppedToken(_ side: Drill.Side, _ isLeft: Bool) throws {
    // The schedule names the pair still: the wait is there.
    let outcome = try Drill.compare(side, faultOnTheLeft: isLeft) { $0.postsB = false }
    let difference = try #require(outcome.difference)
    let run = try Simulator.run(Drill().schedule)
    // Taken in the cycle in which it would have been there.
    #expect(difference.cycle + 1 == run.timings[1].end)
    #expect(title(difference) == "tokens[dma.in to array:b]")
  }

  @Test(arguments: both) func anUpsetOfAPartialSum(_ side: Drill.Side, _ isLeft: Bool) throws {
    let outcome = try Drill.compare(side, faultOnTheLeft: isLeft, upset: ("array.sum", 40)) { _ in }
    let difference = try #require(outcome.difference)
    #expect(title(difference) == "array.sum[row 1, column 1]")
    #expect(difference.cycle == 39)
  }

  @Test func theWindowHoldsBothSidesAroundTheDifference() throws {
    let outcome = try Drill.compare(.vitsim, faultOnTheLeft: true, upset: ("array.sum", 40)) { _ in }
    let window = try #require(outcome.difference?.window)
    let place = 39 - window.first
    #expect(window.first == 0)
    #expect(window.left.count == 40 + LockStep.Options().after)
    #expect(window.right.count == window.left.count)
    #expect(window.left[place] != window.right[place])
    #expect(window.left[place - 1] == window.right[place - 1])
    #expect(window.left[place].count == window.groups.registers)
  }

  @Test func modelsOfDifferentShapesAreRefused() throws {
    let small = try Drill().model(.vitsim)
    var wide = Drill()
    wide.accelerator.engines[0].columns = 5
    let large = try wide.model(.vitsim)
    #expect(
      throws: CoSimulationError.misuse(
        what: "vitsim has registers array.a [1, 4, 1, 4] where vitsim has array.a [1, 4, 1, 5]")
    ) {
      try LockStep.compare(small, large, units: [])
    }
  }
}

import Hardware
import Machine
import Schedule
import Testing

/// Rules M14–M16 of docs/timing.md, each sum spelled out. Arrays are 4 rows × 3 columns unless said otherwise: a load takes 4
/// cycles, results come 4 + (3 − 1) cycles after their step.
@Suite struct RuleElasticTests {
  private static let through = 4 + (3 - 1)

  @Test func m14StepsWaitToBeOffered() throws {
    var bench = Bench { $0.engines[0].streamDuty = Duty(open: 1, period: 3) }
    bench.matmul(5, 4, 3)
    let run = try bench.run()
    // In place at 4; the first step has been offered since 0, the others come in cycles 6, 9, 12, 15: not at 5.
    #expect(run.cycles(of: .stream, 0) == [4])
    #expect(run.cycles == 15 + Self.through)
    #expect(run.stacks[0][.busy] == 5)
    #expect(run.stacks[0][.waitOffer] == 1 + 3 * 2)
    #expect(run.timelines[0].prefix(3).map(\.part) == [.load, .busy, .waitOffer])
  }

  @Test func m14WhatIsOfferedStaysOffered() throws {
    var bench = Bench { $0.engines[0].streamDuty = Duty(open: 2, period: 10) }
    bench.matmul(3, 4, 3)
    // The step offered in cycle 0 is taken at 4; the next are offered, and taken, at 10 and 11.
    #expect(try bench.run().cycles == 11 + Self.through)
  }

  @Test func m14EveryStepWaitsForItsSum() throws {
    func cycles(_ latency: Int) throws -> Int {
      var bench = Bench {
        $0.engines[0].streamDuty = Duty(open: 4, period: 10)
        $0.buffers[2].latency = latency
      }
      bench.matmul(4, 8, 3)
      return try bench.run().cycles
    }
    // First tile in 4, 10, 11, 12. Its fellow's steps are offered from 13 on, so in 13, 20, 21, 22: 9, 10, 10, 10 cycles later.
    #expect(try cycles(9) == 22 + Self.through + 9)
    // An accumulator of 10 cycles holds up the first: 14. The others come when they came before.
    #expect(try cycles(10) == 22 + Self.through + 10)
    // One of 11 all of them: 15, 21, 22, 23.
    #expect(try cycles(11) == 23 + Self.through + 11)
  }

  @Test func m15AStepNeedsRoomForItsResults() throws {
    func run(_ depth: Int) throws -> Run {
      var bench = Bench {
        $0.engines[0].outputFIFO = depth
        $0.engines[0].resultDuty = Duty(open: 1, period: 4)
      }
      bench.matmul(4, 4, 3)
      return try bench.run()
    }
    // Steps 4, 5, 6, 7 leave the array in 10 to 13 and the FIFO in 12, 16, 20, 24.
    #expect(try run(4).cycles == 24)
    #expect(try run(4).stacks[0][.waitResults] == 0)
    // With room for three the fourth waits for the first to be gone: not taken in 12, taken in 13.
    #expect(try run(3).stacks[0][.waitResults] == 13 - 7)
    #expect(try run(3).cycles == 24)
    // With room for one a step is taken every time that one has gone: 4, 13, 21, 29 leave in 12, 20, 28, 36.
    #expect(try run(1).cycles == 36)
    #expect(try run(1).stacks[0][.waitResults] == (13 - 5) + (21 - 14) + (29 - 22))
  }

  @Test func m15OnlyTheLastTileAlongKIsQueued() throws {
    var bench = Bench {
      $0.engines[0].outputFIFO = 1
      $0.engines[0].resultDuty = Duty(open: 1, period: 50)
    }
    bench.matmul(2, 8, 3)
    let run = try bench.run()
    // The first tile's two steps enter in 4 and 5 though nothing leaves; the second's in 8, and in 51, a cycle after the first is gone.
    #expect(run.cycles(of: .drained, 0) == [5 + Self.through, 100])
  }

  @Test func m16WordsOfALoadWaitToBeOffered() throws {
    var bench = Bench { $0.engines[0].loadDuty = Duty(open: 1, period: 5) }
    bench.matmul(2, 4, 3)
    let run = try bench.run()
    // Words in 0, 5, 10, 15.
    #expect(run.cycles(of: .stream, 0) == [16])
    #expect(run.cycles == 17 + Self.through)
    #expect(run.stacks[0][.load] == 16)
  }
}

import Hardware
import Machine
import Schedule
import Testing

/// Rules D1–D5 and R1–R4 of docs/timing.md. Beats are 16 bytes, bursts 16 beats, unless said otherwise.
@Suite struct RuleMemoryTests {
  @Test(arguments: [(0, 16, [1]), (0, 17, [2]), (8, 16, [2]), (15, 2, [2]), (0, 257, [16, 1]), (8, 256, [16, 1])])
  func d1BeatsAndBursts(address: Int, bytes: Int, beats: [Int]) throws {
    var bench = Bench()
    bench.transfer(address: address, bytes)
    let run = try bench.run()
    #expect(run.cycles(of: .burst, 0) == beats.indices.map { beats[...$0].reduce(0, +) - 1 })
    #expect(run.traffic.dramRead == [16 * beats.reduce(0, +), 0])
  }

  @Test func d1BurstsStopAtTheBoundary() throws {
    var bench = Bench()
    bench.transfer(address: 4096 - 32, 64)
    #expect(try bench.run().cycles(of: .burst, 0) == [1, 3])
  }

  @Test func d1RowsAreBurstsOfTheirOwn() throws {
    var bench = Bench()
    bench.transfer(rows: 3, 16, stride: 100)
    // Rows at 0, 100 and 200: only the first is aligned.
    #expect(try bench.run().cycles(of: .burst, 0) == [0, 2, 4])
  }

  @Test func d2TheNextTransferFollowsTheLastRequest() throws {
    var bench = Bench { $0.dram = .ideal(latency: 10) }
    bench.transfer(64)
    bench.transfer(64, bank: 1)
    let run = try bench.run()
    #expect(run.timings[0] == InstructionTiming(start: 0, end: 10 + 4))
    #expect(run.timings[1] == InstructionTiming(start: 1, end: 10 + 4 + 4))
  }

  @Test func d2AChangeOfDirectionDrains() throws {
    var bench = Bench { $0.dram = .ideal(latency: 10) }
    bench.transfer(64)
    bench.transfer(write: true, 64, bank: 1, queue: Bench.input)
    let run = try bench.run()
    #expect(run.timings[1].start == 14)
    #expect(run.timings[1].end == 14 + 4 + 10 + 1)  // 4 beats, acknowledged 10 after they arrive
  }

  @Test func d3Setup() throws {
    var bench = Bench { $0.channels[0].setup = 5 }
    bench.transfer(16)
    let run = try bench.run()
    #expect(run.cycles(of: .request, 0) == [5])
    #expect(run.stacks[0][.setup] == 5)
  }

  @Test(arguments: [1, 2, 3, 4]) func d3OutstandingBursts(outstanding: Int) throws {
    var bench = Bench {
      $0.dram = .ideal(latency: 10)
      $0.channels[0].outstanding = outstanding
      $0.channels[0].burstBeats = 1
    }
    bench.transfer(4 * 16)
    let run = try bench.run()
    let expected: [Int] =
      switch outstanding {
      case 1: [0, 11, 22, 33]  // each a cycle after the beat of the one before
      case 2: [0, 1, 11, 12]
      case 3: [0, 1, 2, 11]
      default: [0, 1, 2, 3]
      }
    #expect(run.cycles(of: .request, 0) == expected)
  }

  @Test func d4NarrowBufferWord() throws {
    var bench = Bench { $0.buffers[0].wordBytes = 8 }
    bench.transfer(64)
    let run = try bench.run()
    #expect(run.cycles == 4 * 2)
    #expect(run.stacks[0][.narrow] == 4)
  }

  @Test func d5WriteWaitsForItsAcknowledgement() throws {
    var bench = Bench {
      $0.dram = .ideal(latency: 7)
      $0.buffers[0].latency = 2
    }
    bench.transfer(write: true, 64)
    let run = try bench.run()
    #expect(run.cycles == 2 + 4 + 7 + 1)
    #expect(run.stacks[0][.setup] == 2)
    #expect(run.stacks[0][.busy] == 4)
    #expect(run.stacks[0][.drain] == 7 + 1)
  }

  // MARK: DRAM

  @Test func r2r3BandwidthSetsThePace() throws {
    // 8 bytes a cycle: a beat of 16 takes two.
    var bench = Bench { $0.dram = .bandwidth(bytesPerSecond: 8_000_000, latency: 3) }
    bench.transfer(64)
    let run = try bench.run()
    #expect(run.cycles == 3 + 4 * 2)
    #expect(run.stacks[0][.waitDRAM] == 3 + 4)
  }

  @Test func r2FractionsOfACycleAreKept() throws {
    // 24 bytes a cycle: three beats in two cycles, but the channel takes one a cycle.
    var fast = Bench { $0.dram = .bandwidth(bytesPerSecond: 24_000_000, latency: 0) }
    fast.transfer(16 * 16)
    #expect(try fast.run().cycles == 16)
    // 12 bytes a cycle: 6 beats take 8 cycles, in one burst or in six.
    for length in [1, 2, 16] {
      var slow = Bench {
        $0.dram = .bandwidth(bytesPerSecond: 12_000_000, latency: 0)
        $0.channels[0].burstBeats = length
      }
      slow.transfer(6 * 16)
      #expect(try slow.run().cycles == 8)
    }
  }

  @Test func r1ChannelsShareTheBus() throws {
    var bench = Bench { $0.dram = .bandwidth(bytesPerSecond: 16_000_000, latency: 5) }
    bench.transfer(64)
    bench.transfer(write: true, 64, bank: 1)
    let run = try bench.run()
    // The write is sent in 0…3 and takes the bus at 4…7; the read is ready at 5 and has it from 8 on.
    #expect(run.timings[1].end == 7 + 5 + 1)
    #expect(run.timings[0].end == 8 + 4)
  }

  @Test func r1TheLowerChannelGoesFirst() throws {
    var bench = Bench {
      $0.dram = .bandwidth(bytesPerSecond: 16_000_000, latency: 4)
      $0.channels[1].carries = [.inputs, .outputs]
    }
    bench.transfer(64, queue: Bench.output)
    bench.transfer(64, bank: 1)
    let run = try bench.run()
    #expect(run.timings[1].end == 4 + 4)
    #expect(run.timings[0].end == 4 + 8)
  }

  @Test func r4WriteIsAcknowledgedAfterTheBus() throws {
    var bench = Bench { $0.dram = .bandwidth(bytesPerSecond: 4_000_000, latency: 6) }
    bench.transfer(write: true, 32)
    // Sent in 0…1, on the bus for 8 cycles from 2 on, acknowledged 6 after the last.
    #expect(try bench.run().cycles == 2 + 8 - 1 + 6 + 1)
  }
}

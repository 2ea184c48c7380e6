import Hardware
import Machine
import Schedule
import Testing

/// Rules D1–D8 and R1–R4 of docs/timing.md. Beats are 16 bytes, bursts 16 beats, unless said otherwise.
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

  /// Blocks of at most 4 beats: the smallest that holds what lies between two multiples of 64.
  @Test(arguments: [
    (0, 32, [2]), (0, 33, [4]), (0, 48, [4]), (8, 8, [1]), (8, 9, [2]), (24, 16, [4]), (56, 16, [1, 1]),
    (40, 64, [2, 4]), (16, 48, [4]), (8, 128, [4, 4, 1]),
  ])
  func d1AlignedBurstsAreTheSmallestBlocks(address: Int, bytes: Int, beats: [Int]) throws {
    var bench = Bench {
      $0.channels[0].bursts = .aligned
      $0.channels[0].burstBeats = 4
    }
    bench.transfer(address: address, bytes)
    let run = try bench.run()
    #expect(run.cycles(of: .burst, 0) == beats.indices.map { beats[...$0].reduce(0, +) - 1 })
    #expect(run.traffic.dramRead == [16 * beats.reduce(0, +), 0])
  }

  @Test func d1AlignedBurstsStopAtTheBoundary() throws {
    var bench = Bench {
      $0.channels[0].bursts = .aligned
      $0.channels[0].boundaryBytes = 32
    }
    bench.transfer(address: 16, 64)
    #expect(try bench.run().cycles(of: .burst, 0) == [0, 2, 3])
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

  @Test func d2InstructionsAreDispatched() throws {
    var bench = Bench { $0.channels[0].dispatch = 5 }
    bench.transfer(16)
    bench.transfer(16, bank: 1)
    let run = try bench.run()
    #expect(run.timings.map(\.start) == [5, 6])
    #expect(run.stacks[0][.setup] == 5)
  }

  @Test func d2TransfersInFlightAreSetUpTogether() throws {
    var bench = Bench {
      $0.dram = .ideal(latency: 10)
      $0.channels[0].setup = 4
    }
    for bank in 0..<3 { bench.transfer(64, bank: bank) }
    // Setup 4 each: 4, then the cycle after it the next begins.
    #expect(try bench.run().timings.map(\.start) == [0, 5, 10])
    bench.accelerator.channels[0].transfersInFlight = 2
    let run = try bench.run()
    // The first is there after 4 + 10 + 4 cycles; only then the third begins.
    #expect(run.timings.map(\.start) == [0, 1, 18])
    #expect((0..<3).map { run.cycles(of: .request, $0) } == [[4], [5], [22]])
    #expect(run.timings.map(\.end) == [18, 22, 22 + 10 + 4])
    bench.accelerator.channels[0].transfersInFlight = 3
    #expect(try bench.run().timings.map(\.start) == [0, 1, 2])
  }

  @Test func d2AWriteIsInFlightUntilItIsSent() throws {
    var bench = Bench {
      $0.dram = .ideal(latency: 100)
      $0.channels[1].setup = 3
      $0.channels[1].transfersInFlight = 2
    }
    for bank in 0..<3 { bench.transfer(write: true, 64, bank: bank) }
    let run = try bench.run()
    // Beats in 3…6, 7…10, 11…14: the third is set up behind the first's.
    #expect(run.timings.map(\.start) == [0, 1, 7])
    #expect((0..<3).map { run.cycles(of: .request, $0) } == [[3], [7], [11]])
  }

  @Test func d3d5PlacesAreFreeLater() throws {
    var bench = Bench {
      $0.dram = .ideal(latency: 10)
      for index in 0...1 {
        $0.channels[index].outstanding = 1
        $0.channels[index].burstBeats = 1
        $0.channels[index].slotReturn = 5
      }
    }
    bench.transfer(32)
    bench.transfer(write: true, 32, bank: 1)
    let run = try bench.run()
    // Read: there in 10. Write: sent in 0, acknowledged 10 after 1.
    #expect(run.cycles(of: .request, 0) == [0, 10 + 5])
    #expect(run.cycles(of: .request, 1) == [0, 11 + 5])
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

  @Test func d4CompletionTakesItsTime() throws {
    var bench = Bench {
      $0.channels[0].completion = 4
      $0.buffers[0].loadLatency = 2
    }
    bench.transfer(64)
    bench.transfer(16, buffer: 1)
    let run = try bench.run()
    // The last beats in 3 and 4; the second would end in 4 + 4, but not before the first.
    #expect(run.timings.map(\.end) == [3 + 4 + 2, 3 + 4 + 2])
    #expect(run.stacks[1][.drain] == 4)
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

  @Test func d5CompletionOfAWrite() throws {
    var bench = Bench {
      $0.dram = .ideal(latency: 7)
      $0.channels[1].completion = 3
    }
    bench.transfer(write: true, 64)
    #expect(try bench.run().cycles == 4 + 7 + 3)
  }

  // MARK: Assembly

  /// A bench whose channels assemble words of 16 bytes in aligned bursts of up to 4 beats.
  private func assemblingBench() -> Bench {
    Bench {
      $0.buffers[0].wordBytes = 16
      for index in 0...1 {
        $0.channels[index].assembly = true
        $0.channels[index].bursts = .aligned
        $0.channels[index].burstBeats = 4
      }
    }
  }

  @Test func d6WordsFollowTheirBeats() throws {
    var bench = assemblingBench()
    bench.transfer(rows: 2, 64)
    let run = try bench.run()
    #expect(run.cycles(of: .burst, 0) == [3, 7])
    #expect(run.cycles == 7 + 1 + 1)  // the last word is written behind the last beat
    #expect(run.stacks[0][.narrow] == 0)
  }

  /// The last of four beats is empty: the last word is written while it comes, and the burst closed in the cycle after.
  @Test func d6AnEmptyLastBeatCostsACycle() throws {
    var bench = assemblingBench()
    bench.transfer(rows: 2, 48, stride: 64)
    let run = try bench.run()
    #expect(run.cycles(of: .burst, 0) == [3, 3 + 1 + 4])
    #expect(run.cycles == 8 + 1)
    #expect(run.stacks[0][.narrow] == 1)
    // Of eight beats the last two are empty: all is written when the last comes.
    bench.accelerator.channels[0].burstBeats = 8
    bench.instructions = []
    bench.transfer(rows: 2, 96, stride: 128)
    #expect(try bench.run().cycles(of: .burst, 0) == [7, 7 + 8])
  }

  /// 56 bytes that begin in the middle of a word are four beats and four words, the first of them complete with the second beat.
  @Test func d6MoreWordsThanBeats() throws {
    var bench = assemblingBench()
    bench.transfer(address: 8, 64)
    let run = try bench.run()
    #expect(run.cycles(of: .burst, 0) == [3, 3 + 2])
    #expect(run.cycles == 5 + 1 + 1)
    #expect(run.stacks[0][.narrow] == 1)
  }

  @Test func d6NarrowWords() throws {
    var bench = assemblingBench()
    bench.accelerator.buffers[0].wordBytes = 8
    bench.transfer(rows: 2, 64)
    let run = try bench.run()
    // 8 words from 1 on; the next burst begins with the last of them.
    #expect(run.cycles(of: .burst, 0) == [3, 8 + 3])
    #expect(run.cycles == 8 + 8 + 1)
  }

  @Test func d7RowsAreGatheredWordByWord() throws {
    var bench = assemblingBench()
    bench.transfer(write: true, rows: 3, 64)
    let run = try bench.run()
    // 4 words; a row's first word is read while the last beat of the row before is sent.
    #expect(run.cycles(of: .request, 0) == [3, 10, 17])
    #expect(run.stacks[0][.narrow] == 9)
    bench.accelerator.buffers[0].wordBytes = 64
    #expect(try bench.run().cycles(of: .request, 0) == [0, 4, 8])
  }

  @Test func d8FurtherBeatsNeedAPlace() throws {
    var bench = Bench {
      $0.dram = .ideal(latency: 10)
      $0.channels[1].outstanding = 2
      $0.channels[1].burstBeats = 4
    }
    bench.transfer(write: true, rows: 2, 64)
    // Sent in 0…3 and 4…7.
    #expect(try bench.run().cycles == 8 + 10 + 1)
    bench.accelerator.channels[1].beatCredit = true
    let run = try bench.run()
    // The second's first beat takes the second place, in 4; the others wait until the first is acknowledged in 14.
    #expect(run.cycles(of: .request, 0) == [0, 4])
    #expect(run.cycles == (14 + 1) + 3 + 10 + 1)
    bench.instructions = []
    bench.transfer(write: true, rows: 2, 16)
    #expect(try bench.run().cycles == 2 + 10 + 1)  // bursts of one beat have no further ones
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

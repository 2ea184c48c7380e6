import Hardware
import Machine
import Schedule
import Testing

/// Cycle counts of DMA, DRAM and the ports, spelled out as sums.
@Suite struct LiteralMemoryTests {
  private typealias Bench = LiteralBench

  @Test func oneBurst() throws {
    var bench = Bench()
    bench.channel.setup = 3
    let run = try bench.run([Bench.transfer(load: true, bytes: 64)])
    // setup 3, latency 10, 4 beats
    #expect(run.cycles(of: .request, unit: Bench.dma) == [3])
    #expect(run.cycles == 3 + 10 + 4)
    #expect(run.parts(of: Bench.dma) == ["setup": 3, "wait.dram": 10, "busy": 4])
    #expect(run.traffic.dramRead == [64])
    #expect(run.traffic.bufferWritten == [64, 0, 0])
  }

  @Test func burstsAreCutAndAligned() throws {
    let bench = Bench()
    // from 4088: 8 bytes to the boundary (half a beat), then 92 bytes: 64 and 28 (2 beats)
    let run = try bench.run([Bench.transfer(load: true, address: 4088, bytes: 100)])
    #expect(run.cycles(of: .request, unit: Bench.dma) == [0, 1, 2])
    #expect(run.traffic.dramRead == [(1 + 4 + 2) * 16])
    #expect(run.cycles == 10 + 1 + 4 + 2)
    // three rows of 20 bytes: 2 beats each, but 3 for the one that begins at byte 46
    let rows = try bench.run([Bench.transfer(load: true, bytes: 20, rows: 3, stride: 46)])
    #expect(rows.traffic.dramRead == [(2 + 3 + 2) * 16])
  }

  @Test func outstandingBurstsBoundTheStream() throws {
    var bench = Bench()
    bench.channel.outstanding = 1
    let run = try bench.run([Bench.transfer(load: true, bytes: 3 * 64)])
    // each burst: latency 10, 4 beats; the next is requested in the cycle after
    #expect(run.cycles(of: .request, unit: Bench.dma) == [0, 14, 28])
    #expect(run.cycles == 3 * (10 + 4))
    bench.channel.outstanding = 2
    // two a window: the third is requested a cycle after the first is done in 13
    #expect(try bench.run([Bench.transfer(load: true, bytes: 3 * 64)]).cycles == 14 + 10 + 4)
  }

  @Test func fractionsOfABeat() throws {
    var bench = Bench()
    // 12 bytes a cycle: a beat of 16 takes 4/3 cycles
    bench.dram = .bandwidth(bytesPerSecond: 1_200_000_000, latency: 10)
    let run = try bench.run([Bench.transfer(load: true, bytes: 9 * 16)])
    #expect(run.cycles == 10 + 12)
    #expect(run.parts(of: Bench.dma) == ["busy": 9, "wait.dram": 10 + 3])
  }

  @Test func narrowBufferWord() throws {
    var bench = Bench()
    bench.buffers[0].wordBytes = 4
    let run = try bench.run([Bench.transfer(load: true, bytes: 64)])
    #expect(run.cycles == 10 + 4 * 4)
    #expect(run.parts(of: Bench.dma) == ["busy": 4, "narrow": 12, "wait.dram": 10])
  }

  @Test func storeReadsSendsAndWaits() throws {
    var bench = Bench()
    bench.buffers[0].latency = 2
    bench.channel.setup = 1
    let run = try bench.run([Bench.transfer(load: false, bytes: 128)])
    // setup 1, latency of the buffer 2, two bursts of 4 beats; the last is acknowledged 10 cycles after it is there
    #expect(run.cycles(of: .request, unit: Bench.dma) == [3, 7])
    #expect(run.cycles == 3 + 8 + 10 + 1)
    #expect(run.parts(of: Bench.dma) == ["setup": 3, "busy": 8, "drain": 11])
    #expect(run.traffic.dramWritten == [128])
  }

  @Test func loadsFollowWithoutAGapAndStoresTurnAround() throws {
    let bench = Bench()
    let run = try bench.run([
      Bench.transfer(load: true, bytes: 64), Bench.transfer(load: true, bytes: 64),
      Bench.transfer(load: false, bytes: 64),
    ])
    // the second request follows the first a cycle later, its beats follow the first's; the store waits for both
    #expect(run.cycles(of: .start, unit: Bench.dma) == [0, 1, 18])
    #expect(run.timings.map(\.end) == [14, 18, 18 + 4 + 10 + 1])
  }

  @Test func channelsShareTheBusInOrderOfArrival() throws {
    var bench = Bench()
    bench.channels = ["p", "q"].map { DMAChannelSpec(name: $0, carries: [.inputs], beatBytes: 16, burstBeats: 4) }
    bench.dram = .bandwidth(bytesPerSecond: 1_600_000_000, latency: 5)
    let run = try bench.run([
      Bench.transfer(load: true, bytes: 128, queue: 3), Bench.transfer(load: true, bytes: 128, queue: 2),
    ])
    // requests in cycles 0 and 1 on both; bursts alternate, channel p first
    #expect(run.cycles(of: .burst, unit: 2) == [5 + 4 - 1, 5 + 12 - 1])
    #expect(run.cycles(of: .burst, unit: 3) == [5 + 8 - 1, 5 + 16 - 1])
  }

  @Test func aPortIsHeldToTheEnd() throws {
    var bench = Bench()
    bench.buffers[0].ports = 1
    bench.channels = ["p", "q"].map { DMAChannelSpec(name: $0, carries: [.inputs], beatBytes: 16, burstBeats: 4) }
    let schedule = [
      Bench.transfer(load: true, bytes: 64, queue: 2), Bench.transfer(load: true, bytes: 64, queue: 3),
    ]
    let conflict = try bench.run(schedule)
    #expect(conflict.timings.map(\.start) == [0, 14])
    #expect(conflict.parts(of: 3)["wait.port"] == 14)
    bench.buffers[0].ports = 2
    #expect(try bench.run(schedule).timings.map(\.start) == [0, 0])
  }

  @Test func rolesThatMeetShare() throws {
    var bench = Bench()
    bench.buffers[2].ports = 1
    bench.vector.lanes = 4
    // source and destination in the one-ported bank: every group takes two cycles
    let run = try bench.run([Bench.vector([.requantize], rows: 5, columns: 4, destinationBuffer: 2)])
    #expect(run.cycles == 5 * 2 + 1)
    #expect(run.parts(of: Bench.lanes) == ["busy": 5, "narrow": 5, "latency": 1])
  }

  @Test func tokensAreVisibleFromTheEnd() throws {
    let bench = Bench()
    let run = try bench.run([
      Bench.transfer(load: true, bytes: 64, buffer: 1, posts: [TokenPost(to: Bench.array, slot: .b)]),
      Bench.matmul(
        10, 4, 4, waits: [TokenWait(from: Bench.dma, slot: .b)],
        posts: [TokenPost(to: Bench.lanes, slot: .start)]),
      Bench.vector(
        [.requantize], rows: 10, columns: 4, waits: [TokenWait(from: Bench.array, slot: .start)]),
    ])
    #expect(run.timings.map(\.start) == [0, 14, 14 + 20])
    #expect(run.parts(of: Bench.array) == ["wait.weights": 14, "load": 4, "busy": 10, "drain": 6, "idle": 11])
    #expect(run.parts(of: Bench.lanes) == ["wait.matrix": 34, "busy": 10, "latency": 1])
  }

  @Test func theLoaderRunsAheadOfTheStreamer() throws {
    let bench = Bench()
    let run = try bench.run([
      Bench.transfer(load: true, bytes: 64, posts: [TokenPost(to: Bench.array, slot: .a)]),
      Bench.matmul(10, 4, 4, waits: [TokenWait(from: Bench.dma, slot: .a)]),
    ])
    #expect(run.timings[1].start == 0)
    #expect(run.cycles(of: .stream) == [14])
    #expect(run.parts(of: Bench.array) == ["load": 4, "wait.input": 10, "busy": 10, "drain": 6])
  }

  @Test func deadlockNamesTheHeads() throws {
    let bench = Bench()
    let instructions = [
      Bench.transfer(load: true, bytes: 64),
      Bench.matmul(10, 4, 4, waits: [TokenWait(from: Bench.lanes, slot: .a)]),
      Bench.vector([.requantize], rows: 1, columns: 4, waits: [TokenWait(from: Bench.array, slot: .start)]),
    ]
    #expect(throws: MachineError.deadlock(cycle: 14, waiting: [1, 2])) { try bench.run(instructions) }
  }

  @Test func wrongUnitIsFoundBeforeTheFirstCycle() {
    let bench = Bench()
    var load = Bench.transfer(load: true, bytes: 64)
    load.queue = Bench.lanes
    #expect(throws: MachineError.wrongUnit(instruction: 1, unit: "vector")) {
      try bench.run([Bench.matmul(4, 4, 4), load])
    }
    #expect(throws: MachineError.malformed(instruction: 0, what: "an operation that the vector unit doesn't have")) {
      try bench.run([Bench.vector([.gelu], rows: 1, columns: 1)])
    }
  }

  @Test func sizesThatCannotBeCountedAreErrors() {
    let bench = Bench()
    var outside = Bench.transfer(load: true, bytes: 64)
    outside.operation = .load(
      Transfer(
        dram: DRAMRegion(address: 0, rows: 1, rowBytes: 64),
        region: Region(buffer: 9, offset: 0, rows: 1, rowBytes: 64),
        op: 0))
    var endless = outside
    endless.operation = .store(
      Transfer(
        dram: DRAMRegion(address: .max, rows: 2, rowBytes: 64, stride: .max),
        region: Region(buffer: 0, offset: 0, rows: 1, rowBytes: 128), op: 0))
    var huge = Bench.matmul(1, 1, 1)
    let byte = Region(buffer: 0, offset: 0, rows: 1, rowBytes: 1)
    huge.operation = .matmul(MatMul(m: .max, k: .max, n: 2, a: byte, b: byte, out: byte, op: 0))
    for instruction in [outside, endless, huge] {
      #expect(throws: MachineError.self) { try bench.run([instruction]) }
    }
  }
}

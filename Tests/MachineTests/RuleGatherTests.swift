import Hardware
import Machine
import Schedule
import Testing

/// Rules D9–D11 and R5 of docs/timing.md, each sum spelled out. Words and beats have 16 bytes; the array is 4 rows × 3 columns and reads
/// row by row.
@Suite struct RuleGatherTests {
  private func bench(_ configure: (inout Accelerator) -> Void = { _ in }) -> Bench {
    Bench {
      $0.engines[0].lockStep = true
      $0.engines[0].rowByRow = true
      $0.engines[0].edgeTiles = .full
      for buffer in $0.buffers.indices { ($0.buffers[buffer].ports, $0.buffers[buffer].wordBytes) = (1, 16) }
      for channel in $0.channels.indices { $0.channels[channel].assembly = true }
      $0.channels[1].setup = 2
      configure(&$0)
    }
  }

  /// The first beat of a store of `bytes` in a row.
  private func firstBeat(_ bytes: Int = 64, _ configure: (inout DMAChannelSpec) -> Void = { _ in }) throws -> Int {
    var bench = bench { configure(&$0.channels[1]) }
    bench.transfer(write: true, bytes, buffer: 2)
    return try bench.run().cycles(of: .request, 0)[0]
  }

  @Test func d9WordsAreReadOneByOne() throws {
    // Read in 1 to 4, in the row in 2 to 5.
    #expect(try firstBeat() == 5)
    #expect(try firstBeat(16) == 2)
    // Four words of INT32 for one of INT8.
    #expect(try firstBeat(16) { $0.narrowing = 4 } == 5)
  }

  @Test func d9WordsNeedPlaces() throws {
    // Each is read in the cycle after the one before has got to the row: 1, 3, 5, 7.
    #expect(try firstBeat { $0.gatherAhead = 1 } == 8)
    #expect(try firstBeat { $0.gatherAhead = 2 } == 5)
    // In the row in 2, 5, 8, 11; two at a time: 2, 3, 5, 6.
    #expect(try firstBeat { ($0.gatherWords, $0.gatherCycles) = (1, 3) } == 11)
    #expect(try firstBeat { ($0.gatherWords, $0.gatherCycles) = (2, 3) } == 6)
  }

  @Test func d9ResultsThatAreAddedGoFirst() throws {
    func beat(accumulate: Bool, bank: Int = 0, at dispatch: Int = 8) throws -> Int {
      var bench = bench { $0.channels[1].dispatch = dispatch }
      bench.matmul(3, 4, 3, accumulate: accumulate)
      bench.transfer(write: true, 16, buffer: 2, bank: bank)
      return try bench.run().cycles(of: .request, 1)[0]
    }
    // Rows are read in 4, 5 and 6; results arrive in 9, 10 and 11 and can be used a cycle later. The word is read in 9, or in 12.
    #expect(try beat(accumulate: false) == 10)
    #expect(try beat(accumulate: true) == 13)
    #expect(try beat(accumulate: true, bank: 1) == 10)
    #expect(try beat(accumulate: true, at: 7) == 9)
    #expect(try beat(accumulate: true, at: 11) == 13)
  }

  @Test func d9RowsFollowTheBeatsBefore() throws {
    var bench = bench()
    bench.transfer(write: true, rows: 2, 64, buffer: 2)
    // Beats in 5 to 8; the next row's words come from 9 on.
    #expect(try bench.run().cycles(of: .request, 0) == [5, 9 + 3])
  }

  @Test func d10AStoreThatHasBeenReadLetsOthersGo() throws {
    func run(_ completion: Int) throws -> Run {
      var bench = bench {
        ($0.channels[1].readCompletion, $0.channels[1].transfersInFlight) = (completion, 1)
        $0.dram = .ideal(latency: 50)
      }
      bench.transfer(write: true, 16, buffer: 2, posts: [TokenPost(to: Bench.input, slot: .start)])
      bench.transfer(write: true, 16, buffer: 2)
      bench.transfer(16, waits: [TokenWait(from: Bench.output, slot: .start)])
      return try bench.run()
    }
    // The word is read in 1, sent in 2, acknowledged in 3 + 50.
    #expect(try run(3).timings.map(\.start) == [0, 1 + 3, 1 + 3])
    #expect(try run(3).timings[0].end == 3 + 50 + 1)
    #expect([try run(3), try run(0)].map { $0.timings[0].read } == [1 + 3, 3 + 50 + 1])
    #expect(try run(0).timings.map(\.start) == [0, 3, 3 + 50 + 1])
  }

  @Test func d11RowsInOnePlaceAreFetchedOnce() throws {
    func run(stride: Int) throws -> Run {
      var bench = bench()
      bench.transfer(rows: 3, 32, stride: stride)
      bench.transfer(16, bank: 1)
      return try bench.run()
    }
    let once = try run(stride: 0)
    // Beats in 0 and 1, words in 1 and 2, and in 3 to 6 again; the next word comes behind them.
    #expect(once.cycles(of: .request, 0) == [0])
    #expect(once.traffic.dramRead == [3 * 16, 0])
    #expect(once.timings[0].end == 6 + 1)
    #expect(once.timings[1].end == 7 + 1)
    #expect(try run(stride: 32).cycles(of: .request, 0) == [0, 1, 2])
  }

  @Test func d11RepeatedWordsTakeThePort() throws {
    func end(_ rows: Int) throws -> Int {
      var bench = bench()
      bench.transfer(rows: rows, 16, stride: 0)
      bench.matmul(4, 4, 3)
      return try bench.run().timings[1].end
    }
    // Words take the port from 2 on, a row of A in 4 to 7.
    #expect(try end(2) == 7 + 6)
    #expect(try end(5) == 7 + 3 + 6)
  }

  /// Words of another buffer go on beside those that repeat a row, and where one of them ends a row, the other waits.
  @Test func d11OthersGoBesideARepeatedRow() throws {
    func ends(rows: Int, _ bytes: Int, buffer: Int = 1, loadLatency: Int = 0) throws -> [Int] {
      var bench = bench {
        $0.buffers[1].loadLatency = loadLatency
        $0.channels[0].carries = [.inputs, .weights]
      }
      bench.transfer(rows: 5, 16, stride: 0)
      bench.transfer(rows: rows, bytes, buffer: buffer, bank: buffer == 0 ? 1 : 0)
      return try bench.run().timings.map(\.end)
    }
    // The beat in 0, the word in 1 and again in 2 to 5. Beats of the other from 1 on, its words from 2 on, in the same buffer from 6.
    #expect(try ends(rows: 1, 16, buffer: 0) == [6, 7])
    // Two words of one row in 2 and 3: the one in 3 keeps that cycle free. No transfer ends before the one before.
    #expect(try ends(rows: 1, 32) == [7, 7])
    // Words that each end a row keep off in 2, 3 and 4.
    #expect(try ends(rows: 3, 16) == [9, 9])
    // Two cycles later than the other buffer's words: in 4 to 6.
    #expect(try ends(rows: 3, 16, loadLatency: 2) == [9, 9])
    // In 2 to 7, so that none is left but four behind them.
    #expect(try ends(rows: 6, 16) == [12, 12])
  }

  /// A load that is done before the one whose row is written again leaves flight then.
  @Test func d11ALoadBehindARepeatedRowLeavesFlight() throws {
    func starts(rows: Int) throws -> [Int] {
      var bench = bench {
        $0.channels[0].carries = [.inputs, .weights]
        $0.channels[0].transfersInFlight = 2
      }
      bench.transfer(rows: rows, 16, stride: 0)
      bench.transfer(16, buffer: 1)
      bench.transfer(16, buffer: 1)
      return try bench.run().timings.map(\.start)
    }
    // The second one's word comes in 2: it is done in 3, the first one in 2, or in 9.
    #expect(try starts(rows: 1) == [0, 1, 2])
    #expect(try starts(rows: 8) == [0, 1, 3])
  }

  /// But only as long as the row is being written: then it ends in order, and leaves flight with its end.
  @Test func d11ALoadThatIsDoneLaterLandsInOrder() throws {
    func starts(_ bytes: Int) throws -> [Int] {
      var bench = bench {
        $0.channels[0].carries = [.inputs, .weights]
        $0.channels[0].transfersInFlight = 2
        $0.buffers[0].loadLatency = 10
      }
      bench.transfer(rows: 4, 16, stride: 0)
      bench.transfer(bytes, buffer: 1)
      bench.transfer(16, buffer: 1)
      return try bench.run().timings.map(\.start)
    }
    // The row's words come in 1 to 4, its end in 4 + 1 + 10. Words of the second in 2 and 3 leave it done in 4, words in 2 to 4 in 15.
    #expect(try starts(32) == [0, 1, 4])
    #expect(try starts(64) == [0, 1, 15])
  }

  /// The first of another direction waits for places in flight, too (rule D2).
  @Test func d10AStoreThatIsBeingReadHoldsALoadBack() throws {
    func start(_ completion: Int) throws -> Int {
      var bench = bench {
        $0.channels[1].carries = [.inputs, .outputs]
        ($0.channels[1].readCompletion, $0.channels[1].transfersInFlight) = (completion, 1)
      }
      bench.transfer(write: true, 16, buffer: 2)
      bench.transfer(16, queue: Bench.output)
      return try bench.run().timings[1].start
    }
    // Read in 1, sent in 2, acknowledged in 3: over in 4.
    #expect(try start(2) == 4)
    #expect(try start(9) == 1 + 9)
  }

  @Test func d12BeatsWaitBehindTheRowBuffer() throws {
    func requests(path: Int, loadAt cycle: Int, rows: Int = 4) throws -> [[Int]] {
      var bench = bench {
        $0.dram = .ideal(latency: 10, sharedRequests: true)
        ($0.channels[0].dispatch, $0.channels[1].sendPath) = (cycle, path)
      }
      bench.transfer(16)
      bench.transfer(write: true, rows: rows, 32, buffer: 2)
      let run = try bench.run()
      return (0..<2).map { run.cycles(of: .request, $0) }
    }
    // Two words are in the row in 3, beats leave in 3 and 4, the next row is there in 6. A load that is in the way in 6 delays all rows
    // behind it by a cycle.
    #expect(try requests(path: 0, loadAt: 20) == [[20], [3, 6, 9, 12]])
    #expect(try requests(path: 0, loadAt: 6) == [[6], [3, 7, 10, 13]])
    // Two cycles later on the way, where two beats wait while the row buffer is filled again.
    #expect(try requests(path: 2, loadAt: 20) == [[20], [5, 8, 11, 14]])
    #expect(try requests(path: 2, loadAt: 8) == [[8], [5, 9, 11, 14]])
  }

  @Test func d12ABurstsPlaceIsForTheRowBuffer() throws {
    func requests(path: Int) throws -> [Int] {
      var bench = bench {
        $0.dram = .ideal(latency: 20)
        ($0.channels[1].outstanding, $0.channels[1].sendPath) = (1, path)
      }
      bench.transfer(write: true, rows: 3, 16, buffer: 2)
      return try bench.run().cycles(of: .request, 0)
    }
    // One burst at a time: a beat leaves the row buffer in 2, is acknowledged in 3 + 20, and gives its place back a cycle later.
    #expect(try requests(path: 0) == [2, 24, 46])
    #expect(try requests(path: 3) == [5, 30, 55])
  }

  @Test func d12APathHasAPlaceForEachCycle() throws {
    func read(path: Int) throws -> Int {
      var bench = bench {
        $0.dram = .ideal(latency: 10, sharedRequests: true)
        $0.channels[0].outstanding = 64
        ($0.channels[1].outstanding, $0.channels[1].sendPath) = (64, path)
        ($0.channels[1].gatherAhead, $0.channels[1].readCompletion) = (2, 1)
      }
      bench.transfer(rows: 30, 16)
      bench.transfer(write: true, rows: 8, 16, buffer: 2)
      return try bench.run().timings[1].read
    }
    // Loads have the way in every second cycle. With one place beats leave the row buffer in 2, 3, 5, 7, 9 …, each when the one before
    // is on its way, so that word 7 is read in 11; with four places nothing waits until then, and it is read in 8.
    #expect(try read(path: 1) == 11 + 1)
    #expect(try read(path: 4) == 8 + 1)
  }

  @Test func r5ResponsesComeInOrder() throws {
    func ends(inOrder: Bool) throws -> [Int] {
      var bench = bench {
        $0.dram = .ideal(latency: 10, inOrder: inOrder)
        $0.channels[1].carries = [.inputs, .outputs]
      }
      bench.transfer(64)
      bench.transfer(32, buffer: 1, queue: Bench.output)
      return try bench.run().timings.map(\.end)
    }
    // Requests in 0 and 2: beats in 10 to 13 and 12, 13; a word a cycle later, its end the next.
    #expect(try ends(inOrder: false) == [15, 15])
    #expect(try ends(inOrder: true) == [15, 17])
  }

  @Test func r5AnAcknowledgementTakesItsTurn() throws {
    func end(inOrder: Bool, _ acknowledgement: Int? = nil) throws -> Int {
      var bench = bench {
        $0.dram = .ideal(latency: 10, inOrder: inOrder)
        $0.channels[1].acknowledgement = acknowledgement
      }
      bench.transfer(64)
      bench.transfer(write: true, 16, buffer: 2)
      return try bench.run().timings[1].end
    }
    // The beat leaves in 2; its acknowledgement comes in 13, when the last of four beats is read, or behind it.
    #expect(try end(inOrder: false) == 14)
    #expect(try end(inOrder: true) == 15)
    #expect(try end(inOrder: false, 30) == 34)
    #expect(try end(inOrder: true, 30) == 34)
  }

  @Test func r6RequestsTakeTurns() throws {
    func requests(shared: Bool) throws -> [[Int]] {
      var bench = bench {
        $0.dram = .ideal(latency: 10, sharedRequests: shared)
        $0.channels[0].dispatch = 3
      }
      bench.transfer(rows: 3, 16)
      bench.transfer(write: true, rows: 2, 32, buffer: 2)
      let run = try bench.run()
      return (0..<2).map { run.cycles(of: .request, $0) }
    }
    // A store's row of two words is there in 3, the next one in 6: beats in 3 and 4, 6 and 7. It goes first in both, since the load
    // channel counts as the last one at the start, and has the way in 5.
    #expect(try requests(shared: false) == [[3, 4, 5], [3, 6]])
    #expect(try requests(shared: true) == [[5, 8, 9], [3, 6]])
  }

  @Test func r6ABurstHoldsTheWayUntilItsLastBeat() throws {
    func requests(credit: Bool) throws -> [[Int]] {
      var bench = Bench {
        $0.dram = .ideal(latency: 10, sharedRequests: true)
        ($0.channels[0].dispatch, $0.channels[1].outstanding, $0.channels[1].burstBeats) = (5, 2, 4)
        $0.channels[1].beatCredit = credit
      }
      bench.transfer(rows: 2, 16)
      bench.transfer(write: true, rows: 2, 64)
      let run = try bench.run()
      #expect(run.timings[1].end == (credit ? (14 + 1) + 3 + 10 + 1 : 8 + 10 + 1))
      return (0..<2).map { run.cycles(of: .request, $0) }
    }
    // The second burst begins in 4. Its other beats leave at once, or (D8) from 15 on, when the first has been acknowledged in 14.
    #expect(try requests(credit: false) == [[8, 9], [0, 4]])
    #expect(try requests(credit: true) == [[18, 19], [0, 4]])
  }
}

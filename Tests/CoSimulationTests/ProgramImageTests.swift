import CoSimulation
import Hardware
import Schedule
import SystemCBridge
import TestSupport
import Testing

/// The program image against the decoder behind the C header, which must refuse what is damaged and never crash.
@Suite(.enabled(if: SystemCKernel.isAvailable, "built without SystemC: apt install libsystemc-dev, then a clean build"))
struct ProgramImageTests {
  /// What the decoder says of `bytes`: nil if it takes them.
  private static func mistake(in bytes: [UInt8]) -> (status: vitsim_status, text: String)? {
    guard vitsim_kernel_reset() == VITSIM_OK else { return (VITSIM_REPORT, "the kernel can't be reset") }
    var model: OpaquePointer?
    let status = bytes.withUnsafeBufferPointer {
      vitsim_model_create($0.baseAddress, $0.count, VITSIM_TRANSACTIONS, &model)
    }
    return status == VITSIM_OK ? nil : (status, String(cString: vitsim_last_error()))
  }

  private static func image(_ seed: UInt64) -> [UInt8] {
    var candidate = RandomCase(seed: seed, ordered: true)
    candidate.leaveOutWhatTheModelLacks()
    // Short memories, so that there are few words to go through.
    var image = candidate.image
    image.preloads = image.preloads.map { _ in nil }
    return ProgramImage(candidate.schedule, memory: image).bytes
  }

  @Test func everyTruncationIsRefused() throws {
    try SystemCKernel.exclusive {
      for seed in 1...3 as ClosedRange<UInt64> {
        let bytes = Self.image(seed)
        for words in 0..<bytes.count / 8 {
          // With a size that fits, so that the cut itself has to be found.
          var cut = Array(bytes.prefix(8 * words))
          if words > 2 { withUnsafeBytes(of: Int64(words).littleEndian) { cut.replaceSubrange(16..<24, with: $0) } }
          let mistake = Self.mistake(in: cut)
          guard mistake?.status == VITSIM_PROGRAM || (words == 0 && mistake != nil) else {
            Issue.record("\(words) of \(bytes.count / 8) words: \(mistake?.text ?? "taken")")
            return
          }
        }
        #expect(Self.mistake(in: Array(bytes.dropLast()))?.text.contains("whole words") == true)
      }
    }
  }

  @Test func damagedWordsAreRefusedOrMeanSomethingElse() throws {
    try SystemCKernel.exclusive {
      var random = SplitMix64(seed: 5)
      var refused = 0
      for round in 0..<3000 {
        var bytes = Self.image(UInt64(round % 7 + 1))
        for _ in 0..<random.int(1...3) {
          let word = random.int(0...min(600, bytes.count / 8) - 1)
          let value = random.pick([Int64.max, .min, -1, 0, 1, 1 << 40, Int64(bitPattern: random.next())])
          withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(8 * word..<8 * word + 8, with: $0) }
        }
        guard let mistake = Self.mistake(in: bytes) else { continue }
        refused += 1
        #expect(!mistake.text.isEmpty)
        #expect(
          [VITSIM_PROGRAM, VITSIM_UNSUPPORTED].contains(mistake.status), "round \(round): \(mistake.text)")
      }
      #expect(refused > 1000)
    }
  }

  @Test func mistakesNameTheWord() throws {
    try SystemCKernel.exclusive {
      var bytes = Self.image(1)
      bytes[8] = 7
      #expect(Self.mistake(in: bytes)?.text == "program image, word 1: version 7; this build reads 1")
    }
  }

  @Test func randomBytesAreRefused() throws {
    try SystemCKernel.exclusive {
      var random = SplitMix64(seed: 1)
      for _ in 0..<500 {
        let bytes = (0..<8 * random.int(0...50)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        #expect(Self.mistake(in: bytes) != nil)
      }
    }
  }

  @Test func whatTheModelLacksIsNamed() throws {
    var candidate = RandomCase(seed: 3)
    candidate.leaveOutVectorUnit()
    candidate.leaveOutWhatTheModelLacks()
    let name = candidate.accelerator.engines[0].name
    let changes: [(String, (inout MatrixEngineSpec) -> Void)] = [
      ("lock-step", { $0.lockStep = true }), ("row-by-row", { $0.rowByRow = true }),
      ("tile-steps", { $0.tileSteps = 4 }),
      ("output-fifo", { $0.outputFIFO = 2 }), ("stream-duty", { $0.streamDuty = Duty(open: 1, period: 2) }),
      ("load-duty", { $0.loadDuty = Duty(open: 1, period: 2) }),
      ("result-duty", { $0.resultDuty = Duty(open: 1, period: 2) }), ("streams", { $0.streams = StreamSpec(fifo: 1) }),
    ]
    for (key, change) in changes {
      try expectRefusal("\(name): \(key)", of: candidate.schedule) { change(&$0.engines[0]) }
    }
    let channel = "dma." + candidate.accelerator.channels[0].name
    let ofChannels: [(String, (inout DMAChannelSpec) -> Void)] = [
      ("narrowing", { $0.narrowing = 4 }), ("gather-ahead", { $0.gatherAhead = 2 }),
      ("gather-words", { $0.gatherWords = 3 }), ("gather-cycles", { $0.gatherCycles = 2 }),
      ("read-completion", { $0.readCompletion = 4 }), ("acknowledgement", { $0.acknowledgement = 0 }),
      ("send-path", { $0.sendPath = 2 }), ("write-path", { $0.writePath = 1 }),
    ]
    for (key, change) in ofChannels {
      try expectRefusal("\(channel): \(key)", of: candidate.schedule) { change(&$0.channels[0]) }
    }
    try expectRefusal("dram: shared-requests", of: candidate.schedule) {
      $0.dram = .ideal(latency: 3, sharedRequests: true)
    }
    try expectRefusal("dram: in-order", of: candidate.schedule) { $0.dram = .ideal(latency: 3, inOrder: true) }
  }

  /// An engine that Swift's decoder refuses has no layout in the model either.
  @Test func severalStationaryBuffersNeedABroadcastArray() throws {
    var candidate = RandomCase(seed: 3)
    candidate.leaveOutVectorUnit()
    candidate.leaveOutWhatTheModelLacks()
    var schedule = candidate.schedule
    schedule.accelerator.engines[0].interconnect = .systolic
    schedule.accelerator.engines[0].shadowWeights = false
    schedule.accelerator.engines[0].stationaryBuffers = 4
    _ = try SystemCKernel.exclusive {
      #expect { try SystemCModel(ProgramImage(schedule), level: .registers) } throws: { error in
        if case .program(let what) = error as? CoSimulationError { what.contains("stationary-buffers") } else { false }
      }
    }
  }

  private func expectRefusal(
    _ what: String, of schedule: Schedule, _ change: (inout Accelerator) -> Void
  ) throws {
    var schedule = schedule
    change(&schedule.accelerator)
    _ = try SystemCKernel.exclusive {
      #expect(throws: CoSimulationError.unsupported(what: "\(what) isn't in the SystemC model")) {
        try SystemCModel(ProgramImage(schedule), level: .transactions)
      }
    }
  }
}

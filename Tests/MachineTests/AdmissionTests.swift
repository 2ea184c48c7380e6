import Hardware
import Numerics
import Schedule
import TestSupport
import Testing

@testable import Machine

/// Schedules that were made by hand: whatever stands in them, an engine runs them or says why not.
struct AdmissionTests {
  /// The message with which both engines refuse to compute values; nil if they do.
  private func refusal(_ schedule: Schedule, _ image: MemoryImage) throws -> String? {
    var messages: [String?] = []
    for engine in EngineKind.allCases {
      do {
        _ = try Simulator.run(schedule, engine: engine, image: image)
        messages.append(nil)
      } catch {
        messages.append("\(error)")
      }
    }
    #expect(messages[0] == messages[1])
    return messages[0]
  }

  private static let extremes = [
    .min, .min + 1, -1 << 31, -129, -1, 0, 1, 2, 7, 1 << 20, 1 << 31, 1 << 40, .max - 1, .max,
  ]

  /// One number of a schedule that runs is exchanged for another, mostly one at the edge of what a number can be.
  @Test func extremes() throws {
    var random = SplitMix64(seed: 1)
    var refused = 0
    for round in 0..<400 {
      let sound = ValueCase(seed: UInt64(round % 40), instructions: 6)
      var schedule = sound.schedule
      let index = random.int(0...schedule.instructions.count - 1)
      change(&schedule.instructions[index], &random)
      if try refusal(schedule, sound.image) != nil { refused += 1 }
    }
    #expect(refused > 200)
  }

  private func change(_ instruction: inout Instruction, _ random: inout SplitMix64) {
    let value = random.pick(Self.extremes)
    func change(_ region: inout Region) {
      let fields: [WritableKeyPath<Region, Int>] = [\.buffer, \.offset, \.rows, \.rowBytes, \.pitch]
      region[keyPath: random.pick(fields)] = value
    }
    switch instruction.operation {
    case .load(var transfer):
      if random.chance(50) {
        change(&transfer.region)
      } else {
        let fields: [WritableKeyPath<DRAMRegion, Int>] = [\.address, \.rows, \.rowBytes, \.stride]
        transfer.dram[keyPath: random.pick(fields)] = value
      }
      instruction.operation = .load(transfer)
    case .store(var transfer):
      change(&transfer.region)
      instruction.operation = .store(transfer)
    case .matmul(var matmul):
      switch (random.int(0...6), matmul.aOrder) {
      case (0...1, .windows(var windows)):
        let fields: [WritableKeyPath<Windows, Int>] = [
          \.width, \.channels, \.pixelPitch, \.kernelRows, \.kernelColumns, \.strideY, \.strideX, \.dilationY,
          \.dilationX, \.originY, \.originX, \.outputColumns,
        ]
        windows[keyPath: random.pick(fields)] = value
        matmul.aOrder = .windows(windows)
      case (2, _): change(&matmul.a)
      case (3, _): change(&matmul.b)
      case (4, _): change(&matmul.out)
      case (5, _):
        var bias = matmul.bias ?? matmul.out
        change(&bias)
        matmul.bias = bias
      default:
        let fields: [WritableKeyPath<MatMul, Int>] = [\.m, \.k, \.n, \.aZero, \.bZero]
        matmul[keyPath: random.pick(fields)] = value
      }
      instruction.operation = .matmul(matmul)
    case .vector(var vector):
      switch random.int(0...5) {
      case 0: change(&vector.source)
      case 1: change(&vector.destination)
      case 2: vector.stages[0].arithmetic = value
      case 3: vector.stages[0].firstColumn = value
      case 4: vector.rows = value
      default: vector.columns = value
      }
      instruction.operation = .vector(vector)
    }
  }

  /// The image has to fit the schedule, and both the memory at hand.
  @Test func images() throws {
    let sound = ValueCase(seed: 1)
    func expect(_ words: String, _ change: (inout Schedule, inout MemoryImage) -> Void) throws {
      var (schedule, image) = (sound.schedule, sound.image)
      change(&schedule, &image)
      let found = try refusal(schedule, image)
      #expect(found?.contains(words) == true, "\(found ?? "accepted")")
    }
    #expect(try refusal(sound.schedule, sound.image) == nil)
    try expect("the image has 2 tensors, the schedule 3") { $1.tensors.removeLast() }
    try expect("the image has 1 bytes for out") { $1.tensors[1] = [0] }
    try expect("the image has 2 preloads, the schedule 1") { $1.preloads.append(nil) }
    try expect("the image has 3 bytes for preload 0") { $1.preloads[0] = [1, 2, 3] }
    try expect("tensors in and other overlap") { schedule, image in
      schedule.tensors.append(DRAMTensor(name: "other", kind: .input, address: 0x200, bytes: 8))
      image.tensors.append(nil)
    }
    for (address, bytes) in [(Int.max, 1), (-1, 1), (0x9000, 0)] {
      try expect("tensor other has address \(address)") { schedule, image in
        schedule.tensors.append(DRAMTensor(name: "other", kind: .input, address: address, bytes: bytes))
        image.tensors.append(nil)
      }
    }
    try expect("at most 2^32") { schedule, _ in schedule.tensors[2].bytes = 1 << 40 }
    try expect("at most 2^32") { schedule, _ in schedule.accelerator.buffers[1].bytes = .max }
    try expect("more than 2^32 bytes together") { schedule, _ in
      for index in schedule.accelerator.buffers.indices { schedule.accelerator.buffers[index].bytes = 1 << 31 }
    }
    try expect("a preload") { schedule, _ in schedule.preloads[0].offset = 1 << 40 }
    try expect("arithmetic 0: ") { schedule, _ in
      schedule.arithmetic[0] = .requantize(Requantization(algorithm: .float, factors: [.nan]))
    }
  }

  /// A run for time alone needs no more than regions in their buffers and windows that can be found.
  @Test func timeAlone() throws {
    func refusal(_ change: (inout MatMul) -> Void) -> String? {
      var bench = Bench()
      var matmul = MatMul(
        m: 4, k: 4, n: 2, a: Region(buffer: 0, offset: 0, rows: 3, rowBytes: 3),
        b: Region(buffer: 1, offset: 0, rows: 4, rowBytes: 2), out: Region(buffer: 2, offset: 0, rows: 4, rowBytes: 8),
        op: 0,
        aOrder: .windows(Windows(width: 3, channels: 1, kernelRows: 2, kernelColumns: 2, outputColumns: 2)))
      change(&matmul)
      bench.instructions = [Instruction(queue: Bench.array, layer: 0, operation: .matmul(matmul))]
      do {
        for engine in EngineKind.allCases { _ = try Simulator.run(bench.schedule, engine: engine) }
        return nil
      } catch {
        return "\(error)"
      }
    }
    #expect(refusal { _ in } == nil)
    #expect(refusal { $0.bias = Region(buffer: 1, offset: 1 << 20, rows: 1, rowBytes: 8) }?.contains("buffer") == true)
    #expect(refusal { $0.k = 5 }?.contains("K is 5") == true)
    // Rows may overlap, but not be more than anybody can count.
    #expect(refusal { ($0.a.rows, $0.a.pitch) = (1 << 62, 0) }?.contains("in its buffer") == true)
  }
}

import Analysis
import Hardware
import Machine
import Schedule
import TestSupport
import Testing

/// Occupancy against a model that follows every byte by itself.
@Suite struct BufferOccupancyTests {
  @Test(arguments: [true, false])
  func everyByteIsTakenAsLongAsItIsNeeded(ordered: Bool) throws {
    var taken = 0
    for seed in 0..<200 as Range<UInt64> {
      let schedule = RandomCase(seed: seed, ordered: ordered, byWord: seed % 5 == 0).schedule
      guard let run = try? Simulator.run(schedule) else { continue }
      let occupancy = try #require(BufferOccupancy(schedule: schedule, run: run))
      let plain = PlainOccupancy(schedule, run)
      #expect(occupancy.buffers == plain.buffers, "seed \(seed)")
      for (index, buffer) in schedule.accelerator.buffers.enumerated() {
        #expect(occupancy.buffers[index].allSatisfy { 0...buffer.bytes ~= $0.bytes }, "seed \(seed)")
        taken += occupancy.peak(of: index)
      }
    }
    #expect(taken > 10_000)
  }

  @Test(arguments: RealRun.all.filter { $0.engine == .event })
  func modelsFitTheirBuffersAndLeaveThemEmpty(_ real: RealRun) throws {
    let (schedule, run) = try real.sample()
    let occupancy = try #require(BufferOccupancy(schedule: schedule, run: run))
    #expect(occupancy.buffers == PlainOccupancy(schedule, run).buffers)
    for (index, buffer) in schedule.accelerator.buffers.enumerated() {
      let steps = occupancy.buffers[index]
      #expect(steps.first?.cycle == 0 && zip(steps, steps.dropFirst()).allSatisfy { $0.cycle < $1.cycle })
      #expect(steps.allSatisfy { $0.bytes <= buffer.bytes })
      #expect(steps.last?.bytes == 0)
      #expect(occupancy.peak(of: index) > 0 || run.traffic.bufferRead[index] == 0)
    }
  }

  /// What was there at the start counts from cycle 0, what nothing reads not at all, what is written in place all the time.
  @Test func valuesLiveFromWritingToTheLastReading() throws {
    let accelerator = RandomCase(seed: 1).accelerator
    let (vector, dma) = (accelerator.engines.count, accelerator.engines.count + 1)
    func region(_ offset: Int) -> Region { Region(buffer: 0, offset: offset, rows: 1, rowBytes: 8) }
    func relu(_ source: Int, _ destination: Int) -> Instruction {
      Instruction(
        queue: vector, layer: 0,
        operation: .vector(
          VectorInstruction(
            stages: [VectorStage(.relu, op: 0)], rows: 1, columns: 8, source: region(source),
            destination: region(destination))))
    }
    var store = Instruction(
      queue: dma, layer: 0,
      operation: .store(Transfer(dram: DRAMRegion(address: 40, rows: 1, rowBytes: 8), region: region(16), op: 0)),
      waits: [TokenWait(from: vector, slot: .start)])
    var schedule = RandomCase(seed: 1).schedule
    schedule.loaded = []
    schedule.preloads = [region(0)]
    schedule.instructions = [relu(0, 16), relu(16, 16), relu(0, 24)]
    schedule.instructions[1].posts = [TokenPost(to: dma, slot: .start)]
    store.queue = try #require(accelerator.channels.firstIndex { $0.carries.contains(.outputs) }) + dma
    schedule.instructions[1].posts[0].to = store.queue
    schedule.instructions.append(store)
    let run = try Simulator.run(schedule)
    let times = run.timings
    let occupancy = try #require(BufferOccupancy(schedule: schedule, run: run))
    typealias Step = BufferOccupancy.Step
    var expected = [Step(cycle: 0, bytes: 8)]
    // The first instruction starts in cycle 0: its result is counted from there.
    if times[0].start == 0 { expected[0].bytes = 16 } else { expected.append(Step(cycle: times[0].start, bytes: 16)) }
    expected += [Step(cycle: times[2].end, bytes: 8), Step(cycle: times[3].end, bytes: 0)].sorted {
      $0.cycle < $1.cycle
    }
    #expect(times[2].end < times[3].end)
    #expect(occupancy.buffers[0] == expected)
  }
}

/// The same by following every byte.
struct PlainOccupancy {
  var buffers: [[BufferOccupancy.Step]] = []

  private struct Byte {
    var written = 0
    var read = 0
    var readBefore = 0
  }

  init(_ schedule: Schedule, _ run: Run) {
    var bytes = schedule.accelerator.buffers.map { [Byte](repeating: Byte(), count: $0.bytes) }
    var changes = schedule.accelerator.buffers.map { _ in [Int: Int]() }
    func close(_ byte: Byte, _ buffer: Int) {
      let start = max(byte.written, byte.readBefore)
      if byte.read <= start { return }
      changes[buffer][start, default: 0] += 1
      changes[buffer][byte.read, default: 0] -= 1
    }
    for (index, instruction) in schedule.instructions.enumerated() {
      let (reads, writes) = Self.bytes(of: instruction.operation)
      for (buffer, byte) in reads { bytes[buffer][byte].read = max(bytes[buffer][byte].read, run.timings[index].end) }
      for (buffer, byte) in Set(writes.map { Place($0, $1) }).map({ ($0.buffer, $0.byte) }) {
        close(bytes[buffer][byte], buffer)
        bytes[buffer][byte].readBefore = max(bytes[buffer][byte].readBefore, bytes[buffer][byte].read)
        (bytes[buffer][byte].written, bytes[buffer][byte].read) = (run.timings[index].start, 0)
      }
    }
    for buffer in bytes.indices { for byte in bytes[buffer] { close(byte, buffer) } }
    buffers = changes.map { changes in
      var (steps, total) = ([BufferOccupancy.Step(cycle: 0, bytes: changes[0] ?? 0)], changes[0] ?? 0)
      for cycle in changes.keys.sorted() where cycle > 0 && changes[cycle] != 0 {
        total += changes[cycle] ?? 0
        steps.append(.init(cycle: cycle, bytes: total))
      }
      return steps
    }
  }

  private struct Place: Hashable {
    var buffer: Int
    var byte: Int
    init(_ buffer: Int, _ byte: Int) { (self.buffer, self.byte) = (buffer, byte) }
  }

  private static func bytes(of operation: Operation) -> (reads: [(Int, Int)], writes: [(Int, Int)]) {
    switch operation {
    case .load(let transfer): return ([], bytes(of: transfer.region))
    case .store(let transfer): return (bytes(of: transfer.region), [])
    case .vector(let vector):
      return (bytes(of: vector.source) + (vector.operand.map { bytes(of: $0) } ?? []), bytes(of: vector.destination))
    case .matmul(let matmul):
      var reads = image(of: matmul) + (matmul.keeps ? [] : bytes(of: matmul.b))
      if let bias = matmul.bias { reads += bytes(of: bias) }
      let results = bytes(of: matmul.out)
      return (reads + (matmul.accumulate ? results : []), results)
    }
  }

  private static func bytes(of region: Region) -> [(Int, Int)] {
    (0..<region.rows).flatMap { row in
      (0..<region.rowBytes).map { (region.buffer, region.offset + row * region.pitch + $0) }
    }
  }

  /// Of an image the pixels' own channels.
  private static func image(of matmul: MatMul) -> [(Int, Int)] {
    guard let windows = matmul.windows else { return bytes(of: matmul.a) }
    return (0..<matmul.a.rows).flatMap { row in
      (0..<windows.width).flatMap { pixel in
        (0..<windows.channels).map {
          (matmul.a.buffer, matmul.a.offset + row * matmul.a.pitch + pixel * windows.pixelPitch + $0)
        }
      }
    }
  }
}

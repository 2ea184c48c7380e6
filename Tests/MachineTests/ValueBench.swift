import Hardware
import Machine
import Numerics
import Schedule
import Testing

/// `Bench` with contents: bytes that are in buffers from the start, and what DRAM holds at the end.
struct ValueBench {
  var bench: Bench
  var arithmetic: [StageArithmetic] = []
  var tensors: [DRAMTensor] = []
  var contents: [[UInt8]?] = []
  private var preloads: [(region: Region, bytes: [UInt8])] = []

  init(_ bench: Bench = Bench()) { self.bench = bench }

  /// Puts `bytes` into `region` before the first cycle.
  mutating func put(_ bytes: [Int], _ region: Region) { put(bytes.map { UInt8(truncatingIfNeeded: $0) }, region) }

  mutating func put(words: [Int32], _ region: Region) { put(words.flatMap(Self.bytes), region) }

  private mutating func put(_ bytes: [UInt8], _ region: Region) { preloads.append((region, bytes)) }

  static func bytes(_ word: Int32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * Int32($0))) } }

  static func words(_ bytes: [UInt8]) -> [Int32] {
    stride(from: 0, to: bytes.count, by: 4).map { place in
      (0..<4).reduce(0) { $0 | Int32(bytes[place + $1]) << (8 * Int32($1)) }
    }
  }

  /// A tensor of DRAM of so many bytes, or with these.
  mutating func tensor(_ address: Int, _ bytes: Int, _ contents: [UInt8]? = nil) {
    tensors.append(DRAMTensor(name: "tensor\(tensors.count)", kind: .spill, address: address, bytes: bytes))
    self.contents.append(contents)
  }

  /// Adds an instruction that starts when the one before, of another queue, has ended.
  mutating func then(_ queue: Int, _ operation: Operation) {
    var instruction = Instruction(queue: queue, layer: 0, operation: operation)
    if let last = bench.instructions.indices.last, bench.instructions[last].queue != queue {
      let slots: [TokenSlot] = queue == Bench.array ? [.a, .b, .out] : [.start]
      for slot in slots {
        bench.instructions[last].posts.append(TokenPost(to: queue, slot: slot))
        instruction.waits.append(TokenWait(from: bench.instructions[last].queue, slot: slot))
      }
    }
    bench.instructions.append(instruction)
  }

  var schedule: Schedule {
    var schedule = bench.schedule
    schedule.arithmetic = arithmetic
    schedule.tensors = tensors
    schedule.preloads = preloads.map(\.region)
    return schedule
  }

  var image: MemoryImage { MemoryImage(tensors: contents, preloads: preloads.map(\.bytes)) }

  /// Runs both engines, expects the same of them, and returns what DRAM holds and what vector instructions have written.
  func run(
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> (tensors: [[UInt8]], events: [ValueEvent]) {
    var events: [[ValueEvent]] = [[], []]
    let literal = try Simulator.run(schedule, engine: .literal, image: image) { events[0].append($0) }
    let event = try Simulator.run(schedule, engine: .event, image: image) { events[1].append($0) }
    #expect(literal.run == event.run, sourceLocation: sourceLocation)
    #expect(literal.image == event.image, sourceLocation: sourceLocation)
    #expect(events[0].map(\.bytes) == events[1].map(\.bytes), sourceLocation: sourceLocation)
    return (literal.image.tensors.map { $0 ?? [] }, events[0])
  }

  /// Stores `region` when all has ended, runs both engines, and returns its bytes.
  func bytes(of region: Region, sourceLocation: SourceLocation = #_sourceLocation) throws -> [UInt8] {
    var copy = self
    copy.tensor(1 << 20, region.bytes)
    copy.then(
      Bench.output,
      .store(Transfer(dram: DRAMRegion(address: 1 << 20, rows: 1, rowBytes: region.bytes), region: region, op: 0)))
    return try copy.run(sourceLocation: sourceLocation).tensors.last ?? []
  }
}

import Hardware
import Machine
import Schedule

/// Commands of Gemmini's DMA, moves into and out of its memories, from simulation of its RTL.
struct GemminiDMARow: ReferenceRow {
  static let kind = ReferenceKind(
    name: "gemmini-dma", summary: "moves in and out of Gemmini's scratchpad and accumulator (RTL simulation)",
    columns: [
      "test", "nt", "rows", "cols", "stride", "acc", "off", "lat", "total", "reads", "read_beats", "writes",
      "write_beats", "first_A", "last_A", "first_D", "last_D",
    ], target: .exact)

  struct Case: Hashable {
    let isLoad: Bool
    /// Equal commands, one after the other in memory.
    let commands: Int
    let rows: Int
    /// Of a row; the distance between two; the first one's address.
    let bytes, stride, address: Int
    /// Index of the buffer.
    let buffer: Int
    let latency: Int
  }

  struct Result {
    let cycles, bursts, beats: Int
    /// Cycles of the first and the last request (of a write, of its first beat), and of the last beat read or the acknowledgement of the first and
    /// the last burst.
    let requests, responses: (first: Int, last: Int)
    /// Beats have waited in the channel for words to be assembled.
    let beatsWaited: Bool
  }

  let input: Case
  let label: String
  private let columns: Int
  private let expected: [String: Int]

  init(_ cells: inout RecordDecoder) {
    let isLoad = cells.choice("test", ("mvin", true), ("mvout", false))
    let buffer = cells.choice("acc", ("0", 0), ("1", 1))
    // int8 in the scratchpad, int32 in the accumulator.
    let element = buffer == 0 ? 1 : 4
    let rows = cells.integer("rows", 1...16)
    columns = cells.integer("cols", 1...64)
    let stride = cells.integer("stride", 1...1 << 20)
    let offset = cells.integer("off", 0...1 << 20)
    input = Case(
      isLoad: isLoad, commands: cells.integer("nt", 1...10_000), rows: rows, bytes: columns * element,
      stride: stride * element, address: offset, buffer: buffer, latency: cells.integer("lat", 1...10_000))
    label =
      "\(isLoad ? "mvin" : "mvout") \(input.commands) of \(rows)x\(columns)/\(stride) + \(offset), "
      + "\(buffer == 0 ? "scratchpad" : "accumulator"), latency \(input.latency)"
    var expected: [String: Int] = [:]
    for column in Self.kind.columns[8...] { expected[column] = cells.integer(column, 0...Int.max) }
    self.expected = expected
  }

  var reasonToLeaveOut: String? { nil }

  /// Aligned moves in are exact; others may be off by a few cycles.
  var target: ReferenceTarget { input.isLoad && input.address == 0 ? .exact : .within(percent: 3) }

  static func result(of input: Case, on bench: Bench) throws -> Result {
    // An acknowledgement comes so long after the last beat of a write, here after the cycle behind it.
    let latency = input.isLoad ? input.latency : input.latency - 1
    let accelerator = try bench.design("designs/gemmini-dma.yaml", ["dram.latency=\(latency)"])
    let run = try Simulator.run(schedule(of: input, on: accelerator), options: RunOptions(trace: true))
    let requests = run.trace.filter { $0.kind == .request }.map(\.cycle)
    let responses = run.trace.filter { $0.kind == .burst }.map(\.cycle)
    let bytes = input.isLoad ? run.traffic.dramRead : run.traffic.dramWritten
    let channel = accelerator.channels[input.isLoad ? 0 : 1]
    return Result(
      cycles: run.cycles, bursts: requests.count, beats: bytes.reduce(0, +) / channel.beatBytes,
      requests: (requests.min() ?? -1, requests.max() ?? -1), responses: (responses.min() ?? -1, responses.max() ?? -1),
      beatsWaited: input.isLoad && run.stacks.contains { $0[.narrow] > 0 })
  }

  private static func schedule(of input: Case, on accelerator: Accelerator) -> Schedule {
    let bytes = input.rows * input.bytes
    let places = max(1, accelerator.buffers[input.buffer].bytes / bytes)
    let queue = accelerator.engines.count + 1 + (input.isLoad ? 0 : 1)
    let instructions = (0..<input.commands).map { index in
      let transfer = Transfer(
        dram: DRAMRegion(
          address: input.address + index * input.rows * input.stride, rows: input.rows, rowBytes: input.bytes,
          stride: input.stride),
        region: Region(
          buffer: input.buffer, offset: index % places * bytes, rows: input.rows, rowBytes: input.bytes), op: 0)
      return Instruction(queue: queue, layer: 0, operation: input.isLoad ? .load(transfer) : .store(transfer))
    }
    return Schedule(
      accelerator: accelerator, model: ModelReference(name: "moves", image: 0, batch: 1),
      operators: [OperatorInfo(name: "move", kind: .move, macs: 0, elements: 0)],
      layers: [Layer(name: "moves", operators: [0])], tensors: [], instructions: instructions)
  }

  func comparisons(with result: Result) -> [Comparison] {
    var got = [("total", result.cycles)]
    if input.isLoad {
      got += [
        ("reads", result.bursts), ("read_beats", result.beats), ("first_A", result.requests.first),
        ("last_A", result.requests.last),
      ]
      // The bus is ahead of beats that wait by what its buffers hold; here they wait in the channel.
      if !result.beatsWaited { got.append(("last_D", result.responses.last)) }
    } else {
      got += [
        ("writes", result.bursts), ("write_beats", result.beats), ("first_A", result.requests.first),
        ("first_D", result.responses.first), ("last_D", result.responses.last),
      ]
    }
    return got.map { Comparison($0.0, .integer(expected: expected[$0.0] ?? -1, got: $0.1)) }
  }
}

import CoSimulation
import Hardware
import Machine
import Schedule

/// A product from DRAM and back, 6×4 · 4×4 on 4 × 4 PEs, and the two sides that can run it.
struct Drill {
  enum Side: String, CaseIterable { case vitsim, systemC = "SystemC" }

  var accelerator = Accelerator(
    name: "drill", clock: 100_000_000,
    engines: [
      MatrixEngineSpec(
        name: "array", interconnect: .systolic, dataflow: .weightStationary, rows: 4, columns: 4, inputs: 0, weights: 1,
        outputs: 2)
    ],
    buffers: ["inputs", "weights", "results"].map { BufferSpec(name: $0, bytes: 1024, wordBytes: 16) },
    channels: [
      DMAChannelSpec(name: "in", carries: [.weights, .inputs], beatBytes: 8),
      DMAChannelSpec(name: "out", carries: [.outputs], beatBytes: 8),
    ],
    dram: .bandwidth(bytesPerSecond: 400_000_000, latency: 9),
    vector: VectorUnitSpec(lanes: 4, operations: [.scale: VectorOperationSpec()]))
  /// The post of the load of B, from which the array's loader knows that it is there.
  var postsB = true
  var memory: MemoryImage

  static let (array, input, output) = (0, 2, 3)

  init() { memory = MemoryImage(tensors: [(0..<24).map { 3 * $0 + 1 }, (0..<16).map { 5 * $0 + 2 }, nil]) }

  var schedule: Schedule {
    let (a, b, c) = (
      Region(buffer: 0, offset: 0, rows: 6, rowBytes: 4), Region(buffer: 1, offset: 0, rows: 4, rowBytes: 4),
      Region(buffer: 2, offset: 0, rows: 6, rowBytes: 16)
    )
    func load(_ tensor: Int, _ region: Region, _ slot: TokenSlot, posts: Bool) -> Instruction {
      let dram = DRAMRegion(address: 4096 * tensor, rows: 1, rowBytes: region.bytes)
      return Instruction(
        queue: Self.input, layer: 0, operation: .load(Transfer(dram: dram, region: region, op: 0)),
        posts: posts ? [TokenPost(to: Self.array, slot: slot)] : [])
    }
    let waits = [TokenWait(from: Self.input, slot: .a), TokenWait(from: Self.input, slot: .b)]
    let product = MatMul(m: 6, k: 4, n: 4, a: a, b: b, out: c, op: 0)
    let store = Transfer(dram: DRAMRegion(address: 8192, rows: 1, rowBytes: c.bytes), region: c, op: 0)
    return Schedule(
      accelerator: accelerator, model: ModelReference(name: "drill", image: 0, batch: 1),
      operators: [OperatorInfo(name: "product", kind: .matmul, macs: 96, elements: 24)],
      layers: [Layer(name: "product", operators: [0])],
      tensors: [
        DRAMTensor(name: "a", kind: .input, address: 0, bytes: 24),
        DRAMTensor(name: "b", kind: .weight, address: 4096, bytes: 16),
        DRAMTensor(name: "c", kind: .output, address: 8192, bytes: 96),
      ],
      instructions: [
        load(0, a, .a, posts: true), load(1, b, .b, posts: postsB),
        Instruction(
          queue: Self.array, layer: 0, operation: .matmul(product), waits: waits,
          posts: [TokenPost(to: Self.output, slot: .start)]),
        Instruction(
          queue: Self.output, layer: 0, operation: .store(store), waits: [TokenWait(from: Self.array, slot: .start)]),
      ])
  }

  var units: [String] { accelerator.queues.map(\.name) }

  func model(_ side: Side) throws -> any ClockedModel {
    switch side {
    case .vitsim: try LiteralStepper(schedule, image: memory)
    case .systemC: try SystemCSide(schedule, memory: memory)
    }
  }

  /// Compares with a faulty one, which stands on the left or on the right.
  static func compare(
    _ side: Side, faultOnTheLeft: Bool, sound: Drill = Drill(), upset: (register: String, cycle: Int)? = nil,
    fault: (inout Drill) -> Void
  ) throws -> LockStep.Outcome {
    var faulty = sound
    fault(&faulty)
    let (ours, theirs) = faultOnTheLeft ? (faulty, sound) : (sound, faulty)
    func run() throws -> LockStep.Outcome {
      var (left, right) = (try ours.model(.vitsim), try theirs.model(side))
      if let upset {
        if faultOnTheLeft {
          left = Upset(left, upset.register, after: upset.cycle)
        } else {
          right = Upset(right, upset.register, after: upset.cycle)
        }
      }
      return try LockStep.compare(left, right, units: sound.units)
    }
    return side == .systemC ? try SystemCKernel.exclusive(run) : try run()
  }
}

/// A model one of whose registers has a bit flipped after a certain number of cycles.
private final class Upset: ClockedModel {
  private let model: any ClockedModel
  private let register: String
  private let cycle: Int
  private var now = 0

  init(_ model: any ClockedModel, _ register: String, after cycle: Int) {
    (self.model, self.register, self.cycle) = (model, register, cycle)
  }

  var name: String { model.name }
  var groups: [RegisterGroup] { model.groups }
  var isDone: Bool { model.isDone }
  func read(into registers: UnsafeMutableBufferPointer<Int32>) throws { try model.read(into: registers) }
  func takeEvents() throws -> [TraceEvent] { try model.takeEvents() }
  func memories() throws -> [(name: String, bytes: [UInt8])] { try model.memories() }

  func step() throws {
    try model.step()
    now += 1
    guard now == cycle, let place = groups.firstIndex(where: { $0.name == register }) else { return }
    let index = groups[..<place].reduce(0) { $0 + $1.count } + 5
    if let model = model as? LiteralStepper { _ = model.upset(index, mask: 2) }
    if let model = model as? SystemCSide { try model.upset(index, mask: 2) }
  }
}

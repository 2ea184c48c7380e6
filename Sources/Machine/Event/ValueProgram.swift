import CKernels
import Hardware
import Numerics
import Schedule

/// The values of a schedule, prepared once and computed for many images, by several threads at once if need be.
///
/// Instructions act at once, in the order in which they end: in a schedule without races no other order gives other bytes
/// (docs/values.md). The results depend neither on the number of threads nor on the path.
///
/// ```swift
/// let run = try Simulator.run(schedule)
/// let program = try ValueProgram(schedule, timings: run.timings)
/// let end = try program.execute(image)
/// ```
public struct ValueProgram: Sendable {
  private enum Step: Sendable {
    case transfer(ValueTransfer)
    case matmul(ValueMatMul)
    case vector(ValueChain)
  }

  private let schedule: Schedule
  private let steps: [Step]

  /// Threads that `execute` uses unless told otherwise: as many as the process may use processors, at most 8.
  public static let usualThreads = min(8, Int(ck_processors()))

  /// Prepares the values of `schedule`.
  ///
  /// - Parameter timings: By instruction, of a run of the schedule.
  /// - Throws: `MachineError.wrongUnit`, `.malformed` or `.noValues`, as `Simulator.run(_:engine:options:image:observe:)`.
  public init(_ schedule: Schedule, timings: [InstructionTiming]) throws(MachineError) {
    let zeros = MemoryImage(tensors: schedule.tensors.map { _ in nil })
    try Admission(schedule.accelerator).check(schedule, zeros)
    guard timings.count == schedule.instructions.count else {
      throw .noValues(
        instruction: nil, what: "\(timings.count) timings for \(schedule.instructions.count) instructions")
    }
    let instructions = schedule.instructions
    try self.init(
      schedule,
      order: instructions.indices.sorted {
        (timings[$0].end, instructions[$0].queue, $0) < (timings[$1].end, instructions[$1].queue, $1)
      })
  }

  /// The same without timings: each instruction behind those whose tokens it takes. In a schedule without races that gives the
  /// same bytes, so that time and values can be computed side by side.
  ///
  /// - Throws: As above; `MachineError.deadlock` at cycle 0, since nothing is timed.
  public init(_ schedule: Schedule) throws(MachineError) {
    let zeros = MemoryImage(tensors: schedule.tensors.map { _ in nil })
    try Admission(schedule.accelerator).check(schedule, zeros)
    try self.init(schedule, order: UntimedOrder(schedule).order())
  }

  /// `order`: all instructions of an admitted schedule.
  private init(_ schedule: Schedule, order: [Int]) throws(MachineError) {
    self.schedule = schedule
    let instructions = schedule.instructions
    let places = TensorPlaces(schedule.tensors)
    var steps: [Step] = []
    for index in order {
      try Self.checkMemory(instructions[index], index, schedule.accelerator.buffers)
      steps.append(try Self.step(index, schedule, places))
    }
    self.steps = steps
  }

  /// What one instruction does.
  private static func step(_ index: Int, _ schedule: Schedule, _ places: TensorPlaces) throws(MachineError) -> Step {
    let step: Step? =
      switch schedule.instructions[index].operation {
      case .matmul(let matmul): .matmul(ValueMatMul(index, matmul))
      case .vector(let vector): ValueChain(index, vector, schedule.arithmetic).map { .vector($0) }
      case .load(let it): places[it.dram].flatMap { transfer(index, it, isStore: false, tensor: $0, schedule) }
      case .store(let it): places[it.dram].flatMap { transfer(index, it, isStore: true, tensor: $0, schedule) }
      }
    guard let step else { throw .noValues(instruction: index, what: "what it computes isn't said") }
    return step
  }

  private static func transfer(
    _ index: Int, _ transfer: Transfer, isStore: Bool, tensor: Int, _ schedule: Schedule
  ) -> Step? {
    ValueTransfer(index, transfer, isStore: isStore, tensor: tensor, in: schedule).map { .transfer($0) }
  }

  /// Rows of a region may overlap, so that it holds more bytes than its buffer: not too many, since they may be copied.
  private static func checkMemory(
    _ instruction: Instruction, _ index: Int, _ buffers: [BufferSpec]
  ) throws(MachineError) {
    for region in instruction.regions where region.bytes > max(1 << 30, buffers[region.buffer].bytes) {
      throw .noValues(instruction: index, what: "a region of \(region.bytes) bytes in overlapping rows")
    }
  }

  /// Computes all values.
  ///
  /// - Parameters:
  ///   - image: What DRAM and preloaded buffers hold at the start.
  ///   - threads: Threads that share out the work of each instruction. With 1, several calls can run side by side.
  ///   - path: Which instructions of the processor to use; nil for the best.
  ///   - observe: Called with the bytes that each vector instruction has written.
  ///   - beside: Called once, while values are computed, by one of the threads if there are several: timing, for example.
  /// - Returns: What DRAM holds at the end, tensor by tensor.
  /// - Throws: `MachineError.noValues` where the image doesn't fit the schedule, the processor can't take `path`, or the
  ///   system has no memory.
  public func execute(
    _ image: MemoryImage, threads: Int = ValueProgram.usualThreads, path: KernelPath? = nil,
    observe: ((ValueEvent) -> Void)? = nil, beside: (() -> Void)? = nil
  ) throws(MachineError) -> MemoryImage {
    try check(image)
    let path = path ?? .best
    guard KernelPath.available.contains(path) else {
      throw .noValues(instruction: nil, what: "this processor can't take the path \(path.rawValue)")
    }
    let state = try ValueState(schedule, image, threads: threads, path: path)
    if let beside {
      try state.pool.run(beside: beside) { () throws(MachineError) in try compute(state, observe: observe) }
    } else {
      try compute(state, observe: observe)
    }
    return MemoryImage(
      tensors: zip(state.tensors, schedule.tensors).map { bytes, tensor in
        bytes ?? [UInt8](repeating: 0, count: tensor.bytes)
      })
  }

  private func compute(_ state: ValueState, observe: ((ValueEvent) -> Void)?) throws(MachineError) {
    for step in steps {
      switch step {
      case .transfer(let transfer): transfer.execute(state)
      case .matmul(let matmul): try matmul.execute(state)
      case .vector(let chain):
        try chain.execute(state)
        if let observe { observe(ValueEvent(instruction: chain.instruction, bytes: chain.results(state))) }
      }
    }
  }

  private func check(_ image: MemoryImage) throws(MachineError) {
    guard image.tensors.count == schedule.tensors.count,
      zip(image.tensors, schedule.tensors).allSatisfy({ $0 == nil || $0?.count == $1.bytes })
    else { throw .noValues(instruction: nil, what: "the image's tensors aren't those of the schedule") }
    guard image.preloads.isEmpty || image.preloads.count == schedule.preloads.count,
      zip(image.preloads, schedule.preloads).allSatisfy({ $0 == nil || $0?.count == $1.bytes })
    else { throw .noValues(instruction: nil, what: "the image's preloads aren't those of the schedule") }
  }
}

/// Which tensor a DRAM region begins in.
private struct TensorPlaces {
  private let order: [Int]
  private let sorted: [DRAMTensor]

  init(_ tensors: [DRAMTensor]) {
    order = tensors.indices.sorted { tensors[$0].address < tensors[$1].address }
    sorted = order.map { tensors[$0] }
  }

  subscript(region: DRAMRegion) -> Int? { sorted.lastIndex(startingAtOrBefore: region.address).map { order[$0] } }
}

extension Instruction {
  /// Everything that it reads and writes on chip.
  fileprivate var regions: [Region] {
    switch operation {
    case .load(let transfer), .store(let transfer): [transfer.region]
    case .matmul(let it): [it.a, it.b, it.out] + (it.bias.map { [$0] } ?? [])
    case .vector(let it): [it.source, it.destination] + (it.operand.map { [$0] } ?? [])
    }
  }
}

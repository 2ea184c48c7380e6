import Hardware
import Machine
import Schedule

/// An array in RTL that follows the grid of one of our engines: it gets what enters our edges, and its registers are compared
/// with ours (docs/cosimulation.md).
public enum ArrayComparison {
  /// Runs `schedule` on the literal engine with the array beside engine `name`, or beside the first.
  ///
  /// - Throws: `CoSimulationError.unsupported` when the engine isn't one that such an array can follow; `ArrayLibraryError`,
  ///   `MachineError`.
  public static func run(
    _ schedule: Schedule, memory: MemoryImage, library path: String, engine name: String? = nil,
    options: LockStep.Options = LockStep.Options()
  ) throws -> LockStep.Outcome {
    let engine = try index(of: name, in: schedule.accelerator)
    let spec = schedule.accelerator.engines[engine]
    try check(spec)
    guard schedule.instructions.contains(where: { $0.queue == engine }) else {
      throw CoSimulationError.unsupported(
        what: "\(spec.name) has no instruction in this schedule: nothing would enter the array")
    }
    let shape = ArrayShape(
      rows: spec.rows, columns: spec.columns, peRegisters: spec.peRegisters,
      operandBits: hasZeroPoints(schedule, engine) ? 9 : 8, hasShadow: spec.shadowWeights)
    let array = try ArrayLibrary(path: path).array(shape)
    let stepper = try LiteralStepper(schedule, image: memory)
    let grid = try GridSide(stepper, engine: spec.name, showing: array.groups.map(\.name))
    return try LockStep.compare(
      grid, ArraySide(array, following: stepper, engine: engine, groups: grid.groups),
      units: schedule.accelerator.queues.map(\.name), options: options)
  }

  private static func index(of name: String?, in accelerator: Accelerator) throws(CoSimulationError) -> Int {
    guard let name else { return 0 }
    guard let index = accelerator.engines.firstIndex(where: { $0.name == name }) else {
      let names = accelerator.engines.map(\.name).joined(separator: ", ")
      throw .unsupported(what: "no engine '\(name)' in \(accelerator.name): it has \(names)")
    }
    return index
  }

  private static func check(_ spec: MatrixEngineSpec) throws(CoSimulationError) {
    let reason: String? =
      if spec.interconnect != .systolic {
        "interconnect: \(spec.interconnect.rawValue)"
      } else if spec.dataflow == .outputStationary {
        "dataflow: \(spec.dataflow.rawValue)"
      } else if spec.macsPerPE > 1 {
        "macs-per-pe: \(spec.macsPerPE)"
      } else if spec.replicas > 1 {
        "replicas: \(spec.replicas)"
      } else if spec.stationaryBuffers > 1 {
        "stationary-buffers: \(spec.stationaryBuffers)"
      } else {
        nil
      }
    if let reason {
      throw .unsupported(
        what: "\(spec.name): \(reason): an array library follows one weight- or input-stationary systolic array")
    }
  }

  private static func hasZeroPoints(_ schedule: Schedule, _ engine: Int) -> Bool {
    schedule.instructions.contains { instruction in
      if instruction.queue == engine, case .matmul(let op) = instruction.operation {
        op.aZero != 0 || op.bZero != 0
      } else {
        false
      }
    }
  }
}

/// The registers of our grid that an array shows.
private final class GridSide: ClockedModel {
  let name = "vitsim"
  let groups: [RegisterGroup]
  private let stepper: LiteralStepper
  /// Where the groups stand in our register file.
  private let places: [Range<Int>]
  private let file: UnsafeMutableBufferPointer<Int32>

  init(_ stepper: LiteralStepper, engine: String, showing kinds: [String]) throws(CoSimulationError) {
    self.stepper = stepper
    var (groups, places): ([RegisterGroup], [Range<Int>]) = ([], [])
    for kind in kinds {
      guard let index = stepper.groups.firstIndex(where: { $0.name == "\(engine).\(kind)" }) else {
        throw .unsupported(what: "\(engine) has no registers '\(kind)'")
      }
      let first = stepper.groups[..<index].reduce(0) { $0 + $1.count }
      groups.append(stepper.groups[index])
      places.append(first..<first + stepper.groups[index].count)
    }
    (self.groups, self.places) = (groups, places)
    file = .allocate(capacity: stepper.groups.registers)
    file.initialize(repeating: 0)
  }

  deinit { file.deallocate() }

  var isDone: Bool { stepper.isDone }
  func step() throws { try stepper.step() }
  func takeEvents() -> [TraceEvent] { [] }
  func memories() -> [(name: String, bytes: [UInt8])] { [] }

  func read(into registers: UnsafeMutableBufferPointer<Int32>) {
    stepper.read(into: file)
    var next = 0
    for place in places {
      for index in place {
        registers[next] = file[index]
        next += 1
      }
    }
  }
}

/// The array, which is clocked with what has entered our grid.
private final class ArraySide: ClockedModel {
  let name = "array"
  let groups: [RegisterGroup]
  private let array: RTLArray
  private let stepper: LiteralStepper
  private let engine: Int

  init(_ array: RTLArray, following stepper: LiteralStepper, engine: Int, groups: [RegisterGroup]) {
    (self.array, self.stepper, self.engine, self.groups) = (array, stepper, engine, groups)
  }

  var isDone: Bool { stepper.isDone }

  func step() throws {
    let edges = stepper.edges(of: engine)
    let step = edges.step.map { ArrayEdges.Step(isFirst: edges.isFirst, left: $0, bias: edges.bias) }
    try array.clock(ArrayEdges(step: step, load: edges.load))
  }

  func read(into registers: UnsafeMutableBufferPointer<Int32>) {
    for (index, value) in array.registers.enumerated() { registers[index] = value }
  }

  func takeEvents() -> [TraceEvent] { [] }
  func memories() -> [(name: String, bytes: [UInt8])] { [] }
}

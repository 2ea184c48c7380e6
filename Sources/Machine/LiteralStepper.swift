import Hardware
import Schedule

/// The literal engine, one clock cycle at a time, with all its registers to be looked at: what co-simulation compares, and
/// what waveforms show (docs/cosimulation.md).
///
/// Not for two threads at once.
public final class LiteralStepper {
  /// Groups of the register file, in its order.
  public let groups: [RegisterGroup]
  /// Cycles that have passed.
  public private(set) var cycle = 0
  /// All instructions have ended.
  public private(set) var isDone: Bool

  /// What it executes.
  public let schedule: Schedule

  private var machine: LiteralMachine
  private let contents: LiteralContents
  private let banks: [Range<Int>]
  private let counters: [Int]
  private var events = 0

  /// A machine in cycle 0, with `image` in its memories (zeros if there is none). A schedule without arithmetic has no values in
  /// the vector unit: it writes nothing.
  ///
  /// - Throws: As `Simulator.run(_:engine:options:image:observe:)`.
  public init(_ schedule: Schedule, image: MemoryImage? = nil) throws(MachineError) {
    let image = image ?? MemoryImage(tensors: Array(repeating: nil, count: schedule.tensors.count))
    self.schedule = schedule
    let accelerator = schedule.accelerator
    try Admission(accelerator).check(schedule, image, needsArithmetic: false)
    contents = LiteralContents(schedule, image)
    let program = try LiteralProgram(schedule, contents)
    machine = LiteralMachine(program, schedule, RunOptions(trace: true), nil)
    isDone = schedule.instructions.isEmpty
    var first = 0
    banks = accelerator.buffers.map { buffer in
      defer { first += buffer.banks }
      return first..<first + buffer.banks
    }
    let pairs = program.tokenCounters
    counters = pairs.map(\.index)
    var groups: [RegisterGroup] = []
    for index in accelerator.engines.indices { groups += machine.groups(of: index) }
    groups += accelerator.buffers.map { RegisterGroup("\($0.name).ports", [$0.banks], axes: ["bank"]) }
    groups.append(Self.control("vector", LiteralVector.labels))
    groups += accelerator.channels.map { Self.control("dma.\($0.name)", LiteralChannel.labels) }
    groups.append(Self.control("dram", ["bursts queued"]))
    groups.append(RegisterGroup("tokens", [pairs.count], labels: pairs.map(\.label)))
    self.groups = groups
  }

  private static func control(_ unit: String, _ labels: [String]) -> RegisterGroup {
    RegisterGroup("\(unit).control", [labels.count], labels: labels)
  }

  /// One clock cycle, if not all instructions have ended.
  ///
  /// - Throws: `MachineError.deadlock` or `.inconsistent`.
  public func step() throws(MachineError) {
    if isDone { return }
    isDone = try machine.tick() == machine.instructions
    cycle = machine.bus.now
  }

  /// Copies the register file, as the last edge has left it; `registers` has place for all groups.
  public func read(into registers: UnsafeMutableBufferPointer<Int32>) {
    var visitor = LiteralVisitor(copyingTo: registers)
    machine.visit(&visitor, banks: banks, counters: counters)
  }

  /// Flips bits of one register between two cycles, as a particle would: a fault to be found.
  ///
  /// - Returns: `false` if it is one of the control or isn't there at all; then nothing has changed.
  public func upset(_ register: Int, mask: Int32) -> Bool {
    var visitor = LiteralVisitor(upsetting: register, mask: mask)
    machine.visit(&visitor, banks: banks, counters: counters)
    return visitor.hasUpset
  }

  /// What has entered the edges of an engine's array in the last cycle; nothing of an output-stationary one.
  public func edges(of engine: Int) -> GridEdges { machine.edges(of: engine) }

  /// What has happened since this was called before, in no particular order. Some events are noted before their cycle.
  public func takeEvents() -> [TraceEvent] {
    let new = machine.events(from: events)
    events += new.count
    return Array(new)
  }

  /// What the DRAM holds, tensor by tensor.
  public var image: MemoryImage { contents.memory?.image ?? MemoryImage(tensors: []) }

  /// What a buffer holds.
  public func buffer(_ index: Int) -> [UInt8] { contents.memory?.bytes(ofBuffer: index) ?? [] }

  /// The run as it would have been counted, when all has ended.
  public var run: Run { machine.result() }
}

import Machine
import Schedule

/// How many bytes of each buffer hold something that will still be read, over a run.
///
/// A byte is taken from the start of the instruction that writes it to the end of the last one that reads it before it is written
/// again; what nothing reads takes nothing. What an instruction writes over is taken for it from the end of the last reader
/// before on, so that no byte counts twice. Bytes that are read without having been written are there from cycle 0.
///
/// Which write a read finds is known from tokens: it depends on no timing in a schedule without races.
public struct BufferOccupancy: Sendable, Hashable {
  /// From `cycle` on, `bytes` are taken.
  public struct Step: Sendable, Hashable {
    public var cycle: Int
    public var bytes: Int

    public init(cycle: Int, bytes: Int) {
      self.cycle = cycle
      self.bytes = bytes
    }
  }

  /// By buffer (index into `Accelerator.buffers`): steps in order, the first in cycle 0, each of another size than the one before.
  public let buffers: [[Step]]

  /// - Parameter run: The result of executing `schedule`.
  /// - Returns: `nil` where the schedule has too many different regions to be followed, of which lint says `unproved`.
  public init?(schedule: Schedule, run: Run) {
    var changes = Lifetimes(buffers: schedule.accelerator.buffers.count, timings: run.timings)
    var sizes: [[Int]] = []
    let instructions = schedule.instructions
    let end = schedule.followBuffers(columns: Lifetimes.columns) { instruction, accesses, buffers, isNew in
      if isNew { sizes = buffers.map { $0.sizes() } }
      for access in accesses where !(access.role == .b && instructions[instruction].keepsB) {
        changes.follow(access, of: instruction, in: &buffers[access.space], sizes[access.space])
      }
    }
    guard let end else { return nil }
    for (buffer, state) in end.enumerated() {
      state.forEachStretch { bytes, writer, readers in
        changes.close(buffer, bytes: bytes, writer: writer, readers: readers)
      }
    }
    buffers = changes.byCycle.map(Self.steps)
  }

  /// Most bytes that a buffer holds at once.
  public func peak(of buffer: Int) -> Int { buffers[buffer].reduce(0) { max($0, $1.bytes) } }

  private static func steps(_ changes: [Int: Int]) -> [Step] {
    var steps = [Step(cycle: 0, bytes: 0)]
    for (cycle, change) in changes.sorted(by: { $0.key < $1.key }) where change != 0 {
      let bytes = steps[steps.count - 1].bytes + change
      if cycle == 0 { steps[0].bytes = bytes } else { steps.append(Step(cycle: cycle, bytes: bytes)) }
    }
    return steps
  }
}

/// When bytes are taken and given back.
private struct Lifetimes {
  /// What is kept for each atom: the last to end of those that have read what it holds, and the last to end of those that read
  /// what it held before; each as an instruction + 1, or 0.
  static let columns = 2

  /// By buffer and cycle: bytes more or less.
  private(set) var byCycle: [[Int: Int]]
  private let timings: [InstructionTiming]

  init(buffers: Int, timings: [InstructionTiming]) {
    byCycle = Array(repeating: [:], count: buffers)
    self.timings = timings
  }

  mutating func follow(
    _ access: MemoryAccess, of instruction: Int, in memory: inout FollowedMemory, _ sizes: [Int]
  ) {
    for atom in memory.atoms(of: access.footprint) {
      let atom = Int(atom)
      let (reader, before) = (Self.columns * atom, Self.columns * atom + 1)
      if access.reads { memory.readers[reader] = later(memory.readers[reader], Int32(instruction) + 1) }
      guard access.writes else { continue }
      close(
        access.space, bytes: sizes[atom], writer: memory.writers[atom], readers: memory.readers[reader...before])
      memory.readers[before] = later(memory.readers[before], memory.readers[reader])
      memory.readers[reader] = 0
      memory.writers[atom] = Int32(instruction)
    }
  }

  /// Counts bytes from their writing to their last reading.
  mutating func close(_ buffer: Int, bytes: Int, writer: Int32, readers: ArraySlice<Int32>) {
    guard let reader = readers.first, let before = readers.last, reader > 0 else { return }
    let written = writer < 0 ? 0 : timings[Int(writer)].start
    let (start, end) = (max(written, self.end(before)), self.end(reader))
    guard start < end else { return }
    byCycle[buffer][start, default: 0] += bytes
    byCycle[buffer][end, default: 0] -= bytes
  }

  private func end(_ number: Int32) -> Int { number == 0 ? 0 : timings[Int(number) - 1].end }

  private func later(_ a: Int32, _ b: Int32) -> Int32 { end(b) > end(a) ? b : a }
}

extension Instruction {
  /// Its stationary operand is in the array already (rule M29).
  fileprivate var keepsB: Bool { if case .matmul(let matmul) = operation { matmul.keeps } else { false } }
}

import Hardware
import Machine
import Schedule

/// Whose ports others waited for (rules B2 to B4).
struct PortHolders {
  private let schedule: Schedule
  private let queues: [Queue]
  private let spans: [Range<Int>]
  private let timelines: [[Segment]]
  /// Instructions by their end: vector instructions and transfers hold their ports until then, matmuls those of their results.
  private var endings: [Int: [Int]] = [:]
  /// By unit: its instructions.
  private var programs: [[Int]]

  /// - Parameter spans: By instruction, what it owns of its unit's time.
  init(_ schedule: Schedule, _ run: Run, spans: [Range<Int>]) {
    self.schedule = schedule
    timelines = run.timelines
    self.spans = spans
    queues = schedule.accelerator.queues
    programs = Array(repeating: [], count: queues.count)
    for (index, instruction) in schedule.instructions.enumerated() {
      endings[run.timings[index].end, default: []].append(index)
      programs[instruction.queue].append(index)
    }
  }

  /// Who kept `instruction` from a port until `cycle`: an instruction of another unit with data in the same bank that ended
  /// then, else one that a matrix engine was working on.
  func holder(for instruction: Int, at cycle: Int) -> Int? {
    let waiting = schedule.instructions[instruction]
    let own = banks(of: waiting.operation)
    func isInTheWay(_ other: Int) -> Bool {
      schedule.instructions[other].queue != waiting.queue
        && banks(of: schedule.instructions[other].operation).contains { bank in
          own.contains { $0.buffer == bank.buffer && $0.banks.overlaps(bank.banks) }
        }
    }
    if let ended = endings[cycle]?.first(where: isInTheWay) { return ended }
    return queues.indices.lazy.compactMap { unit in
      guard case .matrix(let engine) = queues[unit].unit, works(engine, in: cycle - 1) else { return nil }
      return owner(of: cycle - 1, on: unit)
    }.first(where: isInTheWay)
  }

  /// Whether an engine does something in `cycle`: one that waits itself is nobody's reason.
  private func works(_ engine: Int, in cycle: Int) -> Bool {
    guard timelines.indices.contains(engine) else { return false }
    let index = timelines[engine].firstIndex(endingAtOrAfter: cycle + 1)
    guard timelines[engine].indices.contains(index) else { return false }
    let part = timelines[engine][index].part
    return !part.isTokenWait && part != .waitPort && part != .idle
  }

  private func owner(of cycle: Int, on unit: Int) -> Int? {
    let program = programs[unit]
    var (low, high) = (0, program.count)
    while low < high {
      let middle = (low + high) / 2
      if spans[program[middle]].upperBound <= cycle { low = middle + 1 } else { high = middle }
    }
    return low < program.count && spans[program[low]].contains(cycle) ? program[low] : nil
  }

  /// The banks in which an operation reads and writes (rule B1).
  private func banks(of operation: Operation) -> [(buffer: Int, banks: ClosedRange<Int>)] {
    let regions: [Region] =
      switch operation {
      case .load(let transfer), .store(let transfer): [transfer.region]
      case .matmul(let matmul): [matmul.a, matmul.b, matmul.out]
      case .vector(let vector): [vector.source, vector.destination] + (vector.operand.map { [$0] } ?? [])
      }
    return regions.map { region in
      let bank = max(1, schedule.accelerator.buffers[region.buffer].bankBytes)
      let first = region.offset / bank
      return (region.buffer, first...max(first, (region.end - 1) / bank))
    }
  }
}

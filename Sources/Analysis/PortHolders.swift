import Hardware
import Machine
import Schedule

/// Whose ports others waited for (rules B2 to B4).
struct PortHolders {
  private let schedule: Schedule
  private let queues: [Queue]
  private let ownership: Ownership
  private let timelines: [[Segment]]
  /// Instructions by their end: vector instructions and transfers hold their ports until then, matmuls those of their results.
  private var endings: [Int: [Int]] = [:]

  init(_ schedule: Schedule, _ run: Run, _ ownership: Ownership) {
    self.schedule = schedule
    self.ownership = ownership
    timelines = run.timelines
    queues = schedule.accelerator.queues
    for index in schedule.instructions.indices { endings[run.timings[index].end, default: []].append(index) }
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
      return ownership.owner(of: unit, at: cycle - 1)
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

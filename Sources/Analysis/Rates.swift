import Hardware
import Machine
import Schedule

/// From `cycle` on something goes on at `rate`.
public struct RateStep: Sendable, Hashable {
  public var cycle: Int
  /// A cycle.
  public var rate: Double

  public init(cycle: Int, rate: Double) {
    self.cycle = cycle
    self.rate = rate
  }
}

/// How fast data moves and arrays work over a run, as steps in order of cycles, the first in cycle 0, each of another rate than the one
/// before.
///
/// What an instruction does is spread evenly: the bytes of a transfer over its beats, from the first that could move to the last; the
/// products of a matmul over its steps, which are in its busy cycles. So all adds up to what was moved and multiplied.
public struct Rates: Sendable, Hashable {
  /// DRAM bytes a cycle in whole beats, of all DMA channels.
  public let dramRead: [RateStep]
  public let dramWritten: [RateStep]
  /// By matrix engine: multiply-accumulates a cycle, divided by its peak.
  public let utilization: [[RateStep]]

  /// - Parameter run: Of `schedule`, with timelines.
  public init(schedule: Schedule, run: Run, ownership: Ownership) {
    let accelerator = schedule.accelerator
    let channels = accelerator.channels.count
    var (read, written) = (Steps(sources: channels), Steps(sources: channels))
    var utilization: [[RateStep]] = []
    for (unit, queue) in accelerator.queues.enumerated() {
      switch queue.unit {
      case .vector: continue
      case .matrix(let engine):
        var steps = Steps(sources: 1)
        for (span, phases) in Phases(of: unit, schedule: schedule, run: run, ownership: ownership) {
          guard case .matmul(let matmul) = schedule.instructions[span.instruction].operation else { continue }
          let busy = run.stacks[span.instruction][.busy]
          let perStep = Double(matmul.macs) / Double(accelerator.engines[engine].macsPerCycle * max(1, busy))
          for phase in phases { steps.add(perStep * Double(phase.busy), from: 0, phase.start..<phase.end) }
        }
        utilization.append(steps.result())
      case .dma(let channel):
        for (span, phases) in Phases(of: unit, schedule: schedule, run: run, ownership: ownership) {
          guard let first = phases.first(where: \.isOfBeats), let last = phases.last(where: \.isOfBeats) else {
            continue
          }
          var traffic = InstructionTraffic(buffers: accelerator.buffers.count)
          traffic.add(schedule.instructions[span.instruction], on: queue.unit, of: accelerator)
          read.add(Double(traffic.dramRead), from: channel, first.start..<last.end)
          written.add(Double(traffic.dramWritten), from: channel, first.start..<last.end)
        }
      }
    }
    self.utilization = utilization
    (dramRead, dramWritten) = (read.result(), written.result())
  }
}

extension Phase {
  fileprivate var busy: Int { mixture?[.busy] ?? (kind == .part(.busy) ? cycles : 0) }

  /// Beats move in it, or are waited for.
  fileprivate var isOfBeats: Bool {
    switch kind {
    case .beats, .part(.busy), .part(.narrow), .part(.waitDRAM): true
    default: false
    }
  }
}

/// Sums the rates of sources that each do one thing at a time.
private struct Steps {
  private var changes: [(cycle: Int, source: Int, rate: Double)] = []
  private let sources: Int

  init(sources: Int) { self.sources = sources }

  mutating func add(_ amount: Double, from source: Int, _ stretch: Range<Int>) {
    if amount == 0 || stretch.isEmpty { return }
    changes.append((stretch.lowerBound, source, amount / Double(stretch.count)))
    changes.append((stretch.upperBound, source, 0))
  }

  func result() -> [RateStep] {
    // In the order in which they were added where cycles are the same: a stretch ends before the next one begins.
    let order = changes.indices.sorted { (changes[$0].cycle, $0) < (changes[$1].cycle, $1) }
    var rates = [Double](repeating: 0, count: sources)
    var steps = [RateStep(cycle: 0, rate: 0)]
    for index in order {
      let change = changes[index]
      rates[change.source] = change.rate
      let rate = rates.reduce(0, +)
      if steps[steps.count - 1].cycle == change.cycle {
        steps[steps.count - 1].rate = rate
        if steps.count > 1, steps[steps.count - 2].rate == rate { steps.removeLast() }
      } else if steps[steps.count - 1].rate != rate {
        steps.append(RateStep(cycle: change.cycle, rate: rate))
      }
    }
    return steps
  }
}

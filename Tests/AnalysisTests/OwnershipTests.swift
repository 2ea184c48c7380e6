import Hardware
import Machine
import Schedule
import TestSupport
import Testing

@testable import Analysis

/// Spans of ownership against what engines record beside the stacks.
@Suite struct OwnershipTests {
  @Test(arguments: RealRun.all)
  func spansAreWhatTheRunRecorded(_ real: RealRun) throws {
    let (schedule, run) = try real.sample()
    Self.check(schedule, run)
  }

  /// Programs that use every knob of the machine now and then.
  @Test func spansOfRandomProgramsAreWhatTheRunRecorded() throws {
    for seed in 0..<200 as Range<UInt64> {
      let schedule = RandomCase(seed: seed, byWord: seed % 4 == 0).schedule
      for engine in EngineKind.allCases {
        guard
          let run = try? Simulator.run(
            schedule, engine: engine, options: RunOptions(trace: true, timelines: true))
        else { continue }
        Self.check(schedule, run)
      }
    }
  }

  static func check(_ schedule: Schedule, _ run: Run) {
    let ownership = Ownership(schedule: schedule, run: run)
    let queues = schedule.accelerator.queues
    #expect(ownership.units.count == queues.count)
    for (unit, spans) in ownership.units.enumerated() {
      #expect(
        spans.map(\.instruction) == schedule.instructions.indices.filter { schedule.instructions[$0].queue == unit })
      #expect(run.cycles - ownership.idle(of: unit) == run.units[unit][.idle])
      var cursor = 0
      for span in spans {
        #expect(span.start == cursor && span.cycles == run.stacks[span.instruction].total)
        #expect(span.cycles == 0 || ownership.owner(of: unit, at: span.start) == span.instruction)
        #expect(span.cycles == 0 || ownership.owner(of: unit, at: span.end - 1) == span.instruction)
        cursor = span.end
      }
      #expect(ownership.owner(of: unit, at: cursor) == nil && ownership.owner(of: unit, at: -1) == nil)
      switch queues[unit].unit {
      case .matrix(let engine): checkMatrix(run.timelines[engine], spans, run)
      case .vector: for span in spans { #expect(span.end == run.timings[span.instruction].end) }
      case .dma(let channel): checkDMA(unit, schedule.accelerator.channels[channel], spans, schedule, run)
      }
    }
  }

  /// The engine's own timeline, cut where the owner changes, gives each instruction's stack.
  private static func checkMatrix(_ timeline: [Segment], _ spans: [OwnedSpan], _ run: Run) {
    var windows = TimelineWindows(timeline)
    for span in spans {
      #expect(windows.next(from: span.start, to: span.end) == run.stacks[span.instruction], "\(span)")
    }
  }

  /// A span holds as many beats as the instruction moves, and none after its end.
  private static func checkDMA(
    _ unit: Int, _ channel: DMAChannelSpec, _ spans: [OwnedSpan], _ schedule: Schedule, _ run: Run
  ) {
    var last: [Int: [TraceEvent.Kind: Int]] = [:]
    for event in run.trace where event.unit == unit { last[event.instruction, default: [:]][event.kind] = event.cycle }
    for span in spans {
      let (index, kinds) = (span.instruction, last[span.instruction] ?? [:])
      var traffic = InstructionTraffic(buffers: schedule.accelerator.buffers.count)
      traffic.add(schedule.instructions[index], on: schedule.accelerator.queues[unit].unit, of: schedule.accelerator)
      #expect(run.stacks[index][.busy] * channel.beatBytes == traffic.dramRead + traffic.dramWritten)
      #expect(run.timings[index].start < span.end)
      #expect(span.start + run.stacks[index][.busy] <= span.end && span.end <= run.cycles)
      #expect(kinds[.request].map { $0 < span.end } ?? false)
      if case .load = schedule.instructions[index].operation {
        // The span ends behind the cycle of the last beat; the last one of all with the transfer.
        let isLast = index == spans.last?.instruction
        #expect(kinds[.burst].map { span.end == (isLast ? run.timings[index].end : $0 + 1) } ?? false, "\(span)")
      }
    }
  }
}

import Analysis
import Hardware
import Machine
import Schedule

/// Something that begins or ends on a track.
enum Slice {
  /// - Parameter notes: Names and values to be shown with it.
  case begin(name: String, cycle: Int, notes: [(name: String, value: Int)])
  case end(cycle: Int)
}

extension PerfettoTrace {
  /// What happens on a unit's track, in order: layers, in them instructions, in them phases, each closed before the next begins.
  func forEachSlice(of unit: Int, _ body: (Slice) throws -> Void) rethrows {
    var layer: Int?
    var last = 0
    for (span, phases) in Phases(of: unit, schedule: schedule, run: run, ownership: ownership) {
      guard let cut = cut(span.start, span.end) else { continue }
      let own = schedule.instructions[span.instruction].layer
      if layer != own {
        if layer != nil { try body(.end(cycle: last)) }
        try body(.begin(name: schedule.layers[own].name, cycle: cut.lowerBound, notes: []))
        layer = own
      }
      try body(.begin(name: names[span.instruction], cycle: cut.lowerBound, notes: notes(of: span, cut)))
      for phase in phases {
        guard let cut = self.cut(phase.start, phase.end) else { continue }
        try body(.begin(name: phase.name, cycle: cut.lowerBound, notes: notes(of: phase, cut)))
        try body(.end(cycle: cut.upperBound))
      }
      try body(.end(cycle: cut.upperBound))
      last = cut.upperBound
    }
    if layer != nil { try body(.end(cycle: last)) }
  }

  /// The part of a stretch that lies in the window; `nil` if none does.
  private func cut(_ start: Int, _ end: Int) -> Range<Int>? {
    let cut = window.clamped(to: start..<end)
    return cut.isEmpty ? nil : cut
  }

  /// Its number, its cycles, and when it starts and ends: it may start before it owns its unit, and end after.
  private func notes(of span: OwnedSpan, _ cut: Range<Int>) -> [(name: String, value: Int)] {
    let timing = run.timings[span.instruction]
    return [
      ("cycles", cut.count), ("instruction", span.instruction), ("start", timing.start), ("end", timing.end),
    ]
  }

  /// Its cycles; of several parts, those of each, which belong to `whole` if the phase has been cut.
  private func notes(of phase: Phase, _ cut: Range<Int>) -> [(name: String, value: Int)] {
    var notes = [("cycles", cut.count)]
    if phase.mixture == nil { return notes }
    if cut.count < phase.cycles { notes.append(("whole", phase.cycles)) }
    return notes + phase.parts.map { ($0.part.name, $0.cycles) }
  }
}

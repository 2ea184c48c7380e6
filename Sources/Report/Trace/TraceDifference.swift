/// Where two traces part.
public struct TraceDifference: Sendable, Hashable {
  /// The first event that differs, on both sides; `nil` on a side that has ended. Both `nil`: all events agree.
  public let index: Int?
  public let left: TraceFile.Event?
  public let right: TraceFile.Event?
  /// Lines for people: what else differs.
  public let notes: [String]
}

extension TraceFile {
  /// How `other` differs from this trace; `nil` when events, length and schedule are the same.
  public func difference(to other: TraceFile) -> TraceDifference? {
    var notes: [String] = []
    if fingerprint != other.fingerprint {
      notes.append("different schedules: \(schedule) (\(fingerprint)) and \(other.schedule) (\(other.fingerprint))")
    }
    if cycles != other.cycles { notes.append("total cycles: \(cycles) and \(other.cycles)") }
    if events.count != other.events.count { notes.append("events: \(events.count) and \(other.events.count)") }
    let common = min(events.count, other.events.count)
    let index =
      (0..<common).first { events[$0] != other.events[$0] } ?? (events.count == other.events.count ? nil : common)
    if index == nil, notes.isEmpty { return nil }
    return TraceDifference(
      index: index, left: index.flatMap { $0 < events.count ? events[$0] : nil },
      right: index.flatMap { $0 < other.events.count ? other.events[$0] : nil }, notes: notes)
  }
}

extension TraceDifference {
  /// The difference in lines; `leftName` and `rightName` say where the traces come from.
  public func text(leftName: String, rightName: String) -> String {
    var lines: [String] = []
    if let index {
      lines.append("first difference at event \(index + 1):")
      lines.append("  \(leftName): \(left?.sentence ?? "no more events")")
      lines.append("  \(rightName): \(right?.sentence ?? "no more events")")
    } else {
      lines.append("all events agree")
    }
    return (lines + notes).joined(separator: "\n") + "\n"
  }
}

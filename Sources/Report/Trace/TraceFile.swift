import Hardware
import Machine
import Schedule

/// A recorded trace: what a golden file holds. Units and layers stand in it by name, so that it can be read and
/// compared without the schedule.
///
/// ```text
/// vitsim-trace 1
/// schedule gemm-3x5x7
/// accelerator tiny
/// fingerprint 00c0ffee00c0ffee
/// cycles 41
/// events 2
/// 0 array load 0 0 gemm
/// 41 array end 0 0 gemm
/// ```
/// An event is its cycle, unit, kind, instruction, detail (tile, burst or row) and layer.
public struct TraceFile: Sendable, Hashable {
  public struct Event: Sendable, Hashable {
    public var cycle: Int
    public var unit: String
    public var kind: String
    public var instruction: Int
    public var detail: Int
    public var layer: String
  }

  /// Name of the model or GEMM that was compiled.
  public var schedule: String
  public var accelerator: String
  /// Of the schedule's instructions; tells whether two traces are of the same program.
  public var fingerprint: String
  public var cycles: Int
  public var events: [Event]

  /// Records `run.trace`.
  public init(schedule: Schedule, run: Run) {
    self.schedule = TraceFile.line(schedule.model.name)
    self.accelerator = TraceFile.line(schedule.accelerator.name)
    fingerprint = TraceFile.fingerprint(of: schedule.instructions.indices.lazy.map(schedule.line))
    cycles = run.cycles
    let units = schedule.accelerator.queues.map(\.name)
    let layers = schedule.layers.map { TraceFile.line($0.name) }
    events = run.trace.map {
      Event(
        cycle: $0.cycle, unit: units[$0.unit], kind: $0.kind.name, instruction: $0.instruction, detail: $0.detail,
        layer: layers[schedule.instructions[$0.instruction].layer])
    }
  }

  public var text: String {
    var text = "vitsim-trace 1\nschedule \(schedule)\naccelerator \(accelerator)\nfingerprint \(fingerprint)\n"
    text += "cycles \(cycles)\nevents \(events.count)\n"
    for event in events { text += event.text + "\n" }
    return text
  }

  /// FNV-1a, 64 bits, of the lines with their line breaks, in hexadecimal.
  static func fingerprint(of lines: some Sequence<String>) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for line in lines {
      for byte in line.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      hash = (hash ^ UInt64(UInt8(ascii: "\n"))) &* 0x100_0000_01b3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// A name fit for the end of a line.
  private static func line(_ name: String) -> String {
    String(name.map { $0.isNewline ? " " : $0 })
  }
}

extension TraceFile.Event {
  /// One line of a trace file, without its line break.
  public var text: String { "\(cycle) \(unit) \(kind) \(instruction) \(detail) \(layer)" }

  /// The event in words: `cycle 41: array ends instruction 3 of layer gemm`.
  public var sentence: String {
    let what =
      switch kind {
      case "start", "end": ""
      case "request", "burst": ", burst \(detail)"
      case "pass" where unit == "vector": ", row \(detail)"
      default: ", tile \(detail)"
      }
    return "cycle \(cycle): \(unit) \(kind), instruction \(instruction)\(what), layer \(layer)"
  }
}

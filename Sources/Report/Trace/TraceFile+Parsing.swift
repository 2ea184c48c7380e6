import Hardware
import Machine

extension TraceFile {
  /// Whether `text` claims to be a trace file: its first line says so.
  public static func isTrace(_ text: String) -> Bool { text.hasPrefix("vitsim-trace") }

  /// Reads the text of a trace file.
  ///
  /// - Throws: the first mistake with its place; a file that was cut off has fewer events than its header says.
  public init(parsing text: String, file: String) throws(DiagnosticError) {
    var reader = LineReader(text: text, file: file)
    guard try reader.field("vitsim-trace") == "1" else {
      throw reader.error("unknown version of the trace format", expected: "vitsim-trace 1")
    }
    schedule = try reader.field("schedule")
    accelerator = try reader.field("accelerator")
    fingerprint = try reader.field("fingerprint")
    cycles = try reader.count("cycles")
    let count = try reader.count("events")
    events = []
    while let line = reader.next() {
      guard let event = Event(line) else {
        throw reader.error("not an event: \(quoted(line))", expected: "cycle unit kind instruction detail layer")
      }
      events.append(event)
    }
    guard events.count == count else {
      throw reader.error("\(events.count) events where the header says \(count): the file is not whole")
    }
  }
}

extension TraceFile.Event {
  private static let kinds = Set(TraceEvent.Kind.allCases.map(\.name))

  /// `nil` for a line that isn't an event.
  fileprivate init?(_ line: String) {
    let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: false)
    guard words.count == 6, let cycle = Int(words[0]), let instruction = Int(words[3]), let detail = Int(words[4]),
      cycle >= 0, instruction >= 0, detail >= 0, !words[1].isEmpty, Self.kinds.contains(String(words[2]))
    else { return nil }
    self.init(
      cycle: cycle, unit: String(words[1]), kind: String(words[2]), instruction: instruction, detail: detail,
      layer: String(words[5]))
  }
}

/// The lines of a file, with the number of the one that was read last.
private struct LineReader {
  private let lines: [Substring]
  private let file: String
  private var position = 0

  init(text: String, file: String) {
    // CR LF, as some checkouts have it, is one character.
    var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    if lines.last?.isEmpty == true { lines.removeLast() }
    self.lines = lines
    self.file = file
  }

  mutating func next() -> String? {
    guard position < lines.count else { return nil }
    position += 1
    return String(lines[position - 1])
  }

  /// The rest of the next line, which must begin with `key`.
  mutating func field(_ key: String) throws(DiagnosticError) -> String {
    guard let line = next() else { throw error("the file ends in its header", expected: "\(key) …") }
    guard line.hasPrefix(key + " ") else { throw error("unexpected line \(quoted(line))", expected: "\(key) …") }
    return String(line.dropFirst(key.count + 1))
  }

  mutating func count(_ key: String) throws(DiagnosticError) -> Int {
    guard let count = Int(try field(key)), count >= 0 else {
      throw error("\(key) is not a number", expected: "a whole number")
    }
    return count
  }

  func error(_ message: String, expected: String? = nil) -> DiagnosticError {
    DiagnosticError(
      Diagnostic(SourceMark(file: file, line: max(1, position), column: 1), message, expected: expected))
  }
}

import Hardware
import Machine
import Testing

@testable import Report

@Suite struct TraceFileTests {
  static func trace() throws -> TraceFile {
    TraceFile(schedule: Fixture.schedule, run: try Fixture.run(trace: true))
  }

  @Test func textReadsBackAsTheSame() throws {
    let trace = try Self.trace()
    #expect(trace.events.count > 20)
    #expect(try TraceFile(parsing: trace.text, file: "t") == trace)
    #expect(TraceFile.isTrace(trace.text))
    let carriageReturns = trace.text.split(separator: "\n").map { $0 + "\r\n" }.joined()
    #expect(try TraceFile(parsing: carriageReturns, file: "t") == trace)
  }

  @Test func aTraceSaysWhatItIsOf() throws {
    let lines = try Self.trace().text.split(separator: "\n")
    #expect(lines[0...2] == ["vitsim-trace 1", "schedule two-layers", "accelerator tiny"])
    // FNV-1a of nothing, of "\n" and of "a\n".
    #expect(TraceFile.fingerprint(of: []) == "cbf29ce484222325")
    #expect(TraceFile.fingerprint(of: [""]) == "af63c74c8601c8dd")
    #expect(TraceFile.fingerprint(of: ["a"]) == "089bdc07b544e7b2")
    #expect(lines[6] == "0 dma.all start 0 0 first")
  }

  @Test func equalTracesDontDiffer() throws {
    #expect(try Self.trace().difference(to: Self.trace()) == nil)
  }

  @Test func theFirstEventThatDiffersIsNamedOnBothSides() throws {
    let golden = try Self.trace()
    var other = golden
    let index = try #require(golden.events.firstIndex { $0.kind == "stream" && $0.detail == 2 })
    for later in index..<other.events.count { other.events[later].cycle += 1 }
    other.cycles += 1
    let difference = try #require(golden.difference(to: other))
    #expect(difference.index == index)
    let cycle = golden.events[index].cycle
    #expect(
      difference.text(leftName: "golden", rightName: "now") == """
        first difference at event \(index + 1):
          golden: cycle \(cycle): array stream, instruction 2, tile 2, layer first
          now: cycle \(cycle + 1): array stream, instruction 2, tile 2, layer first
        total cycles: \(golden.cycles) and \(golden.cycles + 1)

        """)
  }

  @Test func aTraceThatStopsEarlyDiffersAtItsEnd() throws {
    let golden = try Self.trace()
    var other = golden
    other.events.removeLast(2)
    let difference = try #require(golden.difference(to: other))
    #expect(difference.index == golden.events.count - 2)
    #expect(difference.right == nil)
    #expect(difference.text(leftName: "a", rightName: "b").contains("  b: no more events\n"))
  }

  @Test func anotherScheduleDiffersThoughAllEventsAgree() throws {
    let golden = try Self.trace()
    var other = golden
    other.fingerprint = "0"
    let difference = try #require(golden.difference(to: other))
    #expect(difference.index == nil)
    #expect(difference.notes.count == 1)
  }

  @Test func aDamagedFileIsAnErrorWithItsLine() throws {
    let text = try Self.trace().text
    func message(_ text: String) -> String? {
      do {
        _ = try TraceFile(parsing: text, file: "t")
        return nil
      } catch {
        return error.diagnostics.first.map { "\($0.mark.line) \($0.message)" }
      }
    }
    #expect(message("") == "1 the file ends in its header")
    #expect(message("vitsim-trace 2\n") == "1 unknown version of the trace format")
    #expect(message(text.replacing("cycles ", with: "cycles x")) == "5 cycles is not a number")
    #expect(message(text.replacing(" start ", with: " begin "))?.hasPrefix("7 not an event: ") == true)
    let half = String(text.prefix(text.count / 2))
    #expect(
      message(half.prefix(through: half.lastIndex(of: "\n") ?? half.startIndex).description)?.hasSuffix(
        "the file is not whole") == true)
  }

  @Test func cuttingATraceAnywhereIsNoticed() throws {
    let text = try Self.trace().text
    // Without its last character, a line break, the file is still whole.
    for length in stride(from: 0, to: text.count - 1, by: 13) {
      let cut = String(text.prefix(length))
      if let trace = try? TraceFile(parsing: cut, file: "t") {
        // Only the last layer's name may have lost letters.
        #expect(trace.events.dropLast() == (try TraceFile(parsing: text, file: "t")).events.dropLast())
      }
    }
  }
}

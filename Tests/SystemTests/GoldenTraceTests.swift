import Foundation
import Hardware
import HardwareYAML
import Machine
import Report
import Schedule
import Testing

/// The golden cases in traces/: what both engines must do, cycle by cycle. Nothing here writes a file.
@Suite struct GoldenTraceTests {
  static let directory = CLIProgram.package.appendingPathComponent("traces")

  static let cases = ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? [])
    .filter { !$0.contains(".") }.sorted()

  private static func read(_ name: String, _ file: String) throws -> String {
    try String(contentsOf: directory.appendingPathComponent(name).appendingPathComponent(file), encoding: .utf8)
  }

  private static func schedule(_ name: String) throws -> Schedule {
    try schedule(name, text: try read(name, "case.vsched"))
  }

  private static func schedule(_ name: String, text: String) throws -> Schedule {
    let source = try ScheduleText.acceleratorSource(of: text, file: name)
    let accelerator = try Accelerator.parse(yaml: source.yaml, file: name, firstLine: source.firstLine)
    return try Schedule(parsing: text, file: name, accelerator: accelerator)
  }

  @Test func allAreThere() {
    let kinds = [
      "one-row", "one-column", "depth-one", "prime-sizes", "tile-edges", "starved-dma", "tiny-buffers", "vector-bound",
      "two-engines", "output-stationary", "no-shadow", "narrow-words", "port-conflict", "boundary-4k", "adder-tree",
      "engine-to-engine", "folds-never-overlap", "input-stationary", "output-shift-registers", "slow-accumulators",
      "softmax-and-layernorm",
    ]
    #expect(Set(kinds) == Set(Self.cases))
  }

  @Test(arguments: cases, EngineKind.allCases)
  func bothEnginesDoWhatWasRecorded(name: String, engine: EngineKind) throws {
    let schedule = try Self.schedule(name)
    let golden = try TraceFile(parsing: try Self.read(name, "trace.txt"), file: name)
    let run = try Simulator.run(schedule, engine: engine, options: RunOptions(trace: true))
    let difference = golden.difference(to: TraceFile(schedule: schedule, run: run))
    #expect(difference == nil, "\(difference?.text(leftName: "golden", rightName: engine.rawValue) ?? "")")
  }

  @Test(arguments: cases)
  func lintFindsNothing(name: String) throws {
    #expect(Lint.check(try Self.schedule(name)).map(\.description) == [])
  }

  /// Each case is there for something; here is the proof that it happens.
  @Test(arguments: [
    ("starved-dma", Part.waitDRAM), ("vector-bound", .waitVector), ("narrow-words", .narrow), ("no-shadow", .load),
    ("port-conflict", .waitPort), ("slow-accumulators", .turnaround), ("softmax-and-layernorm", .divide),
    ("softmax-and-layernorm", .squareRoot), ("tiny-buffers", .waitMatrix), ("engine-to-engine", .waitVector),
  ])
  func theCaseIsWhatItIsCalled(name: String, part: Part) throws {
    let run = try Simulator.run(try Self.schedule(name))
    #expect(run.units.reduce(0) { $0 + $1[part] } > 0)
  }

  /// The value that the case is named after decides something in it: with another one the trace is another.
  @Test(arguments: [
    ("adder-tree", "adder-tree-registers: 2", "adder-tree-registers: 0"),
    ("boundary-4k", "boundary: 4KiB", "boundary: 64KiB"),
    ("folds-never-overlap", "tile-overlap: false", "tile-overlap: true"),
    ("folds-never-overlap", "edge-tiles: full", "edge-tiles: trimmed"),
    ("input-stationary", "dataflow: input-stationary", "dataflow: weight-stationary"),
    ("output-shift-registers", "output-path: shift-registers", "output-path: shift"),
    ("output-stationary", "output-path: shift", "output-path: direct"),
    ("tile-edges", "edge-tiles: trimmed", "edge-tiles: full"),
  ])
  func theNamedValueDecides(name: String, value: String, other: String) throws {
    let text = try Self.read(name, "case.vsched")
    #expect(text.contains(value + "\n"))
    let changed = try Self.schedule(name, text: text.replacing(value + "\n", with: other + "\n"))
    let golden = try TraceFile(parsing: try Self.read(name, "trace.txt"), file: name)
    let run = try Simulator.run(changed, options: RunOptions(trace: true))
    #expect(golden.difference(to: TraceFile(schedule: changed, run: run))?.index != nil)
  }

  /// Rows, columns and depth each end in a tile that isn't full.
  @Test func tileEdgesAreInAllDirections() throws {
    let schedule = try Self.schedule("tile-edges")
    let engine = try #require(schedule.accelerator.engines.first)
    for case .matmul(let product) in schedule.instructions.map(\.operation) {
      #expect(product.m % engine.replicas != 0)
      #expect(product.k > engine.rows * engine.macsPerPE && product.k % engine.macsPerPE != 0)
      #expect(product.n > engine.columns && product.n % engine.columns != 0)
    }
  }

  @Test func diffNamesTheFirstEventThatDiffers() throws {
    let scratch = try Scratch()
    let golden = "traces/prime-sizes/trace.txt"
    let schedule = "traces/prime-sizes/case.vsched"
    #expect(try CLIProgram.run(["trace", "diff", golden, schedule]).status == 0)
    // One tile of the array later by a cycle.
    let lines = try Self.read("prime-sizes", "trace.txt").split(separator: "\n", omittingEmptySubsequences: false)
    let index = try #require(lines.firstIndex { $0.contains(" array stream ") && $0.contains(" 1 gemm") })
    var words = lines[index].split(separator: " ").map(String.init)
    let cycle = try #require(Int(words[0]))
    words[0] = String(cycle + 1)
    var changed = lines.map(String.init)
    changed[index] = words.joined(separator: " ")
    let path = try scratch.write(changed.joined(separator: "\n"), to: "changed.txt")
    let result = try CLIProgram.run(["trace", "diff", path, schedule])
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("first difference at event "))
    #expect(result.output.contains("  \(path): cycle \(cycle + 1): array stream, instruction "))
    #expect(result.output.contains("  \(schedule): cycle \(cycle): array stream, instruction "))
    #expect(result.output.contains(", tile 1, layer gemm\n"))
  }

  @Test func recordingIsACommandOfItsOwn() throws {
    let scratch = try Scratch()
    let file = scratch.file("trace.txt").path
    let recorded = try CLIProgram.run(["trace", "record", "traces/one-row/case.vsched", "-o", file])
    #expect(recorded.status == 0)
    #expect(try String(contentsOfFile: file, encoding: .utf8) == Self.read("one-row", "trace.txt"))
  }

  @Test func showSelectsEvents() throws {
    let result = try CLIProgram.run([
      "trace", "show", "traces/prime-sizes/trace.txt", "--unit", "array", "--from", "30", "--to", "60",
    ])
    #expect(result.status == 0)
    let lines = result.output.split(separator: "\n").dropFirst()
    #expect(!lines.isEmpty)
    for line in lines {
      let words = line.split(separator: " ")
      #expect(words[1] == "array")
      #expect((30...60).contains(Int(words[0]) ?? -1))
    }
    let unknown = try CLIProgram.run(["trace", "show", "traces/prime-sizes/trace.txt", "--unit", "aray"])
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("did you mean 'array'?"))
  }
}

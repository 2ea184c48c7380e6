import Foundation
import Testing

/// `vitsim sweep` as a user runs it.
@Suite struct CLISweepTests {
  private let scratch: Scratch
  private let base = CLIProgram.package.appendingPathComponent("configs/deit-tiny-zcu102.yaml").path

  init() throws { scratch = try Scratch() }

  private func run(_ arguments: [String]) throws -> CLIProgram.Result {
    try CLIProgram.run(["sweep"] + arguments, in: scratch.directory)
  }

  /// Writes a sweep of a small image on the 32×32 array; returns its name.
  private func write(_ rest: String, to name: String = "small.yaml") throws -> String {
    _ = try scratch.write("base: \(base)\nmodels: [{name: deit-tiny, image: 16}]\n" + rest, to: name)
    return name
  }

  private func records(_ csv: String) -> [[String]] {
    csv.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// Figures are those of `vitsim run`, in CSV and JSON alike.
  @Test func figuresAreThoseOfRun() throws {
    let sweep = try write("grid:\n  engines.array.rows: [16, 32]\n  clock: [250MHz]\n")
    let result = try run([sweep, "--format", "json"])
    #expect(result.status == 0, "\(result.errors)")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(object["format"] as? String == "vitsim-sweep" && object["version"] as? Int == 1)
    #expect(object["paths"] as? [String] == ["engines.array.rows", "clock"])
    let points = try #require(object["points"] as? [[String: Any]])
    #expect(points.count == 2)
    let csv = records(try run([sweep, "--format", "csv"]).output)
    for (index, rows) in [16, 32].enumerated() {
      let alone = try CLIProgram.run(
        [
          "run", base, "--image", "16", "--set", "engines.array.rows=\(rows)", "--set", "clock=250MHz", "--format",
          "json",
        ])
      let summary = try #require(try JSONSerialization.jsonObject(with: Data(alone.output.utf8)) as? [String: Any])
      let total = try #require(summary["total"] as? [String: Any])
      let figures = try #require(points[index]["figures"] as? [String: Any]).compactMapValues { $0 as? Double }
      for name in [
        "cycles", "milliseconds", "fps", "gops", "utilization", "dsp_efficiency", "gops_per_dsp", "fps_per_dsp",
      ] {
        #expect(figures[name] == total[name] as? Double, "\(name)")
      }
      let bytes =
        try #require(total["dram_read_bytes"] as? Double) + (try #require(total["dram_written_bytes"] as? Double))
      #expect(figures["dram_bytes"] == bytes)
      let resources = try #require(summary["resources"] as? [String: [String: Any]])
      for name in ["dsp", "bram36", "uram"] { #expect(figures[name] == resources[name]?["used"] as? Double) }
      #expect(figures["lut"] == nil && figures["ff"] == nil, "declared for other rows")
      #expect(figures["dsp_utilization"] == resources["dsp"]?["utilization"] as? Double)
      #expect((points[index]["settings"] as? [String: Any])?["engines.array.rows"] as? Int == rows)
      let cells = zip(csv[0], csv[index + 1])
      for (name, cell) in cells {
        // JSONSerialization may be wrong in the last digit.
        guard let figure = figures[name], let value = Double(cell) else { continue }
        #expect(abs(value - figure) <= abs(figure) * 1e-14, "\(name)")
      }
      let first = ["\(index + 1)", "deit-tiny", "16", "1", "\(rows)", "250MHz", "done", ""]
      #expect(csv[index + 1].prefix(8) == first[...])
    }
  }

  /// What the base declares is of its own logic, not of what a point changes.
  @Test func declaredLogicIsOfTheBaseAlone() throws {
    let sweep = try write(
      """
      list:
        - {clock: 250MHz}
        - {engines.array.rows: 16}
        - {vector.lanes: 8}
        - {engines.array.rows: 16, resources.luts: 1000}
      """)
    let table = records(try run([sweep, "--format", "csv"]).output)
    let run = try CLIProgram.run(["run", base, "--image", "16", "--format", "json"])
    let summary = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let resources = try #require(summary["resources"] as? [String: [String: Any]])
    let declared = try ["lut", "ff"].map { "\(try #require(resources[$0]?["used"] as? Int))" }
    let columns = try ["lut", "ff"].map { try #require(table[0].firstIndex(of: $0)) }
    let found = table.dropFirst().map { record in columns.map { record[$0] } }
    #expect(found == [declared, ["", ""], ["", ""], ["1000", declared[1]]])
  }

  @Test func textShowsTheFrontAndTheErrors() throws {
    let sweep = try write("grid: {engines.array.rows: [32, 16, x16, 256, 256]}\n")
    let result = try run([sweep])
    #expect(result.status == 0)
    let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines[0] == "small: 5 points, 3 failed")
    #expect(lines[1] == "Pareto front of deit-tiny, image 16: more FPS, less DSP")
    #expect(lines[2] == "point batch rows FPS DSP ms BRAM36 DSP efficiency")
    #expect(lines[3].hasPrefix("2 1 16 "))
    #expect(lines.contains("2 4 does-not-fit needs 8320 DSP, zcu102 has 2520"))
    #expect(lines.contains { $0.hasPrefix("1 3 invalid small.yaml:3:37: error: rows 'x16' is not a number; expected") })
    #expect(result.errors.contains("2 designs: 2 evaluated in ") && result.errors.contains("kept in small.sqlite"))
    let again = try run([sweep])
    #expect(again.output == result.output && again.errors.contains("0 evaluated, 2 there before"))
    #expect(scratch.names == ["small.sqlite", "small.yaml"])
  }

  @Test func otherObjectivesBudgetAndStore() throws {
    let sweep = try write("grid: {engines.array.rows: [16, 32, 128]}\n")
    let arguments = [sweep, "--store", "b.db", "--ignore-budget", "--workers", "1", "--format", "csv"]
    let usual = records(try run(arguments).output)
    let column = try #require(usual[0].firstIndex(of: "pareto"))
    #expect(usual.dropFirst().allSatisfy { $0[column - 2] == "done" })
    let most = records(try run(arguments + ["--pareto", "dsp:max"]).output)
    #expect(most.dropFirst().map { $0[column] } == ["false", "false", "true"])
    #expect(scratch.names == ["b.db", "small.yaml"])
    // The store has a figure of what doesn't fit; without the flag it doesn't fit all the same.
    #expect(try run([sweep, "--store", "b.db", "--format", "csv"]).output.contains(",does-not-fit,"))
  }

  /// An ONNX file's path is relative to the sweep.
  @Test func anONNXModel() throws {
    let examples = CLIProgram.package.appendingPathComponent("examples")
    try FileManager.default.copyItem(
      at: examples.appendingPathComponent("vit.int8.onnx"), to: scratch.file("a.onnx"))
    try FileManager.default.createDirectory(at: scratch.file("there"), withIntermediateDirectories: true)
    let path = try scratch.write(
      "base: \(base)\nmodels: [../a.onnx, {name: ../a.onnx, batch: 2}]\n", to: "there/o.yaml")
    let result = try run([path, "--format", "csv"])
    #expect(result.status == 0, "\(result.errors)")
    let table = records(result.output)
    #expect(table.count == 3 && table[1][2] == "28" && table[1][3] == "1" && table[2][3] == "2")
  }

  @Test(arguments: [
    (
      "grid: {engines.arry.rows: [1]}",
      "small.yaml:3:28: error: there is no 'arry' in engines; expected array; did you mean"
    ),
    ("gird: {clock: [1]}", "small.yaml:3:1: error: unknown key 'gird' in the sweep; did you mean 'grid'?"),
    ("grid: {clock: 200MHz}", "small.yaml:3:15: error: 'clock' is '200MHz'; expected a list of values"),
    ("list: [{model.name: deit-tny}]", "deit-tny"),
    ("grid: {model: [deit-small]}", "small.yaml:3:8: error: 'model' is set twice, first in line 2"),
    ("list: [{clock: 1MHz}, {\"clock, model\": [1MHz, deit-small]}]", "'model' is set twice, first in line 2"),
  ])
  func badSweeps(rest: String, expected: String) throws {
    let result = try run([try write(rest + "\n")])
    #expect(result.status == 2 && result.output == "")
    #expect(result.errors.contains(expected), "\(result.errors)")
    #expect(scratch.names == ["small.yaml"], "no store is made for it")
  }

  @Test(arguments: [
    [], ["nowhere.yaml"], ["small.yaml", "--pareto", "speed"], ["small.yaml", "--pareto", "fps,fps"],
    ["small.yaml", "--workers", "0"], ["small.yaml", "--store", "no/where.sqlite"], ["small.yaml", "-o", "no/where"],
    ["small.yaml", "-o", "./small.sqlite"],
    ["small.yaml", "--store", "small.yaml"], ["."],
  ])
  func badArguments(arguments: [String]) throws {
    _ = try write("grid: {clock: [1MHz]}\n")
    let before = try String(contentsOf: scratch.file("small.yaml"), encoding: .utf8)
    let result = try run(arguments)
    #expect(result.status == 2 && result.output == "" && !result.errors.isEmpty)
    #expect(try String(contentsOf: scratch.file("small.yaml"), encoding: .utf8) == before)
    #expect(scratch.names == ["small.yaml"])
  }

  @Test func aScheduleIsNoBase() throws {
    _ = try scratch.write("base: x.vsched\n", to: "s.yaml")
    let result = try run(["s.yaml"])
    #expect(result.status == 2 && result.errors.contains("s.yaml:1:7: error: base 'x.vsched' is a schedule"))
  }

  /// Blanks between figures mean nothing; a figure that no point has is named.
  @Test func figuresOfTheFront() throws {
    let sweep = try write("grid: {engines.array.rows: [16]}\n")
    let front = try run([sweep, "--pareto", " fps , dsp : min"])
    #expect(front.status == 0 && front.output.contains("Pareto front of"), "\(front.errors)")
    #expect(front.output.hasPrefix("small: 1 point, 0 failed"), "\(front.output)")
    #expect(!front.errors.contains("no point has"))
    let none = try run([sweep, "--pareto", "fps,lut"])
    #expect(none.status == 0 && none.errors.contains("--pareto fps,lut: no point has lut"), "\(none.errors)")
    #expect(!none.output.contains("Pareto front of"))
  }

  /// Without one point that is done, the gravest failure is the command's.
  @Test func aSweepOfFailures() throws {
    let large = try run([try write("grid: {engines.array.rows: [256, 512]}\n")])
    #expect(
      large.status == 3 && large.output.contains("2 points, 2 failed") && large.errors.contains("no point is done"))
    let small = try run([
      try write("grid: {\"buffers.activations.size, buffers.activations.banks\": [[64B, 1]]}\n", to: "tight.yaml")
    ])
    #expect(small.status == 2 && small.output.contains("not-compiled"))
  }
}

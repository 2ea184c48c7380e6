import Foundation
import Quantizer
import TestSupport
import Testing

/// Every machine-readable output against its golden file, its schema and the page that describes it.
@Suite struct GoldenFileTests {
  /// The schemas in docs/schemas by the names of their files.
  private static let schemas: [String: JSONValue] = {
    let directory = CLIProgram.package.appendingPathComponent("docs/schemas")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { $0.hasSuffix(".json") }.reduce(into: [:]) { schemas, name in
      let data = try? Data(contentsOf: directory.appendingPathComponent(name))
      schemas[name] = data.flatMap { try? JSONValue(parsing: String(decoding: $0, as: UTF8.self)) }
    }
  }()

  /// The formats that the sources print as JSON: every such name in them but that of the text form of traces.
  private static func formats() throws -> Set<String> {
    let sources = CLIProgram.package.appendingPathComponent("Sources")
    let files = try FileManager.default.subpathsOfDirectory(atPath: sources.path).filter { $0.hasSuffix(".swift") }
    return try files.reduce(into: Set<String>()) { formats, file in
      let text = try String(contentsOf: sources.appendingPathComponent(file), encoding: .utf8)
      formats.formUnion(text.matches(of: /"(vitsim-[a-z-]+)"/).map { String($0.output.1) })
    }.subtracting(["vitsim-trace"])
  }

  private func document(_ name: String) throws -> String {
    try String(contentsOf: CLIProgram.package.appendingPathComponent(name), encoding: .utf8)
  }

  @Test(arguments: GoldenFile.all) func outputIsAsItWas(_ golden: GoldenFile) throws {
    guard golden.isAvailable else { return }
    let result = try golden.run()
    #expect(result.status == golden.status, "\(result.errors)")
    if GoldenFile.isRecorded {
      try golden.record(result.output)
      Issue.record("\(golden.name) was recorded anew: look at what changed, and run again without VITSIM_RECORD")
      return
    }
    #expect(
      result.output == (try golden.text()),
      "if this is meant: docs/schemas/README.md has the rules and the command that records it anew")
  }

  @Test(arguments: GoldenFile.all.filter { $0.name.hasSuffix(".json") }) func outputFitsItsSchema(_ golden: GoldenFile)
    throws
  {
    let value = try JSONValue(parsing: try golden.text())
    #expect(value["format"]?.text == golden.format)
    #expect(JSONSchema(golden.format + ".json", of: Self.schemas).violations(value) == [])
  }

  /// Larger runs than those that are kept.
  @Test(arguments: [
    ("vitsim-summary", "run traces/softmax-and-layernorm/case.vsched"),
    ("vitsim-summary", "run configs/efficientvit-b1-zcu102.yaml --image 32"),
    (
      "vitsim-inference",
      "infer examples/vit.int8.onnx --accelerator configs/accelerators/edge-16x16.yaml --limit 2 --images examples/mnist-images.npy --labels examples/mnist-labels.npy"
    ),
    (
      "vitsim-comparison",
      "compare configs/deit-tiny-zcu102.yaml configs/deit-small-two-engines.yaml --different-models --image 32"
    ),
    ("vitsim-roofline", "roofline vit-base examples/effvit.int8.onnx --per-operator"),
    ("vitsim-roofline", "roofline efficientvit-b1 --per-operator --peak 1TFLOP/s --bandwidth 1GB/s"),
    (
      "vitsim-explanation", "explain --model examples/vit.int8.onnx --accelerator configs/accelerators/edge-16x16.yaml"
    ),
    ("vitsim-lint", "lint configs/deit-tiny-zcu102.yaml"), ("vitsim-models", "models --image 4096"),
    ("vitsim-configurations", "configs"),
    ("vitsim-trace-difference", "trace diff traces/prime-sizes/trace.txt traces/prime-sizes/trace.txt"),
    ("vitsim-trace-difference", "trace diff traces/prime-sizes/trace.txt traces/one-row/trace.txt"),
  ])
  func otherOutputFitsItsSchema(format: String, line: String) throws {
    let result = try CLIProgram.run(line.split(separator: " ").map(String.init) + ["--format", "json"])
    #expect(result.status <= 1, "\(result.errors)")
    let value = try JSONValue(parsing: result.output)
    #expect(value["format"]?.text == format)
    #expect(JSONSchema(format + ".json", of: Self.schemas).violations(value) == [])
  }

  /// A format without a schema, a golden file or a line in the page is one that nobody can rely on.
  @Test func everyFormatHasASchemaAndAGoldenFile() throws {
    let formats = try Self.formats()
    #expect(formats.count > 8)
    #expect(Set(Self.schemas.keys) == Set(formats.map { $0 + ".json" }).union(["calibration.json"]))
    #expect(Set(GoldenFile.all.map(\.name).filter { $0.hasSuffix(".json") }) == Set(formats.map { $0 + ".json" }))
    let page = try document("docs/schemas/README.md")
    for format in formats { #expect(page.contains("[`\(format)`](\(format).json)"), "\(format)") }
  }

  @Test func schemasAreRight() throws {
    for name in Self.schemas.keys.sorted() {
      #expect(JSONSchema(name, of: Self.schemas).mistakes == [], "\(name)")
    }
    // What the checker must not let pass.
    let value = try JSONValue(parsing: try #require(GoldenFile.all.first { $0.name == "vitsim-models.json" }).text())
    let schema = JSONSchema("vitsim-models.json", of: Self.schemas)
    #expect(schema.violations(value) == [])
    for (key, wrong) in [
      ("version", "2"), ("image", "1.5"), ("image", "-1"), ("models", "{}"), ("models", "[{}]"), ("more", "1"),
    ] {
      var members = try #require(value.members)
      members[key] = try JSONValue(parsing: wrong)
      #expect(schema.violations(.object(members)) != [], "\(key) \(wrong)")
    }
    var members = try #require(value.members)
    members["image"] = nil
    #expect(schema.violations(.object(members)) == ["$: 'image' is missing"])
  }

  /// Columns of CSV, as docs/schemas/README.md lists them; `BUFFER` stands for the names of an accelerator's buffers, `PATH` for
  /// the keys that a sweep varies.
  @Test(arguments: GoldenFile.all.filter { $0.name.hasSuffix(".csv") }) func columnsAreDocumented(_ golden: GoldenFile)
    throws
  {
    let page = try document("docs/schemas/README.md")
    let row = try #require(page.firstMatch(of: try Regex("\\| `\(golden.format)`, ([0-9]+) \\| (.*) \\|\n")))
    let (version, list) = (try #require(row[1].substring), try #require(row[2].substring))
    #expect(Self.schemas[golden.format + ".json"]?["properties"]?["version"]?["const"] == .number(String(version)))
    let columns = list.matches(of: /`([^`]+)`/).map { String($0.output.1) }
    let header = try golden.text().prefix { $0 != "\r\n" }.split(separator: ",").map(String.init)
    let buffers = ["activations", "weights", "accumulators"]
    let expected = columns.flatMap { column in
      if column == "PATH" { return ["engines.array.columns", "vector.lanes"] }
      return column.hasPrefix("BUFFER_") ? buffers.map { $0 + column.dropFirst(6) } : [column]
    }
    #expect(header == expected)
  }

  /// Other texts that programs read: the table of dumped tensors, a calibration, and the page's example of a difference.
  @Test func whatIsNotPrinted() throws {
    let scratch = try Scratch()
    let dump = try CLIProgram.run(
      ["infer", "../uint8-input.onnx", "--accelerator", "configs/narrow.yaml", "--images", "../uint8-input.x.npy"]
        + ["--dump-tensors", scratch.file("tensors").path], in: GoldenFile.directory)
    #expect(dump.status == 0, "\(dump.errors)")
    let table = try String(contentsOf: scratch.file("tensors/tensors.csv"), encoding: .utf8)
    #expect(table.hasPrefix("tensor,file,shape,scale,zero_point\r\n"))
    #expect(
      try document("docs/schemas/README.md").contains(
        "| `tensors.csv`, 1 | `tensor`, `file`, `shape`, `scale`, `zero_point` |"))

    let calibration = try CalibrationTable(
      parsing: "{\"x\": {\"min\": -1, \"max\": 2.5}, \"y\": {\"scale\": 0.5, \"zero_point\": -3}}")
    let schema = JSONSchema("calibration.json", of: Self.schemas)
    #expect(schema.violations(try JSONValue(parsing: calibration.text)) == [])
    #expect(schema.violations(try JSONValue(parsing: "{\"x\": {\"lower\": 1}}")) != [])

    let example = try #require(
      try document("docs/output.md").firstMatch(of: /```\n(\{"format": "vitsim-cosim[^`]+)```/))
    let difference = JSONSchema("vitsim-cosimulation.json", of: Self.schemas)
    #expect(difference.violations(try JSONValue(parsing: String(example.output.1))) == [])
  }
}

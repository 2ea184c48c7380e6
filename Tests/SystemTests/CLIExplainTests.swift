import Foundation
import Testing

/// `vitsim explain` as a user runs it.
@Suite struct CLIExplainTests {
  private func run(_ arguments: [String]) throws -> CLIProgram.Result { try CLIProgram.run(["explain"] + arguments) }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// The path adds up to the cycles of `vitsim run`, by unit, by bound, by layer and by step.
  @Test func everythingAddsUp() throws {
    let arguments = ["configs/deit-tiny-zcu102.yaml", "--image", "64", "--format", "json"]
    let result = try run(arguments + ["--no-sensitivity"])
    #expect(result.status == 0, "\(result.errors)")
    let why = try object(result.output)
    let summary = try object(try CLIProgram.run(["run"] + arguments).output)
    let total = try #require(summary["total"] as? [String: Any])
    let cycles = try #require(total["cycles"] as? Int)
    #expect(why["cycles"] as? Int == cycles && why["fps"] as? Double == total["fps"] as? Double)
    #expect((why["bounds"] as? [String: Int])?.values.reduce(0, +) == cycles)
    let units = try #require(why["units"] as? [[String: Any]])
    #expect(units.compactMap { $0["cycles"] as? Int }.reduce(0, +) == cycles)
    let layers = try #require(why["layers"] as? [[String: Any]])
    let rows = try #require(summary["layers"] as? [[String: Any]])
    #expect(layers.map { $0["cycles"] as? Int } == rows.map { $0["cycles"] as? Int })
    for layer in layers { #expect((layer["path"] as? [String: Int])?.values.reduce(0, +) == layer["cycles"] as? Int) }
    var time = 0
    for step in try #require(why["steps"] as? [[String: Any]]) {
      #expect(step["start"] as? Int == time)
      time = try #require(step["end"] as? Int)
    }
    #expect(time == cycles)
    #expect(why["sensitivity"] is NSNull)
  }

  /// The CSV has the same steps.
  @Test func theCSVIsThePath() throws {
    let arguments = ["configs/deit-tiny-edge.yaml", "--image", "32", "--no-sensitivity", "--format"]
    let steps = try #require(try object(try run(arguments + ["json"]).output)["steps"] as? [[String: Any]])
    let records = try run(arguments + ["csv"]).output.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(records.count == steps.count + 1)
    for (record, step) in zip(records.dropFirst(), steps) {
      #expect(Int(record[0]) == step["start"] as? Int && Int(record[1]) == step["end"] as? Int)
      #expect(record[3] == step["unit"] as? String && Int(record[5]) == step["instruction"] as? Int)
    }
  }

  /// What a knob does is what `vitsim run --set` gives.
  @Test func knobsAreSettings() throws {
    let arguments = ["configs/deit-tiny-zcu102.yaml", "--image", "32", "--format", "json"]
    let knobs = try #require(try object(try run(arguments).output)["sensitivity"] as? [[String: Any]])
    #expect(knobs.count > 20)
    let speeds = knobs.compactMap { $0["speedup"] as? Double }
    #expect(speeds == speeds.sorted(by: >))
    for key in ["engines.array.rows", "vector.lanes", "buffers.weights.size", "dram.bandwidth", "clock"] {
      let knob = try #require(knobs.first { $0["key"] as? String == key && $0["direction"] as? String == "up" })
      let settings = try ["\(key)=\(#require(knob["to"] as? String))"] + #require(knob["along"] as? [String])
      let moved = try CLIProgram.run(["run"] + arguments + ["--ignore-budget"] + settings.flatMap { ["--set", $0] })
      let total = try #require(try object(moved.output)["total"] as? [String: Any], "\(moved.errors)")
      #expect(knob["cycles"] as? Int == total["cycles"] as? Int, "\(key)")
    }
  }

  @Test func textSaysAllOfIt() throws {
    let result = try run(["configs/deit-tiny-zcu102.yaml", "--image", "32", "--steps", "3"])
    #expect(result.status == 0)
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    for head in ["the critical path: ", "on the critical path", "layer ", "longest steps", "a step up", "a step down"] {
      #expect(lines.contains { $0.hasPrefix(head) }, "\(head)")
    }
    let first = try #require(lines.firstIndex { $0.hasPrefix("longest steps") })
    #expect(lines[first + 4].hasSuffix("steps in all: --format csv lists them"))
  }

  /// A schedule is explained as it is; there is nothing to compile anew.
  @Test func aSchedule() throws {
    let scratch = try Scratch()
    let path = scratch.file("small.vsched").path
    let compiled = try CLIProgram.run(["compile", "configs/deit-tiny-zcu102.yaml", "--image", "32", "-o", path])
    #expect(compiled.status == 0)
    let fromSchedule = try object(try run([path, "--format", "json"]).output)
    let fromModel = try object(
      try run(["configs/deit-tiny-zcu102.yaml", "--image", "32", "--no-sensitivity", "--format", "json"]).output)
    #expect(fromSchedule["bounds"] as? [String: Int] == fromModel["bounds"] as? [String: Int])
    #expect(fromSchedule["sensitivity"] is NSNull)
    let refused = try run([path, "--sensitivity"])
    #expect(refused.status == 2 && refused.errors.contains("--sensitivity"))
  }

  @Test(arguments: [
    [], ["nowhere.yaml"], ["configs/deit-tiny-zcu102.yaml", "--steps", "-1"],
    ["configs/deit-tiny-zcu102.yaml", "--format", "html"], ["configs/accelerators/edge-16x16.yaml"],
  ])
  func badInput(arguments: [String]) throws {
    let result = try run(arguments)
    #expect(result.status == 2 && result.output == "" && !result.errors.isEmpty)
  }
}

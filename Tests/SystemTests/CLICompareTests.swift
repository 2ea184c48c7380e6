import Foundation
import Testing

/// `vitsim compare` as a user runs it.
@Suite struct CLICompareTests {
  private static let files = ["configs/deit-tiny-zcu102.yaml", "configs/deit-tiny-edge.yaml"]

  private func run(_ arguments: [String]) throws -> CLIProgram.Result { try CLIProgram.run(["compare"] + arguments) }

  /// The figures are those of `vitsim run`, and each ratio is over the first.
  @Test func figuresAreThoseOfRun() throws {
    let result = try run(Self.files + ["--image", "64", "--format", "json"])
    #expect(result.status == 0, "\(result.errors)")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(object["format"] as? String == "vitsim-comparison" && object["version"] as? Int == 1)
    #expect(object["one_model"] as? Bool == true)
    let designs = try #require(object["designs"] as? [[String: Any]])
    #expect(designs.count == 2)
    var firsts: [String: Double] = [:]
    for (file, design) in zip(Self.files, designs) {
      let alone = try CLIProgram.run(["run", file, "--image", "64", "--format", "json"])
      let summary = try #require(try JSONSerialization.jsonObject(with: Data(alone.output.utf8)) as? [String: Any])
      let total = try #require(summary["total"] as? [String: Any])
      let dsp = try #require((summary["resources"] as? [String: [String: Any]])?["dsp"])
      let figures = try #require(design["figures"] as? [String: Double])
      for name in ["cycles", "milliseconds", "fps", "gops", "gops_per_dsp", "fps_per_dsp"] {
        #expect(figures[name] == total[name] as? Double, "\(name)")
      }
      #expect(figures["dsp"] == dsp["used"] as? Double && figures["dsp_utilization"] == dsp["utilization"] as? Double)
      if firsts.isEmpty { firsts = figures }
      let ratios = try #require(design["of_first"] as? [String: Double])
      for (name, value) in figures {
        let (ratio, first) = (try #require(ratios[name]), try #require(firsts[name]))
        #expect(abs(ratio * first / value - 1) < 1e-12, "\(name)")
      }
      #expect(design["configuration"] as? String == file)
    }
  }

  @Test func textAndCSV() throws {
    let text = try run(Self.files + ["--image", "32"])
    let lines = text.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines[0] == "1 deit-tiny, image 32, batch 1 on zcu102-32x32 (configs/deit-tiny-zcu102.yaml)")
    #expect(lines[2] == "1 2 of 1")
    #expect(lines.contains { $0.hasPrefix("DSP utilization ") && $0.hasSuffix("×") })
    let csv = try run(Self.files + ["--image", "32", "--format", "csv"])
    let records = csv.output.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(records.count == 3 && records[0].count == 6 + 2 * 8)
    #expect(records.allSatisfy { $0.count == records[0].count })
    #expect(records[0][6] == "cycles" && records[0][14] == "cycles_of_first" && records[1][14] == "1.0")
  }

  @Test func differentModelsNeedTheFlag() throws {
    let files = ["configs/deit-tiny-zcu102.yaml", "configs/deit-small-two-engines.yaml"]
    let refused = try run(files)
    #expect(refused.status == 2 && refused.output == "")
    #expect(
      refused.errors.contains("runs deit-small, image 224, batch 1") && refused.errors.contains("--different-models"))
    let small = try run(files + ["--image", "32", "--different-models"])
    #expect(small.status == 0 && small.output.contains("the models differ"))
    let one = try run(files + ["--image", "32", "--model", "deit-tiny"])
    #expect(one.status == 0 && !one.output.contains("the models differ"))
  }

  /// An ASIC has no DSP blocks; what its figures mean is said.
  @Test func aDesignWithoutADevice() throws {
    let result = try run(["configs/published/huang.yaml", "configs/published/vitcod.yaml", "--image", "32"])
    #expect(result.output.contains("\nvitcod names no device: "))
    #expect(result.output.split(separator: "\n").contains { $0.hasPrefix("DSP utilization") && $0.hasSuffix("-") })
  }

  @Test(arguments: [
    ["configs/deit-tiny-zcu102.yaml"], [], ["configs/deit-tiny-zcu102.yaml", "nowhere.yaml"],
    ["configs/accelerators/edge-16x16.yaml", "configs/deit-tiny-zcu102.yaml"],
    ["configs/deit-tiny-zcu102.yaml", "configs/deit-tiny-edge.yaml", "--model", "deit-tny"],
  ])
  func badInput(arguments: [String]) throws {
    let result = try run(arguments)
    #expect(result.status == 2 && result.output == "" && !result.errors.isEmpty)
  }

  @Test func aDesignThatDoesNotFit() throws {
    let scratch = try Scratch()
    let text = try String(
      contentsOf: CLIProgram.package.appendingPathComponent("configs/accelerators/zcu102-32x32.yaml"), encoding: .utf8)
    let large = try scratch.write(text.replacing("rows: 32 ", with: "rows: 256 "), to: "large.yaml")
    let arguments = ["configs/accelerators/zcu102-32x32.yaml", large, "--model", "deit-tiny", "--image", "32"]
    #expect(try run(arguments).status == 3)
    #expect(try run(arguments + ["--ignore-budget", "--engine", "both"]).status == 0)
  }
}

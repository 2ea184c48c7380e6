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
    #expect(object["format"] as? String == "vitsim-comparison" && object["version"] as? Int == 2)
    let comparison = try #require((object["comparisons"] as? [[String: Any]])?.first)
    #expect(comparison["one_model"] as? Bool == true)
    let designs = try #require(comparison["designs"] as? [[String: Any]])
    #expect(designs.count == 2)
    var firsts: [String: Double] = [:]
    for (file, design) in zip(Self.files, designs) {
      let alone = try CLIProgram.run(["run", file, "--image", "64", "--format", "json"])
      let summary = try #require(try JSONSerialization.jsonObject(with: Data(alone.output.utf8)) as? [String: Any])
      let total = try #require(summary["total"] as? [String: Any])
      let dsp = try #require((summary["resources"] as? [String: [String: Any]])?["dsp"])
      let figures = try #require(design["figures"] as? [String: Any]).compactMapValues { $0 as? Double }
      for name in [
        "cycles", "milliseconds", "fps", "gops", "gops_per_dsp", "fps_per_dsp", "utilization", "dsp_efficiency",
      ] {
        #expect(figures[name] == total[name] as? Double, "\(name)")
      }
      let traffic = ["dram_read_bytes", "dram_written_bytes"].compactMap { total[$0] as? Double }
      #expect(figures["dram_bytes"] == traffic.reduce(0, +))
      #expect(figures["dsp"] == dsp["used"] as? Double && figures["dsp_utilization"] == dsp["utilization"] as? Double)
      if firsts.isEmpty { firsts = figures }
      let ratios = try #require(design["of_first"] as? [String: Any]).compactMapValues { $0 as? Double }
      for (name, value) in figures where firsts[name] != 0 {
        let (ratio, first) = (try #require(ratios[name]), try #require(firsts[name]))
        #expect(abs(ratio * first / value - 1) < 1e-12, "\(name)")
      }
      #expect(design["configuration"] as? String == file)
    }
  }

  /// Layers add up to the total, in cycles, bytes and every part, and are as long as in `vitsim run`.
  @Test func layersAddUp() throws {
    let result = try run(Self.files + ["--image", "64", "--format", "json", "--threshold", "1"])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let comparison = try #require((object["comparisons"] as? [[String: Any]])?.first)
    let layers = try #require(comparison["layers"] as? [[String: Any]])
    #expect(layers.count == 11 && layers.last?["name"] as? String == "total")
    let rows = try layers.map { try #require($0["designs"] as? [[String: Any]]) }
    for design in 0..<2 {
      for key in ["cycles", "macs", "dram_bytes"] {
        let values = rows.compactMap { $0[design][key] as? Int }
        #expect(values.count == 11 && values.dropLast().reduce(0, +) == values.last, "\(key)")
      }
      for row in rows {
        let stack = try #require(row[design]["stack"] as? [String: Int])
        #expect(stack.values.reduce(0, +) == row[design]["cycles"] as? Int)
      }
    }
    for row in rows {
      let (time, first) = (row[1]["milliseconds"] as? Double ?? 0, row[0]["milliseconds"] as? Double ?? 0)
      #expect(abs((row[1]["of_first"] as? Double ?? 0) - time / first) < 1e-12)
      #expect(row[0]["reason"] is NSNull)
      let reason = try #require(row[1]["reason"] as? [String: Any])
      for share in ["share", "first_share", "wait_share", "first_wait_share"] {
        #expect((reason[share] as? Double).map { (0...1).contains($0) } == true)
      }
      // Its part of the time can't be more than all of it.
      let difference = try #require(reason["milliseconds"] as? Double)
      let (share, firstShare) = (reason["share"] as? Double ?? 0, reason["first_share"] as? Double ?? 0)
      #expect(abs(difference - (share * time - firstShare * first)) < 1e-9)
      #expect(difference > 0 && time > first)
    }
  }

  /// Where one kind of unit bounds a layer of the slower design, that kind is the reason: as `vitsim explain` has it.
  @Test func reasonsAgreeWithExplain() throws {
    let result = try run(Self.files + ["--format", "json"])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let layers = try #require((object["comparisons"] as? [[String: Any]])?.first?["layers"] as? [[String: Any]])
    let explained = try CLIProgram.run(["explain", Self.files[1], "--no-sensitivity", "--format", "json"])
    let why = try #require(try JSONSerialization.jsonObject(with: Data(explained.output.utf8)) as? [String: Any])
    let bounds = try #require(why["layers"] as? [[String: Any]])
    var kinds: [String] = []
    for layer in layers where layer["count"] as? Int == 1 && layer["name"] as? String != "total" {
      let bound = try #require(bounds.first { $0["name"] as? String == layer["name"] as? String })
      let path = try #require(bound["path"] as? [String: Int])
      guard let (kind, cycles) = path.max(by: { $0.value < $1.value }), cycles * 10 > 6 * path.values.reduce(0, +)
      else { continue }
      let reason = try #require(
        ((layer["designs"] as? [[String: Any]])?[1]["reason"] as? [String: Any])?["kind"] as? String)
      #expect(reason == ["compute": "matrix", "vector": "vector", "bandwidth": "dma"][kind], "\(layer["name"] ?? "")")
      kinds.append(kind)
    }
    #expect(Set(kinds) == ["compute", "vector", "bandwidth"])
  }

  @Test func textAndCSV() throws {
    let text = try run(Self.files + ["--image", "32"])
    let lines = text.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines[0] == "1 zcu102-32x32 (configs/deit-tiny-zcu102.yaml)")
    #expect(lines[2] == "deit-tiny, image 32, batch 1" && lines[3] == "1 2 of 1")
    #expect(lines.contains { $0.hasPrefix("DSP utilization ") && $0.hasSuffix("×") })
    #expect(lines.contains { $0.hasPrefix("blocks.*.mlp.fc1 ×12 ") })
    #expect(lines.contains { $0.hasPrefix("total ") && $0.contains("× slower on 2: ") })
    let csv = try run(Self.files + ["--image", "32", "--format", "csv"])
    let records = csv.output.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(records.count == 1 + 2 * 11 && records[0].count == 8 + 2 * 16 + 1)
    #expect(records[0][6] == "layer" && records[0][8] == "cycles" && records[0][24] == "cycles_of_first")
    #expect(records[11][6] == "total" && records[11][24] == "1.0")
  }

  @Test func severalModels() throws {
    let files = ["configs/accelerators/zcu102-32x32.yaml", "configs/accelerators/edge-16x16.yaml"]
    let result = try run(files + ["--models", "deit-tiny,deit-small", "--image", "32", "--format", "json"])
    #expect(result.status == 0, "\(result.errors)")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let comparisons = try #require(object["comparisons"] as? [[String: Any]])
    let names = comparisons.map { comparison in
      (comparison["designs"] as? [[String: Any]])?.map { ($0["model"] as? [String: Any])?["name"] as? String }
    }
    #expect(names == [["deit-tiny", "deit-tiny"], ["deit-small", "deit-small"]])
    let text = try run(files + ["--models", "deit-tiny,deit-small", "--image", "32"]).output.split(separator: "\n")
    #expect(text.contains { $0.hasPrefix("FPS  ") } && text.contains { $0.hasPrefix("deit-small  ") })
  }

  /// A threshold above all differences leaves no reason; one of 1 explains all that differ.
  @Test func theThresholdDecides() throws {
    let none = try run(Self.files + ["--image", "32", "--threshold", "1000"])
    #expect(none.status == 0 && !none.output.contains(" on 2: "))
    let all = try run(Self.files + ["--image", "32", "--threshold", "1"])
    #expect(all.output.split(separator: "\n").filter { $0.contains(" on 2: ") }.count == 11)
  }

  /// Integers here, floating point there: not the same work.
  @Test func differentPrecisionNeedsTheFlag() throws {
    let scratch = try Scratch()
    let yaml = try String(
      contentsOf: CLIProgram.package.appendingPathComponent("configs/accelerators/zcu102-32x32.yaml"), encoding: .utf8)
    let float = try scratch.write(
      yaml.replacing("softmax: {algorithm: i-bert", with: "softmax: {algorithm: float"), to: "float.yaml")
    let arguments = ["configs/accelerators/zcu102-32x32.yaml", float, "--model", "deit-tiny", "--image", "32"]
    let refused = try run(arguments)
    #expect(refused.status == 2 && refused.output == "")
    #expect(refused.errors.contains("computes softmax with i-bert") && refused.errors.contains("with float"))
    #expect(try run(arguments + ["--different-models"]).status == 0)
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
    ["configs/deit-tiny-zcu102.yaml", "configs/deit-tiny-edge.yaml", "--models", "deit-tiny,deit-tny"],
    ["configs/deit-tiny-zcu102.yaml", "configs/deit-tiny-edge.yaml", "--models", "deit-tiny,"],
    ["configs/deit-tiny-zcu102.yaml", "configs/deit-tiny-edge.yaml", "--models", "deit-tiny", "--model", "deit-tiny"],
    ["configs/deit-tiny-zcu102.yaml", "configs/deit-tiny-edge.yaml", "--threshold", "0.5"],
    ["configs/deit-tiny-zcu102.yaml", "configs/deit-tiny-edge.yaml", "--threshold", "nan"],
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

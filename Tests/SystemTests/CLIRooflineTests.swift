import Foundation
import Testing

/// `vitsim roofline` as a user runs it.
@Suite struct CLIRooflineTests {
  private func run(_ arguments: [String]) throws -> CLIProgram.Result { try CLIProgram.run(["roofline"] + arguments) }

  private func object(_ arguments: [String]) throws -> [String: Any] {
    let result = try run(arguments + ["--format", "json"])
    #expect(result.status == 0, "\(result.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  /// The command of docs/roofline.md gives the survey's numbers.
  @Test func theSurveysTable() throws {
    let document = try String(
      contentsOf: CLIProgram.package.appendingPathComponent("docs/roofline.md"), encoding: .utf8)
    let command = try #require(document.firstMatch(of: /vitsim roofline (vit-base --image 224,1024 --kinds [a-z,]+)/))
      .output.1
    let lines = try run(command.split(separator: " ").map(String.init)).output.split(separator: "\n")
      .map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines.contains("qkv 12 8.37 G 23.05 M 5.45 M 28.50 M 17.1% 294"))
    #expect(lines.contains("scores 12 715.3 M 3.63 M 5.59 M 9.22 M 5.5% 77.6"))
    #expect(lines.contains("mlp 24 22.31 G 65.70 M 9.08 M 74.78 M 45.0% 298"))
    #expect(lines.contains("total 121 35.24 G 125.9 M 40.38 M 166.3 M 100.0% 212"))
    #expect(lines.contains("total 121 1.33 T 5.53 G 5.44 G 10.97 G 100.0% 122"))
    #expect(lines.contains("1024 20.90× 37.84× 65.96× 0.57×"))
  }

  @Test func kindsAddUpToTheTotal() throws {
    let arguments = ["deit-tiny", "efficientvit-b0", "--image", "64,128", "--batch", "2", "--per-operator"]
    let rooflines = try #require(
      try object(arguments + ["--accelerator", "configs/deit-tiny-zcu102.yaml"])["rooflines"] as? [[String: Any]])
    #expect(rooflines.map { $0["image"] as? Int } == [64, 128, 64, 128])
    for roofline in rooflines {
      let total = try #require(roofline["total"] as? [String: Any])
      for key in ["flops", "elements_read", "elements_written", "memory_operations"] {
        for rows in ["kinds", "operators"] {
          let parts = try #require(roofline[rows] as? [[String: Any]]).compactMap { $0[key] as? Int }
          #expect(parts.reduce(0, +) == total[key] as? Int, "\(rows) \(key)")
        }
      }
      #expect(
        total["memory_operations"] as? Int == (total["elements_read"] as? Int ?? 0)
          + (total["elements_written"] as? Int ?? 0))
    }
  }

  /// A model from a file, at the size and batch that it says itself; its weights are read once for all images.
  @Test func onnx() throws {
    let file = "examples/vit.int8.onnx"
    func read(_ more: [String]) throws -> [Int] {
      let roofline = try #require((try object([file] + more)["rooflines"] as? [[String: Any]])?.first)
      #expect(roofline["image"] as? Int == 28)
      let kinds = try #require(roofline["kinds"] as? [[String: Any]])
      return kinds.filter { ["qkv", "softmax"].contains($0["kind"] as? String) }.compactMap {
        $0["elements_read"] as? Int
      }
    }
    let (one, two) = (try read([]), try read(["--batch", "2"]))
    #expect(one.count == 2 && two[1] == 2 * one[1] && two[0] > one[0] && two[0] < 2 * one[0])
  }

  @Test func csvAndPlot() throws {
    let scratch = try Scratch()
    let plot = scratch.file("plot.svg").path
    let result = try run(["deit-tiny", "--image", "32,64", "--format", "csv", "--plot", plot])
    let records = result.output.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(
      records[0].joined(separator: ",").hasPrefix("model,image,batch,operator,kind,operators,flops,elements_read"))
    #expect(records.allSatisfy { $0.count == 11 } && records.filter { $0[3] == "total" }.count == 2)
    #expect(try String(contentsOfFile: plot, encoding: .utf8).hasSuffix("</svg>\n"))
    let refused = try run(["deit-tiny", "--image", "32", "--plot", scratch.directory.path])
    #expect(refused.status == 2 && refused.output == "" && refused.errors.contains("is a directory"))
  }

  @Test(arguments: [
    ([], "model"), (["deit-tny"], "did you mean 'deit-tiny'"), (["deit-tiny", "--image", "224,33"], "multiple of 16"),
    (["deit-tiny", "--image", "224,"], "no side of an image"), (["deit-tiny", "--kinds", "qvk"], "did you mean 'qkv'"),
    (["deit-tiny", "--batch", "0"], "batch 0"), (["examples/vit.int8.onnx", "--image", "28"], "says itself"),
    (["nowhere.onnx"], "nowhere.onnx"), (["deit-tiny", "--peak", "1TFLOP/s"], "go together"),
    (["deit-tiny", "--peak", "1TFLOP", "--bandwidth", "1GB/s"], "no rate"),
    (["deit-tiny", "--peak", "-1TFLOP/s", "--bandwidth", "1GB/s"], "rate"),
    (["deit-tiny", "--peak", "1TFLOP/s", "--bandwidth", "1GB/s", "--element-bytes", "0"], "1 to 16"),
    (["deit-tiny", "--element-bytes", "2"], "goes with"), (["deit-tiny", "--set", "clock=1MHz"], "goes with"),
    (["deit-tiny", "--accelerator", "nowhere.yaml"], "nowhere.yaml"),
  ])
  func badInput(arguments: [String], says: String) throws {
    let result = try run(arguments)
    #expect(result.status == 2 && result.output == "" && result.errors.contains(says), "\(result.errors)")
  }
}

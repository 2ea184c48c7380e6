import Foundation
import Testing

/// `vitsim report` as a user runs it.
@Suite struct CLIReportTests {
  private static let tiny = "configs/deit-tiny-zcu102.yaml"
  private static let edge = "configs/deit-tiny-edge.yaml"

  /// Runs the command and gives the page that it wrote.
  private func page(_ arguments: [String], in scratch: Scratch) throws -> String {
    let name = "report.html"
    let result = try CLIProgram.run(["report"] + arguments + ["--no-sensitivity", "-o", scratch.file(name).path])
    #expect(result.status == 0 && result.output == "", "\(result.errors)")
    return try String(contentsOf: scratch.file(name), encoding: .utf8)
  }

  /// Headline and resolved configuration are those of `vitsim run`.
  @Test func figuresAreThoseOfRun() throws {
    let scratch = try Scratch()
    let options = [Self.tiny, "--image", "64", "--set", "clock=300MHz"]
    let html = try page(options, in: scratch)
    let run = try CLIProgram.run(["run"] + options + ["--format", "json"])
    let summary = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let total = try #require(summary["total"] as? [String: Any])
    let cycles = try #require(total["cycles"] as? Int)
    let layers = try #require(summary["layers"] as? [[String: Any]])
    #expect(html.contains("data-cycles=\"\(cycles)\""))
    for layer in layers {
      let (name, cycles) = (try #require(layer["name"] as? String), try #require(layer["cycles"] as? Int))
      #expect(html.contains("<tr><td>\(name)</td>") && html.contains("<td class=\"n\" data-v=\"\(cycles)\">"))
    }
    #expect(html.contains(try #require(summary["configuration"] as? String)))
    #expect(html.contains("vitsim report \(Self.tiny) --image 64 --set clock=300MHz --no-sensitivity -o "))
  }

  /// What the page says to do gives the same page again.
  @Test func theConfigurationGivesTheSameReport() throws {
    let scratch = try Scratch()
    let first = try page([Self.edge, "--image", "32"], in: scratch)
    let text = try #require(first.firstMatch(of: /(?s)<section id="configuration">.*?<pre[^>]*>(.*?)<\/pre>/)).output.1
    let saved = try scratch.write(String(text), to: "saved.yaml")
    let second = try page([saved], in: scratch)
    func withoutCommand(_ html: String) -> String? { html.components(separatedBy: "id=\"reproduce\"").first }
    #expect(withoutCommand(first) == withoutCommand(second))
  }

  @Test func theSameCommandGivesTheSameBytes() throws {
    let scratch = try Scratch()
    let arguments = [Self.edge, "--image", "32"]
    #expect(try page(arguments, in: scratch) == page(arguments, in: scratch))
  }

  @Test func schedulesModelsAndComparisons() throws {
    let scratch = try Scratch()
    let schedule = scratch.file("deit.vsched").path
    #expect(try CLIProgram.run(["compile", Self.tiny, "--image", "32", "-o", schedule]).status == 0)
    #expect(try page([schedule], in: scratch).contains("<h1>deit-tiny on zcu102-32x32</h1>"))
    let accelerator = "configs/accelerators/edge-16x16.yaml"
    let alone = try page(["--model", "deit-tiny", "--image", "32", "--accelerator", accelerator], in: scratch)
    #expect(alone.contains("<h1>deit-tiny on edge-16x16</h1>"))
    let both = try page([Self.tiny, Self.edge, "--image", "32", "--engine", "both"], in: scratch)
    #expect(both.contains("<h1>deit-tiny on 2 designs</h1>") && both.contains("id=\"front\""))
  }

  @Test func aSweepHasAPageToo() throws {
    let scratch = try Scratch()
    let sweep = try scratch.write(
      """
      base: \(CLIProgram.package.path)/\(Self.edge)
      models: [{name: deit-tiny, image: 32}]
      grid: {clock: [100MHz, 125MHz]}
      """, to: "clocks.yaml")
    let arguments = ["sweep", sweep, "--format", "csv"]
    let alone = try CLIProgram.run(arguments, in: scratch.directory)
    let result = try CLIProgram.run(arguments + ["--report", "sweep.html"], in: scratch.directory)
    #expect(result.status == 0 && result.output == alone.output, "\(result.errors)")
    let html = try String(contentsOf: scratch.file("sweep.html"), encoding: .utf8)
    #expect(html.contains("<h1>clocks</h1>") && html.contains("id=\"front\"") && html.contains("clock=125MHz"))
    #expect(html.contains("<th class=\"n\">image</th>") && html.contains("<td class=\"n\">32</td>"))
    let refused = try CLIProgram.run(arguments + ["--report", "nowhere/a.html"], in: scratch.directory)
    #expect(refused.status == 2 && refused.output == "")
  }

  /// A schedule's configuration is its accelerator: no run begins with that, nor is anything compiled anew.
  @Test func aScheduleNamesNoModel() throws {
    let scratch = try Scratch()
    let schedule = "traces/prime-sizes/case.vsched"
    let html = try page([schedule], in: scratch)
    #expect(html.contains("How to reproduce") && !html.contains("save the configuration"))
    #expect(!html.contains("what a run needs"))
    #expect(try page([Self.edge, "--image", "32"], in: scratch).contains("Or save the configuration above"))
    let file = scratch.file("b.html").path
    let refused = try CLIProgram.run(["report", schedule, "--sensitivity", "-o", file])
    #expect(refused.status == 2 && refused.errors.contains("is a schedule"), "\(refused.errors)")
    #expect(!scratch.names.contains("b.html"))
  }

  @Test func differentModelsNeedTheFlag() throws {
    let scratch = try Scratch()
    let files = [Self.tiny, "configs/deit-small-two-engines.yaml", "--image", "32"]
    let refused = try CLIProgram.run(["report"] + files + ["-o", scratch.file("a.html").path])
    #expect(refused.status == 2 && refused.errors.contains("--different-models"))
    #expect(scratch.names.isEmpty)
    #expect(try page(files + ["--different-models"], in: scratch).contains("The models differ"))
  }

  @Test(arguments: [
    [tiny], ["-o", "x.html"], ["nowhere.yaml", "-o", "x.html"], [tiny, "-o", "nowhere/x.html"],
    [tiny, "-o", "configs"],
    [tiny, "--model", "deit-tny", "-o", "x.html"], [tiny, "--set", "clck=1", "-o", "x.html"],
  ])
  func badInput(arguments: [String]) throws {
    let scratch = try Scratch()
    try FileManager.default.createSymbolicLink(
      at: scratch.file("configs"), withDestinationURL: CLIProgram.package.appendingPathComponent("configs"))
    let result = try CLIProgram.run(["report"] + arguments, in: scratch.directory)
    #expect(result.status == 2 && result.output == "" && !result.errors.isEmpty)
    #expect(scratch.names == ["configs"])
  }

  @Test func aDesignThatDoesNotFit() throws {
    let scratch = try Scratch()
    let large = [Self.tiny, "--image", "32", "--set", "engines.array.rows=256", "-o", scratch.file("a.html").path]
    #expect(try CLIProgram.run(["report"] + large).status == 3 && scratch.names.isEmpty)
    #expect(try CLIProgram.run(["report"] + large + ["--ignore-budget"]).status == 0)
  }

  /// The page's policy lets no other script run than its own: it names its hash.
  @Test func thePolicyNamesTheScript() throws {
    let scratch = try Scratch()
    let html = try page([Self.edge, "--image", "32"], in: scratch)
    let script = try #require(html.firstMatch(of: /(?s)<script>(.*?)<\/script>/)).output.1
    let file = try scratch.write(String(script), to: "script.js")
    let sum = try CLIProgram.shell("sha256sum '\(file)'").output.prefix(64)
    let bytes = stride(from: 0, to: sum.count, by: 2).compactMap { UInt8(sum.dropFirst($0).prefix(2), radix: 16) }
    try #require(bytes.count == 32)
    #expect(html.contains("script-src &#39;sha256-\(Data(bytes).base64EncodedString())&#39;"))
  }

  /// A large model's report is a few megabytes at most.
  @Test func theSizeIsBounded() throws {
    let scratch = try Scratch()
    #expect(try page(["configs/deit-base-zcu102.yaml"], in: scratch).utf8.count < 1_500_000)
  }
}

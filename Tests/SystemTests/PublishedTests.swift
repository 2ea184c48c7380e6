import Foundation
import Testing

/// The published designs as a user runs them, and the page that is made of them.
@Suite struct PublishedTests {
  private static func document(_ name: String) throws -> String {
    try String(contentsOf: CLIProgram.package.appendingPathComponent("docs/" + name), encoding: .utf8)
  }

  /// `vitsim validate --write docs` makes them anew.
  @Test func thePageAndThePlotAreNotStale() throws {
    let output = try PublishedRun.get()
    let (page, plot) = (try Self.document("validation.md"), try Self.document("validation.svg"))
    #expect(output.page == page && output.plot == plot, "run 'vitsim validate --write docs'")
  }

  @Test func everyDesignIsThere() throws {
    let files = try FileManager.default.contentsOfDirectory(
      atPath: CLIProgram.package.appendingPathComponent("configs/published").path)
    let figures = try PublishedRun.get().figures
    #expect(Set(figures.map(\.configuration)).isSuperset(of: files.map { "configs/published/" + $0 }))
    #expect(files.count >= 6)
  }

  /// What is simulated lies in its band, and what differs has a reason.
  @Test func figuresHangTogether() throws {
    let deviations = try Self.document("deviations.md")
    for figure in try PublishedRun.get().figures {
      let name: Comment = "\(figure.design), \(figure.quantity)"
      guard let simulated = figure.simulated else {
        #expect(figure.leftOut?.isEmpty == false && figure.error == nil, name)
        continue
      }
      let error = try #require(figure.error)
      #expect(figure.leftOut == nil && abs(error - (simulated / figure.published - 1)) < 1e-9, name)
      if let least = figure.least, let most = figure.most { #expect(least...most ~= simulated, name) }
      #expect(abs(error) < 0.00005 || !figure.deviations.isEmpty, name)
      for number in figure.deviations { #expect(deviations.contains("| **\(number)** |"), "\(number)") }
    }
  }

  /// Every value of a published design says what it is.
  @Test func nothingIsTunedInSecret() throws {
    let folder = CLIProgram.package.appendingPathComponent("configs/published")
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      let keys = ["clock", "bandwidth", "macs-per-dsp", "device", "pe-registers"]
      for line in text.split(separator: "\n") {
        guard let key = keys.first(where: { line.drop(while: { $0 == " " }).hasPrefix($0 + ":") }) else { continue }
        let says = ["published", "derived", "swept", "assumed"].contains { line.contains("# " + $0) }
        #expect(says, "\(file): \(key)")
      }
    }
  }

  @Test func oneFile() throws {
    let result = try CLIProgram.run(["validate", "configs/published/hg-pipe.yaml"])
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines.first == "design quantity published simulated error band why")
    #expect(lines.contains("HG-PIPE softmax of a head 57,624 cycles 57,624 0 -"))
    #expect(lines.contains("HG-PIPE DeiT-T, on the board 7118 FPS 7375 +3.61% - D12"))
    let csv = try CLIProgram.run(["validate", "configs/published/hg-pipe.yaml", "--format", "csv", "--threads", "1"])
    #expect(
      csv.output.hasPrefix(
        "configuration,design,quantity,unit,published,simulated,error,least,most,deviations,left_out\r\n"
          + "configs/published/hg-pipe.yaml,HG-PIPE,patch embedding,cycles,56449.0,56449.0,0.0,,,,\r\n"))
  }

  @Test func mistakes() throws {
    let scratch = try Scratch()
    let text = try String(
      contentsOf: CLIProgram.package.appendingPathComponent("configs/published/hg-pipe.yaml"), encoding: .utf8)
    let wrong = try scratch.write(text.replacing("operation: softmax", with: "operation: softmx"), to: "wrong.yaml")
    for command in ["lint", "validate"] {
      let result = try CLIProgram.run([command, wrong])
      #expect(result.status == 2)
      #expect((result.output + result.errors).contains("did you mean 'softmax'?"), "\(result.errors)")
    }
    let none = try CLIProgram.run(["validate", "configs/deit-tiny-zcu102.yaml"])
    #expect(none.status == 2 && none.errors.contains("nothing is published of it"))
    let modelless = try scratch.write(
      text.replacing(
        "value: 56448 cycles           # published: 3 passes\n      measure: {rows: {operation: layernorm, rows: 196, columns: 192}}",
        with: "value: 56448 cycles\n      measure: model"), to: "modelless.yaml")
    let run = try CLIProgram.run(["validate", modelless])
    #expect(run.status == 2, "\(run.output)")
    #expect(run.errors.contains("there is no stage 'LayerNorm'"))
    for arguments in [["--write", "docs", "--list"], ["--reference", "README.md", "configs/published/hg-pipe.yaml"]] {
      #expect(try CLIProgram.run(["validate"] + arguments).status == 2)
    }
    let written = try CLIProgram.run([
      "validate", "configs/published/hg-pipe.yaml", "--write", scratch.file("nowhere").path,
    ])
    #expect(written.status == 2)
  }
}

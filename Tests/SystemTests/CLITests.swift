import Foundation
import Testing

/// The command line as a user meets it: output, exit status, bad input.
@Suite struct CLITests {
  static let config = "configs/deit-tiny-zcu102.yaml"

  @Test func theMainJob() throws {
    let result = try CLIProgram.run(["run", Self.config])
    #expect(result.status == 0)
    #expect(result.errors == "")
    let lines = result.output.split(separator: "\n")
    #expect(lines.first?.hasPrefix("deit-tiny, image 224, batch 1 on ") == true)
    #expect(lines.contains { $0.hasPrefix("total ") })
    #expect(lines.contains { $0.contains(" cycles = ") && $0.contains(" FPS, ") && $0.contains(" GOPS") })
    #expect(lines.contains { $0.hasPrefix("DSP efficiency ") })
    #expect(!result.output.contains("\u{1B}"))
  }

  @Test func jsonAddsUpAndRunsAgain() throws {
    let first = try CLIProgram.run(["run", Self.config, "--format", "json"])
    #expect(first.status == 0)
    let root = try #require(try JSONSerialization.jsonObject(with: Data(first.output.utf8)) as? [String: Any])
    let total = try #require(root["total"] as? [String: Any])
    let layers = try #require(root["layers"] as? [[String: Any]])
    for key in ["cycles", "macs", "dram_read_bytes", "dram_written_bytes"] {
      let sum = layers.compactMap { $0[key] as? Int }.reduce(0, +)
      #expect(sum == total[key] as? Int, "\(key)")
    }
    for row in layers + [total] {
      #expect((row["stack"] as? [String: Int])?.values.reduce(0, +) == row["cycles"] as? Int)
    }
    // 1.2535 GMAC of encoder and patch embedding and 192 · 1000 of the head.
    #expect(total["macs"] as? Int == 1_253_683_200)
    let scratch = try Scratch()
    let configuration = try scratch.write(try #require(root["configuration"] as? String), to: "again.yaml")
    #expect(try CLIProgram.run(["run", configuration, "--format", "json"]).output == first.output)
  }

  @Test func csvColumnsAddUp() throws {
    let result = try CLIProgram.run(["run", Self.config, "--format", "csv"])
    #expect(result.status == 0)
    let records = result.output.split(separator: "\r\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(records.last?.first == "total")
    #expect(Set(records.map(\.count)).count == 1)
    let header = try #require(records.first)
    for column in header.indices where header[column] == "cycles" || header[column].hasSuffix("_bytes") {
      let values = records.dropFirst().compactMap { Int($0[column]) }
      #expect(values.count == records.count - 1)
      #expect(values.dropLast().reduce(0, +) == values.last, "\(header[column])")
    }
  }

  @Test func aCompiledScheduleRunsAsItsConfiguration() throws {
    let scratch = try Scratch()
    let file = scratch.file("deit.vsched").path
    #expect(try CLIProgram.run(["compile", Self.config, "-o", file]).status == 0)
    #expect(scratch.names == ["deit.vsched"])
    let direct = try CLIProgram.run(["run", Self.config, "--format", "json"])
    let compiled = try CLIProgram.run(["run", file, "--format", "json"])
    #expect(compiled.status == 0)
    #expect(compiled.output == direct.output)
    #expect(try CLIProgram.run(["lint", file]).output == "\(file): no mistakes\n")
    // Cut off anywhere, it is refused with its name.
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let cut = try scratch.write(String(text.prefix(text.count / 2)), to: "cut.vsched")
    let refused = try CLIProgram.run(["run", cut])
    #expect(refused.status == 2)
    #expect(refused.errors.contains("cut.vsched"))
    #expect(refused.output == "")
  }

  @Test func optionsReplaceWhatTheConfigurationSays() throws {
    let small = try CLIProgram.run(["run", Self.config, "--model", "deit-small", "--image", "64", "--batch", "2"])
    #expect(small.output.hasPrefix("deit-small, image 64, batch 2 on zcu102-32x32: 200 MHz, 1,024 MAC/cycle\n"))
    let other = try CLIProgram.run([
      "run", "--model", "deit-tiny", "--image", "64", "--accelerator", "configs/accelerators/edge-16x16.yaml", "--set",
      "clock=50MHz",
    ])
    #expect(other.output.hasPrefix("deit-tiny, image 64, batch 1 on edge-16x16: 50.0 MHz, 256 MAC/cycle\n"))
  }

  @Test func bothEnginesAgree() throws {
    let both = try CLIProgram.run(["run", Self.config, "--image", "32", "--engine", "both"])
    #expect(both.status == 0)
    let literal = try CLIProgram.run(["run", Self.config, "--image", "32", "--engine", "literal"])
    #expect(literal.output == both.output)
  }

  @Test func aDesignThatDoesNotFitIsRefused() throws {
    let large = ["run", Self.config, "--image", "32", "--set", "engines.array.rows=256"]
    let refused = try CLIProgram.run(large)
    #expect(refused.status == 3)
    #expect(refused.output == "")
    #expect(refused.errors.contains("doesn't fit zcu102"))
    #expect(refused.errors.contains("DSP, zcu102 has 2520"))
    #expect(try CLIProgram.run(large + ["--ignore-budget"]).status == 0)
  }

  @Test func gemm() throws {
    let arguments = ["gemm", "197", "64", "197", "--accelerator", "configs/accelerators/scale-sim.yaml", "--on-chip"]
    // ⌈197/32⌉·⌈64/32⌉ folds of: load 32 + rows 197 + skew (32 + 32 − 2)
    let stationary = try CLIProgram.run(arguments + ["--format", "json"])
    #expect(stationary.output.contains("\"cycles\": \(7 * 2 * (32 + 197 + 62))"))
    // ⌈197/32⌉·⌈64/32⌉ folds of: K 197 + skew 62
    let outputs = try CLIProgram.run(arguments + ["--dataflow", "os", "--format", "json"])
    #expect(outputs.output.contains("\"cycles\": \(7 * 2 * (197 + 62))"))
    let schedule = try CLIProgram.run(arguments + ["--schedule"])
    #expect(schedule.output.hasPrefix("vsched 1\n"))
    #expect(
      try CLIProgram.run(["gemm", "0", "4", "4", "--accelerator", "configs/accelerators/edge-16x16.yaml"]).status == 2)
  }

  @Test func whatThereIs() throws {
    let models = try CLIProgram.run(["models"])
    func line(_ output: String, _ model: String) -> String? {
      output.split(separator: "\n").first { $0.hasPrefix(model) }?.split(separator: " ").joined(separator: " ")
    }
    #expect(line(models.output, "deit-tiny") == "deit-tiny 224 16 192 12 3 1,253,683,200 5,717,416")
    #expect(
      line(models.output, "efficientvit-b1")
        == "efficientvit-b1 224 32 16/32/64/128/256 1/2/3/3/4 16/32 519,214,592 9,109,592")
    // Not every model takes 240 pixels, and none 241.
    let other = try CLIProgram.run(["models", "--image", "240"])
    #expect(line(other.output, "efficientvit-b1") == "efficientvit-b1 240 32 16/32/64/128/256 1/2/3/3/4 16/32 - -")
    #expect(line(other.output, "vit-base")?.hasSuffix(" 86,589,928") == true)
    #expect(try CLIProgram.run(["models", "--image", "241"]).status == 2)
    let configs = try CLIProgram.run(["configs"])
    #expect(configs.output.contains(Self.config))
    #expect(configs.status == 0)
  }

  @Test func standardOutputThatTakesNothingIsAnError() throws {
    let full = try CLIProgram.shell("$vitsim models > /dev/full")
    #expect(full.status == 2)
    #expect(full.errors == "standard output can't be written: No space left on device\n")
    let closed = try CLIProgram.shell("$vitsim models >&-")
    #expect(closed.status == 2)
    #expect(closed.errors == "standard output can't be written: Bad file descriptor\n")
  }

  @Test func aReaderThatGoesAwayIsNoFailure() throws {
    let result = try CLIProgram.shell("$vitsim compile \(Self.config) | head -n 1; echo ${PIPESTATUS[0]}")
    #expect(result.output.hasPrefix("vsched 1\n"))
    #expect(result.output.hasSuffix("\n0\n"))
    #expect(result.errors == "")
  }

  @Test(arguments: [
    ["run"], ["run", "--bogus"], ["bogus"], ["run", "nowhere.yaml"], ["run", "configs"],
    ["run", "--engine", "warp", config],
    ["run", config, "--format", "xml"], ["run", config, "--model", "deit-tinny"], ["run", config, "--image", "100"],
    ["run", config, "--image", "-16"], ["run", config, "--batch", "0"], ["run", config, "--set", "clock"],
    ["run", config, "--set", "clock=200"], ["run", config, "--set", "engines.array.rows=0"],
    ["run", config, "--set", "engines.arry.rows=4"], ["run", "configs/accelerators/edge-16x16.yaml"], ["lint"],
    ["lint", "nowhere.vsched"], ["gemm", "1", "2"], ["gemm", "1", "2", "x", "--accelerator", "a.yaml"],
    ["gemm", "1", "2", "3"], ["trace", "show", "README.md"], ["trace", "diff", "README.md"],
    ["validate", "--list", "--format", "csv"],
    ["validate", "--reference", "nowhere.csv"], ["validate", "--reference", "README.md"], ["run", "/dev/null"],
    ["gemm", "9223372036854775807", "2", "2", "--accelerator", "configs/accelerators/scale-sim.yaml", "--on-chip"],
  ])
  func badInputIsStatus2(arguments: [String]) throws {
    let result = try CLIProgram.run(arguments)
    #expect(result.status == 2)
    let message = arguments.first == "lint" && arguments.count > 1 ? result.output : result.errors
    #expect(!message.isEmpty)
    // A file or an option that is to blame is named.
    if let blamed = arguments.first(where: { $0.hasPrefix("nowhere") }) { #expect(message.contains(blamed)) }
  }

  @Test func filesAreWrittenWholeOrNotAtAll() throws {
    let scratch = try Scratch()
    let kept = try scratch.write("before", to: "kept.json")
    // A run that fails leaves the file as it was.
    #expect(try CLIProgram.run(["run", "nowhere.yaml", "--format", "json", "-o", kept]).status == 2)
    #expect(try String(contentsOfFile: kept, encoding: .utf8) == "before")
    let run = ["run", Self.config, "--image", "32", "--format", "json", "-o"]
    #expect(try CLIProgram.run(run + [kept]).status == 0)
    #expect(try String(contentsOfFile: kept, encoding: .utf8).hasSuffix("}\n"))
    #expect(scratch.names == ["kept.json"])
    let directory = try CLIProgram.run(run + [scratch.directory.path])
    #expect(directory.status == 2)
    #expect(directory.errors.contains(scratch.directory.path))
    let nowhere = try CLIProgram.run(run + [scratch.file("no/such/place").path])
    #expect(nowhere.status == 2)
    #expect(nowhere.errors.contains("no/such/place"))
    #expect(scratch.names == ["kept.json"])
    // Half-way a disk is full.
    let full = try CLIProgram.run(run + ["/dev/full"])
    #expect(full.status == 2)
    #expect(FileManager.default.fileExists(atPath: "/dev/full"))
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    let scratch = try Scratch()
    for name in ["bad.yaml", "bad.vsched", "bad.txt"] {
      try Data([0x6e, 0x3a, 0x20, 0xff, 0xfe, 0x0a]).write(to: scratch.file(name))
      let result = try CLIProgram.run(["run", scratch.file(name).path])
      #expect(result.status == 2)
      #expect(result.errors.contains("\(name):1:4: error: "))
    }
  }

  /// A schedule in which all is well but that does other work than the model it names.
  @Test(arguments: ["deit-small image=224", "deit-tiny image=240", "deit-tiny image=0"])
  func lintHoldsASchedulesWorkAgainstItsModel(model: String) throws {
    let scratch = try Scratch()
    let compiled = try CLIProgram.run(["compile", Self.config]).output
    let line = "model deit-tiny image=224 batch=1\n"
    #expect(compiled.contains(line))
    let file = try scratch.write(
      compiled.replacingOccurrences(of: line, with: "model \(model) batch=1\n"), to: "other.vsched")
    let lint = try CLIProgram.run(["lint", file])
    #expect(lint.status == 1)
    #expect(lint.output.contains("model"))
    #expect(try CLIProgram.run(["run", file]).status == 2)
  }

  @Test func lintNamesEveryMistake() throws {
    let scratch = try Scratch()
    let yaml = try String(
      contentsOf: CLIProgram.package.appendingPathComponent("configs/accelerators/edge-16x16.yaml"), encoding: .utf8)
    let path = try scratch.write(
      yaml.replacing("clock:", with: "clok:").replacing("rows: 16", with: "rows: many"), to: "two.yaml")
    let result = try CLIProgram.run(["lint", path, Self.config])
    #expect(result.status == 2)
    let findings = result.output.split(separator: "\n")
    #expect(findings.filter { $0.hasPrefix(path + ":") }.count >= 2)
    #expect(result.output.contains("did you mean 'clock'?"))
    #expect(result.output.contains("\(Self.config): no mistakes"))
  }
}

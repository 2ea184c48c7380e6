import Foundation
import Testing

/// What the help says must be so.
@Suite struct CLIHelpTests {
  static let commands = [
    [], ["run"], ["compile"], ["lint"], ["models"], ["configs"], ["gemm"], ["trace"], ["trace", "record"],
    ["trace", "diff"], ["trace", "show"], ["validate"], ["compare"], ["explain"], ["roofline"], ["report"],
    ["sweep"],
  ]

  /// The commands under EXAMPLES, those on several lines joined: a line that the help broke doesn't run.
  private static func examples(of command: [String]) throws -> [String] {
    let help = try CLIProgram.run(command + ["--help"])
    #expect(help.status == 0)
    #expect(help.errors == "")
    return help.output.replacing(#/ \\\n +/#, with: " ").split(separator: "\n").filter { $0.hasPrefix("  vitsim ") }.map
    { String($0.dropFirst(2)) }
  }

  @Test func everyCommandHasExamplesAndAllOfThemRun() throws {
    let scratch = try Scratch()
    for name in ["configs", "traces", "Tests", "examples"] {
      try FileManager.default.createSymbolicLink(
        at: scratch.file(name), withDestinationURL: CLIProgram.package.appendingPathComponent(name))
    }
    // It takes its time, and `PublishedRun` runs it.
    var done: Set = ["vitsim validate"]
    for command in Self.commands {
      let examples = try Self.examples(of: command)
      #expect(!examples.isEmpty, "vitsim \(command.joined(separator: " ")) --help has no examples")
      for example in examples where done.insert(example).inserted {
        let arguments = example.split(separator: " ").dropFirst().map(String.init)
        let result = try CLIProgram.run(arguments, in: scratch.directory)
        #expect(result.status == 0, "\(example): \(result.errors)")
      }
    }
  }

  @Test func everyCommandIsListed() throws {
    let help = try CLIProgram.run(["--help"]).output
    for command in Self.commands.compactMap(\.first) {
      #expect(help.contains("\n  \(command) "), "\(command)")
    }
  }

  @Test func statusesAreInTheHelpAndInTheDocument() throws {
    let help = try CLIProgram.run(["--help"]).output
    let document = try String(contentsOf: CLIProgram.package.appendingPathComponent("docs/output.md"), encoding: .utf8)
    for status in [0, 1, 2, 3, 70, 130] {
      #expect(help.contains("\n  \(status) "))
      #expect(document.contains("\n| \(status) | "))
    }
  }

  @Test func versionAndCompletions() throws {
    let version = try CLIProgram.run(["--version"])
    #expect(version.output.wholeMatch(of: #/[0-9]+\.[0-9]+\.[0-9]+\n/#) != nil)
    for shell in ["bash", "zsh", "fish"] {
      let script = try CLIProgram.run(["--generate-completion-script", shell])
      #expect(script.status == 0)
      #expect(script.output.contains("vitsim"))
    }
  }

  @Test(arguments: [
    ("run configs/deit-ti", ["configs/deit-tiny-edge.yaml", "configs/deit-tiny-zcu102.yaml"]),
    ("run --model vit-", ["vit-base", "vit-large"]), ("gemm 1 1 1 --accelerator configs/acc", ["configs/accelerators"]),
    ("run traces/one-row/", ["traces/one-row/case.vsched"]),
  ])
  func bashCompletes(line: String, expected: [String]) throws {
    let words = "vitsim " + line
    let result = try CLIProgram.shell(
      """
      eval "$("$vitsim" --generate-completion-script bash)"
      COMP_WORDS=(\(words)) COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE='\(words)' COMP_POINT=\(words.utf8.count)
      _vitsim vitsim "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\n' "${COMPREPLY[@]}"
      """)
    let offered = Set(result.output.split(separator: "\n").map(String.init))
    #expect(offered.isSuperset(of: expected), "\(result.output)\(result.errors)")
    #expect(!offered.contains("traces/one-row/trace.txt"))
  }
}

import Foundation
import Testing

/// Signals that end the program in the midst of its work.
@Suite struct CLISignalTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// What ends the program while it writes leaves no half file.
  @Test(arguments: ["INT", "TERM", "HUP"])
  func aSignalLeavesNothingBehind(signal: String) throws {
    let script = """
      $vitsim run "$CONFIG" --vcd big.vcd --window 0:500000 --vcd-units tokens & pid=$!
      until ls big.vcd.*.tmp >seen 2>/dev/null; do kill -0 $pid 2>/dev/null || break; done
      kill -\(signal) $pid; wait $pid; echo $?
      """
    let config = CLIProgram.package.appendingPathComponent(CLITests.config).path
    // Background jobs of a shell without job control ignore SIGINT.
    let result = try CLIProgram.shell("set -m; CONFIG='\(config)'\n" + script, in: scratch.directory)
    let number = ["INT": 130, "TERM": 143, "HUP": 129][signal]
    #expect(result.output.hasSuffix("\(number ?? 0)\n"), "\(result.output) \(result.errors)")
    #expect(try !Data(contentsOf: scratch.file("seen")).isEmpty)
    #expect(!scratch.names.contains { $0.hasPrefix("big.vcd") }, "\(scratch.names)")
  }

  @Test func aSweepIsStoppedWhileItReads() throws {
    let clocks = (1...20_000).map { "\($0)kHz" }.joined(separator: ", ")
    let base = CLIProgram.package.appendingPathComponent(CLITests.config).path
    _ = try scratch.write("base: \(base)\ngrid: {clock: [\(clocks)]}\n", to: "long.yaml")
    // Sooner it has not begun to listen.
    let script = """
      set -m
      for delay in 0.2 0.4 0.6 0.8 1 1.3 1.6 2 2.5 3 4 5 6 8; do
        $vitsim sweep long.yaml 2>seen & pid=$!
        sleep $delay; kill -TERM $pid; wait $pid; status=$?
        if grep -q 'while the points were read' seen; then echo $status; exit; fi
      done
      """
    let result = try CLIProgram.shell(script, in: scratch.directory)
    #expect(result.output == "130\n", "\(result.output) \(result.errors)")
  }
}

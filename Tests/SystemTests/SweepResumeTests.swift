import Exploration
import Foundation
import GRDB
import SweepStore
import TestSupport
import Testing

/// A sweep that is killed goes on where it was: nothing that was done is lost, nothing is done twice.
@Suite struct SweepResumeTests {
  private let scratch: Scratch
  /// 24 designs.
  private static let sweep = """
    models: [{name: deit-tiny, image: 16}]
    grid:
      engines.array.rows: [8, 16, 24, 32]
      clock: [100MHz, 200MHz]
      dram.latency: [10, 20, 40]
    """

  init() throws {
    scratch = try Scratch()
    let base = CLIProgram.package.appendingPathComponent("configs/deit-tiny-zcu102.yaml").path
    _ = try scratch.write("base: \(base)\n" + Self.sweep, to: "a.yaml")
  }

  /// The program under way.
  private func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = try #require(CLIProgram.executable as URL?)
    process.arguments = ["sweep"] + arguments
    process.currentDirectoryURL = scratch.directory
    process.standardInput = FileHandle.nullDevice
    for name in ["output", "errors"] { try Data().write(to: scratch.file(name)) }
    process.standardOutput = try FileHandle(forWritingTo: scratch.file("output"))
    process.standardError = try FileHandle(forWritingTo: scratch.file("errors"))
    try process.run()
    return process
  }

  private func text(_ name: String) throws -> String { try String(contentsOf: scratch.file(name), encoding: .utf8) }

  /// What the store holds, opened as the program opens it.
  private func kept(_ name: String) throws -> [DesignKey: SweepOutcome] {
    let store = try SweepStore(path: scratch.file(name).path)
    defer { store.close() }
    return try store.outcomes()
  }

  /// Waits until the store has a design. It is read as any reader does: `SweepStore` would lock the program out.
  private func waitForADesign(of process: Process) {
    var configuration = Configuration()
    configuration.readonly = true
    while process.isRunning {
      let queue = try? DatabaseQueue(path: scratch.file("a.sqlite").path, configuration: configuration)
      let count = try? queue?.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM design") }
      if let count, count > 0 { return }
      usleep(2000)
    }
  }

  @Test func killedAtRandomMomentsItGivesTheSameResult() throws {
    let whole = try CLIProgram.run(
      ["sweep", "a.yaml", "--store", "whole.db", "--format", "csv"], in: scratch.directory)
    #expect(whole.status == 0, "\(whole.errors)")
    let expected = try kept("whole.db")
    #expect(expected.count == 24)
    var random = SplitMix64(seed: UInt64.random(in: 0...UInt64.max))
    // Only a kill in its midst says something: else all begins anew.
    for _ in 0..<10 {
      if try killAgainAndAgain(until: expected, whole: whole.output, &random) > 0 { return }
      for name in scratch.names where name.hasPrefix("a.sqlite") {
        try FileManager.default.removeItem(at: scratch.file(name))
      }
    }
    Issue.record("no kill has met a sweep in its midst")
  }

  /// Returns how many kills have met it between its first and its last design.
  private func killAgainAndAgain(
    until expected: [DesignKey: SweepOutcome], whole: String, _ random: inout SplitMix64
  ) throws -> Int {
    var (before, kills, inMidst) = ([DesignKey: SweepOutcome](), 0, 0)
    while before.count < expected.count, kills < 60 {
      let process = try start(["a.yaml", "--format", "csv"])
      // Later and later, so that a slow machine comes to its end as well.
      usleep(UInt32(random.int(0...600 + 20 * kills) * 1000))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      kills += 1
      let after = try kept("a.sqlite")
      for (key, outcome) in before { #expect(after[key] == outcome, "nothing is lost") }
      for (key, outcome) in after { #expect(expected[key] == outcome, "nothing is half done") }
      if before.count < after.count, after.count < expected.count { inMidst += 1 }
      before = after
    }
    let last = try CLIProgram.run(["sweep", "a.yaml", "--format", "csv"], in: scratch.directory)
    #expect(last.status == 0 && last.output == whole)
    #expect(last.errors.contains("24 designs: \(24 - before.count) evaluated"), "nothing is done twice: \(last.errors)")
    #expect(scratch.names.filter { $0.hasPrefix("a.sqlite") } == ["a.sqlite"])
    return inMidst
  }

  @Test(arguments: [SIGINT, SIGTERM]) func interruptedItSaysHowToGoOn(signal: Int32) throws {
    let process = try start(["a.yaml", "--workers", "1"])
    waitForADesign(of: process)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    #expect(try text("output") == "")
    let message = try #require(
      try text("errors").firstMatch(of: /stopped: (\d+) of 24 designs are left; the same command/))
    let left = try #require(Int(message.output.1))
    let done = try kept("a.sqlite").count
    #expect(left > 0 && done == 24 - left)
    let rest = try CLIProgram.run(["sweep", "a.yaml"], in: scratch.directory)
    #expect(rest.status == 0 && rest.errors.contains("24 designs: \(left) evaluated"))
  }

  @Test func aSecondSweepOnTheSameStoreIsRefused() throws {
    let process = try start(["a.yaml", "--workers", "1"])
    waitForADesign(of: process)
    let second = try CLIProgram.run(["sweep", "a.yaml"], in: scratch.directory)
    #expect(second.status == 2 && second.output == "")
    #expect(second.errors.contains("a.sqlite: error: another program is writing to it"))
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try kept("a.sqlite").count == 24)
  }
}

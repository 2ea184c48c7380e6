import CoSimulation
import Foundation
import Hardware
import HardwareYAML
import Machine
import Schedule

/// The virtual platform of `examples/platform`, built once by its own script.
enum PlatformToolbox {
  /// What it needs, or why it can't be.
  static let isPossible = SystemCKernel.isAvailable && ArrayToolbox.hasCompiler
  static let reason = "needs SystemC and a C++ compiler: apt install libsystemc-dev g++, then a clean build"

  private static let program = Result {
    let output = try ArrayToolbox.temporaryDirectory().appendingPathComponent("platform").path
    let script = ArrayToolbox.examples.deletingLastPathComponent().appendingPathComponent("platform/build.sh").path
    try ArrayToolbox.run(["CXXFLAGS=-O1 -Wall -Wextra -Werror", "sh", script, output])
    return output
  }

  /// One of `configs/accelerators`.
  static func accelerator(_ name: String) throws -> Accelerator {
    let root = ArrayToolbox.examples.deletingLastPathComponent().deletingLastPathComponent()
    return try RunConfiguration.load(path: root.appendingPathComponent("configs/accelerators/\(name)").path)
      .accelerator
  }

  /// What one run of the accelerator left in its registers.
  struct Registers: Hashable {
    var isDone = false
    /// From the start to the interrupt, in periods.
    var end = 0
    var cycles = 0
    var instructions = 0
    var error = ""
    var units: [Unit] = []

    struct Unit: Hashable {
      var occupied = 0
      var ended = 0
      var read = 0
      var written = 0
    }
  }

  struct Outcome {
    var text = ""
    var runs: [Registers] = []
    var memory: [UInt8] = []
  }

  /// Lets the platform run a program image, with further options.
  static func run(_ image: [UInt8], _ options: String, script: String? = nil) throws -> Outcome {
    let directory = try ArrayToolbox.temporaryDirectory()
    func file(_ name: String) -> String { directory.appendingPathComponent(name).path }
    try Data(image).write(to: URL(fileURLWithPath: file("image")))
    var command = [try program.get(), file("image")] + options.split(separator: " ").map(String.init)
    command += ["--dump", file("dump")]
    if let script {
      try Data(script.utf8).write(to: URL(fileURLWithPath: file("script")))
      command += ["--script", file("script")]
    }
    var outcome = Outcome()
    // A run that ends with an error is an outcome too.
    outcome.text = try ArrayToolbox.run(["sh", "-c", "\"$@\" || [ $? -eq 1 ]", "platform"] + command)
    outcome.runs = try parse(outcome.text)
    outcome.memory = Array(try Data(contentsOf: URL(fileURLWithPath: file("dump"))))
    try FileManager.default.removeItem(at: directory)
    return outcome
  }

  /// Calls `body` with the path of a file that holds `bytes` as long as it runs.
  static func withFile<T>(_ bytes: [UInt8], _ body: (String) throws -> T) throws -> T {
    let directory = try ArrayToolbox.temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = directory.appendingPathComponent("file")
    try Data(bytes).write(to: file)
    return try body(file.path)
  }

  /// The same for a schedule.
  static func run(_ schedule: Schedule, _ memory: MemoryImage?, _ options: String) throws -> Outcome {
    try run(ProgramImage(schedule, memory: memory).bytes, options)
  }

  private struct Unreadable: Error { let line: String }

  private static func parse(_ text: String) throws -> [Registers] {
    var runs: [Registers] = []
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      guard parts.count == 2 else { continue }
      let numbers = parts[1].split { !$0.isNumber }.compactMap { Int($0) }
      let (name, last) = (parts[0].split(separator: " ")[0], runs.count - 1)
      switch name {
      case "run": runs.append(Registers(isDone: parts[1] == "done"))
      case "end" where last >= 0: runs[last].end = numbers.first ?? -1
      case "cycles" where last >= 0: runs[last].cycles = numbers.first ?? -1
      case "instructions" where last >= 0: runs[last].instructions = numbers.first ?? -1
      case "error" where last >= 0: runs[last].error = parts[1]
      case "unit" where last >= 0:
        guard numbers.count == 4 else { throw Unreadable(line: String(line)) }
        runs[last].units.append(
          Registers.Unit(occupied: numbers[0], ended: numbers[1], read: numbers[2], written: numbers[3]))
      default: break
      }
    }
    return runs
  }
}

import Foundation
import Testing

/// Builds array libraries for the tests, each once.
enum ArrayToolbox {
  static let hasCompiler = has("cc") && has("c++")
  static let hasVerilator = has("verilator") && hasCompiler

  /// `examples/rtl` of the package: this file lies two directories below its root.
  static let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("examples/rtl")

  /// The array of 4 x 4 that build.sh makes of its defaults otherwise.
  static let square = Result { try verilate(["--rows", "4", "--columns", "4"]) }
  /// Everything else than the defaults.
  static let odd = Result {
    try verilate(["--rows", "3", "--columns", "5", "--pe-registers", "2", "--operand-bits", "9", "--shadow", "0"])
  }

  struct Failure: Error {
    let command: [String]
    let output: String
  }

  /// Runs a command and gives what it prints; output is read from a file, so that no pipe can fill up.
  @discardableResult
  static func run(_ command: [String], in directory: URL? = nil) throws -> String {
    let file = try temporaryDirectory().appendingPathComponent("output")
    try Data().write(to: file)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.currentDirectoryURL = directory
    let output = try FileHandle(forWritingTo: file)
    (process.standardOutput, process.standardError, process.standardInput) = (output, output, FileHandle.nullDevice)
    try process.run()
    process.waitUntilExit()
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw Failure(command: command, output: text)
    }
    return text
  }

  /// Holds everything that the tests write, and goes with the process.
  private static let scratch: URL = {
    atexit { try? FileManager.default.removeItem(at: ArrayToolbox.scratch) }
    return FileManager.default.temporaryDirectory.appendingPathComponent("vitsim-array-\(UUID().uuidString)")
  }()

  /// A directory of its own for each caller.
  static func temporaryDirectory() throws -> URL {
    let directory = scratch.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    return directory
  }

  /// A library of C text, for what a good one doesn't do.
  static func compile(_ text: String) throws -> String {
    let directory = try temporaryDirectory()
    let (source, library) = (directory.appendingPathComponent("stub.c"), directory.appendingPathComponent("libstub.so"))
    try text.write(to: source, atomically: true, encoding: .utf8)
    try run(["cc", "-shared", "-fPIC", "-I\(examples.path)", "-o", library.path, source.path])
    return library.path
  }

  private static func verilate(_ options: [String]) throws -> String {
    let directory = try temporaryDirectory()
    let output = try run([examples.appendingPathComponent("build.sh").path] + options + ["-o", directory.path])
    return output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func has(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
  }
}

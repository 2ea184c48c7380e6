import Foundation
import Testing

/// The built program, run as a user runs it: in the package's directory, its output read from files.
struct CLIProgram {
  struct Result {
    let status: Int32
    let output: String
    let errors: String
  }

  /// The package: this file lies two directories below it.
  static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// `vitsim` beside the test bundle, where SwiftPM puts both.
  static var executable: URL? {
    var place = URL(fileURLWithPath: CommandLine.arguments[0])
    for _ in 0..<5 {
      place.deleteLastPathComponent()
      let candidate = place.appendingPathComponent("vitsim")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
    }
    return nil
  }

  /// Runs `vitsim` with `arguments` and waits for its end.
  static func run(_ arguments: [String], in directory: URL = package) throws -> Result {
    let process = Process()
    let program = try #require(executable, "vitsim isn't built: swift build --product vitsim")
    process.executableURL = program
    return try run(process, arguments, in: directory)
  }

  /// Runs a command line of the shell in which `$vitsim` is the program.
  static func shell(_ line: String, in directory: URL = package) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    var environment = ProcessInfo.processInfo.environment
    environment["vitsim"] = try #require(executable).path
    process.environment = environment
    return try run(process, ["-c", line], in: directory)
  }

  private static func run(_ process: Process, _ arguments: [String], in directory: URL) throws -> Result {
    let scratch = try Scratch()
    let (output, errors) = (scratch.file("output"), scratch.file("errors"))
    for file in [output, errors] { try Data().write(to: file) }
    process.arguments = arguments
    process.currentDirectoryURL = directory
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit, "\(arguments) ended by signal \(process.terminationStatus)")
    return Result(
      status: process.terminationStatus, output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }
}

/// A directory of its own that is gone when the value is.
final class Scratch {
  let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("vitsim-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  func file(_ name: String) -> URL { directory.appendingPathComponent(name) }

  /// Writes a file and returns its path.
  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: file(name))
    return file(name).path
  }

  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []).sorted() }
}

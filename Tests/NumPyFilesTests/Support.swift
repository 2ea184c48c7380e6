import Foundation
import Testing

@testable import NumPyFiles

/// The files that NumPy wrote.
enum Fixture {
  static func path(_ name: String) throws -> String {
    try #require(Bundle.module.resourceURL).appending(path: "Fixtures/\(name)").path
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: try path(name))))
  }
}

/// Calls `body` with the path of a directory that is there as long as the call.
func withDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
  let directory = FileManager.default.temporaryDirectory.appending(path: "numpy-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  return try body(directory.path)
}

/// The message with which these bytes are refused, as a file of this name; nil if they are read.
func refusal(of bytes: [UInt8], as name: String) throws -> String? {
  try withDirectory { directory in
    let path = "\(directory)/\(name)"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    do {
      if name.hasSuffix(".npz") { _ = try NumPyArchive(reading: path) } else { _ = try NumPyArray(reading: path) }
      return nil
    } catch let error as NumPyError {
      #expect(error.file == path && !error.problem.isEmpty && !error.advice.isEmpty)
      return error.description
    }
  }
}

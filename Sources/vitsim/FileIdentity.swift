import Foundation

/// Which file a path names, however it is spelled and whatever links lead there.
enum FileIdentity: Hashable {
  case existing(device: UInt64, node: UInt64)
  case missing(path: String)

  /// `nil` for devices, pipes and sockets: nothing in them is overwritten.
  init?(_ path: String) {
    let place = Self.place(of: path)
    var status = stat()
    guard stat(place, &status) == 0 else {
      self = .missing(path: place)
      return
    }
    guard [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else { return nil }
    self = .existing(device: UInt64(status.st_dev), node: UInt64(status.st_ino))
  }

  /// The path without links; the last part need not exist, nor what a link there points to.
  static func place(of path: String) -> String {
    var url = URL(fileURLWithPath: path)
    // As many as Linux follows.
    for _ in 0..<40 {
      if let real = real(url.path) { return real }
      guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: url.path) else { break }
      url = URL(fileURLWithPath: target, relativeTo: url.deletingLastPathComponent()).absoluteURL
    }
    guard let directory = real(url.deletingLastPathComponent().path) else { return url.standardized.path }
    return URL(fileURLWithPath: directory).appendingPathComponent(url.lastPathComponent).path
  }

  private static func real(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }
}

extension File {
  /// `data.npz` of `data.npz:images`.
  static func archive(_ path: String) -> String {
    path.range(of: ".npz:").map { String(path[..<$0.lowerBound]) + ".npz" } ?? path
  }

  /// A file and the option that names it; without a path the option isn't given.
  typealias Named = (option: String, path: String?)

  /// Before anything is read or run: every output can be written, and none is an input or another output.
  ///
  /// - Throws: `CommandFailure` with the options, `DiagnosticError` with the path.
  static func check(outputs: [Named], inputs: [Named] = []) throws {
    try checkDistinct(outputs: outputs, inputs: inputs)
    for case (_, let path?) in outputs { try checkWritable(path) }
  }

  /// No output is an input or another output.
  ///
  /// - Throws: `CommandFailure` with the options.
  static func checkDistinct(outputs: [Named], inputs: [Named]) throws(CommandFailure) {
    var taken: [FileIdentity: (option: String, isInput: Bool)] = [:]
    for case (let option, let path?) in inputs {
      if let identity = FileIdentity(path) { taken[identity] = (option, true) }
    }
    for case (let option, let path?) in outputs {
      if path.isEmpty { throw CommandFailure(.badInput, "\(option) is empty: give the name of a file") }
      guard let identity = FileIdentity(path) else { continue }
      if let other = taken[identity] {
        throw CommandFailure(
          .badInput,
          other.isInput
            ? "\(option) \(path) would overwrite \(other.option): give another file"
            : "\(other.option) and \(option) are one file, \(path): give each its own")
      }
      taken[identity] = (option, false)
    }
  }
}

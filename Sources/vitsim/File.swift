import Foundation
import Hardware

/// Files as the command line writes them.
enum File {
  /// Writes `text` to `path`, whole or not at all: to a temporary file beside it, which then takes its place.
  /// What isn't a regular file (a pipe, a terminal) is written to directly.
  ///
  /// - Throws: `DiagnosticError` with the path; nothing is left behind.
  static func write(_ text: String, to path: String) throws(DiagnosticError) {
    try write(Array(text.utf8), to: path)
  }

  /// The same with any bytes.
  ///
  /// - Throws: `DiagnosticError` with the path; nothing is left behind.
  static func write(_ bytes: [UInt8], to path: String) throws(DiagnosticError) {
    do {
      try write(to: path) { sink in try sink(bytes) }
    } catch {
      throw error as? DiagnosticError ?? failure(path, "can't be written")
    }
  }

  /// The same with bytes that come in pieces: `body` gives each to the sink that it is called with.
  ///
  /// - Throws: `DiagnosticError` with the path; what `body` throws. Nothing is left behind.
  static func write(to path: String, _ body: (_ sink: ([UInt8]) throws -> Void) throws -> Void) throws {
    var status = stat()
    let exists = stat(path, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR {
      throw DiagnosticError(Diagnostic(SourceMark(file: path), "is a directory", expected: "the name of a file"))
    }
    if exists, status.st_mode & S_IFMT != S_IFREG {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw failure(path, "can't be opened") }
      defer { close(descriptor) }
      return try body { bytes in
        guard write(bytes, to: descriptor) else { throw failure(path, "can't be written") }
      }
    }
    // A link stays a link: what it points to is replaced.
    let target = exists ? URL(fileURLWithPath: path).resolvingSymlinksInPath().path : path
    let temporary = "\(target).\(getpid()).tmp"
    let mode = exists ? status.st_mode & 0o777 : 0o666
    TemporaryFile.begin(temporary)
    defer { TemporaryFile.end() }
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure(path, "can't be written") }
    var isOpen = true
    do {
      try body { bytes in
        guard write(bytes, to: descriptor) else { throw failure(path, "can't be written") }
      }
      isOpen = false
      guard close(descriptor) == 0, rename(temporary, target) == 0 else { throw failure(path, "can't be written") }
    } catch {
      if isOpen { close(descriptor) }
      unlink(temporary)
      throw error
    }
  }

  /// Before long work: whether `path` could be written.
  static func checkWritable(_ path: String) throws(DiagnosticError) {
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR {
        throw DiagnosticError(Diagnostic(SourceMark(file: path), "is a directory", expected: "the name of a file"))
      }
      guard access(path, W_OK) == 0 else { throw failure(path, "can't be written") }
      if status.st_mode & S_IFMT != S_IFREG { return }
    }
    // With the stroke a file isn't taken for a directory.
    let directory = URL(fileURLWithPath: FileIdentity.place(of: path)).deletingLastPathComponent().path + "/"
    guard access(directory, W_OK | X_OK) == 0 else { throw failure(path, "can't be written") }
  }

  /// Writes all of `bytes`; `false` if the other side doesn't take them.
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
        let count = Foundation.write(descriptor, start, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }

  private static func failure(_ path: String, _ problem: String) -> DiagnosticError {
    DiagnosticError(Diagnostic(SourceMark(file: path), "\(problem): \(String(cString: strerror(errno)))"))
  }
}

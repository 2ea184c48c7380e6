import Foundation

/// A file that is read from its beginning, in pieces.
struct InputFile {
  private let handle: FileHandle
  let size: Int

  init(_ path: String) throws(Problem) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw Problem("can't be read: \(Self.reason)", "check the name") }
    // Pipes and devices have no size to check a shape against.
    guard status.st_mode & S_IFMT == S_IFREG else { throw Problem("isn't a regular file", "give the name of one") }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw Problem("can't be read: \(Self.reason)", "check its permissions")
    }
    self.handle = handle
    size = Int(status.st_size)
  }

  /// The next bytes, at most `count`.
  func read(_ count: Int) throws(Problem) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let piece: Data?
      do {
        piece = try handle.read(upToCount: min(count - bytes.count, 1 << 20))
      } catch {
        throw Problem("can't be read: \(error.localizedDescription)", "try again")
      }
      guard let piece, !piece.isEmpty else { break }
      bytes += piece
    }
    return bytes
  }

  fileprivate static var reason: String { String(cString: strerror(errno)) }
}

enum OutputFile {
  /// Writes `bytes` to `path`, whole or not at all: to a temporary file beside it, which then takes its place.
  /// What isn't a regular file (a pipe, a device) is written to directly, and stays what it is.
  static func write(_ bytes: [UInt8], to path: String) throws(Problem) {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw failure() }
      defer { close(descriptor) }
      guard write(bytes, to: descriptor) else { throw failure() }
      return
    }
    // A link stays a link: what it points to is replaced.
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let temporary = "\(target).\(getpid()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure() }
    let written = write(bytes, to: descriptor)
    let closed = close(descriptor) == 0
    guard written, closed, rename(temporary, target) == 0 else {
      let failure = failure()
      unlink(temporary)
      throw failure
    }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
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

  private static func failure() -> Problem {
    Problem("can't be written: \(InputFile.reason)", "check the directory and the room on the disk")
  }
}

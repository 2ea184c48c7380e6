import Foundation

/// A file that this process alone holds, from `init` on as long as the value lives.
///
/// It is a lock of `flock`, which SQLite doesn't use: readers are free. It ends with the process, however that ends.
final class FileLock: Sendable {
  private let descriptor: Int32

  /// Opens the file at `path`, or makes an empty one.
  ///
  /// - Throws: `SweepStoreError`: `unusable`, `busy`, or `foreign` for what can't be a store of ours.
  init(path: String) throws(SweepStoreError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666)
    guard descriptor >= 0 else {
      throw .unusable(path: path, reason: "can't be opened: \(String(cString: strerror(errno)))")
    }
    do throws(SweepStoreError) {
      try Self.check(descriptor, path: path)
    } catch {
      // Nothing of SQLite's has the file open yet: closing it gives up no lock of SQLite's.
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
  }

  /// SQLite's locks on the file end with any descriptor of it: the store's connection has to be closed before.
  deinit { close(descriptor) }

  private static func check(_ descriptor: Int32, path: String) throws(SweepStoreError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .unusable(path: path, reason: "is not a regular file")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      if errno == EWOULDBLOCK { throw .busy(path: path) }
      throw .unusable(path: path, reason: "can't be locked: \(String(cString: strerror(errno)))")
    }
    var header = [UInt8](repeating: 0, count: 72)
    let count = pread(descriptor, &header, header.count, 0)
    guard count != 0 else { return }
    guard count == header.count, header.starts(with: Array("SQLite format 3\0".utf8)) else {
      throw .foreign(path: path)
    }
    let id = header[68..<72].reduce(0) { $0 << 8 | Int($1) }
    // 0 may be an empty database of ours; SQLite has to open it to tell.
    guard id == Schema.applicationID || id == 0 else { throw .foreign(path: path) }
  }
}

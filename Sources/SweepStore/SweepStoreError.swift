import GRDB

/// Why the store of a sweep can't be used. Every case names the file and says what to do.
public enum SweepStoreError: Error, Sendable, Hashable {
  /// The file can't be opened, read or written, for the reason that the operating system or SQLite gives.
  case unusable(path: String, reason: String)
  /// It holds something else.
  case foreign(path: String)
  /// A newer vitsim has written it.
  case newer(path: String, version: Int)
  /// Another sweep, or another program that writes, is at work on it.
  case busy(path: String)
  /// What it holds contradicts itself.
  case damaged(path: String, what: String)
}

extension SweepStoreError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unusable(let path, let reason): "\(path): error: \(reason)"
    case .foreign(let path):
      "\(path): error: this is not a sweep's store; nothing was written to it; choose another file with --store"
    case .newer(let path, let version):
      "\(path): error: a newer vitsim has written it (version \(version) of the store; this one knows \(Schema.version)); "
        + "choose another file with --store"
    case .busy(let path):
      "\(path): error: another program is writing to it; wait for its end, or choose another file with --store"
    case .damaged(let path, let what):
      "\(path): error: the store is damaged (\(what)); put it aside and begin with a new one, or recover what is in it "
        + "with 'sqlite3 \(path) .recover'"
    }
  }
}

extension SweepStoreError {
  /// What an error of SQLite means for the store at `path`.
  init(_ error: any Error, path: String) {
    switch error {
    case let error as SweepStoreError: self = error
    case let error as DatabaseError:
      let reason = error.message ?? error.resultCode.description
      switch error.resultCode {
      case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
      case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH:
        self = .damaged(path: path, what: reason)
      default: self = .unusable(path: path, reason: reason)
      }
    case is RowDecodingError: self = .damaged(path: path, what: "a column holds something else than it should")
    default: self = .unusable(path: path, reason: "\(error)")
    }
  }
}

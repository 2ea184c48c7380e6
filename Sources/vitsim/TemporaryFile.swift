import Foundation
import Synchronization

private let isThere = Atomic(false)
private let capacity = Int(PATH_MAX)
private nonisolated(unsafe) let name = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)

/// The one temporary file that is being written: a signal that ends the process takes it away.
enum TemporaryFile {
  /// Once, at the start. A signal that is ignored (`nohup`) stays so.
  static func watch() {
    // Not for the first time in a handler: these values are made lazily.
    isThere.store(false, ordering: .relaxed)
    name[0] = 0
    var mask = sigset_t()
    sigemptyset(&mask)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      guard sigaction(number, nil, &action) == 0, !isIgnored(action) else { continue }
      sigaddset(&mask, number)
      signal(number, endProcess)
    }
    // Whoever started the process may have left them blocked: a thread of a pool does.
    pthread_sigmask(SIG_UNBLOCK, &mask, nil)
  }

  /// A handler: removes the file and gives the signal its usual effect.
  static let endProcess: @convention(c) (Int32) -> Void = { received in
    if isThere.load(ordering: .acquiring) { unlink(name) }
    signal(received, SIG_DFL)
    // It is blocked until the handler returns.
    raise(received)
  }

  /// Before the file is made.
  static func begin(_ path: String) {
    guard path.utf8.count < capacity else { return }
    strcpy(name, path)
    isThere.store(true, ordering: .releasing)
  }

  /// After it has got its name or is gone.
  static func end() { isThere.store(false, ordering: .releasing) }

  private static func isIgnored(_ action: sigaction) -> Bool {
    unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

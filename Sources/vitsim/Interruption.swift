import Foundation
import Synchronization

private let isRequested = Atomic(false)

/// A request to stop: SIGINT or SIGTERM. The first one is for the command to obey, a second one ends the process.
enum Interruption {
  /// From now on signals are noticed.
  static func watch() {
    // Not for the first time in a handler: the value is made lazily.
    _ = isRequested.load(ordering: .relaxed)
    var mask = sigset_t()
    sigemptyset(&mask)
    for name in [SIGINT, SIGTERM] {
      sigaddset(&mask, name)
      signal(name) { received in
        isRequested.store(true, ordering: .relaxed)
        signal(received, TemporaryFile.endProcess)
      }
    }
    // Whoever started the process may have left them blocked: a thread of a pool does.
    pthread_sigmask(SIG_UNBLOCK, &mask, nil)
  }

  static var isPending: Bool { isRequested.load(ordering: .relaxed) }
}

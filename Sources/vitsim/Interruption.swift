import Foundation
import Synchronization

private let isRequested = Atomic(false)

/// A request to stop: SIGINT or SIGTERM. The first one is for the command to obey, a second one ends the process.
enum Interruption {
  /// From now on signals are noticed.
  static func watch() {
    // Not for the first time in a handler: the value is made lazily.
    _ = isRequested.load(ordering: .relaxed)
    for name in [SIGINT, SIGTERM] {
      signal(name) { received in
        isRequested.store(true, ordering: .relaxed)
        signal(received, SIG_DFL)
      }
    }
  }

  static var isPending: Bool { isRequested.load(ordering: .relaxed) }
}

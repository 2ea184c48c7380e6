import Foundation
import Synchronization

/// Standard output and standard error.
enum Console {
  /// A reader that goes away (`vitsim run … | head`) ends the output, not the process; and no file that is opened later
  /// stands in for a standard stream that is closed.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) < 0 { _ = open("/dev/null", O_RDONLY) }
  }

  /// Writes `text` to standard output, with a line break at its end. If that can't take it (a full disk), the process
  /// ends with a message: what nobody can read is not done.
  static func print(_ text: String) {
    if write(text, to: STDOUT_FILENO) || errno == EPIPE { return }
    error("standard output can't be written: \(String(cString: strerror(errno)))")
    exit(ExitStatus.badInput.rawValue)
  }

  /// Writes `text` to standard error, with a line break at its end.
  static func error(_ text: String) { _ = write(visible(text), to: STDERR_FILENO) }

  /// Names from files may hold anything: what would steer a terminal is written out.
  private static func visible(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control where scalar != "\n" && scalar != "\t", .format, .lineSeparator, .paragraphSeparator:
        result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Whether standard output takes colours: a terminal, and `NO_COLOR` is unset or empty.
  static var hasColour: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(STDOUT_FILENO) == 1 && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  private static func write(_ text: String, to descriptor: Int32) -> Bool {
    var bytes = Array(text.utf8)
    if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    return File.write(bytes, to: descriptor)
  }
}

/// One line on standard error that says how far a long job has come. Silent unless standard error is a terminal.
final class ProgressLine: Sendable {
  private struct State {
    var next: ContinuousClock.Instant
    var shown = false
  }

  private static let interval = Duration.milliseconds(100)
  private let isOn = isatty(STDERR_FILENO) == 1
  private let state: Mutex<State>

  /// Nothing shows before half a second has gone.
  init() { state = Mutex(State(next: .now + .milliseconds(500))) }

  /// Shows `text()`, ten times a second at most.
  func show(_ text: @autoclosure () -> String) {
    guard isOn else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      guard now >= state.next else { return }
      state.next = now + Self.interval
      state.shown = true
      _ = File.write(Array("\r\u{1B}[K\(text())".utf8), to: STDERR_FILENO)
    }
  }

  /// Takes the line away.
  func clear() {
    state.withLock { state in
      guard state.shown else { return }
      state.shown = false
      _ = File.write(Array("\r\u{1B}[K".utf8), to: STDERR_FILENO)
    }
  }
}

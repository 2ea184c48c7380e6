import Synchronization
import SystemCBridge

/// What the SystemC side refused or couldn't do.
public enum CoSimulationError: Error, Sendable, Hashable {
  /// vitsim was built without SystemC; `what` says what to install.
  case absent(what: String)
  /// SystemC reported an error or worse, from a call or from within a process.
  case report(what: String)
  /// A C++ exception, memory that ran out among them.
  case exception(what: String)
  /// The program image is damaged; `what` says at which word.
  case program(what: String)
  /// The program asks for something that the model doesn't have; `what` names unit and key.
  case unsupported(what: String)
  /// A handle, an index or a size that isn't one.
  case misuse(what: String)
  /// Nothing is under way and nothing can go on; `what` names the instructions that wait.
  case deadlock(what: String)

  /// Throws what `status` and the text of the last error say, unless it is `VITSIM_OK`.
  static func check(_ status: vitsim_status) throws(CoSimulationError) {
    if status == VITSIM_OK { return }
    let what = String(cString: vitsim_last_error())
    switch status {
    case VITSIM_ABSENT: throw .absent(what: what)
    case VITSIM_REPORT: throw .report(what: what)
    case VITSIM_EXCEPTION: throw .exception(what: what)
    case VITSIM_PROGRAM: throw .program(what: what)
    case VITSIM_UNSUPPORTED: throw .unsupported(what: what)
    case VITSIM_DEADLOCK: throw .deadlock(what: what)
    default: throw .misuse(what: what)
    }
  }

  /// The text.
  public var what: String {
    switch self {
    case .absent(let what), .report(let what), .exception(let what), .program(let what), .unsupported(let what),
      .misuse(let what), .deadlock(let what):
      what
    }
  }
}

/// SystemC's kernel, of which a process has one.
public enum SystemCKernel {
  private static let gate = Mutex<Void>(())

  /// Whether this build has SystemC.
  public static var isAvailable: Bool { vitsim_systemc_available() == 1 }

  /// SystemC's version, or what to install.
  public static var version: String { String(cString: vitsim_systemc_version()) }

  /// Runs `body` while nobody else uses the kernel, which is as new at its beginning and after its end.
  ///
  /// - Throws: `CoSimulationError` if the kernel can't be reset, and what `body` throws.
  public static func exclusive<T>(_ body: () throws -> T) throws -> T {
    try gate.withLock { _ in
      try CoSimulationError.check(vitsim_kernel_reset())
      defer { _ = vitsim_kernel_reset() }
      return try body()
    }
  }
}

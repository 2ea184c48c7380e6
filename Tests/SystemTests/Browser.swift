import Foundation
import Testing

/// Chromium without a window, for pages that a user opens in a browser.
struct Browser {
  struct Result {
    /// The document after its scripts have run.
    let document: String
    /// Lines of the console: what scripts print, errors, and what the page's policy refused.
    let console: [String]
    /// Addresses that were asked for, the page's own left out.
    let requests: [String]
  }

  static let missing: Comment = "no chromium: apt install chromium"

  /// The program, if it is installed.
  static let executable: URL? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    for directory in path.split(separator: ":") {
      for name in ["chromium", "chromium-browser", "google-chrome"] {
        let candidate = URL(fileURLWithPath: "\(directory)/\(name)")
        if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
      }
    }
    return nil
  }()

  /// Opens a file and gives what became of it.
  static func open(_ file: URL, width: Int = 1200, in scratch: Scratch) throws -> Result {
    let log = scratch.file("net.json")
    let (document, errors) = try run(
      ["--dump-dom", "--window-size=\(width),1000", "--log-net-log=\(log.path)", file.absoluteString], in: scratch)
    let console = errors.split(separator: "\n").filter { $0.contains(":CONSOLE") }.map(String.init)
    let network = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    let addresses = network.matches(of: /"url":"([^"]*)"/).map { String($0.output.1) }
    return Result(
      document: document, console: console, requests: addresses.filter { $0.hasPrefix("http") && !isOwn($0) })
  }

  /// The browser's own services, which it may call no matter what the page is.
  private static func isOwn(_ address: String) -> Bool {
    guard let host = URL(string: address)?.host() else { return false }
    return ["google.com", "googleapis.com", "gvt1.com", "gstatic.com"].contains {
      host == $0 || host.hasSuffix("." + $0)
    }
  }

  /// Writes a picture of the page as it is `width` pixels wide.
  static func picture(of file: URL, width: Int, height: Int, in scratch: Scratch) throws -> Data {
    let picture = scratch.file("picture-\(width).png")
    _ = try run(
      ["--screenshot=\(picture.path)", "--window-size=\(width),\(height)", "--hide-scrollbars", file.absoluteString],
      in: scratch)
    return try Data(contentsOf: picture)
  }

  private static func run(_ arguments: [String], in scratch: Scratch) throws -> (output: String, errors: String) {
    let process = Process()
    process.executableURL = try #require(executable)
    // As root, as in a container, it runs without a sandbox only.
    process.arguments =
      [
        "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--virtual-time-budget=4000",
        "--user-data-dir=\(scratch.file("profile").path)",
      ] + arguments
    let (output, errors) = (scratch.file("browser-output"), scratch.file("browser-errors"))
    for file in [output, errors] { try Data().write(to: file) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    return (
      String(decoding: try Data(contentsOf: output), as: UTF8.self),
      String(decoding: try Data(contentsOf: errors), as: UTF8.self)
    )
  }
}

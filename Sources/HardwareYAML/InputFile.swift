import Foundation
import Hardware

/// Reads text files that a user names.
public enum InputFile {
  /// Larger descriptions are mistakes.
  public static let configurationLimit = 1 << 20

  /// The whole text of a regular file of at most `limit` bytes.
  ///
  /// - Parameter mark: the place to blame if the file can't be read; the file itself by default.
  /// - Throws: `DiagnosticError` if it can't be opened, is no regular file (a directory, a pipe), is too large, or isn't
  ///   UTF-8 (with the place of the first wrong byte).
  public static func read(
    path: String, limit: Int, from mark: SourceMark? = nil
  ) throws(DiagnosticError) -> String {
    func failure(_ message: String, expected: String? = nil, suggestion: String? = nil) -> DiagnosticError {
      let name = mark == nil ? "the file" : quoted(path)
      return DiagnosticError(
        Diagnostic(
          mark ?? SourceMark(file: path), "\(name) \(message)", expected: expected, suggestion: suggestion))
    }
    guard !path.isEmpty, !path.utf8.contains(0) else { throw failure("has no valid name") }
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else {
      let problem = errno
      throw failure(
        "can't be opened: \(String(cString: strerror(problem)))",
        suggestion: problem == ENOENT ? neighbour(of: path) : nil)
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure("can't be read: \(String(cString: strerror(errno)))") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw failure(status.st_mode & S_IFMT == S_IFDIR ? "is a directory" : "is not a regular file")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      let count = chunk.withUnsafeMutableBytes { Foundation.read(file, $0.baseAddress, $0.count) }
      if count == 0 { return try decode(bytes, file: path) }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("can't be read: \(String(cString: strerror(errno)))")
      }
      bytes += chunk[..<count]
    }
    throw failure("has more than \(limit) bytes", expected: "a smaller file")
  }

  /// A file in the same directory whose name is nearly that of `path`.
  private static func neighbour(of path: String) -> String? {
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let names = try? FileManager.default.contentsOfDirectory(atPath: directory.isEmpty ? "." : directory)
    return didYouMean(String(path.dropFirst(directory.count)), among: (names ?? []).sorted()).map { directory + $0 }
  }

  /// `bytes` as UTF-8.
  ///
  /// - Throws: `DiagnosticError` with the place of the first byte that isn't.
  public static func decode(_ bytes: [UInt8], file: String) throws(DiagnosticError) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var (line, column) = (1, 1)
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
    }
    throw DiagnosticError(
      Diagnostic(SourceMark(file: file, line: line, column: column), "this byte is not UTF-8 text", expected: "UTF-8"))
  }
}

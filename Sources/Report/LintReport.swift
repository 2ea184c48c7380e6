import Hardware

/// What lint found in some files, as text or JSON (docs/output.md).
public struct LintReport: Sendable {
  /// One file.
  public struct File: Sendable {
    public enum Status: String, Sendable {
      case clean
      /// The schedule is wrong.
      case checkFailed = "check-failed"
      case badInput = "bad-input"
      case doesNotFit = "does-not-fit"
      /// vitsim's own.
      case defect
    }

    public let path: String
    public let status: Status
    /// Empty if the file is clean.
    public let findings: [Diagnostic]
    /// All findings for people.
    public let text: String

    /// A file without mistakes.
    public init(clean path: String) {
      self.path = path
      status = .clean
      findings = []
      text = "\(path): no mistakes"
    }

    public init(_ path: String, _ status: Status, findings: [Diagnostic], text: String) {
      self.path = path
      self.status = status
      self.findings = findings
      self.text = text
    }
  }

  private let files: [File]

  public init(_ files: [File]) { self.files = files }

  public var text: String { files.map { $0.text + "\n" }.joined() }

  /// One object.
  public var json: String {
    JSON.object([
      ("format", .string("vitsim-lint")), ("version", .integer(1)),
      ("clean", .boolean(files.allSatisfy { $0.status == .clean })),
      (
        "files",
        .array(
          files.map {
            .object([
              ("file", .string($0.path)), ("status", .string($0.status.rawValue)),
              ("findings", .array($0.findings.map(Self.json))),
            ])
          })
      ),
    ]).text
  }

  private static func json(_ finding: Diagnostic) -> JSON {
    let mark = finding.mark
    func place(_ number: Int) -> JSON { mark.line > 0 ? .integer(number) : .null }
    return .object([
      ("file", .string(mark.file)), ("line", place(mark.line)), ("column", place(mark.column)),
      ("message", .string(finding.message)), ("expected", finding.expected.map(JSON.string) ?? .null),
      ("suggestion", finding.suggestion.map(JSON.string) ?? .null),
    ])
  }
}

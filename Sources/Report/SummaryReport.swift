import Analysis
import Machine

/// A summary ready to be written as text for people, or as JSON or CSV for programs.
///
/// ```swift
/// print(SummaryReport(summary, engine: .event, configuration: yaml).text())
/// ```
public struct SummaryReport: Sendable {
  public let summary: Summary
  /// Which implementation of the machine ran.
  public let engine: EngineKind
  /// The resolved configuration, as YAML: what to give to `vitsim run` to see the same result again.
  public let configuration: String

  public init(_ summary: Summary, engine: EngineKind, configuration: String) {
    self.summary = summary
    self.engine = engine
    self.configuration = configuration
  }
}

extension Part {
  /// The three kinds of time that reports draw apart, besides `idle`.
  enum Kind { case work, overhead, wait, idle }

  var kind: Kind {
    switch self {
    case .busy: .work
    case .waitWeights, .waitInput, .waitVector, .waitMatrix, .waitStore, .waitOffer, .waitResults, .waitIssue,
      .waitPort, .waitDRAM:
      .wait
    case .idle: .idle
    default: .overhead
    }
  }
}

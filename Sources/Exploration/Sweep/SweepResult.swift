import Analysis
import Schedule

/// A sweep that has ended: every point with its figures or its error, and which of them are on the Pareto front.
public struct SweepResult: Sendable, Hashable {
  public let name: String
  /// The paths that vary, such as `engines.array.rows`, in the order of the sweep's file.
  public let paths: [String]
  public let points: [SweepPoint]
  /// What the front is made by.
  public let objectives: [SweepObjective]
  /// Indices of the points on the front: model after model in the order of the points, each the best by the first
  /// objective first.
  public let front: [Int]

  public init(name: String, paths: [String], points: [SweepPoint], objectives: [SweepObjective]) {
    self.name = name
    self.paths = paths
    self.points = points
    self.objectives = objectives
    front = ParetoFront.indices(of: points, by: objectives)
  }

  /// Objectives that no point which is done has a figure of: because of them the front is empty.
  public var missingObjectives: [DesignFigure] {
    let done = points.compactMap(\.figures)
    return done.isEmpty ? [] : objectives.map(\.figure).filter { figure in done.allSatisfy { $0[figure] == nil } }
  }
}

/// One combination of a sweep's settings and models.
public struct SweepPoint: Sendable, Hashable {
  /// What each of `SweepResult.paths` is set to, as YAML; `nil` where the point leaves the base as it is.
  public let settings: [String?]
  /// `nil` where the description is so wrong that it names none.
  public let model: ModelReference?
  public let outcome: SweepOutcome

  public init(settings: [String?], model: ModelReference?, outcome: SweepOutcome) {
    self.settings = settings
    self.model = model
    self.outcome = outcome
  }

  /// `nil` for a point that failed.
  public var figures: DesignFigures? { if case .done(let figures) = outcome { figures } else { nil } }
}

/// What became of a point.
public enum SweepOutcome: Sendable, Hashable {
  case done(DesignFigures)
  case failed(SweepFailure)

  /// `done`, or the kind of failure.
  public var status: String {
    switch self {
    case .done: "done"
    case .failed(let failure): failure.kind.rawValue
    }
  }
}

/// Why a point has no figures.
public struct SweepFailure: Error, Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The description is wrong.
    case invalid
    /// The device hasn't the room.
    case doesNotFit = "does-not-fit"
    /// The compiler can't lower the model onto the accelerator.
    case notCompiled = "not-compiled"
    /// The schedule can't be executed to its end.
    case notRun = "not-run"
    /// A defect of the simulator.
    case defect
  }

  public let kind: Kind
  public let message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

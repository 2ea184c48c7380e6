import Synchronization

extension ResolvedSweep {
  /// Evaluates the designs that `store` hasn't, several at a time, and keeps each as it ends.
  ///
  /// - Parameters:
  ///   - workers: At once; by default one a core.
  ///   - isStopped: Asked before each design and before the store's points are replaced; once `true`, it stays so and no
  ///     further one begins.
  ///   - progress: Called after each design, from several threads.
  /// - Throws: What `store` throws; designs that are under way end first.
  public func run(
    store: some SweepStorage, workers: Int? = nil, isStopped: @Sendable () -> Bool = { false },
    progress: @Sendable (SweepProgress) -> Void = { _ in }
  ) throws -> SweepRun {
    if !isStopped() { try store.begin(records) }
    let kept = try store.outcomes()
    let missing = firstPoints { kept[$0] == nil }
    let state = Mutex(RunState(progress: SweepProgress(total: missing.count)))
    _ = mapConcurrently(missing, workers: workers) { index in
      guard case .design(let key, _) = points[index] else { return }
      if isStopped() || state.withLock({ $0.error != nil }) { return }
      do {
        let record = try record(at: index, key: key)
        try store.keep(record)
        progress(state.withLock { $0.add(record) })
      } catch {
        state.withLock { $0.error = $0.error ?? error }
      }
    }
    return try state.withLock { state in
      if let error = state.error { throw error }
      return SweepRun(
        resolved: self, outcomes: kept.merging(state.outcomes) { $1 }, progress: state.progress,
        kept: firstPoints { kept[$0] != nil }.count)
    }
  }

  /// The first point of each design that is wanted.
  private func firstPoints(of isWanted: (DesignKey) -> Bool) -> [Int] {
    var seen = Set<DesignKey>()
    return points.indices.filter { index in
      guard case .design(let key, _) = points[index], isWanted(key) else { return false }
      return seen.insert(key).inserted
    }
  }

  private func record(at index: Int, key: DesignKey) throws -> DesignRecord {
    let design = try sweep.design(at: index)
    return DesignRecord(
      key: key, model: design.model.reference, accelerator: design.accelerator.yaml, outcome: design.evaluate())
  }

  private var records: [PointRecord] {
    points.indices.map { index in
      let settings = sweep.description.settings(at: index).map {
        PointRecord.Setting(path: $0.path, value: $0.value.inlineYAML)
      }
      return switch points[index] {
      case .design(let key, _): PointRecord(settings: settings, key: key, failure: nil)
      case .failed(let failure, _): PointRecord(settings: settings, key: nil, failure: failure)
      }
    }
  }
}

/// What the workers share.
private struct RunState {
  var progress: SweepProgress
  var outcomes: [DesignKey: SweepOutcome] = [:]
  var error: (any Error)?

  mutating func add(_ record: DesignRecord) -> SweepProgress {
    outcomes[record.key] = record.outcome
    progress.add(record.outcome)
    return progress
  }
}

/// How far a sweep has come.
public struct SweepProgress: Sendable {
  private let start = ContinuousClock.now
  /// Designs that had no result when it began.
  public let total: Int
  /// Of these, those that have one now.
  public private(set) var evaluated = 0
  /// Of these, those that failed.
  public private(set) var failed = 0
  /// Since it began.
  public private(set) var seconds = 0.0

  init(total: Int) { self.total = total }

  mutating func add(_ outcome: SweepOutcome) {
    evaluated += 1
    if case .failed = outcome { failed += 1 }
    seconds = (ContinuousClock.now - start) / .seconds(1)
  }

  /// Designs a second; 0 before the first.
  public var rate: Double { seconds > 0 ? Double(evaluated) / seconds : 0 }

  /// Seconds to go, if the others take as long as those before; `nil` before the first.
  public var remaining: Double? { evaluated == 0 ? nil : seconds / Double(evaluated) * Double(total - evaluated) }
}

/// A sweep that has run, to its end or until it was stopped.
public struct SweepRun: Sendable {
  private let resolved: ResolvedSweep
  private let outcomes: [DesignKey: SweepOutcome]
  public let progress: SweepProgress
  /// Designs that had their result before.
  public let kept: Int

  fileprivate init(
    resolved: ResolvedSweep, outcomes: [DesignKey: SweepOutcome], progress: SweepProgress, kept: Int
  ) {
    self.resolved = resolved
    self.outcomes = outcomes
    self.progress = progress
    self.kept = kept
  }

  /// Whether every design has a result.
  public var isComplete: Bool { progress.evaluated == progress.total }

  /// Every point with its result; `nil` if the sweep was stopped before its end.
  public func result(by objectives: [SweepObjective] = SweepObjective.usual) -> SweepResult? {
    guard isComplete else { return nil }
    let description = resolved.sweep.description
    let paths = description.paths
    let points = resolved.points.indices.compactMap { index -> SweepPoint? in
      let settings = description.settings(at: index)
      let texts = paths.map { path in settings.first { $0.path == path }?.value.inlineYAML }
      switch resolved.points[index] {
      case .failed(let failure, let model): return SweepPoint(settings: texts, model: model, outcome: .failed(failure))
      case .design(let key, let model):
        return outcomes[key].map { SweepPoint(settings: texts, model: model, outcome: $0) }
      }
    }
    return SweepResult(name: description.name, paths: paths, points: points, objectives: objectives)
  }
}

import Analysis
import Hardware
import Machine
import Model
import Schedule

/// Why a design is as fast as it is, and what would make it faster.
public struct Explanation: Sendable {
  public let schedule: Schedule
  public let run: Run
  public let summary: Summary
  public let path: CriticalPath
  /// By layer.
  public let bounds: [LayerBound]
  /// Of the whole run.
  public let total: BoundCycles
  /// `nil` where it wasn't asked for, or there is no model to be compiled again.
  public let sensitivity: Sensitivity?

  /// - Parameters:
  ///   - run: The result of executing `schedule` with at least `Summary.runOptions`.
  ///   - graph: The model that `schedule` was compiled from, to run it with every knob moved.
  ///   - workers: Cores for that; by default all.
  public init(schedule: Schedule, run: Run, graph: Graph? = nil, workers: Int? = nil) {
    self.schedule = schedule
    self.run = run
    summary = Summary(schedule: schedule, run: run)
    path = CriticalPath(schedule: schedule, run: run)
    bounds = path.bounds(schedule: schedule, run: run, summary: summary)
    total = bounds.total
    sensitivity = graph.map { [summary] in
      Sensitivity(of: $0, on: schedule.accelerator, base: summary, workers: workers)
    }
  }
}

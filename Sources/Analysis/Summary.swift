import Hardware
import Machine
import Schedule

/// What a run of a schedule means: every layer's cycles and where they went, rates, traffic and resources.
///
/// ```swift
/// let run = try Simulator.run(schedule, options: Summary.runOptions)
/// let summary = Summary(schedule: schedule, run: run)
/// print(summary.total.cycles, summary.framesPerSecond)
/// ```
/// docs/output.md defines every figure.
public struct Summary: Sendable, Hashable {
  public let model: ModelReference
  public let accelerator: Accelerator
  public let layers: [SummaryRow]
  /// The sum of `layers` in every counter.
  public let total: SummaryRow
  public let units: [UnitSummary]
  /// The matrix engine (index) whose timeline the layers' stacks are cut from: the one that executed most MACs,
  /// the first of equals. `nil` for an accelerator without one.
  public let lead: Int?
  public let resources: Resources

  /// What `Simulator.run` must record for a summary.
  public static let runOptions = RunOptions(timelines: true)

  /// Images a second: clock × batch / cycles.
  public var framesPerSecond: Double {
    total.cycles == 0 ? 0 : Double(accelerator.clock) * Double(model.batch) / Double(total.cycles)
  }

  /// `framesPerSecond` by DSP block of the design; `nil` when it has none.
  public var framesPerSecondPerDSP: Double? { resources.dsps == 0 ? nil : framesPerSecond / Double(resources.dsps) }
}

/// One layer, or the whole run.
public struct SummaryRow: Sendable, Hashable {
  public let name: String
  /// Length of the layer's window: from the latest `end` of all earlier layers to its own.
  public let cycles: Int
  /// Parts of the window on the lead engine; they add up to `cycles`.
  public let stack: CycleStack
  public let macs: Int
  public let traffic: InstructionTraffic
  public let metrics: Metrics
}

/// Rates that follow from the counters of a row.
public struct Metrics: Sendable, Hashable {
  /// MACs / (cycles × multipliers of all engines). More than 1 for a layer that worked in earlier layers' windows.
  public let utilization: Double
  /// MACs / Σ over engines (cycles that the layer's matmuls own × multipliers); at most 1. In the total all cycles count,
  /// so that it is `utilization` there. 0 for a layer without matmuls.
  public let engineUtilization: Double
  public let milliseconds: Double
  /// 2 · MACs a second / 10⁹.
  public let gops: Double
  /// 2 · MACs / bytes read from and written to DRAM; `nil` when none moved.
  public let intensity: Double?
  /// `nil` when the design has no DSP blocks.
  public let gopsPerDSP: Double?
  /// MACs / (cycles × MACs a cycle of which all DSP blocks of the design are capable); `nil` without DSP blocks.
  public let dspEfficiency: Double?
}

/// One unit's share of the run.
public struct UnitSummary: Sendable, Hashable {
  /// As in `Accelerator.queues`.
  public let name: String
  /// Totals the cycles of the run.
  public let stack: CycleStack
  /// The part of the run in which the unit did useful work.
  public let busy: Double
  /// MACs executed; 0 for units other than matrix engines.
  public let macs: Int
}

import Analysis
import Compiler
import Hardware
import Machine
import Model
import Schedule

/// One design at work: a model on an accelerator, compiled and executed.
///
/// ```swift
/// let evaluation = try Evaluation(try Zoo.graph("deit-tiny"), on: accelerator)
/// print(evaluation.summary.framesPerSecond)
/// ```
public struct Evaluation: Sendable {
  public let schedule: Schedule
  public let run: Run
  public let summary: Summary

  /// Version of the rules by which designs get their figures. Whoever changes cycles, traffic or resources of any design
  /// (compiler, machine, zoo, resources) raises it: results that are kept under older rules are then evaluated anew.
  public static let rules = 1

  /// Compiles `graph` for `accelerator` and executes the schedule on the event engine.
  ///
  /// - Throws: `CompileError` when the accelerator can't hold the model; `MachineError` as `Simulator.run`.
  public init(_ graph: Graph, on accelerator: Accelerator, options: RunOptions = Summary.runOptions) throws {
    try self.init(try Compiler.compile(graph, for: accelerator), options: options)
  }

  /// Executes a schedule on the event engine.
  ///
  /// - Throws: `MachineError`, as `Simulator.run`.
  public init(_ schedule: Schedule, options: RunOptions = Summary.runOptions) throws(MachineError) {
    run = try Simulator.run(schedule, options: options)
    summary = Summary(schedule: schedule, run: run)
    self.schedule = schedule
  }
}

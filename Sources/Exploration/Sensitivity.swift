import Analysis
import Compiler
import Hardware
import HardwareYAML
import Machine
import Model

/// What a design gains and loses with each knob moved one step and all else kept: compiled and executed again, not estimated.
///
/// ```swift
/// let sensitivity = Sensitivity(of: graph, on: accelerator, base: summary)
/// print(sensitivity.results.first?.knob.key ?? "")
/// ```
public struct Sensitivity: Sendable {
  /// One knob's result.
  public struct Result: Sendable {
    public let knob: Knob
    public let outcome: Outcome
    /// What the device has too little of then.
    public let violations: [String]
  }

  public enum Outcome: Sendable {
    case ran(Effect)
    /// Why the design can't be: what the description or the compiler says.
    case failed(String)
  }

  /// A knob's step in figures, against the design as it is.
  public struct Effect: Sendable, Hashable {
    public let cycles: Int
    public let framesPerSecond: Double
    /// framesPerSecond over that of the design as it is.
    public let speedup: Double
    /// Of the knob's resource; negative where the step saves some. Cycles of latency count the other way round: fewer cost more.
    public let cost: Double
    /// Frames a second by unit of the resource: gained where the step costs, lost where it saves. `nil` if it costs nothing.
    public let framesPerUnit: Double?
  }

  /// The largest gain in frames a second first, the largest loss last; what failed behind them, in the order of the knobs.
  public let results: [Result]

  /// Runs `graph` on `accelerator` with every knob moved, on `workers` cores (by default all).
  ///
  /// - Parameter base: The summary of `graph` on `accelerator` as it is.
  public init(of graph: Graph, on accelerator: Accelerator, base: Summary, workers: Int? = nil) {
    let all = mapConcurrently(accelerator.knobs, workers: workers) { knob in
      Result(
        knob: knob, outcome: Self.outcome(knob, graph, base: base),
        violations: knob.accelerator.device.map { Resources.estimate(knob.accelerator).violations(on: $0) } ?? [])
    }
    func speedup(_ result: Result) -> Double? {
      if case .ran(let effect) = result.outcome { effect.speedup } else { nil }
    }
    results = all.enumerated().sorted { left, right in
      switch (speedup(left.element), speedup(right.element)) {
      case (let first?, let second?): first == second ? left.offset < right.offset : first > second
      case (_?, nil): true
      case (nil, _?): false
      case (nil, nil): left.offset < right.offset
      }
    }.map(\.element)
  }

  private static func outcome(_ knob: Knob, _ graph: Graph, base: Summary) -> Outcome {
    do {
      let moved = try Accelerator.parse(yaml: knob.accelerator.yaml, file: knob.key)
      let summary = try Evaluation(graph, on: moved).summary
      let cost = knob.resource.amount(in: knob.accelerator) - knob.resource.amount(in: base.accelerator)
      let gain = summary.framesPerSecond - base.framesPerSecond
      return .ran(
        Effect(
          cycles: summary.total.cycles, framesPerSecond: summary.framesPerSecond,
          speedup: base.framesPerSecond == 0 ? 1 : summary.framesPerSecond / base.framesPerSecond, cost: cost,
          framesPerUnit: cost == 0 ? nil : gain == 0 ? 0 : gain / cost))
    } catch let error as DiagnosticError {
      return .failed(error.diagnostics.map(\.message).joined(separator: "; "))
    } catch let error as CompileError {
      return .failed(error.description)
    } catch {
      return .failed("\(error)")
    }
  }
}

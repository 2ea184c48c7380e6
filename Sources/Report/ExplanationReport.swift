import Analysis
import Exploration
import Machine

/// Why a design is as fast as it is, as text, JSON or CSV (docs/output.md).
public struct ExplanationReport: Sendable {
  let explanation: Explanation
  /// The resolved configuration, as YAML.
  let configuration: String
  /// Steps of the critical path that text shows.
  let longest: Int

  public init(_ explanation: Explanation, configuration: String, longest: Int = 10) {
    self.explanation = explanation
    self.configuration = configuration
    self.longest = longest
  }

  var summary: Summary { explanation.summary }

  /// The critical path's steps, one record each, in the order of time.
  public var csv: String {
    var text = CSV.record(["start", "end", "cycles", "unit", "layer", "instruction"] + Part.allCases.map(\.name))
    let schedule = explanation.schedule
    let queues = schedule.accelerator.queues
    for step in explanation.path.steps {
      let instruction = schedule.instructions[step.instruction]
      text += CSV.record(
        [
          "\(step.start)", "\(step.end)", "\(step.cycles)", queues[instruction.queue].name,
          schedule.layers[instruction.layer].name, "\(step.instruction)",
        ] + Part.allCases.map { "\(step.stack[$0])" })
    }
    return text
  }
}

extension CycleStack {
  /// The largest part, the first of equals; `nil` of nothing.
  var largestPart: Part? {
    guard let most = cycles.max(), most > 0 else { return nil }
    return Part.allCases.first { self[$0] == most }
  }
}

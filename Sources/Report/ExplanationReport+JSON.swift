import Analysis
import Exploration
import Machine

extension ExplanationReport {
  /// One object; docs/output.md lists its keys.
  public var json: String {
    let schedule = explanation.schedule
    let queues = schedule.accelerator.queues
    let model = summary.model
    return JSON.object([
      ("format", .string("vitsim-explanation")), ("version", .integer(1)),
      (
        "model",
        .object([("name", .string(model.name)), ("image", .integer(model.image)), ("batch", .integer(model.batch))])
      ),
      ("accelerator", .string(summary.accelerator.name)),
      ("configuration", .string(configuration)),
      ("cycles", .integer(summary.total.cycles)),
      ("fps", summary.model.image > 0 ? .number(summary.framesPerSecond) : .null),
      ("bounds", bounds(explanation.total)),
      (
        "units",
        .array(
          zip(queues, explanation.path.stacks(of: schedule)).map { queue, stack in
            .object([
              ("name", .string(queue.name)), ("cycles", .integer(stack.total)), ("stack", SummaryReport.stack(stack)),
            ])
          })
      ),
      ("layers", .array(explanation.bounds.map(layer))),
      (
        "steps",
        .array(
          explanation.path.steps.map { step in
            let instruction = schedule.instructions[step.instruction]
            return .object([
              ("start", .integer(step.start)), ("end", .integer(step.end)),
              ("unit", .string(queues[instruction.queue].name)),
              ("layer", .string(schedule.layers[instruction.layer].name)),
              ("instruction", .integer(step.instruction)), ("stack", SummaryReport.nonzero(step.stack)),
            ])
          })
      ),
      ("sensitivity", explanation.sensitivity.map { .array($0.results.map(knob)) } ?? .null),
    ]).text
  }

  private func bounds(_ cycles: BoundCycles) -> JSON {
    .object(Bound.allCases.map { ($0.rawValue, .integer(cycles[$0])) })
  }

  private func layer(_ layer: LayerBound) -> JSON {
    .object([
      ("name", .string(layer.name)), ("cycles", .integer(layer.cycles)),
      ("bound", layer.bound.map { .string($0.rawValue) } ?? .null), ("path", bounds(layer.path)),
      (
        "roofs",
        .object(
          Bound.allCases.filter { $0 != .dependency }.map { bound in
            (bound.rawValue, layer.roofs[bound].map(JSON.integer) ?? .null)
          })
      ),
    ])
  }

  private func knob(_ result: Sensitivity.Result) -> JSON {
    let knob = result.knob
    var effect: Sensitivity.Effect?
    var reason: String?
    switch result.outcome {
    case .ran(let ran): effect = ran
    case .failed(let why): reason = why
    }
    return .object([
      ("key", .string(knob.key)), ("direction", .string(knob.direction.rawValue)), ("from", .string(knob.from)),
      ("to", .string(knob.to)), ("along", .array(knob.along.map(JSON.string))),
      ("resource", .string(knob.resource.unit)), ("cost", JSON(effect?.cost)),
      ("cycles", effect.map { .integer($0.cycles) } ?? .null), ("fps", JSON(effect?.framesPerSecond)),
      ("speedup", JSON(effect?.speedup)), ("fps_per_unit", JSON(effect?.framesPerUnit)),
      ("violations", .array(result.violations.map(JSON.string))), ("failed", reason.map(JSON.string) ?? .null),
    ])
  }
}

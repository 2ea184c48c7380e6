import Analysis
import Exploration
import Hardware
import Machine
import Schedule

extension ExplanationReport {
  /// Tables for people: the critical path by unit, the bound of every layer, the longest steps, what each knob would buy.
  public var text: String {
    var lines = [SummaryReport.heading(of: summary), ""]
    lines += headline
    lines += [""] + unitTable
    lines += [""] + layerTable
    lines += [""] + stepTable
    if let sensitivity = explanation.sensitivity { lines += [""] + SensitivityText(sensitivity).lines }
    return lines.joined(separator: "\n") + "\n"
  }

  private var headline: [String] {
    let total = summary.total
    var rates = "\(NumberText.grouped(total.cycles)) cycles = \(NumberText.fixed(total.metrics.milliseconds, 3)) ms"
    if summary.model.image > 0 { rates += ", \(NumberText.fixed(summary.framesPerSecond, 2)) FPS" }
    return [rates, "the critical path: " + bounds(explanation.total)]
  }

  private func bounds(_ cycles: BoundCycles) -> String {
    Bound.allCases.filter { cycles[$0] > 0 }
      .sorted { cycles[$0] > cycles[$1] }
      .map { "\($0.rawValue) \(share(cycles[$0], of: cycles.total))" }.joined(separator: ", ")
  }

  /// Who was the reason, and in which part of its work.
  private var unitTable: [String] {
    var table = TextTable([
      ("on the critical path", .left), ("cycles", .right), ("time", .right), ("what it did", .left),
    ])
    let stacks = explanation.path.stacks(of: explanation.schedule)
    for (queue, stack) in zip(summary.accelerator.queues, stacks) where stack.total > 0 {
      table.add([
        queue.name, NumberText.grouped(stack.total), share(stack.total, of: summary.total.cycles),
        SummaryReport.parts(stack, limit: 5),
      ])
    }
    return table.lines
  }

  private var layerTable: [String] {
    var table = TextTable(
      [("layer", .left), ("cycles", .right), ("bound", .left)]
        + Bound.allCases.map { ($0.rawValue, .right) } + [
          ("roofline", .right), ("reached", .right), ("most of it", .left),
        ])
    let windows = explanation.path.stacks(of: explanation.schedule, windows: explanation.bounds.map(\.cycles))
    for (layer, stacks) in zip(explanation.bounds, windows) {
      table.add(
        [layer.name, NumberText.grouped(layer.cycles), layer.bound?.rawValue ?? "-"]
          + Bound.allCases.map { layer.path[$0] == 0 ? "-" : share(layer.path[$0], of: layer.cycles) }
          + [
            NumberText.grouped(layer.roofline), layer.cycles == 0 ? "-" : share(layer.roofline, of: layer.cycles),
            mostOf(stacks, of: layer.cycles),
          ])
    }
    table.add(
      ["total", NumberText.grouped(summary.total.cycles), explanation.total.largest.rawValue]
        + Bound.allCases.map { share(explanation.total[$0], of: summary.total.cycles) })
    return table.lines
  }

  /// `array busy 81.2%`: the largest part of all units on the path in a window of `cycles`.
  private func mostOf(_ stacks: [CycleStack], of cycles: Int) -> String {
    guard let unit = stacks.indices.max(by: { most(of: stacks[$0]) < most(of: stacks[$1]) }),
      let part = stacks[unit].largestPart
    else { return "-" }
    return "\(summary.accelerator.queues[unit].name) \(part.name) \(share(stacks[unit][part], of: cycles))"
  }

  private func most(of stack: CycleStack) -> Int { stack.cycles.max() ?? 0 }

  private var stepTable: [String] {
    var table = TextTable([
      ("longest steps", .left), ("cycles", .right), ("from", .right), ("to", .right), ("instruction", .right),
      ("layer", .left), ("what it did", .left),
    ])
    let schedule = explanation.schedule
    let steps = explanation.path.steps.enumerated()
      .sorted { (-$0.element.cycles, $0.offset) < (-$1.element.cycles, $1.offset) }
    for (_, step) in steps.prefix(longest) {
      let instruction = schedule.instructions[step.instruction]
      table.add([
        schedule.accelerator.queues[instruction.queue].name, NumberText.grouped(step.cycles),
        NumberText.grouped(step.start), NumberText.grouped(step.end), "\(step.instruction)",
        schedule.layers[instruction.layer].name, SummaryReport.parts(step.stack, limit: 3),
      ])
    }
    return table.lines + ["\(NumberText.grouped(steps.count)) steps in all: --format csv lists them"]
  }

  private func share(_ cycles: Int, of total: Int) -> String {
    total == 0 ? "-" : NumberText.percent(Double(cycles) / Double(total))
  }
}

/// The table of knobs.
struct SensitivityText {
  private let sensitivity: Sensitivity

  init(_ sensitivity: Sensitivity) { self.sensitivity = sensitivity }

  var lines: [String] {
    var lines = table(.up, "a step up")
    lines += [""] + table(.down, "a step down")
    for result in sensitivity.results {
      guard case .failed(let reason) = result.outcome else { continue }
      lines.append("\(result.knob.key) \(result.knob.from) to \(result.knob.to) can't be: \(reason)")
    }
    return lines
  }

  private func table(_ direction: Knob.Direction, _ title: String) -> [String] {
    var table = TextTable([
      (title, .left), ("from", .right), ("to", .right), ("cycles", .right), ("FPS", .right), ("speed", .right),
      (direction == .up ? "buys" : "each costs", .right), ("", .left), ("with it", .left),
    ])
    for result in sensitivity.results where result.knob.direction == direction {
      guard case .ran(let effect) = result.outcome else { continue }
      let knob = result.knob
      table.add([
        knob.key, knob.from, knob.to, NumberText.grouped(effect.cycles),
        NumberText.fixed(effect.framesPerSecond, 2), NumberText.fixed(effect.speedup, 3) + "×",
        effect.framesPerUnit.map { NumberText.fixed($0, 4) } ?? "-",
        effect.framesPerUnit == nil ? "" : "FPS a \(knob.resource.unit)",
        (knob.along + result.violations).joined(separator: ", "),
      ])
    }
    return table.lines
  }
}

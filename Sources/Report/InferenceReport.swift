import Analysis
import Hardware
import Inference
import Machine

/// Accuracy, agreement, cycles and FPS of one inference, as text for people, or as JSON or CSV for programs.
public struct InferenceReport: Sendable {
  public let result: InferenceResult
  /// Of one image: cycles don't depend on what it shows.
  public let summary: SummaryReport

  public init(_ result: InferenceResult, summary: SummaryReport) {
    self.result = result
    self.summary = summary
  }

  private var total: SummaryRow { summary.summary.total }
  private var framesPerSecond: Double { summary.summary.framesPerSecond }

  public var text: String {
    var table = TextTable([("", .left), ("", .right), ("", .left)])
    if let accuracy = result.accuracy {
      table.add(["top-1 accuracy", percent(accuracy.top1), "\(accuracy.right) of \(accuracy.images) images"])
    }
    if let agreement = result.agreement {
      table.add([
        "same class", percent(agreement.classAgreement), "\(agreement.sameClass) of \(agreement.images) images",
      ])
      table.add([
        "identical logits", percent(Double(agreement.identical) / Double(max(1, agreement.images))),
        "\(agreement.identical) of \(agreement.images) images",
      ])
      table.add(["largest difference", digits(agreement.largest), "of two logits"])
      table.add(["mean difference", digits(agreement.mean), ""])
    }
    let accelerator = summary.summary.accelerator
    table.add([
      "cycles", NumberText.grouped(total.cycles),
      "an image, \(NumberText.fixed(total.metrics.milliseconds, 3)) ms at "
        + "\(NumberText.short(Double(accelerator.clock) / 1e6)) MHz",
    ])
    table.add(["FPS", NumberText.fixed(framesPerSecond, 2), ""])
    table.add(["MAC utilization", NumberText.percent(total.metrics.utilization), ""])
    if let efficiency = total.metrics.dspEfficiency {
      table.add(["DSP efficiency", NumberText.percent(efficiency), ""])
    }
    let heading = "\(result.model) on \(accelerator.name): \(result.images) image\(result.images == 1 ? "" : "s")"
    return ([heading, ""] + table.lines.dropFirst()).joined(separator: "\n") + "\n"
  }

  /// One JSON object; docs/output.md lists its keys.
  public var json: String {
    JSON.object([
      ("format", .string("vitsim-inference")), ("version", .integer(1)), ("model", .string(result.model)),
      ("engine", .string(result.engine.rawValue)), ("images", .integer(result.images)),
      (
        "accuracy",
        result.accuracy.map {
          .object([("right", .integer($0.right)), ("images", .integer($0.images)), ("top1", .number($0.top1))])
        } ?? .null
      ),
      (
        "agreement",
        result.agreement.map {
          .object([
            ("images", .integer($0.images)), ("same_class", .integer($0.sameClass)),
            ("class_agreement", .number($0.classAgreement)), ("identical", .integer($0.identical)),
            ("largest_difference", .number($0.largest)), ("mean_difference", .number($0.mean)),
          ])
        } ?? .null
      ),
      ("cycles", .integer(total.cycles)), ("fps", .number(framesPerSecond)), ("summary", summary.value),
    ]).text
  }

  /// One record under a header.
  public var csv: String {
    let agreement = result.agreement
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    return CSV.record([
      "model", "accelerator", "engine", "images", "top1", "class_agreement", "largest_difference", "mean_difference",
      "cycles", "fps",
    ])
      + CSV.record([
        result.model, summary.summary.accelerator.name, result.engine.rawValue, "\(result.images)",
        text(result.accuracy?.top1), text(agreement?.classAgreement), text(agreement?.largest), text(agreement?.mean),
        "\(total.cycles)", "\(framesPerSecond)",
      ])
  }

  private func percent(_ share: Double) -> String { NumberText.fixed(share * 100, 2) + "%" }
  private func digits(_ value: Double) -> String { NumberText.fixed(value, 6) }
}

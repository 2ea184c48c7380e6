import Analysis
import Foundation
import Inference
import Machine

/// Images through a session, with a progress line; with both engines, only if they agree on every logit and every cycle.
struct InferenceRunner {
  let session: InferenceSession
  let engine: EngineChoice
  /// 0: all processors.
  let threads: Int
  let normalization: Normalization

  var processors: Int { threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount }

  func run(_ batch: ImageBatch, limit: Int?) throws -> (logits: [[Float]], run: Run) {
    guard engine == .both else { return try run(batch, limit: limit, on: engine.reported) }
    let event = try run(batch, limit: limit, on: .event)
    let literal = try run(batch, limit: limit, on: .literal)
    if let image = literal.logits.indices.first(where: { event.logits[$0] != literal.logits[$0] }) {
      throw CommandFailure(
        .checkFailed,
        "the engines disagree on image \(image):\n  event   \(event.logits[image])\n  literal \(literal.logits[image])")
    }
    if event.run != literal.run {
      throw CommandFailure(.checkFailed, "the engines disagree on time: 'vitsim run --engine both' says where")
    }
    return event
  }

  private func run(_ batch: ImageBatch, limit: Int?, on engine: EngineKind) throws -> (logits: [[Float]], run: Run) {
    let progress = ProgressLine()
    defer { progress.clear() }
    let count = min(limit ?? batch.count, batch.count)
    return try session.run(
      batch, limit: limit, engine: engine, threads: processors, normalization: normalization,
      options: Summary.runOptions
    ) { done in progress.show("\(done) of \(count) images") }
  }
}

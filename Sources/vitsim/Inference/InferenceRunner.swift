import Foundation
import Inference
import Machine

/// Images through a session, with a progress line; with both engines, only if they agree on every logit.
struct InferenceRunner {
  let session: InferenceSession
  let engine: EngineChoice
  /// 0: all processors.
  let threads: Int
  let normalization: Normalization

  var processors: Int { threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount }

  func logits(of batch: ImageBatch, limit: Int?) throws -> [[Float]] {
    guard engine == .both else { return try logits(of: batch, limit: limit, on: engine.reported) }
    let event = try logits(of: batch, limit: limit, on: .event)
    let literal = try logits(of: batch, limit: limit, on: .literal)
    if let image = event.indices.first(where: { event[$0] != literal[$0] }) {
      throw CommandFailure(
        .checkFailed, "the engines disagree on image \(image):\n  event   \(event[image])\n  literal \(literal[image])")
    }
    return event
  }

  private func logits(of batch: ImageBatch, limit: Int?, on engine: EngineKind) throws -> [[Float]] {
    let progress = ProgressLine()
    defer { progress.clear() }
    let count = min(limit ?? batch.count, batch.count)
    return try session.logits(
      of: batch, limit: limit, engine: engine, threads: processors, normalization: normalization
    ) { done in progress.show("\(done) of \(count) images") }
  }
}

import Analysis
import Foundation
import Inference
import Machine

/// Images through a session, with a progress line; with both engines, only if they agree on every byte and every cycle.
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
    let progress = ProgressLine()
    defer { progress.clear() }
    for image in event.logits.indices {
      progress.show("literal engine: image \(image + 1) of \(event.logits.count)")
      let input = batch.quantized(image, by: session.input, normalization)
      if let difference = try session.disagreement(
        on: input, run: event.run, threads: processors, options: Summary.runOptions)
      {
        throw CommandFailure(.checkFailed, "the engines disagree on image \(image): \(difference)")
      }
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

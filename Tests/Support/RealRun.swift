import Compiler
import Foundation
import Hardware
import HardwareYAML
import Machine
import Model
import Schedule
import Synchronization

/// Small models on shipped accelerators.
package struct RealRun: CustomStringConvertible, Sendable {
  package var design: String
  package var engine: EngineKind

  package init(design: String, engine: EngineKind) {
    (self.design, self.engine) = (design, engine)
  }

  package var description: String { "\(design), \(engine.rawValue)" }

  /// Every accelerator, by both engines.
  package static let all = [
    "broadcast-64x32", "edge-16x16", "gemmini-16x16", "hbm-128x128", "output-stationary-32x32", "trio-vit",
    "two-engines",
    "zcu102-32x32",
  ].flatMap { design in EngineKind.allCases.map { RealRun(design: design, engine: $0) } }

  /// A Vision Transformer of one block; on the accelerator that is made for it, an EfficientViT.
  private func schedule() throws -> Schedule {
    let graph =
      design == "trio-vit"
      ? try Zoo.graph(
        EfficientViT(
          "speck", widths: [8, 8, 16, 16, 24], depths: [1, 1, 1, 1, 1], headWidth: 8, headWidths: [16, 24], classes: 5),
        image: 32)
      : try Zoo.graph(
        VisionTransformer("speck", width: 48, depth: 1, heads: 3, patch: 4, classes: 10), image: 24, batch: 2)
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../configs/accelerators/\(design).yaml")
    return try Compiler.compile(
      graph, for: try Accelerator.parse(yaml: try String(contentsOf: file, encoding: .utf8), file: file.path))
  }

  /// The schedule and its run, with trace and timelines: made once for all tests.
  package func sample() throws -> (schedule: Schedule, run: Run) {
    try Self.samples.withLock { samples in
      if let known = samples[description] { return known }
      let schedule = try schedule()
      let run = try Simulator.run(schedule, engine: engine, options: RunOptions(trace: true, timelines: true))
      samples[description] = (schedule, run)
      return (schedule, run)
    }
  }

  private static let samples = Mutex<[String: (schedule: Schedule, run: Run)]>([:])
}

import Compiler
import Foundation
import Hardware
import HardwareYAML
import Machine
import Model
import Schedule

/// Small models on shipped accelerators.
struct RealRun: CustomStringConvertible, Sendable {
  var design: String
  var engine: EngineKind

  var description: String { "\(design), \(engine.rawValue)" }

  /// Every accelerator, by both engines.
  static let all = [
    "broadcast-64x32", "edge-16x16", "gemmini-16x16", "hbm-128x128", "output-stationary-32x32", "trio-vit",
    "two-engines",
    "zcu102-32x32",
  ].flatMap { design in EngineKind.allCases.map { RealRun(design: design, engine: $0) } }

  /// A Vision Transformer of one block; on the accelerator that is made for it, an EfficientViT.
  func schedule() throws -> Schedule {
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

  func run(_ schedule: Schedule, trace: Bool = false) throws -> Run {
    try Simulator.run(schedule, engine: engine, options: RunOptions(trace: trace, timelines: true))
  }
}

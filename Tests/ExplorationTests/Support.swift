import Exploration
import Foundation
import Hardware
import HardwareYAML
import Model
import Synchronization

/// The package's directory.
let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

/// Models that even an unoptimized build runs in milliseconds.
private let tinyModels: [any ZooModel] = [
  VisionTransformer("tiny", width: 32, depth: 1, heads: 2, classes: 10),
  EfficientViT(
    "tiny-conv", widths: [8, 8, 16, 32, 32], depths: [1, 1, 1, 1, 1], headWidth: 8, headWidths: [32, 32], classes: 10),
]

/// A tiny model, or one of the zoo as the command line finds it.
func zooModel(_ request: ModelRequest) throws(DiagnosticError) -> SweepModel {
  let (image, batch) = (request.image ?? 32, request.batch ?? 1)
  do {
    if let tiny = tinyModels.first(where: { $0.name == request.name }) {
      return SweepModel(try Zoo.graph(tiny, image: image, batch: batch))
    }
    return SweepModel(try Zoo.graph(request.name, image: image, batch: batch))
  } catch {
    throw DiagnosticError(Diagnostic(request.nameMark, error.description))
  }
}

/// A sweep's description from its text, as if it stood in `sweep.yaml` in the package's directory.
func description(_ yaml: String) throws(DiagnosticError) -> SweepDescription {
  try SweepDescription(try ConfigNode.parse(yaml: yaml, file: "sweep.yaml"), file: "sweep.yaml")
}

/// A sweep that runs a tiny model on the 32×32 array unless `yaml` says otherwise.
func sweep(_ yaml: String, keepsBudget: Bool = true) throws(DiagnosticError) -> Sweep {
  let base = yaml.contains("base:") ? "" : "base: \(packageRoot)/configs/accelerators/zcu102-32x32.yaml\n"
  let models = yaml.contains("models:") ? "" : "models: [tiny]\n"
  return try Sweep(
    try description(base + models + yaml), file: "sweep.yaml", keepsBudget: keepsBudget, models: zooModel)
}

/// The mistakes in `yaml`, one a line; empty if it is right.
func mistakes(_ yaml: String) -> String {
  do {
    _ = try sweep(yaml).resolve()
    return ""
  } catch {
    return "\(error)"
  }
}

/// Results in memory.
final class MemoryStorage: SweepStorage {
  struct Full: Error {}

  private struct State {
    var points: [PointRecord] = []
    var records: [DesignRecord] = []
  }

  private let state = Mutex(State())
  /// `keep` throws once it has so many.
  let room: Int

  init(room: Int = .max) { self.room = room }

  var points: [PointRecord] { state.withLock { $0.points } }
  var records: [DesignRecord] { state.withLock { $0.records } }

  func outcomes() -> [DesignKey: SweepOutcome] {
    Dictionary(records.map { ($0.key, $0.outcome) }) { _, last in last }
  }

  func begin(_ points: [PointRecord]) { state.withLock { $0.points = points } }

  func keep(_ record: DesignRecord) throws {
    try state.withLock { state in
      if state.records.count >= room { throw Full() }
      state.records.append(record)
    }
  }
}

import Exploration
import Foundation
import Hardware
import HardwareYAML
import Model
import SweepStore

/// Designs a second a core: a sweep over variants of a run configuration, with everything that `vitsim sweep` does, on one
/// thread.
enum SweepRate {
  /// 144 designs, each another schedule: arrays, clocks and memories.
  private static let grid = """
    grid:
      engines.array.rows: [16, 24, 32, 48]
      engines.array.columns: [16, 32, 40]
      clock: [150MHz, 200MHz, 300MHz]
      dram.latency: [20, 40, 80, 160]
    """

  /// Prints the CPU seconds of three sweeps over `graph` on variants of the configuration at `path`, each into a new store,
  /// and of one that has nothing left to do.
  static func measure(_ graph: Graph, _ path: String) throws {
    let model = SweepModel(graph)
    let yaml = "base: \(path)\n" + grid
    let description = try SweepDescription(try ConfigNode.parse(yaml: yaml, file: "sweep"), file: "sweep")
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vitsim-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    for name in ["1.sqlite", "2.sqlite", "3.sqlite", "1.sqlite"] {
      try measure(description, model, store: directory.appendingPathComponent(name).path)
    }
  }

  private static func measure(_ description: SweepDescription, _ model: SweepModel, store path: String) throws {
    let start = Meter.cpuSeconds
    let sweep = try Sweep(description, file: "sweep", keepsBudget: false) { _ in model }
    let store = try SweepStore(path: path)
    let run = try sweep.resolve(workers: 1).run(store: store, workers: 1)
    store.close()
    let seconds = Meter.cpuSeconds - start
    let failed = run.result()?.points.count { $0.figures == nil } ?? description.count
    print(
      String(
        format: "%d points, %d evaluated, %d failed  %7.3f s CPU  %8.1f points a CPU second", description.count,
        run.progress.evaluated, failed, seconds, Double(description.count) / seconds))
  }
}

import Analysis
import Foundation
import Hardware
import HardwareYAML
import Model
import Testing

@testable import Exploration

/// What a knob does is what a user would get who turns it by hand.
@Suite struct SensitivityTests {
  private static func accelerator(_ name: String) throws -> Accelerator {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../configs/accelerators/\(name).yaml")
    return try Accelerator.parse(yaml: try String(contentsOf: file, encoding: .utf8), file: file.path)
  }

  private static func graph() throws -> Graph {
    try Zoo.graph(VisionTransformer("speck", width: 96, depth: 1, heads: 3, patch: 8, classes: 10), image: 64, batch: 2)
  }

  /// Each knob's settings, given to the description as `--set` would, make the same design.
  @Test(arguments: [
    "zcu102-32x32", "two-engines", "gemmini-16x16", "hbm-128x128", "output-stationary-32x32", "trio-vit",
  ])
  func settingsMakeTheDesign(_ name: String) throws {
    let base = try Self.accelerator(name)
    var seen: Set<String> = []
    for knob in base.knobs {
      #expect(knob.accelerator != base, "\(knob.key)")
      #expect(seen.insert("\(knob.key) \(knob.to)").inserted, "\(knob.key) to \(knob.to) comes twice")
      guard let settings = knob.settings else { continue }
      let parsed = try? RunConfiguration.parse(text: base.yaml, file: name, overrides: settings)
      // What the description can't be is refused, never something else.
      if let parsed { #expect(parsed.accelerator == knob.accelerator, "\(settings)") }
    }
    let keys = Set(base.knobs.map(\.key))
    let engine = base.engines[0].name
    for key in ["clock", "dram.bandwidth", "dram.latency", "vector.lanes", "dma.channels", "engines.\(engine).rows"] {
      #expect(keys.contains(key))
    }
    for buffer in base.buffers { #expect(keys.contains("buffers.\(buffer.name).size")) }
  }

  /// A wider array takes wider words where they were just wide enough, and keeps those that are wide enough still.
  @Test func wordsFollowTheArray() throws {
    let base = try Self.accelerator("zcu102-32x32")
    let rows = try #require(base.knobs.first { $0.key == "engines.array.rows" && $0.direction == .up })
    #expect((rows.from, rows.to) == ("32", "64"))
    #expect(rows.along == ["buffers.activations.word-width=64B"])
    let columns = try #require(base.knobs.first { $0.key == "engines.array.columns" && $0.direction == .up })
    #expect(columns.along == ["buffers.accumulators.word-width=256B"])
    let down = try #require(base.knobs.first { $0.key == "engines.array.rows" && $0.direction == .down })
    #expect(down.along.isEmpty)
  }

  /// Figures are those of a run by hand; costs and what a unit buys follow from them.
  @Test func effectsAreRuns() throws {
    let (base, graph) = (try Self.accelerator("zcu102-32x32"), try Self.graph())
    let summary = try Evaluation(graph, on: base).summary
    let sensitivity = Sensitivity(of: graph, on: base, base: summary, workers: 2)
    #expect(sensitivity.results.count == base.knobs.count)
    var last = Double.infinity
    for result in sensitivity.results {
      guard case .ran(let effect) = result.outcome else {
        last = -1
        continue
      }
      #expect(effect.speedup <= last, "sorted, and what failed stands last")
      last = effect.speedup
      guard let settings = result.knob.settings else { continue }
      let moved = try RunConfiguration.parse(text: base.yaml, file: "base", overrides: settings).accelerator
      let own = try Evaluation(graph, on: moved).summary
      #expect(effect.cycles == own.total.cycles)
      #expect(effect.framesPerSecond == own.framesPerSecond)
      #expect(effect.speedup == own.framesPerSecond / summary.framesPerSecond)
      if let perUnit = effect.framesPerUnit {
        #expect(abs(perUnit * effect.cost - (own.framesPerSecond - summary.framesPerSecond)) < 1e-6)
      }
    }
    func cost(_ key: String, _ direction: Knob.Direction) -> Double? {
      for result in sensitivity.results where result.knob.key == key && result.knob.direction == direction {
        if case .ran(let effect) = result.outcome { return effect.cost }
      }
      return nil
    }
    #expect(cost("engines.array.rows", .up) == 1024)
    #expect(cost("engines.array.columns", .down) == -512)
    #expect(cost("vector.lanes", .up) == 128)
    #expect(cost("buffers.weights.size", .up) == 384)
    #expect(cost("clock", .up) == 50)
    #expect(cost("dram.latency", .up) == 20)
    #expect(cost("dram.latency", .down) == -40)
    #expect(abs((cost("dram.bandwidth", .up) ?? 0) - 4.8) < 1e-9)
    #expect(abs((cost("dma.channels.weights.data-width", .up) ?? 0) - 3.2) < 1e-9)
    #expect(abs((cost("dma.channels", .up) ?? 0) - 3.2) < 1e-9)
  }

  /// A design that can't be, or that its device can't hold: said, not left out.
  @Test func whatCannotBeSaysWhy() throws {
    var small = try Self.accelerator("zcu102-32x32")
    small.device?.dsps = 1152
    let graph = try Self.graph()
    // The widest bus that a description can have.
    small.channels[0].beatBytes = 4096
    small.channels[0].burstBeats = 1
    let base = try Evaluation(graph, on: small).summary
    let results = Sensitivity(of: graph, on: small, base: base).results
    let rows = try #require(results.first { $0.knob.key == "engines.array.rows" && $0.knob.direction == .up })
    #expect(rows.violations == ["needs 2176 DSP, zcu102 has 1152"])
    let failed = results.compactMap { result -> String? in
      if case .failed(let reason) = result.outcome { "\(result.knob.key): \(reason)" } else { nil }
    }
    #expect(failed.contains { $0.hasPrefix("dma.channels.weights.data-width: ") }, "\(failed)")
  }

  @Test func oneWorkerAndManyAgree() throws {
    let (base, graph) = (try Self.accelerator("edge-16x16"), try Self.graph())
    let summary = try Evaluation(graph, on: base).summary
    func text(_ workers: Int) -> [String] {
      Sensitivity(of: graph, on: base, base: summary, workers: workers).results.map {
        "\($0.knob.key) \($0.knob.to) \($0.outcome)"
      }
    }
    #expect(text(1) == text(4))
  }
}

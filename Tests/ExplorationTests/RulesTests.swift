import Analysis
import Exploration
import Testing

/// Results that are kept under the present rules stay right: whoever changes what a design gives raises
/// `Evaluation.rules` and writes the new digest here.
@Suite struct RulesTests {
  private static let digest = "eed4faf3cbe13fede9699f8e7ba37e1750037585979812b0b29aba4eb9df4b62"

  /// Every dataflow and interconnect, one or two engines, models with and without convolutions, one or two images.
  private static let fixture = """
    models: [tiny, {name: tiny-conv, image: 64, batch: 2}]
    grid:
      engines.array.interconnect, engines.array.dataflow:
        - [systolic, weight-stationary]
        - [systolic, output-stationary]
        - [systolic, input-stationary]
        - [broadcast, weight-stationary]
      dram.latency: [40cycles, 5cycles]
      buffers.inputs.size: [8KiB, 1MiB]
    list:
      - {engines.array.interconnect: broadcast, engines.array.dataflow: output-stationary, engines.array.depthwise: true}
      - {vector.lanes: 4, dma.channels.all.outstanding: 1}
    base:
      name: fixture
      clock: 200MHz
      engines:
        - {name: array, interconnect: systolic, dataflow: weight-stationary, rows: 32, columns: 16, inputs: inputs,
           weights: weights, outputs: sums}
      buffers:
        - {name: inputs, size: 1MiB, banks: 4, ports: 2, word-width: 32B}
        - {name: weights, size: 256KiB, banks: 2, ports: 2, word-width: 80B}
        - {name: sums, size: 256KiB, banks: 4, ports: 2, word-width: 64B}
      dma:
        channels:
          - {name: all, carries: [weights, inputs, outputs], data-width: 128bit}
      dram: {model: bandwidth, latency: 20cycles, bandwidth: 19.2GB/s}
      vector:
        lanes: 16
        operations:
          requantize: {latency: 3}
          add: {latency: 2}
          gelu: {latency: 4}
          softmax: {passes: 3, latency: 6}
          layernorm: {passes: 3, latency: 6}
    """

  @Test func figuresBelongToTheVersionOfTheRules() throws {
    let run = try sweep(Self.fixture).resolve().run(store: MemoryStorage())
    let points = try #require(run.result()).points
    let text = points.map { point in
      "\(point.outcome.status)" + DesignFigure.allCases.map { " \(point.figures?[$0].map { "\($0)" } ?? "-")" }.joined()
    }.joined(separator: "\n")
    #expect(points.count { $0.figures != nil } >= 34, "\(text)")
    let found = DesignKey(bytes: SHA256.digest(text.utf8)).description
    #expect(
      found == Self.digest && Evaluation.rules == 1,
      "figures of designs have changed: raise Evaluation.rules, and write the version and \(found) here\n\(text)")
  }
}

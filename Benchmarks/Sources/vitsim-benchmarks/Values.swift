import Compiler
import Foundation
import HardwareYAML
import Machine
import Model
import Numerics
import Quantizer
import Schedule

/// Time of values: one image, from input bytes to output bytes, with a prepared program.
enum Values {
  /// Values of a model with synthetic weights, with one thread and with all, on every path of this processor.
  static func measure(_ graph: Graph, _ configuration: RunConfiguration) throws {
    var model = try QuantizedModel.synthetic(graph, seed: 1)
    for op in graph.operators {  // HACK
      if case .classToken = op.operation { for input in op.inputs { model.numbers[input] = model.numbers[op.output] } }
    }
    let compilation = try Compiler.compile(model, for: configuration.accelerator)
    let timing = try Simulator.run(compilation.schedule)
    var program: ValueProgram?
    let prepare = try wallSeconds(runs: 3) {
      program = try ValueProgram(compilation.schedule, timings: timing.timings)
    }
    guard let program else { return }
    var image = compilation.image
    let input = compilation.schedule.tensors[compilation.input].bytes
    image.tensors[compilation.input] = (0..<input).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }

    print("values: \(compilation.schedule.instructions.count) instructions, prepared in \(milliseconds(prepare))")
    var outputs: Set<[UInt8]> = []
    for path in KernelPath.available.reversed() {
      for threads in Set([1, ValueProgram.usualThreads]).sorted() {
        let runs = path == .best ? 15 : 3
        let seconds = try wallSeconds(runs: runs) {
          let end = try program.execute(image, threads: threads, path: path)
          if let output = end.tensors[compilation.output] { outputs.insert(output) }
        }
        let rate = Double(graph.macs) / seconds / 1e9
        print(
          String(format: "  %@, threads: %d", path.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0), threads),
          milliseconds(seconds), String(format: "%6.1f GMAC/s", rate))
      }
    }
    print(outputs.count == 1 ? "all give the same output" : "THE PATHS DISAGREE")
    if outputs.count != 1 { exit(1) }
  }

  /// Shortest wall-clock time of several runs after a first one: what the machine can do when nothing else runs.
  private static func wallSeconds(runs: Int, _ body: () throws -> Void) rethrows -> Double {
    try body()
    var best = Double.infinity
    for _ in 0..<runs {
      let clock = ContinuousClock()
      let time = try clock.measure { try body() }
      best = min(best, Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18)
    }
    return best
  }

  private static func milliseconds(_ seconds: Double) -> String { String(format: "%8.2f ms", seconds * 1e3) }
}

import Compiler
import Foundation
import HardwareYAML
import Machine
import Model
import Numerics
import Quantizer
import Schedule

/// Time of values: one image, from input bytes to output bytes, with a program that has been prepared and has run before.
enum Values {
  /// Values of a model with synthetic weights, with one thread and with all, on every path of this processor.
  static func measure(_ graph: Graph, _ configuration: RunConfiguration) throws {
    let model = try QuantizedModel.synthetic(graph, seed: 1)
    let compilation = try Compiler.compile(model, for: configuration.accelerator)
    let timing = try Simulator.run(compilation.schedule)
    var program: ValueProgram?
    let prepare = try best(of: 3) {
      program = try ValueProgram(compilation.schedule, timings: timing.timings)
    }
    guard let program else { return }
    var image = compilation.image
    let input = compilation.schedule.tensors[compilation.input].bytes
    image.tensors[compilation.input] = (0..<input).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }

    print("values: \(compilation.schedule.instructions.count) instructions, prepared in \(prepare.wall) of wall time")
    var outputs: Set<[UInt8]> = []
    for path in KernelPath.available.reversed() {
      for threads in Set([1, ValueProgram.usualThreads]).sorted() {
        let time = try best(of: path == .portable ? 3 : 15) {
          let end = try program.execute(image, threads: threads, path: path)
          if let output = end.tensors[compilation.output] { outputs.insert(output) }
        }
        let name = path.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
        print("  \(name)  threads: \(threads)  wall \(time.wall)  CPU \(time.cpu)")
      }
    }
    print(outputs.count == 1 ? "all give the same output" : "THE PATHS DISAGREE")
    if outputs.count != 1 { exit(1) }
  }

  private struct Milliseconds: CustomStringConvertible {
    var value = Double.infinity
    var description: String { String(format: "%7.1f ms", value) }
  }

  /// Shortest times of several runs after a first one: what the machine can do when nothing else runs.
  private static func best(
    of runs: Int, _ body: () throws -> Void
  ) rethrows -> (wall: Milliseconds, cpu: Milliseconds) {
    try body()
    var (wall, cpu) = (Milliseconds(), Milliseconds())
    for _ in 0..<runs {
      let before = Meter.cpuSeconds
      let time = try ContinuousClock().measure { try body() }
      cpu.value = min(cpu.value, (Meter.cpuSeconds - before) * 1e3)
      wall.value = min(wall.value, Double(time.components.seconds) * 1e3 + Double(time.components.attoseconds) / 1e15)
    }
    return (wall, cpu)
  }
}

import Compiler
import Foundation
import HardwareYAML
import Machine
import Model
import Schedule

// Usage: vitsim-benchmarks CONFIG [event|literal|both|values|cosim|sweep]
//
// CPU seconds, simulated cycles a second and peak memory of one run config: compiling it, and executing its schedule
// with either engine; or the time of its values, with synthetic weights; or of comparing it with the
// SystemC model; or of sweeping over variants of it. With four arguments: see `SideBySide`.
let arguments = CommandLine.arguments
guard arguments.count >= 2 else {
  print("usage: vitsim-benchmarks CONFIG [event|literal|both|values|cosim|sweep]")
  exit(2)
}
if arguments.count == 5 {
  try SideBySide.measure(Array(arguments.dropFirst()))
  exit(0)
}
let engines = arguments.count > 2 ? arguments[2] : "both"
let configuration = try RunConfiguration.load(path: arguments[1])
guard let model = configuration.model else {
  print("\(arguments[1]) names no model")
  exit(2)
}
let graph = try Zoo.graph(model.name, image: model.image ?? 224, batch: model.batch ?? 1)
if engines == "sweep" {
  try SweepRate.measure(graph, arguments[1])
  exit(0)
}
if engines == "values" {
  print("\(model.name) on \(configuration.accelerator.name): \(graph.macs) MACs")
  try Values.measure(graph, configuration)
  exit(0)
}
var schedule = try Compiler.compile(graph, for: configuration.accelerator)
if engines == "cosim" {
  print("\(model.name) on \(configuration.accelerator.name): \(schedule.instructions.count) instructions")
  try CoSimulationRate.measure(schedule)
  exit(0)
}

func row(_ what: String, _ seconds: Double, cycles: Int? = nil) {
  let name = what.padding(toLength: 8, withPad: " ", startingAt: 0)
  let rate = cycles.map { String(format: "%10.1f M simulated cycles/s", Double($0) / seconds / 1e6) } ?? ""
  print(String(format: "%@ %8.4f s CPU  peak %6.1f MB", name, seconds, Meter.peakMegabytes) + rate)
}

print(
  "\(model.name) on \(configuration.accelerator.name): \(schedule.instructions.count) instructions, \(graph.macs) MACs")
let compile = try Meter.median(of: 5) { schedule = try Compiler.compile(graph, for: configuration.accelerator) }
let event = try Simulator.run(schedule)
row("compile", compile)
if engines != "literal" {
  let seconds = try Meter.median(of: 9) { _ = try Simulator.run(schedule) }
  row("event", seconds, cycles: event.cycles)
}
if engines != "event" {
  let start = Meter.cpuSeconds
  let literal = try Simulator.run(schedule, engine: .literal)
  row("literal", Meter.cpuSeconds - start, cycles: literal.cycles)
  print(literal == event ? "both engines agree on every count" : "THE ENGINES DISAGREE")
  if literal != event { exit(1) }
}

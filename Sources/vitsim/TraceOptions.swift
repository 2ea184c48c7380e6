import ArgumentParser
import Machine
import PerfettoTrace
import Schedule

/// A run as a trace for Perfetto.
struct TraceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write a trace for Perfetto (ui.perfetto.dev).", valueName: "file"), completion: .file())
  var trace: String?

  @Option(help: ArgumentHelp("Cycles that the trace shows: FIRST:END.", valueName: "cycles"))
  var traceWindow: CycleWindow?

  @Option(help: ArgumentHelp("Units, buffers and 'dram' that it shows: array,dma.*", valueName: "names"))
  var traceUnits: NameList?

  @Option(help: ArgumentHelp("Refuse to write a larger trace than this (default: 500).", valueName: "MB"))
  var traceLimit: Int?

  func validate() throws {
    if trace == nil, traceWindow != nil || traceUnits != nil || traceLimit != nil {
      throw ValidationError("--trace-window, --trace-units and --trace-limit go with --trace FILE")
    }
    if let traceLimit, traceLimit < 1 { throw ValidationError("--trace-limit is \(traceLimit): use 1 or more") }
  }

  /// Before the run: what can be known to be wrong.
  func check(_ schedule: Schedule) throws {
    guard trace != nil else { return }
    try traceUnits?.check("--trace-units", against: PerfettoTrace.names(of: schedule.accelerator))
  }

  /// Says how large it is going to be, and writes it.
  func write(_ schedule: Schedule, _ run: Run) throws {
    guard let trace else { return }
    try traceWindow?.check("--trace-window", against: run.cycles)
    let perfetto = PerfettoTrace(
      schedule: schedule, run: run, selection: .init(window: traceWindow?.cycles, units: traceUnits?.patterns))
    let megabytes = (Double(perfetto.estimatedBytes) / 1e5).rounded(.up) / 10
    let traceLimit = traceLimit ?? 500
    guard megabytes <= Double(traceLimit) else {
      throw CommandFailure(
        .badInput,
        "\(trace) would have about \(megabytes) MB, more than --trace-limit \(traceLimit): choose --trace-window or "
          + "--trace-units, or a higher limit")
    }
    Console.error("\(trace): about \(megabytes) MB")
    if perfetto.lacksOccupancy {
      Console.error("\(trace): without the buffers' occupancy: the schedule has too many regions to follow")
    }
    try File.write(to: trace) { sink in try perfetto.write(to: sink) }
  }
}

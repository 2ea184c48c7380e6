import ArgumentParser
import CoSimulation
import Machine
import Report
import Schedule

/// The literal engine's registers as a waveform.
struct WaveformOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write the literal engine's registers as a waveform (GTKWave).", valueName: "file"),
    completion: .file())
  var vcd: String?

  @Option(help: ArgumentHelp("Cycles that the waveform shows: FIRST:END.", valueName: "cycles"))
  var window: CycleWindow?

  @Option(help: ArgumentHelp("Units, buffers, 'dram' and 'tokens' that it shows: array,dma.*", valueName: "names"))
  var vcdUnits: NameList?

  func validate() throws {
    if vcd == nil, window != nil || vcdUnits != nil {
      throw ValidationError("--window and --vcd-units go with --vcd FILE")
    }
  }

  /// Before anything is written: what is going to be recorded, `nil` without `--vcd`. Memories hold the bytes that
  /// `vitsim cosim` gives them.
  func recording(_ schedule: Schedule, _ run: Run) throws -> WaveformRecording? {
    guard let vcd else { return nil }
    try window?.check("--window", against: run.cycles)
    let recording: WaveformRecording
    do {
      recording = try WaveformRecording(
        schedule, image: MemoryImage(random: schedule, seed: 1), cycles: run.cycles, window: window?.cycles,
        units: vcdUnits?.patterns)
    } catch let error as WaveformRecording.TooLarge {
      throw CommandFailure(.badInput, "\(vcd): \(error) (--window FIRST:END, --vcd-units NAMES)")
    }
    try vcdUnits?.check("--vcd-units", against: recording.names)
    return recording
  }

  /// Steps the literal engine to the window's end.
  func write(_ recording: WaveformRecording?) throws {
    guard let vcd, let recording else { return }
    let progress = ProgressLine()
    defer { progress.clear() }
    try File.write(to: vcd) { sink in
      try recording.write(
        progress: { progress.show("waveform: cycle \($0) of \(recording.window.upperBound)") }, to: sink)
    }
  }
}

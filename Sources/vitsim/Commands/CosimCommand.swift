import ArgumentParser
import CoSimulation
import Compiler
import Machine
import ONNXImport
import Report
import Schedule

struct CosimCommand: ParsableCommand {
  enum Level: String, ExpressibleByArgument, CaseIterable { case registers, transactions }

  static let configuration = CommandConfiguration(
    commandName: "cosim",
    abstract: "Run a schedule beside a SystemC model, or an array in RTL, in lock step.",
    discussion: """
      Every register, queue and port that both have (docs/cosimulation.md) is compared after \
      every clock cycle, memories in the end. \
      The first difference ends the run, with its cycle, unit, register and values, and \
      with a waveform of both sides. Exits with 1 if they differ.

      --level transactions leaves out the PE grid: all bursts and tiles, each in its cycle.

      --export compares nothing: it writes the program image for a virtual platform \
      (docs/cosimulation.md), with what memory holds at the start. Weights are a quantized \
      model's own; all else is random. With --level transactions there are no bytes.

      EXAMPLES:
        vitsim cosim configs/deit-tiny-edge.yaml --level transactions
        vitsim cosim gemm.vsched --waveform difference.vcd
        vitsim cosim gemm.vsched --array ./libsystolic_16x16.so
        vitsim cosim configs/deit-tiny-edge.yaml --level transactions --export deit.img
      """)

  @OptionGroup var workload: WorkloadOptions

  @Option(help: "registers: cycle by cycle; transactions: burst by burst and tile by tile.")
  var level: Level = .registers

  @Option(
    help: ArgumentHelp("An array in RTL (docs/cosimulation.md) instead of SystemC.", valueName: "library"),
    completion: .file(extensions: ["so"]))
  var array: String?

  @Option(help: ArgumentHelp("Which engine the array follows (default: the first).", valueName: "name"))
  var engine: String?

  @Option(help: ArgumentHelp("Of the bytes that memories hold at the start.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp("Where the waveform (VCD) of a difference goes, both sides around it.", valueName: "file"),
    completion: .file(extensions: ["vcd"]))
  var waveform = "cosim-difference.vcd"

  @Option(
    help: ArgumentHelp("Write the program image instead of running it.", valueName: "file"), completion: .file())
  var export: String?

  @Option(help: "text for people, json for programs.")
  var format: TextOrJSON = .text

  @OptionGroup var output: OutputOptions

  func run() throws {
    let outputs = output.files + [("--export", export)]
    try File.check(outputs: outputs)
    // Most runs have no difference to show.
    try File.checkDistinct(outputs: outputs + [("--waveform", waveform)], inputs: workload.files + [("--array", array)])
    let job = try workload.load()
    if let export { return try write(try programImage(job), to: export) }
    let (schedule, memory) = try program(job)
    let progress = ProgressLine()
    defer { progress.clear() }
    var options = LockStep.Options()
    options.progress = { cycles in progress.show("\(cycles) cycles agree") }
    let (outcome, other) = try compare(schedule, memory, options)
    progress.clear()
    let report = CoSimulationReport(outcome, schedule: schedule, sides: ("vitsim", other))
    try output.deliver(format == .text ? report.text : report.json)
    guard let difference = outcome.difference else { return }
    if !difference.window.left.isEmpty {
      do {
        try write(difference.window, other, to: waveform)
        Console.error("waveform of both sides: \(waveform)")
      } catch {
        // That the sides differ is the result all the same.
        Console.error(ExitStatus(error).message(for: error))
      }
    }
    throw CommandFailure(.checkFailed)
  }

  private func compare(
    _ schedule: Schedule, _ memory: MemoryImage, _ options: LockStep.Options
  ) throws -> (LockStep.Outcome, String) {
    if let array {
      guard level == .registers else {
        throw CommandFailure(.badInput, "--array has registers alone: leave --level out")
      }
      return (
        try ArrayComparison.run(schedule, memory: memory, library: array, engine: engine, options: options), "array"
      )
    }
    if engine != nil { throw CommandFailure(.badInput, "--engine goes with --array") }
    guard SystemCKernel.isAvailable else { throw CommandFailure(.badInput, SystemCKernel.version) }
    if level == .transactions {
      return (try TransactionComparison.run(schedule, progress: options.progress), "SystemC")
    }
    let outcome = try SystemCKernel.exclusive {
      return try LockStep.compare(
        try LiteralStepper(schedule, image: memory), try SystemCSide(schedule, memory: memory),
        units: schedule.accelerator.queues.map(\.name), options: options)
    }
    return (outcome, "SystemC")
  }

  private func programImage(_ job: Job) throws -> ProgramImage {
    if level == .transactions { return ProgramImage(job.schedule) }
    let (schedule, memory) = try program(job)
    return ProgramImage(schedule, memory: memory)
  }

  /// What is run, and what its memories hold: a quantized model's own weights and arithmetic, else random bytes.
  private func program(_ job: Job) throws -> (Schedule, MemoryImage) {
    let quantized = try job.modelFile.map { try ONNXModel(contentsOf: $0) }.flatMap { $0.isQuantized ? $0 : nil }
    guard level == .registers, let quantized else {
      return (job.schedule, MemoryImage(random: job.schedule, seed: seed))
    }
    let compiled = try Compiler.compile(try quantized.quantized(), for: job.schedule.accelerator)
    guard compiled.schedule.model.batch == job.schedule.model.batch else {
      throw CommandFailure(
        .badInput, "a quantized model runs with its file's batch, \(compiled.schedule.model.batch): leave --batch out")
    }
    var memory = MemoryImage(random: compiled.schedule, seed: seed)
    for (index, weights) in compiled.image.tensors.enumerated() where weights != nil { memory.tensors[index] = weights }
    return (compiled.schedule, memory)
  }

  private func write(_ image: ProgramImage, to path: String) throws {
    if array != nil || engine != nil {
      throw CommandFailure(.badInput, "--export compares nothing: leave --array and --engine out")
    }
    try File.write(image.bytes, to: path)
  }

  private func write(_ window: LockStepWindow, _ other: String, to path: String) throws {
    let sides = [("vitsim", window.left), (other, window.right)].map {
      Waveform.Side(name: $0.0, groups: window.groups, samples: $0.1)
    }
    try File.write(Waveform(sides: sides, firstCycle: window.first).vcd, to: path)
  }
}

import CoSimulation
import Foundation
import Hardware
import HardwareYAML
import Machine
import Schedule
import Testing

/// `vitsim run --vcd`, read by GTKWave's own tools.
@Suite struct CLIWaveformTests {
  static let hasReader = ["vcd2fst", "fst2vcd"].allSatisfy { tool in
    (try? CLIProgram.shell("command -v \(tool)").status) == 0
  }
  static let example = "traces/two-engines/case.vsched"

  /// What GTKWave's converters make of a dump: name with scopes → value from each time on at which it changes.
  private static func read(_ path: String) throws -> [String: [(time: Int, value: Int32)]] {
    let result = try CLIProgram.shell("vcd2fst '\(path)' '\(path).fst' && fst2vcd '\(path).fst'")
    #expect(result.status == 0, "\(result.errors)")
    var (scopes, names): ([String], [Substring: String]) = ([], [:])
    var (changes, time): ([String: [(time: Int, value: Int32)]], Int) = ([:], 0)
    for line in result.output.split(separator: "\n") {
      let words = line.split(separator: " ")
      switch words[0] {
      case "$scope": scopes.append(String(words[2]))
      case "$upscope": scopes.removeLast()
      case "$var": names[words[3]] = (scopes + [String(words[4])]).joined(separator: ".")
      default:
        if line.first == "#" { time = try #require(Int(line.dropFirst())) }
        guard line.first == "b", let value = UInt32(words[0].dropFirst(), radix: 2), let name = names[words[1]] else {
          continue
        }
        changes[name, default: []].append((time, Int32(bitPattern: value)))
      }
    }
    return changes
  }

  /// Every register, by its name in the dump, after each cycle of a window.
  @Test(.enabled(if: hasReader, "GTKWave's vcd2fst isn't installed"))
  func gtkwaveReadsWhatTheEngineHas() throws {
    let scratch = try Scratch()
    let file = scratch.file("run.vcd").path
    let result = try CLIProgram.run(["run", Self.example, "--vcd", file, "--window", "40:90"])
    #expect(result.status == 0 && result.errors == "" && scratch.names == ["run.vcd"])
    #expect(result.output == (try CLIProgram.run(["run", Self.example])).output)
    let changes = try Self.read(file)

    let schedule = try Self.schedule()
    let stepper = try LiteralStepper(schedule, image: MemoryImage(random: schedule, seed: 1))
    #expect(changes.count == stepper.groups.registers)
    var checked = 0
    let registers = UnsafeMutableBufferPointer<Int32>.allocate(capacity: stepper.groups.registers)
    registers.initialize(repeating: 0)
    defer { registers.deallocate() }
    for cycle in 0..<90 {
      try stepper.step()
      stepper.read(into: registers)
      if cycle < 40 { continue }
      var place = 0
      for group in stepper.groups {
        for index in 0..<group.count {
          let name = Self.name(index, group)
          let value = changes[name]?.last { $0.time <= cycle }?.value
          #expect(value == registers[place], "\(name) after cycle \(cycle)")
          place += 1
          checked += registers[place - 1] == 0 ? 0 : 1
        }
      }
    }
    #expect(checked > 1000)
    #expect(changes.values.allSatisfy { $0.allSatisfy { 40..<90 ~= $0.time } })
  }

  private static func schedule() throws -> Schedule {
    let text = try String(contentsOf: CLIProgram.package.appendingPathComponent(example), encoding: .utf8)
    let source = try ScheduleText.acceleratorSource(of: text, file: example)
    let accelerator = try Accelerator.parse(yaml: source.yaml, file: example, firstLine: source.firstLine)
    return try Schedule(parsing: text, file: example, accelerator: accelerator)
  }

  /// docs/output.md, "Waveforms": scopes by unit and PE.
  private static func name(_ index: Int, _ group: RegisterGroup) -> String {
    func plain(_ text: String) -> String { text.replacing(#/[^A-Za-z0-9-]/#, with: "_") }
    if !group.labels.isEmpty { return "\(group.name).\(plain(group.labels[index]))" }
    var (unit, name, pe) = (group.name.split(separator: ".").dropLast().joined(separator: "."), "", "")
    name = String(group.name.split(separator: ".").last ?? "")
    for (axis, place) in group.coordinates(of: index).enumerated() {
      let kind = group.axes[axis]
      if group.axes.contains("row"), kind == "row" || kind == "column" {
        pe += "_\(place)"
      } else if group.dimensions[axis] > 1 {
        name += "_\(kind.prefix(1))\(place)"
      }
    }
    if !pe.isEmpty { unit += ".pe\(pe)" }
    return "\(unit).\(name)"
  }

  @Test func chosenUnitsAreShownAlone() throws {
    let scratch = try Scratch()
    let file = scratch.file("run.vcd")
    #expect(
      try CLIProgram.run(["run", Self.example, "--vcd", file.path, "--vcd-units", "dma.*,tokens"]).status == 0)
    let scopes = try String(contentsOf: file, encoding: .utf8).matches(of: #/\$scope module (\S+)/#).map(\.output.1)
    #expect(Set(scopes) == ["dma", "w", "io", "control", "tokens"])
  }

  @Test func whatIsTooLargeIsRefused() throws {
    let scratch = try Scratch()
    let file = scratch.file("run.vcd").path
    let result = try CLIProgram.run(["run", CLITests.config, "--vcd", file])
    #expect(result.status == 2 && result.output == "" && scratch.names.isEmpty)
    #expect(result.errors.contains("registers in ") && result.errors.contains("--window FIRST:END"))
  }

  @Test(arguments: [
    (["--vcd", "run.vcd", "--window", "5"], "--window"), (["--vcd", "run.vcd", "--window", "9:9"], "--window"),
    (["--vcd", "run.vcd", "--window", "100000:100001"], "choose a window before its end"),
    (["--vcd", "run.vcd", "--vcd-units", "aray"], "did you mean"),
    (["--vcd", "run.vcd", "--vcd-units", ",a"], "units"),
    (["--window", "1:2"], "--vcd FILE"), (["--vcd", "no/such/run.vcd"], "no/such/run.vcd"),
    (["--vcd", "."], "directory"),
  ])
  func badInputIsExplained(arguments: [String], message: String) throws {
    let scratch = try Scratch()
    let example = CLIProgram.package.appendingPathComponent(Self.example).path
    let result = try CLIProgram.run(["run", example] + arguments, in: scratch.directory)
    #expect(result.status == 2 && result.output == "" && scratch.names.isEmpty)
    #expect(result.errors.contains(message), "\(result.errors)")
  }
}

import CoSimulation
import Machine
import Schedule

extension Waveform {
  /// Registers of a window that are kept at most: 1 GiB.
  private static let limit = 1 << 28

  /// What the literal engine's registers hold from cycle `window.lowerBound` on, up to `window.upperBound`, exclusive, or to the end.
  ///
  /// - Parameters:
  ///   - memory: What memories hold at the start.
  ///   - isShown: Which register groups, by name.
  ///   - progress: Called now and then with the present cycle.
  /// - Throws: `MachineError`; `WaveformError.tooLarge`, `.outside`.
  public init(
    of schedule: Schedule, memory: MemoryImage, window: Range<Int>, where isShown: (String) -> Bool = { _ in true },
    progress: (Int) -> Void = { _ in }
  ) throws {
    let stepper = try LiteralStepper(schedule, image: memory)
    let shown = stepper.groups.filter { isShown($0.name) }
    guard window.count <= Self.limit / max(1, shown.registers) else {
      throw WaveformError.tooLarge(registers: shown.registers, cycles: window.count, most: Self.limit / shown.registers)
    }
    var file = [Int32](repeating: 0, count: stepper.groups.registers)
    var samples: [[Int32]] = []
    while !stepper.isDone, stepper.cycle < window.upperBound {
      let cycle = stepper.cycle
      try stepper.step()
      if cycle % 4096 == 0 { progress(cycle) }
      guard cycle >= window.lowerBound else { continue }
      file.withUnsafeMutableBufferPointer { stepper.read(into: $0) }
      samples.append(Self.pick(file, stepper.groups, isShown))
    }
    if samples.isEmpty { throw WaveformError.outside(cycles: stepper.cycle) }
    self.init(sides: [Side(name: "", groups: shown, samples: samples)], firstCycle: window.lowerBound)
  }

  private static func pick(_ file: [Int32], _ groups: [RegisterGroup], _ isShown: (String) -> Bool) -> [Int32] {
    var (picked, next): ([Int32], Int) = ([], 0)
    for group in groups {
      if isShown(group.name) { picked += file[next..<next + group.count] }
      next += group.count
    }
    return picked
  }
}

/// Why a waveform can't be recorded.
public enum WaveformError: Error, Sendable, Hashable {
  /// More registers times cycles than are kept; `most` cycles of these registers would be.
  case tooLarge(registers: Int, cycles: Int, most: Int)
  /// The run ends before the window begins.
  case outside(cycles: Int)

  public var what: String {
    switch self {
    case .tooLarge(let registers, let cycles, let most):
      "a waveform of \(registers) registers over \(cycles) cycles is too large: \(most) cycles at most, or fewer units"
    case .outside(let cycles): "the run ends after \(cycles) cycles, before the window begins"
    }
  }
}

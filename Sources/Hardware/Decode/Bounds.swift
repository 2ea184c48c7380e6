/// What a value may be at most: plausible for hardware, and small enough that no sum or product downstream overflows.
enum Bounds {
  static let engines = 16
  static let buffers = 64
  static let channels = 32

  static let clock = 1000...100_000_000_000
  static let cycles = 0...10_000
  /// From what happens in a cycle to what follows in a later one.
  static let followingCycles = 1...10_000
  static let repeats = 1...1024

  static let rows = 1...4096
  static let columns = 1...4096
  static let macsPerPE = 1...1024
  static let replicas = 1...1024
  /// Multipliers of one engine.
  static let multipliers = 1 << 24
  static let peRegisters = 1...64
  static let edgeRegisters = 0...64
  static let stationaryBuffers = 1...16
  static let outputFIFO = 0...65_536
  static let streamFIFO = 1...1024
  static let finish = 1...10_000
  /// 0: no bound.
  static let tileSteps = 0...65_536
  static let minimumSteps = 1...4096
  static let tilesInFlight = 0...1024
  static let dutyPeriod = 65_536
  static let adderTreeRegisters = 0...16
  static let macsPerDSP = 1...16

  static let buffer = 1...(1 << 40)
  static let banks = 1...1024
  static let ports = 1...16
  static let word = 1...(1 << 20)

  static let beat = 1...4096
  static let burst = 1...256
  static let boundary = 1...(1 << 30)
  static let outstanding = 1...1024
  static let transfersInFlight = 0...1024
  static let narrowing = 1...64
  static let bandwidth = 1_000_000...100_000_000_000_000

  static let lanes = 1...65_536
  static let rowsInFlight = 1...1024

  static let image = 1...4096
  static let batch = 1...1024

  /// DSPs, block RAMs, LUTs and flip-flops.
  static let resource = 0...1_000_000_000
}

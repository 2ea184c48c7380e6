import Hardware

/// The DRAM's data bus (rules R2–R4): when it is next free, to the fraction of a cycle.
struct Bus {
  /// Ticks in a cycle (B) and ticks a byte takes (f); 0 and 0 for an ideal memory.
  private let ticksPerCycle: Int
  let ticksPerByte: Int
  let latency: Int
  /// The bus is free from tick `freeTick` of cycle `freeCycle` on.
  private var freeCycle = 0
  private var freeTick = 0
  /// Beats and acknowledgements come back in order, one a cycle (rule R5); the first cycle that none has taken.
  let isInOrder: Bool
  private(set) var responseFree = 0

  init(_ accelerator: Accelerator) {
    latency = accelerator.dram.latency
    isInOrder = accelerator.dram.isInOrder
    switch accelerator.dram {
    case .ideal: (ticksPerCycle, ticksPerByte) = (0, 0)
    case .bandwidth(let bytesPerSecond, _):
      let divisor = Bus.gcd(bytesPerSecond, accelerator.clock)
      (ticksPerCycle, ticksPerByte) = (bytesPerSecond / divisor, accelerator.clock / divisor)
    }
  }

  var isIdeal: Bool { ticksPerCycle == 0 }

  /// Whether a beat takes the bus at least as long as `beatCycles` cycles: then the bus sets the pace, else the channel.
  func paces(beatBytes: Int, beatCycles: Int) -> Bool { beatBytes * ticksPerByte >= beatCycles * ticksPerCycle }

  /// Rule R5: the last response so far came in `cycle`.
  mutating func respond(until cycle: Int) { responseFree = cycle + 1 }

  /// Serves a burst that arrives in cycle `arrival`. Returns the cycles in which its first and its last beat have passed.
  mutating func serve(arrival: Int, beats: Int, beatBytes: Int) -> (first: Int, last: Int) {
    if isIdeal {
      let first = isInOrder ? max(arrival, responseFree) : arrival
      return (first, first)
    }
    if arrival > freeCycle { (freeCycle, freeTick) = (arrival, 0) }
    let first = cycle(after: beatBytes * ticksPerByte)
    let total = freeTick + beats * beatBytes * ticksPerByte
    let last = cycle(after: beats * beatBytes * ticksPerByte)
    freeCycle += total / ticksPerCycle
    freeTick = total % ticksPerCycle
    return (first, last)
  }

  /// The cycle in which beat `beat` of a burst that arrives in `arrival` passes, if the burst is served next.
  func passing(arrival: Int, beat: Int, beatBytes: Int) -> Int {
    if isIdeal { return isInOrder ? max(arrival, responseFree) : arrival }
    let (cycle, tick) = arrival > freeCycle ? (arrival, 0) : (freeCycle, freeTick)
    return cycle + (tick + (beat + 1) * beatBytes * ticksPerByte + ticksPerCycle - 1) / ticksPerCycle - 1
  }

  /// The cycle in which `ticks` more ticks have passed: ⌈time/B⌉ − 1.
  private func cycle(after ticks: Int) -> Int {
    freeCycle + (freeTick + ticks + ticksPerCycle - 1) / ticksPerCycle - 1
  }

  private static func gcd(_ a: Int, _ b: Int) -> Int { b == 0 ? a : gcd(b, a % b) }
}

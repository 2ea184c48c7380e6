import Hardware

/// The DRAM behind all channels (rules R1–R4): bursts queue in the order in which they get there, and a bus with so many
/// ticks a cycle moves them beat by beat.
struct LiteralDRAM {
  private struct Burst {
    var channel: Int
    var beats: Int
    var isRead: Bool
  }

  let latency: Int
  /// Ticks in a cycle: the bus moves `budget` bytes in `factor` cycles, so a byte takes `factor` ticks. 0: no limit.
  private let budget: Int
  private let factor: Int
  private var queue = LiteralFIFO<Burst>()
  /// Ticks until the present beat of the first burst has passed; 0 when it hasn't begun.
  private var ticksLeft = 0
  private var beatsLeft = 0

  init(_ spec: DRAMSpec, clock: Int) {
    latency = spec.latency
    switch spec {
    case .ideal: (budget, factor) = (0, 1)
    case .bandwidth(let bytes, _):
      var (a, b) = (bytes, clock)
      while b != 0 { (a, b) = (b, a % b) }
      (budget, factor) = (bytes / max(a, 1), clock / max(a, 1))
    }
  }

  /// Bursts that have got here and haven't left the bus.
  var queued: Int { queue.count }

  /// One cycle: takes the bursts that get here now, in order of channel, and moves what the bus can.
  mutating func serve(_ channels: UnsafeMutableBufferPointer<LiteralChannel>, _ now: Int) {
    for channel in channels.indices {
      while let request = channels[channel].arrival(now) {
        if budget > 0 {
          queue.push(Burst(channel: channel, beats: request.beats, isRead: request.isRead))
        } else if request.isRead {
          channels[channel].arrived &+= request.beats
        } else {
          channels[channel].acknowledge(at: now &+ latency)
        }
      }
    }
    var ticks = budget
    while ticks > 0, !queue.isEmpty {
      let burst = queue.first
      if beatsLeft == 0 { beatsLeft = burst.beats }
      if ticksLeft == 0 { ticksLeft = channels[burst.channel].beatBytes &* factor }
      if ticksLeft > ticks {
        ticksLeft &-= ticks
        return
      }
      ticks &-= ticksLeft
      ticksLeft = 0
      beatsLeft &-= 1
      if burst.isRead { channels[burst.channel].arrived &+= 1 }
      if beatsLeft == 0 {
        if !burst.isRead { channels[burst.channel].acknowledge(at: now &+ latency) }
        queue.pop()
      }
    }
  }
}

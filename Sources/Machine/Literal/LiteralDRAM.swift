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
  /// Beats and acknowledgements come back in order, one a cycle (rule R5); the channel whose burst is read, until how many of its
  /// bursts have been.
  let isInOrder: Bool
  private var reading: (channel: Int, until: Int)?

  init(_ spec: DRAMSpec, clock: Int) {
    latency = spec.latency
    isInOrder = spec.isInOrder
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
  @inline(__always)
  mutating func serve(_ channels: UnsafeMutableBufferPointer<LiteralChannel>, _ now: Int) {
    for index in channels.indices {
      while channels[index].hasArrival(now) { take(&channels[index], index, now) }
    }
    if isInOrder {
      respond(channels, now)
    } else if !queue.isEmpty {
      moveBeats(channels, now)
    }
  }

  private mutating func take(_ channel: inout LiteralChannel, _ index: Int, _ now: Int) {
    let request = channel.takeArrival()
    if budget > 0 || isInOrder {
      queue.push(Burst(channel: index, beats: request.beats, isRead: request.isRead))
    } else if request.isRead {
      channel.arrived &+= request.beats
    } else {
      channel.acknowledge(passed: now)
    }
  }

  private mutating func moveBeats(_ channels: UnsafeMutableBufferPointer<LiteralChannel>, _ now: Int) {
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
        if !burst.isRead { channels[burst.channel].acknowledge(passed: now) }
        queue.pop()
      }
    }
  }

  /// The oldest burst's beats, when those of the one before have been taken, or its acknowledgement.
  private mutating func respond(_ channels: UnsafeMutableBufferPointer<LiteralChannel>, _ now: Int) {
    if let reading, channels[reading.channel].burstsRead < reading.until { return }
    reading = nil
    guard !queue.isEmpty else { return }
    let burst = queue.pop()
    if burst.isRead {
      reading = (burst.channel, channels[burst.channel].burstsRead + 1)
      channels[burst.channel].arrived &+= burst.beats
    } else {
      channels[burst.channel].acknowledge(passed: now)
    }
  }
}

import Hardware

/// What an accelerator could reach: its multipliers' peak, and what the DRAM and the DMA channels bring.
struct Roof {
  /// 2 · MACs a second / 10⁹.
  let gops: Double
  /// Bytes a second / 10⁹; `nil` where nothing limits them.
  let bandwidth: Double?
  /// `DRAM` or `DMA`: which of the two is the narrower.
  let limit: String

  init(_ accelerator: Accelerator) {
    gops = 2 * Double(accelerator.peakMACsPerCycle) * Double(accelerator.clock) / 1e9
    let beats = accelerator.channels.reduce(0) { $0 + $1.beatBytes }
    let channels = Double(beats) * Double(accelerator.clock) / 1e9
    switch accelerator.dram {
    case .bandwidth(let rate, _) where Double(rate) / 1e9 <= channels || beats == 0:
      (bandwidth, limit) = (Double(rate) / 1e9, "DRAM")
    default: (bandwidth, limit) = (beats == 0 ? nil : channels, "DMA")
    }
  }

  /// Operations a byte from which on the multipliers are the limit.
  var ridge: Double? { bandwidth.map { gops / $0 } }

  /// Most GOPS at `intensity` operations a byte.
  func gops(at intensity: Double) -> Double { bandwidth.map { min(gops, intensity * $0) } ?? gops }
}

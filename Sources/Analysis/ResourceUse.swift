import Hardware

/// How much of one resource of the device a design takes.
public struct ResourceUse: Sendable, Hashable {
  /// In JSON: `dsp`, `bram36`, `uram`, `lut`, `ff`.
  public let key: String
  /// For people: `BRAM36`.
  public let name: String
  public let used: Int
  /// What the device has; `nil` without a device.
  public let budget: Int?

  /// used / budget; `nil` without a budget or with none of it.
  public var share: Double? { budget.flatMap { $0 == 0 ? nil : Double(used) / Double($0) } }
}

extension Summary {
  /// The design's resources beside its device's, in a fixed order.
  public var resourceUses: [ResourceUse] {
    let device = accelerator.device
    return [
      ResourceUse(key: "dsp", name: "DSP", used: resources.dsps, budget: device?.dsps),
      ResourceUse(key: "bram36", name: "BRAM36", used: resources.bram36, budget: device?.bram36),
      ResourceUse(key: "uram", name: "URAM", used: resources.uram, budget: device?.uram),
      ResourceUse(key: "lut", name: "LUT", used: resources.luts, budget: device?.luts),
      ResourceUse(key: "ff", name: "FF", used: resources.flipFlops, budget: device?.flipFlops),
    ]
  }
}

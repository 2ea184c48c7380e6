import Machine

/// Registers over some cycles, as a value change dump that GTKWave and other viewers show (`WaveformWriter`).
public struct Waveform: Sendable {
  /// Registers under a scope of their own.
  public struct Side: Sendable {
    /// Of the scope; empty: none.
    public var name: String
    public var groups: [RegisterGroup]
    /// The register file after each cycle.
    public var samples: [[Int32]]

    public init(name: String, groups: [RegisterGroup], samples: [[Int32]]) {
      self.name = name
      self.groups = groups
      self.samples = samples
    }
  }

  public var sides: [Side]
  /// Cycle of the first sample.
  public var firstCycle: Int

  public init(sides: [Side], firstCycle: Int) {
    self.sides = sides
    self.firstCycle = firstCycle
  }

  /// The dump; only what changes is written.
  public var vcd: String {
    var writer = WaveformWriter(sides.map { WaveformWriter.Side(name: $0.name, groups: $0.groups) })
    let cycles = sides.map(\.samples.count).max() ?? 0
    for sample in 0..<cycles {
      writer.begin(firstCycle + sample)
      for (index, side) in sides.enumerated() where sample < side.samples.count {
        side.samples[sample].withUnsafeBufferPointer { writer.add($0, of: index) }
      }
    }
    writer.finish(firstCycle + cycles)
    return String(decoding: writer.take(), as: UTF8.self)
  }
}

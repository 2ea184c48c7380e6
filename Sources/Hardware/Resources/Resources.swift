/// What an accelerator occupies on an FPGA.
///
/// DSPs and block memories follow from the description; LUTs and flip-flops are what its author declares.
public struct Resources: Sendable, Hashable {
  public var dsps: Int
  /// 36 Kb block RAMs.
  public var bram36: Int
  /// 288 Kb UltraRAMs.
  public var uram: Int
  public var luts: Int
  public var flipFlops: Int

  public init(dsps: Int = 0, bram36: Int = 0, uram: Int = 0, luts: Int = 0, flipFlops: Int = 0) {
    self.dsps = dsps
    self.bram36 = bram36
    self.uram = uram
    self.luts = luts
    self.flipFlops = flipFlops
  }

  /// The resources of all engines, buffers and the vector unit.
  public static func estimate(_ accelerator: Accelerator) -> Resources {
    Resources(
      dsps: accelerator.engines.reduce(accelerator.vector.dsps) { $0 + $1.dsps },
      bram36: accelerator.buffers.reduce(0) { $0 + $1.bram36 },
      uram: accelerator.buffers.reduce(0) { $0 + $1.uram },
      luts: accelerator.declaredLogic.luts, flipFlops: accelerator.declaredLogic.flipFlops)
  }

  /// What `device` has too little of, in words: `needs 3072 DSP, zcu102 has 2520`. Empty if everything fits.
  public func violations(on device: DeviceSpec) -> [String] {
    [
      ("DSP", dsps, device.dsps), ("BRAM36", bram36, device.bram36), ("URAM", uram, device.uram),
      ("LUT", luts, device.luts), ("FF", flipFlops, device.flipFlops),
    ]
    .filter { $0.1 > $0.2 }
    .map { "needs \($0.1) \($0.0), \(device.name) has \($0.2)" }
  }
}

extension MatrixEngineSpec {
  /// DSP blocks of the multipliers.
  public var dsps: Int { ceiling(macsPerCycle, macsPerDSP) }
}

extension BufferSpec {
  /// 36 Kb block RAMs; 0 for other kinds of memory.
  public var bram36: Int { memory == .bram ? blocks(BlockShape.bram36) : 0 }

  /// 288 Kb UltraRAMs; 0 for other kinds of memory.
  public var uram: Int { memory == .uram ? blocks(BlockShape.uram) : 0 }

  /// Each bank is a rectangle of its own, one word wide, paved with blocks of the shape that needs fewest. A block has
  /// two ports: more of them take copies.
  private func blocks(_ shapes: [BlockShape]) -> Int {
    let depth = ceiling(bankBytes, wordBytes)
    let bank = shapes.map { ceiling(depth, $0.depth) * ceiling(wordBytes * 8, $0.width) }.min() ?? 0
    return bank * banks * ceiling(ports, 2)
  }
}

/// One way in which a block memory can be configured.
private struct BlockShape {
  var depth: Int
  /// Bits.
  var width: Int

  static let bram36 = [
    BlockShape(depth: 512, width: 72), BlockShape(depth: 1024, width: 36), BlockShape(depth: 2048, width: 18),
    BlockShape(depth: 4096, width: 9), BlockShape(depth: 8192, width: 4), BlockShape(depth: 16_384, width: 2),
    BlockShape(depth: 32_768, width: 1),
  ]
  static let uram = [BlockShape(depth: 4096, width: 72)]
}

private func ceiling(_ dividend: Int, _ divisor: Int) -> Int { (dividend + divisor - 1) / divisor }

/// An FPGA and its budget.
public struct DeviceSpec: Sendable, Hashable {
  public var name: String
  public var dsps: Int
  /// 36 Kb block RAMs.
  public var bram36: Int
  /// 288 Kb UltraRAMs.
  public var uram: Int
  public var luts: Int
  public var flipFlops: Int

  public init(name: String, dsps: Int, bram36: Int, uram: Int, luts: Int, flipFlops: Int) {
    self.name = name
    self.dsps = dsps
    self.bram36 = bram36
    self.uram = uram
    self.luts = luts
    self.flipFlops = flipFlops
  }
}

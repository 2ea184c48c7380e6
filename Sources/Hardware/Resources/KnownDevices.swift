extension DeviceSpec {
  /// The FPGAs that a description can name; one line each, from the vendors' tables.
  public static let known = [
    DeviceSpec(name: "zcu102", dsps: 2520, bram36: 912, uram: 0, luts: 274_080, flipFlops: 548_160),
    DeviceSpec(name: "vck190", dsps: 1968, bram36: 967, uram: 463, luts: 899_840, flipFlops: 1_799_680),
    DeviceSpec(name: "u200", dsps: 6840, bram36: 2160, uram: 960, luts: 1_182_240, flipFlops: 2_364_480),
    DeviceSpec(name: "u250", dsps: 12_288, bram36: 2688, uram: 1280, luts: 1_728_000, flipFlops: 3_456_000),
    DeviceSpec(name: "u280", dsps: 9024, bram36: 2016, uram: 960, luts: 1_303_680, flipFlops: 2_607_360),
    DeviceSpec(name: "zynq-7020", dsps: 220, bram36: 140, uram: 0, luts: 53_200, flipFlops: 106_400),
  ]
}

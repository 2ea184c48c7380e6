import Analysis

extension DesignFigure {
  /// For the head of a column.
  var title: String {
    switch self {
    case .cycles: "cycles"
    case .milliseconds: "ms"
    case .framesPerSecond: "FPS"
    case .gops: "GOPS"
    case .utilization: "MAC utilization"
    case .dspEfficiency: "DSP efficiency"
    case .dramBytes: "DRAM traffic"
    case .bufferBytes: "buffer traffic"
    case .dsps: "DSP"
    case .bram36: "BRAM36"
    case .uram: "URAM"
    case .luts: "LUT"
    case .flipFlops: "FF"
    case .dspUtilization: "DSP utilization"
    case .gopsPerDSP: "GOPS/DSP"
    case .framesPerSecondPerDSP: "FPS/DSP"
    }
  }

  /// For people.
  func text(_ value: Double) -> String {
    switch self {
    case .cycles, .dsps, .bram36, .uram, .luts, .flipFlops:
      Int(exactly: value).map(NumberText.grouped) ?? "\(value)"
    case .dramBytes, .bufferBytes: Int(exactly: value).map(NumberText.bytes) ?? "\(value)"
    case .milliseconds, .gopsPerDSP: NumberText.fixed(value, 3)
    case .framesPerSecond: NumberText.fixed(value, 2)
    case .gops: NumberText.fixed(value, 1)
    case .framesPerSecondPerDSP: NumberText.fixed(value, 4)
    case .utilization, .dspEfficiency, .dspUtilization: NumberText.percent(value)
    }
  }
}

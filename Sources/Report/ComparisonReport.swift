import Analysis
import Hardware
import Machine

/// Designs side by side, for one model or several: in total, by layer, and why; as text, JSON or CSV (docs/output.md).
public struct ComparisonReport: Sendable {
  /// One for each model; in all of them the same designs.
  let comparisons: [DesignComparison]
  /// Where each design is from.
  let paths: [String]
  /// Differences of at least so many times are explained.
  let threshold: Double

  public init(_ comparisons: [DesignComparison], paths: [String], threshold: Double = 1.1) {
    self.comparisons = comparisons
    self.paths = paths
    self.threshold = threshold
  }

  /// A layer, or the whole run, of every design of one comparison.
  struct Row {
    let name: String
    let layers: [ComparedLayer?]
    let comparison: DesignComparison

    func milliseconds(_ design: Int) -> Double? {
      layers[design].map { comparison.milliseconds($0, of: design) }
    }

    /// Its time over that of the first design.
    func ratio(_ design: Int) -> Double? {
      guard let own = milliseconds(design), let first = milliseconds(0), first > 0 else { return nil }
      return own / first
    }

    /// MACs over what all engines could have done in the time.
    func utilization(_ design: Int) -> Double? {
      guard let layer = layers[design], layer.cycles > 0 else { return nil }
      let peak = comparison.designs[design].summary.accelerator.peakMACsPerCycle
      return peak == 0 ? nil : Double(layer.macs) / (Double(layer.cycles) * Double(peak))
    }

    /// 2 · MACs a second / 10⁹.
    func gops(_ design: Int) -> Double? {
      guard let layer = layers[design], let milliseconds = milliseconds(design), milliseconds > 0 else { return nil }
      return 2 * Double(layer.macs) / milliseconds / 1e6
    }

    func gopsPerDSP(_ design: Int) -> Double? {
      let dsps = comparison.designs[design].summary.resources.dsps
      return dsps == 0 ? nil : gops(design).map { $0 / Double(dsps) }
    }

    func reason(_ design: Int, threshold: Double) -> DifferenceReason? {
      guard design > 0, let own = layers[design], let first = layers[0] else { return nil }
      return comparison.reason(own, of: design, against: first, threshold: threshold)
    }
  }

  /// The layers of a comparison, and the whole run as the last one.
  func rows(of comparison: DesignComparison) -> [Row] {
    let layers = comparison.layers.map { _, layers in
      Row(name: Self.name(of: layers), layers: layers, comparison: comparison)
    }
    return layers + [Row(name: "total", layers: comparison.designs.map(\.total), comparison: comparison)]
  }

  /// `blocks.*.mlp.fc1 ×12`
  private static func name(of layers: [ComparedLayer?]) -> String {
    guard let layer = layers.lazy.compactMap({ $0 }).first else { return "" }
    return layer.name
  }

  static func times(_ ratio: Double) -> String { NumberText.fixed(ratio, ratio < 0.1 ? 4 : 2) + "×" }
}

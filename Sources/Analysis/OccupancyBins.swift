/// A buffer's occupancy in bins of equal length: the fewest and the most bytes in each.
public struct OccupancyBins: Sendable, Hashable {
  public let least: [Int]
  public let most: [Int]

  /// - Parameters:
  ///   - steps: As `BufferOccupancy` has them, the first in cycle 0.
  ///   - length: Cycles of a bin.
  ///   - cycles: Of the run; what comes later is left out.
  public init(_ steps: [BufferOccupancy.Step], length: Int, cycles: Int) {
    let count = (cycles + length - 1) / length
    var least = Array(repeating: Int.max, count: count)
    var most = Array(repeating: 0, count: count)
    for (index, step) in steps.enumerated() {
      let end = min(cycles, index + 1 < steps.count ? steps[index + 1].cycle : cycles)
      guard step.cycle < end else { continue }
      for bin in step.cycle / length...(end - 1) / length {
        least[bin] = min(least[bin], step.bytes)
        most[bin] = max(most[bin], step.bytes)
      }
    }
    self.least = least.map { $0 == .max ? 0 : $0 }
    self.most = most
  }
}

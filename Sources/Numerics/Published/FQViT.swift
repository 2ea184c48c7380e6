/// The softmax of FQ-ViT (Lin et al., arXiv 2111.13824).
public enum FQViT {
  /// Softmax of a row as 4-bit logarithms: y stands for 2^−y, 16 for 0.
  public static func log2Softmax<Number: Steps>(_ row: [Number], scale: Double) -> [Int] {
    guard let largest = row.max() else { return [] }
    let exponential = IBERT.Exponential<Number>(scale: scale)
    let powers = row.map { exponential($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { power in
      if power == 0 { return 16 }
      let ratio = sum.nearest(power).int
      // The nearer power of two, measured on a straight line.
      let below = Int.bitWidth - 1 - ratio.leadingZeroBitCount
      let above = below > 0 && ratio >> (below - 1) & 1 == 1
      return min(16, above ? below + 1 : below)
    }
  }
}

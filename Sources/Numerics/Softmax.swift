import CKernels

extension Softmax {
  /// Softmax of one row.
  public func apply(_ row: [Int8]) -> [Int8] {
    guard let largest = row.max() else { return [] }
    let powers = float
    let parts = row.map { powers[Int(largest) - Int($0)] }
    let sum = Double(parts.reduce(0, &+))
    return parts.map { output.quantize(Float(Double($0) / sum)) }
  }

  /// `float`: half even(2⁴⁰ · exp(−d·s)) for d = 0 … 255, so that sums don't depend on their order.
  public var float: [Int64] {
    (0...255).map { Int64((0x1p40 * ck_exp(-Double($0) * Double(input.scale))).rounded(.toNearestOrEven)) }
  }
}

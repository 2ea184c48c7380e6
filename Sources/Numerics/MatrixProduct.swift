/// INT8 matrix products with INT32 results, as a matrix engine computes them.
public enum MatrixProduct {
  /// Longest dot product whose sum can't leave an INT32: a product is at most (−128)² = 2¹⁴, so 2¹⁶ of them are at most
  /// 2³⁰. Nothing wraps, and the order of the additions doesn't matter.
  public static let largestDepth = 1 << 16

  /// `a[m×k] · b[k×n]`, both row by row, plus `c[m×n]` where that is given.
  ///
  /// - Returns: m·n results row by row; `nil` if the sizes don't fit, k is beyond `largestDepth`, or a sum with `c`
  ///   leaves an INT32.
  public static func reference(
    _ a: [Int8], _ b: [Int8], m: Int, k: Int, n: Int, adding c: [Int32]? = nil
  ) -> [Int32]? {
    guard m > 0, n > 0, 1...largestDepth ~= k, a.count.isProduct(m, k), b.count.isProduct(k, n),
      c?.count.isProduct(m, n) ?? true
    else { return nil }
    var result: [Int32] = []
    result.reserveCapacity(m * n)
    for row in 0..<m {
      for column in 0..<n {
        var sum: Int32 = 0
        for depth in 0..<k { sum += Int32(a[row * k + depth]) * Int32(b[depth * n + column]) }
        let (total, overflow) = sum.addingReportingOverflow(c?[row * n + column] ?? 0)
        if overflow { return nil }
        result.append(total)
      }
    }
    return result
  }
}

extension Int {
  fileprivate func isProduct(_ a: Int, _ b: Int) -> Bool {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return !overflow && self == product
  }
}

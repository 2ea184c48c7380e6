/// INT8 matrix products with INT32 results, as a matrix engine computes them: plainly, for tests to compare with.
public enum MatrixProduct {
  /// Σₖ (`a[m×k]` − `aZero`) · (`b[k×n]` − `bZero`), matrices row by row, plus `bias[n]` and `c[m×n]` where they are given.
  ///
  /// Sums wrap. Without zero points none of up to 2¹⁶ products does: each is at most (−128)² = 2¹⁴.
  /// - Returns: m·n results row by row; `nil` if the sizes don't fit.
  public static func reference(
    _ a: [Int8], _ b: [Int8], m: Int, k: Int, n: Int, aZero: Int = 0, bZero: Int = 0, bias: [Int32]? = nil,
    adding c: [Int32]? = nil
  ) -> [Int32]? {
    guard m > 0, k > 0, n > 0, a.count.isProduct(m, k), b.count.isProduct(k, n), bias.map({ $0.count == n }) ?? true,
      c?.count.isProduct(m, n) ?? true
    else { return nil }
    var result: [Int32] = []
    result.reserveCapacity(m * n)
    for row in 0..<m {
      for column in 0..<n {
        var sum = (bias?[column] ?? 0) &+ (c?[row * n + column] ?? 0)
        for depth in 0..<k {
          sum &+= Int32(truncatingIfNeeded: (Int(a[row * k + depth]) - aZero) * (Int(b[depth * n + column]) - bZero))
        }
        result.append(sum)
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

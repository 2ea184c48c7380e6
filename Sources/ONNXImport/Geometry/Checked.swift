/// Limits that keep every product of sizes and strides within an `Int`, whatever a file claims.
enum Limits {
  /// Elements of one tensor.
  static let elements = 1 << 40
  /// Dimensions of one tensor.
  static let rank = 16
  /// Nodes, initializers, or inputs of one node.
  static let entries = 1 << 20
  /// Bytes of one tensor's external data: far more than any layer's weights.
  static let externalBytes = 1 << 28
  /// Elements that folding may make, all together, besides four times as many as the file holds.
  static let folded = 1 << 22

  /// The number of elements, or `nil` if a dimension is negative or the number beyond `elements`.
  static func count(_ shape: [Int]) -> Int? { extent(shape).map { shape.contains(0) ? 0 : $0 } }

  /// The product of all dimensions but zeros, which bounds that of any of them: an empty shape may have huge ones too.
  static func extent(_ shape: [Int]) -> Int? {
    var product = 1
    for size in shape where size != 0 {
      guard size > 0 else { return nil }
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      if overflow || next > elements { return nil }
      product = next
    }
    return product
  }
}

/// How often the largest logit is the label's.
public struct Accuracy: Sendable, Hashable {
  public var images: Int
  public var right: Int
  /// right / images.
  public var top1: Double { images == 0 ? 0 : Double(right) / Double(images) }

  /// - Throws: `InferenceError.reference` unless there is a label for each row, each of them a class.
  public init(_ logits: [[Float]], labels: [Int]) throws(InferenceError) {
    guard labels.count >= logits.count else {
      throw .reference("hold \(labels.count) labels for \(logits.count) images")
    }
    images = logits.count
    right = 0
    for (index, row) in logits.enumerated() {
      guard row.indices.contains(labels[index]) else {
        throw .reference("say class \(labels[index]) for image \(index); the model has \(row.count)")
      }
      if row.largest == labels[index] { right += 1 }
    }
  }
}

/// How far logits are from those of a reference.
public struct Agreement: Sendable, Hashable {
  public var images: Int
  /// Images whose largest logit is the same one.
  public var sameClass: Int
  /// Images whose logits are all equal.
  public var identical: Int
  /// Largest and mean absolute difference of two logits.
  public var largest: Double
  public var mean: Double
  /// sameClass / images.
  public var classAgreement: Double { images == 0 ? 0 : Double(sameClass) / Double(images) }

  /// - Throws: `InferenceError.reference` unless `reference` has a row of the same length for each image.
  public init(_ logits: [[Float]], reference: [[Float]]) throws(InferenceError) {
    guard reference.count >= logits.count else {
      throw .reference("hold \(reference.count) rows for \(logits.count) images")
    }
    images = logits.count
    (sameClass, identical, largest) = (0, 0, 0)
    var sum = 0.0
    for (index, (left, right)) in zip(logits, reference).enumerated() {
      guard left.count == right.count, right.allSatisfy(\.isFinite) else {
        throw .reference(
          "hold \(right.count) values for image \(index), or some that aren't numbers; the model gives \(left.count)")
      }
      if left.largest == right.largest { sameClass += 1 }
      let differences = zip(left, right).map { abs(Double($0) - Double($1)) }
      if differences.allSatisfy({ $0 == 0 }) { identical += 1 }
      largest = max(largest, differences.max() ?? 0)
      sum += differences.reduce(0, +)
    }
    let count = logits.reduce(0) { $0 + $1.count }
    mean = count == 0 ? 0 : sum / Double(count)
  }
}

extension [Float] {
  /// The first of the largest elements, as NumPy's argmax.
  fileprivate var largest: Int { indices.max { (self[$0], $1) < (self[$1], $0) } ?? 0 }
}

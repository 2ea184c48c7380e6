import Numerics

/// `transform` of every element, several at a time, in the elements' order.
///
/// - Parameter workers: At once; by default one a processor.
public func mapConcurrently<Element: Sendable, Result: Sendable>(
  _ elements: [Element], workers: Int? = nil, _ transform: @Sendable (Element) -> Result
) -> [Result] {
  let threads = min(workers ?? ThreadPool.processors, elements.count)
  guard threads > 1, let pool = ThreadPool(threads: threads) else { return elements.map(transform) }
  var results = [Result?](repeating: nil, count: elements.count)
  results.withUnsafeMutableBufferPointer { results in
    // Every job writes its own element.
    pool.run(elements.count) { index, _ in results[index] = transform(elements[index]) }
  }
  return results.compactMap { $0 }
}

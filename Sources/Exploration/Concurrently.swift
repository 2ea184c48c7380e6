import Dispatch
import Synchronization

/// `transform` of every element, several at a time, in the elements' order.
///
/// - Parameter workers: At once, at most; by default one a core.
public func mapConcurrently<Element: Sendable, Result: Sendable>(
  _ elements: [Element], workers: Int? = nil, _ transform: @Sendable (Element) -> Result
) -> [Result] {
  let results = Mutex([Result?](repeating: nil, count: elements.count))
  let next = Atomic(0)
  let limit = max(1, min(workers ?? elements.count, elements.count))
  DispatchQueue.concurrentPerform(iterations: limit) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if index >= elements.count { return }
      let result = transform(elements[index])
      results.withLock { $0[index] = result }
    }
  }
  return results.withLock { $0.compactMap { $0 } }
}

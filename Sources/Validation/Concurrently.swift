import Numerics
import Synchronization

/// The results of `count` independent jobs, in their order.
///
/// - Parameters:
///   - threads: at most so many at once.
///   - progress: called from any thread with the number of jobs that are done and of all.
func concurrently<Value: Sendable>(
  _ count: Int, threads: Int, progress: (_ done: Int, _ all: Int) -> Void, _ job: (Int) throws -> Value
) -> [Result<Value, any Error>] {
  var results = [Result<Value, any Error>?](repeating: nil, count: count)
  let done = Atomic(0)
  results.withUnsafeMutableBufferPointer { results in
    func work(_ index: Int) {
      results[index] = Result { try job(index) }
      progress(done.add(1, ordering: .relaxed).newValue, count)
    }
    if threads > 1, let pool = ThreadPool(threads: min(threads, count)) {
      // Every job writes its own element.
      pool.run(count) { index, _ in work(index) }
    } else {
      for index in 0..<count { work(index) }
    }
  }
  return results.compactMap { $0 }
}

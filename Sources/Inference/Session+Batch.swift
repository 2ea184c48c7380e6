import CKernels
import Machine
import Synchronization

extension InferenceSession {
  /// Logits of many images, as many at once as there are threads; the result doesn't depend on their number.
  ///
  /// - Parameter progress: called with the number of images that are done, from any thread.
  /// - Throws: `MachineError` of the first image that has one.
  public func logits(
    of batch: ImageBatch, limit: Int? = nil, engine: EngineKind = .event, threads: Int = 1,
    normalization: Normalization = .half, progress: (@Sendable (Int) -> Void)? = nil
  ) throws(MachineError) -> [[Float]] {
    let count = min(limit ?? batch.count, batch.count)
    // One image alone may use all threads; several have one each.
    let inner = count == 1 ? threads : 1
    let results = Mutex((rows: [[Float]](repeating: [], count: count), done: 0, error: MachineError?.none))
    concurrently(count, threads: threads) { index in
      do throws(MachineError) {
        let input = batch.quantized(index, by: self.input, normalization)
        let row = try logits(of: input, engine: engine, threads: inner)
        let done = results.withLock { state in
          state.rows[index] = row
          state.done += 1
          return state.done
        }
        progress?(done)
      } catch {
        results.withLock { $0.error = $0.error ?? error }
      }
    }
    return try results.withLock { state throws(MachineError) in
      if let error = state.error { throw error }
      return state.rows
    }
  }
}

/// Calls `body` with 0..<count, each once, on up to `threads` threads.
private func concurrently(_ count: Int, threads: Int, _ body: (Int) -> Void) {
  guard threads > 1, count > 1, let pool = ck_pool_create(Int32(min(threads, count))) else {
    return (0..<count).forEach(body)
  }
  defer { ck_pool_destroy(pool) }
  withoutActuallyEscaping(body) { body in
    var task = body
    withUnsafeMutablePointer(to: &task) { context in
      ck_pool_run(pool, Int64(count), context) { context, index, _ in
        context.assumingMemoryBound(to: ((Int) -> Void).self).pointee(Int(index))
      }
    }
  }
}

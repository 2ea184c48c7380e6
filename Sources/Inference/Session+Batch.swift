import CKernels
import Machine
import Synchronization

extension InferenceSession {
  /// Logits of many images, and the cycles of one: they don't depend on what it shows.
  ///
  /// Timing is one task beside the images', as many at once as there are threads; the result doesn't depend on their number.
  ///
  /// - Parameter progress: called with the number of images that are done, from any thread.
  /// - Throws: `MachineError` of the first task that has one.
  public func run(
    _ batch: ImageBatch, limit: Int? = nil, engine: EngineKind = .event, threads: Int = 1,
    normalization: Normalization = .half, options: RunOptions = RunOptions(),
    progress: (@Sendable (Int) -> Void)? = nil
  ) throws(MachineError) -> (logits: [[Float]], run: Run) {
    let count = min(limit ?? batch.count, batch.count)
    let results = Mutex(
      (rows: [[Float]](repeating: [], count: count), done: 0, run: Run?.none, error: MachineError?.none))
    func time() {
      do throws(MachineError) {
        let run = try Simulator.run(schedule, engine: engine, options: options)
        results.withLock { $0.run = run }
      } catch {
        results.withLock { $0.error = $0.error ?? error }
      }
    }
    func compute(_ image: Int, threads: Int, beside: (() -> Void)? = nil) {
      do throws(MachineError) {
        let input = batch.quantized(image, by: self.input, normalization)
        let row = try logits(of: input, engine: engine, threads: threads, beside: beside)
        let done = results.withLock { state in
          state.rows[image] = row
          state.done += 1
          return state.done
        }
        progress?(done)
      } catch {
        results.withLock { $0.error = $0.error ?? error }
      }
    }
    if count == 1, engine == .event {
      // One image alone has all threads: the one that times joins in afterwards.
      compute(0, threads: threads, beside: time)
    } else {
      concurrently(1 + count, threads: threads) { task in
        if task == 0 { time() } else { compute(task - 1, threads: 1) }
      }
    }
    return try results.withLock { state throws(MachineError) in
      if let error = state.error { throw error }
      guard let run = state.run else { throw .noValues(instruction: nil, what: "the run has no timing") }
      return (state.rows, run)
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

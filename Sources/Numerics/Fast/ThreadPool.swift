import CKernels

/// Threads that share out the work of one instruction at a time. One caller at a time.
public final class ThreadPool {
  public let pool: OpaquePointer
  /// Threads, the caller included.
  public let threads: Int

  /// Processors that this process may use.
  public static var processors: Int { Int(ck_processors()) }

  /// A pool of `threads` threads, the caller's included. `nil` without memory.
  public init?(threads: Int) {
    guard let pool = ck_pool_create(Int32(clamping: threads)) else { return nil }
    self.pool = pool
    self.threads = Int(ck_pool_threads(pool))
  }

  deinit { ck_pool_destroy(pool) }

  /// Calls `body` with every task from 0 to `count` − 1 once, on any thread, and with the number of that thread.
  ///
  /// `body` must only touch what no other task touches.
  public func run(_ count: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      var work = Work(body: body)
      withUnsafeMutablePointer(to: &work) { work in
        ck_pool_run(pool, Int64(count), work) { context, task, worker in
          context.assumingMemoryBound(to: Work.self).pointee.body(Int(task), Int(worker))
        }
      }
    }
  }

  private struct Work {
    let body: (Int, Int) -> Void
  }

  /// Calls `beside` once, on another thread than the caller's if there is one, while `body` is under way; returns when both have ended.
  ///
  /// What `body` runs on the pool never waits for `beside`: its thread joins in afterwards.
  public func run<Result, Failure: Error>(
    beside: () -> Void, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withoutActuallyEscaping(beside) { beside throws(Failure) in
      var work = Work { _, _ in beside() }
      return try withUnsafeMutablePointer(to: &work) { work throws(Failure) in
        ck_pool_beside(pool, work) { context, task, worker in
          context.assumingMemoryBound(to: Work.self).pointee.body(Int(task), Int(worker))
        }
        defer { ck_pool_settle(pool) }
        return try body()
      }
    }
  }

  /// Memory of one thread, undefined at first; the next call for the same thread may take it away.
  public func scratch(worker: Int, bytes: Int) -> UnsafeMutableRawPointer? {
    ck_pool_scratch(pool, Int32(worker), bytes)
  }
}

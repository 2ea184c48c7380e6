import Numerics
import Synchronization
import Testing

@Suite struct ThreadPoolTests {
  @Test(arguments: [1, 2, 5]) func everyTaskIsDoneOnce(threads: Int) throws {
    let pool = try #require(ThreadPool(threads: threads))
    let counts = Mutex([Int](repeating: 0, count: 1000))
    pool.run(1000) { task, _ in counts.withLock { $0[task] += 1 } }
    #expect(counts.withLock { $0.allSatisfy { $0 == 1 } })
  }

  @Test(arguments: [1, 2, 5]) func whatGoesOnBesideIsDoneOnceEachTime(threads: Int) throws {
    let pool = try #require(ThreadPool(threads: threads))
    let beside = Mutex(0)
    let tasks = Mutex(0)
    for round in 1...50 {
      pool.run(beside: { beside.withLock { $0 += 1 } }) {
        for _ in 0..<round { pool.run(8) { _, _ in tasks.withLock { $0 += 1 } } }
      }
      #expect(beside.withLock { $0 } == round)
    }
    #expect(tasks.withLock { $0 } == 8 * 50 * 51 / 2)
  }

  /// Jobs end although what goes on beside hasn't: it waits for them.
  @Test(arguments: [2, 3]) func jobsDoNotWaitForIt(threads: Int) throws {
    let pool = try #require(ThreadPool(threads: threads))
    let jobsAreDone = Atomic(false)
    let sawThemDone = Atomic(false)
    pool.run(beside: {
      while !jobsAreDone.load(ordering: .acquiring) {}
      sawThemDone.store(true, ordering: .releasing)
    }) {
      for _ in 0..<100 { pool.run(16) { _, _ in } }
      jobsAreDone.store(true, ordering: .releasing)
    }
    let saw = sawThemDone.load(ordering: .acquiring)
    #expect(saw)
  }

  @Test func errorsOfTheBodyComeThrough() throws {
    struct Failure: Error, Equatable {}
    let pool = try #require(ThreadPool(threads: 2))
    let beside = Mutex(0)
    #expect(throws: Failure()) {
      try pool.run(beside: { beside.withLock { $0 += 1 } }) { throw Failure() }
    }
    #expect(beside.withLock { $0 } == 1)
  }
}

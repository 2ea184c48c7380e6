import Analysis
import Hardware
import Synchronization
import Testing

@testable import Exploration

@Suite struct SweepTests {
  private let grid = "grid:\n  engines.array.rows: [16, 32]\n  clock: [100MHz, 200MHz]\n"

  private func result(_ yaml: String, _ store: MemoryStorage = MemoryStorage(), workers: Int? = nil) throws
    -> SweepResult
  {
    try #require(try sweep(yaml).resolve().run(store: store, workers: workers).result())
  }

  @Test func everyPointHasTheFiguresOfItsDesign() throws {
    let result = try result(grid)
    #expect(result.paths == ["engines.array.rows", "clock"])
    #expect(
      result.points.map(\.settings) == [["16", "100MHz"], ["16", "200MHz"], ["32", "100MHz"], ["32", "200MHz"]])
    let figures = result.points.compactMap(\.figures)
    #expect(figures.count == 4)
    #expect(figures.map { $0[.dsps] } == [640, 640, 1152, 1152])
    let design = try sweep(grid).design(at: 3)
    #expect(design.accelerator.engines[0].rows == 32 && design.accelerator.clock == 200_000_000)
    let summary = try Evaluation(design.model.graph, on: design.accelerator).summary
    #expect(figures[3] == DesignFigures(summary))
    #expect(figures[3][.framesPerSecond] == summary.framesPerSecond)
  }

  @Test func parallelIsSerial() throws {
    let yaml = grid + "  vector.lanes: [8, 32]\n  dram.latency: [10, 40]\n"
    let serial = try result(yaml, workers: 1)
    #expect(try result(yaml, workers: 7) == serial)
    #expect(serial.points.count == 16)
  }

  /// Two ways to write a value are one design.
  @Test func equalDesignsAreEvaluatedOnce() throws {
    let store = MemoryStorage()
    let result = try result("grid: {clock: [200MHz, 0.2GHz, 200000kHz]}\nlist: [{dram.bandwidth: 19200MB/s}]", store)
    #expect(store.records.count == 1 && store.points.count == 4)
    #expect(Set(result.points.map(\.outcome)).count == 1)
    #expect(Set(store.points.map(\.key)).count == 1)
  }

  @Test func whatIsKeptIsNotEvaluatedAgain() throws {
    let store = MemoryStorage()
    let whole = try result(grid, store)
    let keys = Set(store.records.map(\.key))
    #expect(keys.count == 4)
    // Nothing to do, then an edited sweep with one new design, then an edited order.
    #expect(try result(grid, store) == whole && store.records.count == 4)
    let edited = try result(grid.replacing("100MHz", with: "300MHz"), store)
    #expect(store.records.count == 6)
    #expect(edited.points[1].outcome == whole.points[1].outcome)
    _ = try result("grid:\n  clock: [200MHz, 100MHz]\n  engines.array.rows: [32, 16]\n", store)
    #expect(store.records.count == 6)
  }

  /// A key is of all that figures depend on.
  @Test func keysDiffer() throws {
    let models =
      "models: [tiny, {name: tiny, image: 48}, {name: tiny, batch: 2}]\n"
    let store = MemoryStorage()
    _ = try sweep(models + grid).resolve().run(store: store)
    #expect(Set(store.records.map(\.key)).count == 12)
    for record in store.records { #expect(record.accelerator.hasPrefix("name: zcu102-32x32\n")) }
  }

  @Test func aStoppedSweepGoesOn() throws {
    let whole = try result(grid)
    let store = MemoryStorage()
    let asked = Mutex(0)
    let run = try sweep(grid).resolve().run(
      store: store, workers: 1,
      isStopped: {
        asked.withLock { times in
          times += 1
          // Once for the store, once a design.
          return times > 3
        }
      })
    #expect(!run.isComplete && run.result() == nil)
    #expect(run.progress.evaluated == 2 && run.progress.total == 4 && store.records.count == 2)
    let second = try sweep(grid).resolve().run(store: store)
    #expect(second.kept == 2 && second.progress.evaluated == 2 && second.result() == whole)
    #expect(Set(store.records.map(\.key)).count == store.records.count, "none twice")
  }

  /// Neither while points are read nor before the store's points are replaced is a stop overheard.
  @Test func aSweepThatIsStoppedAtOnce() throws {
    let read = Mutex(0)
    #expect(throws: CancellationError.self) {
      try sweep(grid).resolve(
        workers: 1, isStopped: { read.withLock { $0 } == 2 }, progress: { count in read.withLock { $0 = count } })
    }
    #expect(read.withLock { $0 } == 2)
    let store = MemoryStorage()
    let run = try sweep(grid).resolve().run(store: store, isStopped: { true })
    #expect(!run.isComplete && run.progress.total == 4 && run.progress.evaluated == 0)
    #expect(store.points.isEmpty && store.records.isEmpty)
  }

  @Test func aStoreThatFailsEndsTheSweep() throws {
    let store = MemoryStorage(room: 2)
    #expect(throws: MemoryStorage.Full.self) { try sweep(grid).resolve().run(store: store) }
    #expect(store.records.count == 2)
  }

  @Test func progressCountsEveryDesign() throws {
    let seen = Mutex<[Int]>([])
    let run = try sweep(grid).resolve().run(
      store: MemoryStorage(), workers: 2,
      progress: { progress in
        seen.withLock { $0.append(progress.evaluated) }
        #expect(progress.total == 4 && progress.remaining != nil && progress.rate > 0)
      })
    #expect(seen.withLock { $0.sorted() } == [1, 2, 3, 4])
    #expect(run.progress.remaining == 0)
  }
}

/// Points that fail, each for its reason, while the others are done.
@Suite struct SweepFailureTests {
  private func outcomes(_ yaml: String, keepsBudget: Bool = true) throws -> [String] {
    let run = try sweep(yaml, keepsBudget: keepsBudget).resolve().run(store: MemoryStorage())
    return try #require(run.result()).points.map { point in
      if case .failed(let failure) = point.outcome { "\(failure.kind.rawValue): \(failure.message)" } else { "done" }
    }
  }

  @Test func wrongValuesOfSomePoints() throws {
    #expect(
      try outcomes("grid: {engines.array.rows: [32, x32]}") == [
        "done",
        "invalid: sweep.yaml:3:33: error: rows 'x32' is not a number; expected a whole number from 1 to 4096",
      ])
    let store = MemoryStorage()
    let run = try sweep("grid: {engines.array.rows: [32, x32]}").resolve().run(store: store)
    #expect(store.records.count == 1 && store.points[1].key == nil && store.points[1].failure?.kind == .invalid)
    #expect(run.result()?.points[1].model?.name == "tiny", "the model is known all the same")
  }

  @Test func tooLargeForTheDevice() throws {
    let yaml = "grid: {engines.array.rows: [32, 256]}"
    #expect(try outcomes(yaml) == ["done", "does-not-fit: needs 8320 DSP, zcu102 has 2520"])
    #expect(try outcomes(yaml, keepsBudget: false) == ["done", "done"])
  }

  @Test func notCompiled() throws {
    let outcomes = try outcomes(
      "grid: {\"buffers.activations.size, buffers.activations.banks\": [[1536KiB, 8], [64B, 1]]}")
    #expect(outcomes[0] == "done")
    #expect(outcomes[1].hasPrefix("not-compiled: ") && outcomes[1].contains("buffer 'activations'"), "\(outcomes[1])")
  }

  @Test func failuresAreKeptAndNotTriedAgain() throws {
    let store = MemoryStorage()
    let yaml = "grid: {\"buffers.activations.size, buffers.activations.banks\": [[1536KiB, 8], [64B, 1]]}"
    let first = try sweep(yaml).resolve().run(store: store)
    #expect(first.progress.failed == 1 && store.records.count == 2)
    let second = try sweep(yaml).resolve().run(store: store)
    #expect(second.progress.total == 0 && second.kept == 2 && second.result() == first.result())
  }

  /// Nothing can run: the mistakes are the file's.
  @Test(arguments: [
    ("grid: {engines.arry.rows: [1, 2]}", "did you mean 'array'?"),
    (
      "grid: {engines.array.rowz: [1, 2]}",
      "sweep.yaml:3:29: error: unknown key 'rowz' in engine 'array'; did you mean 'rows'?"
    ),
    ("grid: {engines.array.rows: [0, -1]}", "rows '-1' is negative"),
    ("models: [{name: deit-tny}]", "unknown model 'deit-tny'"),
    ("base: nowhere.yaml", "'nowhere.yaml' can't be opened"),
    ("base: {name: x}", "missing key 'clock'"),
    ("list: [{accelerator: nowhere.yaml}]", "sweep.yaml:3:22: error: 'nowhere.yaml' can't be opened"),
  ])
  func mistakesThatLeaveNoPoint(yaml: String, expected: String) {
    #expect(mistakes(yaml).contains(expected), "\(mistakes(yaml))")
  }

  /// A wrong model ends the sweep although another one is right; a wrong batch of some points doesn't.
  @Test func modelsThatDoNotExist() throws {
    #expect(mistakes("models: [tiny, deit-tny]").hasPrefix("sweep.yaml:2:16: error: "))
    #expect(mistakes("grid: {model.batch: [1, 0]}") == "")
    #expect(mistakes("base: \(packageRoot)/configs/accelerators/edge-16x16.yaml\nmodels: []").contains("models"))
  }

  @Test func aBaseWithoutAModelNeedsOne() throws {
    let text = "base: \(packageRoot)/configs/accelerators/zcu102-32x32.yaml\n"
    let sweep = try Sweep(try description(text), file: "sweep.yaml", models: zooModel)
    let error = #expect(throws: DiagnosticError.self) { try sweep.resolve() }
    #expect(error?.description.contains("the base names no model; expected a list 'models' in the sweep") == true)
  }
}

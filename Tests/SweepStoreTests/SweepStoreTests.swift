import Analysis
import Exploration
import Foundation
import GRDB
import Schedule
import SweepStore
import TestSupport
import Testing

/// A directory of its own that is gone when the value is.
final class Scratch {
  let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("vitsim-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  func path(_ name: String) -> String { directory.appendingPathComponent(name).path }
  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []).sorted() }
}

/// A design whose key and figures come from `number`.
func record(_ number: UInt64, failure: SweepFailure? = nil) -> DesignRecord {
  var random = SplitMix64(seed: number)
  let figures = DesignFigures { figure in
    if random.chance(10) { return nil }
    // Whole counters, and rates of every size.
    return figure.isCount
      ? Double(random.int(0...(1 << 53))) : Double(bitPattern: random.next() & 0x7FDF_FFFF_FFFF_FFFF)
  }
  return DesignRecord(
    key: DesignKey(bytes: SHA256.digest("\(number)".utf8)), model: ModelReference(name: "m", image: 224, batch: 1),
    accelerator: "name: a\n", outcome: failure.map(SweepOutcome.failed) ?? .done(figures))
}

@Suite struct SweepStoreTests {
  /// Every figure comes back as it was, bit for bit, and so does every failure.
  @Test func whatIsKeptComesBack() throws {
    let scratch = try Scratch()
    let path = scratch.path("a.sqlite")
    var records = (0..<200).map { record($0) }
    records.append(record(900, failure: SweepFailure(.notCompiled, "no room: \"weights\"\n, é")))
    records.append(record(901, failure: SweepFailure(.notRun, "deadlock")))
    do {
      let store = try SweepStore(path: path)
      defer { store.close() }
      #expect(try store.outcomes().isEmpty)
      for record in records { try store.keep(record) }
      #expect(try store.outcomes().count == records.count)
    }
    #expect(scratch.names == ["a.sqlite"], "no log is left")
    let store = try SweepStore(path: path)
    let outcomes = try store.outcomes()
    for record in records { #expect(outcomes[record.key] == record.outcome) }
    #expect(outcomes.count == records.count)
  }

  /// Without closing: what a process that is killed leaves.
  @Test func whatIsKeptIsThereAtOnce() throws {
    let scratch = try Scratch()
    let store = try SweepStore(path: scratch.path("a.sqlite"))
    for number in 0..<20 {
      try store.keep(record(UInt64(number)))
      for name in scratch.names {
        try? FileManager.default.removeItem(atPath: scratch.path("copy" + name.dropFirst(1)))
        if !name.hasSuffix("-shm") {
          try FileManager.default.copyItem(atPath: scratch.path(name), toPath: scratch.path("copy" + name.dropFirst(1)))
        }
      }
      let copy = try SweepStore(path: scratch.path("copy.sqlite"))
      #expect(try copy.outcomes().count == number + 1)
      copy.close()
      for name in scratch.names where name.hasPrefix("copy") {
        try FileManager.default.removeItem(atPath: scratch.path(name))
      }
    }
  }

  @Test func aDesignHasOneRow() throws {
    let scratch = try Scratch()
    let store = try SweepStore(path: scratch.path("a.sqlite"))
    for _ in 0..<3 { try store.keep(record(1)) }
    #expect(try store.outcomes().count == 1)
    #expect(try count("design", in: scratch.path("a.sqlite")) == 1)
  }

  /// A defect may be gone with the next vitsim; other rules give other figures.
  @Test func defectsAndOtherRulesAreNotTaken() throws {
    let scratch = try Scratch()
    let path = scratch.path("a.sqlite")
    let store = try SweepStore(path: path)
    try store.keep(record(1, failure: SweepFailure(.defect, "a sum differs")))
    try store.keep(record(2))
    #expect(try store.outcomes().keys.map { $0 } == [record(2).key])
    try store.keep(record(1))
    #expect(try store.outcomes().count == 2)
    try write("UPDATE design SET rules = rules + 1", to: path)
    #expect(try store.outcomes().isEmpty)
    #expect(try count("design", in: path) == 2, "nothing is lost")
  }

  @Test func pointsAreThoseOfTheLastSweep() throws {
    let scratch = try Scratch()
    let path = scratch.path("a.sqlite")
    let store = try SweepStore(path: path)
    try store.keep(record(1))
    let setting = PointRecord.Setting(path: "clock", value: "\"2 MHz\\\u{1}\"")
    let wrong = PointRecord(settings: [setting], key: nil, failure: SweepFailure(.invalid, "wrong"))
    let points = [1, 2].map { PointRecord(settings: [setting], key: record($0).key, failure: nil) } + [wrong]
    try store.begin(points + points)
    try store.begin(points)
    #expect(try count("point", in: path) == 3)
    let rows = try DatabaseQueue(path: path).read { database in
      try Row.fetchAll(
        database, sql: "SELECT point, status, error, cycles, settings ->> 'clock' AS clock, model FROM points")
    }
    #expect(rows.map { $0["status"] as String } == ["done", "pending", "invalid"])
    #expect(rows.map { $0["point"] as Int } == [1, 2, 3] && rows[2]["error"] == "wrong" && rows[0]["model"] == "m")
    #expect(rows.allSatisfy { $0["clock"] == setting.value })
  }

  @Test func readersAreFreeWhileItIsOpen() throws {
    let scratch = try Scratch()
    let path = scratch.path("a.sqlite")
    let store = try SweepStore(path: path)
    try store.keep(record(1))
    #expect(try count("design", in: path) == 1)
    try store.keep(record(2))
    #expect(try count("design", in: path) == 2)
  }

  @Test func oneAtATime() throws {
    let scratch = try Scratch()
    let path = scratch.path("a.sqlite")
    let store = try SweepStore(path: path)
    let error = #expect(throws: SweepStoreError.busy(path: path)) { try SweepStore(path: path) }
    #expect(error?.description.contains("another program is writing to it") == true)
    try store.keep(record(1))
    #expect(try store.outcomes().count == 1)
  }
}

func count(_ table: String, in path: String) throws -> Int {
  var configuration = Configuration()
  configuration.readonly = true
  return try DatabaseQueue(path: path, configuration: configuration).read {
    try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? -1
  }
}

func write(_ sql: String, to path: String) throws {
  let queue = try DatabaseQueue(path: path)
  try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
  try queue.close()
}

import Exploration
import Foundation
import SweepStore
import TestSupport
import Testing

/// Files that aren't stores, or no more: an error says which, and they stay as they are.
@Suite struct RefusedStoreTests {
  private func refusal(_ path: String) -> SweepStoreError? {
    do {
      let store = try SweepStore(path: path)
      _ = try store.outcomes()
      return nil
    } catch {
      return error as? SweepStoreError
    }
  }

  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  /// A store with 300 designs.
  private func filled(_ path: String) throws {
    let store = try SweepStore(path: path)
    for number in 0..<300 { try store.keep(record(UInt64(number))) }
    store.close()
  }

  @Test(arguments: [
    "x", "base: a.yaml\n", "SQLite format 3\0", String(repeating: "SQLite format 3 is not this. ", count: 400),
  ])
  func noDatabase(text: String) throws {
    let scratch = try Scratch()
    let path = scratch.path("a.sqlite")
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    #expect(refusal(path) == .foreign(path: path))
    #expect(try bytes(path) == Data(text.utf8) && scratch.names == ["a.sqlite"])
  }

  @Test(arguments: ["", "PRAGMA application_id = 7", "PRAGMA user_version = 3", "PRAGMA journal_mode = WAL"])
  func anotherDatabase(pragma: String) throws {
    let scratch = try Scratch()
    let path = scratch.path("a.sqlite")
    try write(pragma + "; CREATE TABLE design (key TEXT); INSERT INTO design VALUES ('mine')", to: path)
    let before = try bytes(path)
    #expect(refusal(path) == .foreign(path: path))
    #expect(try bytes(path) == before && scratch.names == ["a.sqlite"])
  }

  @Test func aNewerStore() throws {
    let scratch = try Scratch()
    let path = scratch.path("a.sqlite")
    try filled(path)
    try write("PRAGMA user_version = 2", to: path)
    let before = try bytes(path)
    #expect(refusal(path) == .newer(path: path, version: 2))
    #expect(try bytes(path) == before)
  }

  @Test func whatCannotBeOpened() throws {
    let scratch = try Scratch()
    for path in [scratch.directory.path, scratch.path("no/where.sqlite"), "/dev/null", ""] {
      guard case .unusable = refusal(path) else {
        Issue.record("\(path): \(String(describing: refusal(path)))")
        continue
      }
    }
  }

  /// An empty file, and a database in which nothing is yet, as a process leaves it that dies while it makes the store.
  @Test func anInterruptedBeginningIsNoDamage() throws {
    let scratch = try Scratch()
    let (empty, bare) = (scratch.path("a.sqlite"), scratch.path("b.sqlite"))
    try Data().write(to: URL(fileURLWithPath: empty))
    try write("CREATE TABLE a (x); DROP TABLE a", to: bare)
    for path in [empty, bare] {
      let store = try SweepStore(path: path)
      try store.keep(record(1))
      #expect(try store.outcomes().count == 1)
    }
  }

  /// Blocks of the file overwritten with noise, or its end cut off: an error, or every row that is given is right.
  @Test func damageIsNoticedOrHarmless() throws {
    let scratch = try Scratch()
    let path = scratch.path("a.sqlite")
    try filled(path)
    let whole = try bytes(path)
    var random = SplitMix64(seed: 11)
    var noticed = 0
    for round in 0..<60 {
      var damaged = whole
      if round % 3 == 0 {
        damaged = whole.prefix(random.int(100...(whole.count - 1)))
      } else {
        let start = random.int(100...(whole.count - 600))
        for index in start..<start + random.int(1...512) { damaged[index] = UInt8.random(in: 0...255, using: &random) }
      }
      try damaged.write(to: URL(fileURLWithPath: path))
      switch refusal(path) {
      case nil: break
      case .damaged(path, let what):
        #expect(!what.isEmpty)
        noticed += 1
      case let other: Issue.record("round \(round): \(other.map(\.description) ?? "")")
      }
      for name in scratch.names where name != "a.sqlite" {
        try FileManager.default.removeItem(atPath: scratch.path(name))
      }
    }
    #expect(noticed >= 20, "\(noticed)")
  }

  /// Tables that carry our mark but aren't ours.
  @Test(arguments: [
    "DROP TABLE design; CREATE TABLE design (key BLOB, status TEXT)",
    "DROP TABLE design; CREATE TABLE design AS SELECT 'x' AS key, 1 AS rules, 'done' AS status, 'y' AS error, 'z' AS cycles",
    "PRAGMA ignore_check_constraints = 1; UPDATE design SET status = 'perhaps'",
    "PRAGMA ignore_check_constraints = 1; UPDATE design SET status = 'not-run'",
  ])
  func tablesThatAreNotOurs(sql: String) throws {
    let scratch = try Scratch()
    let path = scratch.path("a.sqlite")
    try filled(path)
    try write(sql, to: path)
    guard case .damaged(path, _) = refusal(path) else {
      Issue.record("\(String(describing: refusal(path)))")
      return
    }
  }
}

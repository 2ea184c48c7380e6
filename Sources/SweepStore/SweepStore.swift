import Analysis
import Exploration
import Foundation
import GRDB

/// The results of sweeps in an SQLite database, each design a transaction of its own (docs/sweep.md, "The store").
///
/// ```swift
/// let store = try SweepStore(path: "shapes.sqlite")
/// defer { store.close() }
/// let run = try sweep.resolve().run(store: store)
/// ```
public final class SweepStore: SweepStorage {
  public let path: String
  private let lock: FileLock
  private let queue: DatabaseQueue

  /// Opens the store at `path`, or makes one. Until it is closed, no other process can.
  ///
  /// - Throws: `SweepStoreError`. A file that isn't a store of this version is left as it is.
  public init(path: String) throws(SweepStoreError) {
    self.path = path
    // SQLite takes ':memory:' and 'file:…' for something else than a file's name.
    let file = URL(fileURLWithPath: path).path
    lock = try FileLock(path: path)
    do {
      var configuration = Configuration()
      configuration.label = "sweep"
      configuration.busyMode = .timeout(10)
      queue = try DatabaseQueue(path: file, configuration: configuration)
      try queue.writeWithoutTransaction { database in
        try Schema.prepare(database, path: path)
        try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
      }
    } catch {
      throw SweepStoreError(error, path: path)
    }
  }

  /// Leaves one file, without a log beside it. The store can't be used any more.
  public func close() { try? queue.close() }

  /// The connection ends before the lock.
  deinit { close() }

  public func outcomes() throws -> [DesignKey: SweepOutcome] {
    try access {
      try queue.read { database in
        let sql = "SELECT key, status, error, \(Schema.figureColumns) FROM design WHERE rules = ? AND status <> ?"
        let arguments: StatementArguments = [Evaluation.rules, SweepFailure.Kind.defect.rawValue]
        let rows = try Row.fetchCursor(database, sql: sql, arguments: arguments)
        var outcomes: [DesignKey: SweepOutcome] = [:]
        while let row = try rows.next() {
          let key = DesignKey(bytes: Array(try row.decode(Data.self, forColumn: "key")))
          outcomes[key] = try outcome(of: row)
        }
        return outcomes
      }
    }
  }

  private func outcome(of row: Row) throws -> SweepOutcome {
    let status = try row.decode(String.self, forColumn: "status")
    if status == "done" {
      return .done(try DesignFigures { try row.decode(Double?.self, forColumn: $0.rawValue) })
    }
    guard let kind = SweepFailure.Kind(rawValue: status) else {
      throw SweepStoreError.damaged(path: path, what: "a design has the unknown status '\(status)'")
    }
    return .failed(SweepFailure(kind, try row.decode(String.self, forColumn: "error")))
  }

  public func begin(_ points: [PointRecord]) throws {
    try access {
      try queue.write { database in
        try database.execute(sql: "DELETE FROM point")
        let insert = try database.makeStatement(sql: "INSERT INTO point VALUES (?, ?, ?, ?, ?)")
        for (index, point) in points.enumerated() {
          try insert.execute(arguments: [
            index + 1, point.json, point.key.map { Data($0.bytes) }, point.failure?.kind.rawValue,
            point.failure?.message,
          ])
        }
      }
    }
  }

  public func keep(_ record: DesignRecord) throws {
    try access {
      try queue.write { database in
        var values: [(any DatabaseValueConvertible)?] = [
          Data(record.key.bytes), Evaluation.rules, record.model.name, record.model.image, record.model.batch,
          record.accelerator, record.outcome.status,
        ]
        switch record.outcome {
        case .done(let figures):
          values.append(nil)
          values += DesignFigure.allCases.map { figures.databaseValue($0) }
        case .failed(let failure):
          values.append(failure.message)
          values += DesignFigure.allCases.map { _ in nil }
        }
        let places = values.map { _ in "?" }.joined(separator: ", ")
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO design VALUES (\(places))")
          .execute(arguments: StatementArguments(values))
      }
    }
  }

  private func access<Value>(_ body: () throws -> Value) throws(SweepStoreError) -> Value {
    do {
      return try body()
    } catch {
      throw SweepStoreError(error, path: path)
    }
  }
}

extension DesignFigures {
  fileprivate func databaseValue(_ figure: DesignFigure) -> (any DatabaseValueConvertible)? {
    guard let value = self[figure] else { return nil }
    return figure.isCount ? Int(exactly: value) ?? value : value
  }
}

extension PointRecord {
  /// An object of path → value.
  fileprivate var json: String {
    "{" + settings.map { "\(quotedJSON($0.path)): \(quotedJSON($0.value))" }.joined(separator: ", ") + "}"
  }
}

private func quotedJSON(_ text: String) -> String {
  var quoted = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": quoted += "\\\(scalar)"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + "\""
}

import Analysis
import Exploration
import GRDB

/// The tables of a store: docs/sweep.md, "The store".
enum Schema {
  /// `vswp`: marks the file as ours in SQLite's own header.
  static let applicationID = 0x7673_7770
  static let version = 1

  static let figureColumns = DesignFigure.allCases.map(\.rawValue).joined(separator: ", ")

  static let statements = [
    """
    CREATE TABLE design (
      key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),
      rules INTEGER NOT NULL,
      model TEXT NOT NULL,
      image INTEGER NOT NULL,
      batch INTEGER NOT NULL,
      accelerator TEXT NOT NULL,
      status TEXT NOT NULL,
      error TEXT,
      \(DesignFigure.allCases.map { "\($0.rawValue) \($0.isCount ? "INTEGER" : "REAL")" }.joined(separator: ",\n  ")),
      CHECK ((status = 'done') = (error IS NULL))
    ) STRICT
    """,
    """
    CREATE TABLE point (
      position INTEGER NOT NULL PRIMARY KEY,
      settings TEXT NOT NULL,
      key BLOB,
      status TEXT,
      error TEXT,
      CHECK ((key IS NULL) = (error IS NOT NULL))
    ) STRICT
    """,
    """
    CREATE VIEW points AS
    SELECT point.position AS point, point.settings, design.model, design.image, design.batch,
      coalesce(point.status, design.status, 'pending') AS status,
      coalesce(point.error, design.error) AS error,
      \(figureColumns)
    FROM point LEFT JOIN design ON design.key = point.key
    ORDER BY point.position
    """,
    "PRAGMA application_id = \(applicationID)",
    "PRAGMA user_version = \(version)",
  ]

  /// Makes the tables in an empty database, or says why the one at `path` can't be used.
  ///
  /// - Throws: `SweepStoreError`; `DatabaseError`.
  static func prepare(_ database: Database, path: String) throws {
    let id = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    if id == 0, version == 0, try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0 {
      // One transaction: a process that dies here leaves an empty database.
      try database.inTransaction(.immediate) {
        for statement in statements { try database.execute(sql: statement) }
        return .commit
      }
      return
    }
    guard id == applicationID else { throw SweepStoreError.foreign(path: path) }
    guard version == Self.version else { throw SweepStoreError.newer(path: path, version: version) }
    let verdict = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "no answer"
    guard verdict == "ok" else { throw SweepStoreError.damaged(path: path, what: verdict) }
  }
}

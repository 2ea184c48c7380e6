import Hardware
import Machine
import Schedule

/// One of several designs that are held against each other.
public struct ComparedDesign: Sendable, Hashable {
  public let summary: Summary
  /// Layers of one name, in the order in which they first run.
  public let layers: [ComparedLayer]
  /// The critical path's cycles by unit.
  private let pathOfRun: [CycleStack]

  /// - Parameter run: The result of executing `schedule` with at least `Summary.runOptions`.
  public init(schedule: Schedule, run: Run) {
    summary = Summary(schedule: schedule, run: run)
    let path = CriticalPath(schedule: schedule, run: run)
    let work = path.stacks(of: schedule, windows: summary.layers.map(\.cycles))
    pathOfRun = path.stacks(of: schedule)
    var layers: [ComparedLayer] = []
    var places: [String: Int] = [:]
    for (row, units) in zip(summary.layers, work) {
      let pattern = LayerName.pattern(row.name)
      if let place = places[pattern] {
        layers[place].add(row, units, as: pattern)
      } else {
        places[pattern] = layers.count
        layers.append(ComparedLayer(row, units, pattern))
      }
    }
    self.layers = layers
  }

  /// The whole run as one layer.
  public var total: ComparedLayer {
    ComparedLayer(summary.total, pathOfRun, "total")
  }

  /// Milliseconds of `cycles`.
  func milliseconds(_ cycles: Int) -> Double { Double(cycles) / Double(summary.accelerator.clock) * 1e3 }
}

/// Layers of one name in repeated blocks, added up.
public struct ComparedLayer: Sendable, Hashable {
  /// `blocks.*.mlp.fc1`; the layer's own name where there is but one.
  public private(set) var name: String
  /// What they have in common.
  public let pattern: String
  public private(set) var count = 1
  /// Of their windows; the parts are those of the lead engine.
  public private(set) var stack: CycleStack
  public private(set) var macs: Int
  /// Bytes read from and written to DRAM.
  public private(set) var dramBytes: Int
  /// The critical path in their windows, by unit (index into `Accelerator.queues`); it adds up to `cycles`.
  public private(set) var path: [CycleStack]

  public var cycles: Int { stack.total }

  init(_ row: SummaryRow, _ units: [CycleStack], _ pattern: String) {
    name = row.name
    self.pattern = pattern
    stack = row.stack
    macs = row.macs
    dramBytes = row.traffic.dramRead + row.traffic.dramWritten
    path = units
  }

  mutating func add(_ row: SummaryRow, _ more: [CycleStack], as pattern: String) {
    name = pattern
    count += 1
    stack += row.stack
    macs += row.macs
    dramBytes += row.traffic.dramRead + row.traffic.dramWritten
    for unit in path.indices { path[unit] += more[unit] }
  }
}

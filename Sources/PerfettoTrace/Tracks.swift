import Analysis
import Hardware
import Machine
import Schedule

/// The tree of tracks: the run, in it a track a unit, those of a group (`dma`) in one of their own, and counters.
struct Tracks: Sendable {
  /// Units (index into `Accelerator.queues`) and buffers (index into `Accelerator.buffers`) that are shown.
  private(set) var units: [Int] = []
  private(set) var buffers: [Int] = []
  private(set) var descriptors: [Perfetto_TrackDescriptor] = []
  private var ofUnit: [Int: UInt64] = [:]
  /// By engine.
  private var utilization: [Int: UInt64] = [:]
  private var occupancy: [Int: UInt64] = [:]
  private var dram: (read: UInt64, written: UInt64)?
  private var groups: [String: UInt64] = [:]

  var count: Int { descriptors.count }

  /// - Parameter patterns: Of the names that are shown; all if there are none.
  init(_ schedule: Schedule, _ patterns: [NamePattern]?) {
    let accelerator = schedule.accelerator
    func isShown(_ name: String) -> Bool { patterns?.matches(name) ?? true }
    let root = add("\(schedule.model.name) on \(accelerator.name)", in: nil)
    for (unit, queue) in accelerator.queues.enumerated() where isShown(queue.name) {
      units.append(unit)
      let track = add(queue.name, in: group(of: queue.name, root))
      ofUnit[unit] = track
      if case .matrix(let engine) = queue.unit {
        utilization[engine] = add("\(queue.name).utilization", in: track, counting: "%")
      }
    }
    if isShown("dram") {
      let group = add("dram", in: root)
      dram = (add("dram.read", in: group, counting: "B/s"), add("dram.written", in: group, counting: "B/s"))
    }
    buffers = accelerator.buffers.indices.filter { isShown(accelerator.buffers[$0].name) }
    if buffers.isEmpty { return }
    let group = add("buffers", in: root)
    for buffer in buffers {
      let spec = accelerator.buffers[buffer]
      occupancy[buffer] = add(
        "\(spec.name).occupancy", in: group, counting: "B", description: "of \(spec.bytes) bytes")
    }
  }

  func identifier(ofUnit unit: Int) -> UInt64 { ofUnit[unit] ?? 0 }

  /// The counters that are shown, with what they count.
  func counters(
    _ schedule: Schedule, _ run: Run, _ ownership: Ownership, _ occupancy: BufferOccupancy?
  ) -> [Counter] {
    var counters: [Counter] = []
    if dram != nil || !utilization.isEmpty {
      let rates = Rates(schedule: schedule, run: run, ownership: ownership)
      let clock = Double(schedule.accelerator.clock)
      for (engine, track) in utilization.sorted(by: { $0.key < $1.key }) {
        counters.append(Counter(track, rates.utilization[engine], times: 100))
      }
      if let dram {
        counters.append(Counter(dram.read, rates.dramRead, times: clock))
        counters.append(Counter(dram.written, rates.dramWritten, times: clock))
      }
    }
    for buffer in buffers {
      guard let steps = occupancy?.buffers[buffer], let track = self.occupancy[buffer] else { continue }
      counters.append(Counter(track, steps))
    }
    return counters
  }

  /// The track that units with this first part of their names are in: `dma` for `dma.weights`.
  private mutating func group(of name: String, _ root: UInt64) -> UInt64 {
    guard let dot = name.firstIndex(of: ".") else { return root }
    let group = String(name[..<dot])
    if let known = groups[group] { return known }
    let new = add(group, in: root)
    groups[group] = new
    return new
  }

  /// - Parameter unit: Of a counter's values.
  private mutating func add(
    _ name: String, in parent: UInt64?, counting unit: String? = nil, description: String? = nil
  ) -> UInt64 {
    var track = Perfetto_TrackDescriptor()
    track.uuid = UInt64(descriptors.count + 1)
    track.name = name
    if let parent { track.parentUuid = parent }
    if let description { track.description_p = description }
    if let unit {
      track.counter.unitName = unit
    } else {
      track.childOrdering = .explicit
    }
    track.siblingOrderRank = Int32(descriptors.count)
    descriptors.append(track)
    return track.uuid
  }
}

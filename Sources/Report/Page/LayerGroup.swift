import Analysis
import Machine

/// Layers of the same name in repeated blocks: `blocks.*.attn.qkv`.
struct LayerGroup {
  private(set) var name: String
  /// Indices into `Summary.layers`.
  private(set) var layers: [Int]
  private(set) var cycles = 0
  private(set) var stack = CycleStack()
  private(set) var macs = 0
  private(set) var dramRead = 0
  private(set) var dramWritten = 0
  /// By buffer, read and written together.
  private(set) var buffers: [Int]

  /// The layers of a summary by name, in the order in which they first run. Every layer is in exactly one group.
  static func all(of summary: Summary) -> [LayerGroup] {
    var groups: [LayerGroup] = []
    var places: [String: Int] = [:]
    for (index, layer) in summary.layers.enumerated() {
      let name = LayerName.pattern(layer.name)
      let place = places[name] ?? groups.count
      if place == groups.count {
        places[name] = place
        // A layer without others like it keeps its own name.
        groups.append(LayerGroup(name: layer.name, layers: [], buffers: layer.traffic.bufferRead.map { _ in 0 }))
      }
      if !groups[place].layers.isEmpty { groups[place].name = name }
      groups[place].add(layer, at: index)
    }
    return groups
  }

  private mutating func add(_ layer: SummaryRow, at index: Int) {
    layers.append(index)
    cycles += layer.cycles
    stack += layer.stack
    macs += layer.macs
    dramRead += layer.traffic.dramRead
    dramWritten += layer.traffic.dramWritten
    for buffer in buffers.indices {
      buffers[buffer] += layer.traffic.bufferRead[buffer] + layer.traffic.bufferWritten[buffer]
    }
  }

  private init(name: String, layers: [Int], buffers: [Int]) {
    self.name = name
    self.layers = layers
    self.buffers = buffers
  }
}

/// One memory, followed in windows.
package struct FollowedMemory {
  /// Between windows.
  package private(set) var state: MemoryState
  /// Within one: what its footprints are made of.
  private(set) var atoms = ByteAtoms()
  /// By atom: the last instruction that wrote it.
  package var writers: [Int32] = []
  /// By atom and queue: the position after the last instruction that has read it since.
  package var readers: [Int32] = []
  /// Footprints of the window, and the place of each of all footprints among them, −1 if it isn't there.
  private(set) var entered: [Int] = []
  private var place: [Int32]

  init(footprints: Int, queues: Int) {
    state = MemoryState(queues: queues)
    place = Array(repeating: -1, count: footprints)
  }

  package func atoms(of footprint: Int) -> ArraySlice<Int32> { atoms.atoms(of: Int(place[footprint])) }

  /// Bytes of each atom.
  package func sizes() -> [Int] { atoms.sizes() }

  /// - Returns: whether the footprint is new to the window.
  @discardableResult mutating func enter(_ footprint: Int) -> Bool {
    if place[footprint] >= 0 { return false }
    place[footprint] = Int32(entered.count)
    entered.append(footprint)
    return true
  }

  /// - Returns: false if the window's footprints are too many.
  mutating func open(_ footprints: [Footprint]) -> Bool {
    guard let atoms = ByteAtoms(entered.map { footprints[$0] }, over: state) else { return false }
    self.atoms = atoms
    (writers, readers) = state.states(of: atoms)
    return true
  }

  mutating func close() {
    state.absorb(atoms, writers: writers, readers: readers)
    for footprint in entered { place[footprint] = -1 }
    entered = []
    atoms = ByteAtoms()
  }

  mutating func preload(_ footprint: Int) {
    for atom in atoms(of: footprint) { writers[Int(atom)] = MemoryState.preloaded }
  }
}

extension [FollowedMemory] {
  /// Notes the footprints of the instructions from place `start` of `order` on that are followed together: to the end of a layer, but
  /// `windowRows` rows of footprints at least and not many more.
  ///
  /// - Returns: the end of the window.
  mutating func enterWindow(from start: Int, _ order: [Int], _ map: AccessMap, rows windowRows: Int) -> Int {
    var (end, rows, layer) = (start, 0, Int.min)
    while end < order.count {
      let index = order[end]
      let own = map.layers[index]
      if end > start, rows >= windowRows, own > layer || rows >= 256 * windowRows { break }
      for access in map.accesses(of: index) where self[access.space].enter(access.footprint) {
        rows = saturatingSum(rows, map.footprints[access.space][access.footprint].rows)
      }
      layer = Swift.max(layer, own)
      end += 1
    }
    return end
  }

  /// - Returns: the first memory whose window is too large to follow.
  mutating func open(_ map: AccessMap) -> Int? {
    indices.first { !self[$0].open(map.footprints[$0]) }
  }
}

/// The bytes of a rectangle in a memory, or of several rectangles at the same distance.
struct Footprint: Hashable {
  var offset: Int
  /// Of all rectangles together.
  var rows: Int
  var rowBytes: Int
  var pitch: Int
  private var rowsOfPlane: Int
  private var planePitch: Int

  /// Rows without gaps between them are one.
  init(offset: Int, rows: Int, rowBytes: Int, pitch: Int) {
    let isOneRow = rows == 1 || pitch <= rowBytes
    self.offset = offset
    self.rows = isOneRow ? 1 : rows
    self.rowBytes = isOneRow ? (rows - 1) * pitch + rowBytes : rowBytes
    self.pitch = isOneRow ? 0 : pitch
    rowsOfPlane = self.rows
    planePitch = 0
  }

  /// `planes` rectangles whose rows don't touch, each behind the one before.
  init(offset: Int, rows: Int, rowBytes: Int, pitch: Int, planes: Int, planePitch: Int) {
    self.offset = offset
    self.rows = rows * planes
    self.rowBytes = rowBytes
    self.pitch = pitch
    rowsOfPlane = rows
    self.planePitch = planePitch
  }

  init(_ region: Region) {
    self.init(offset: region.offset, rows: region.rows, rowBytes: region.rowBytes, pitch: region.pitch)
  }

  /// First byte of a row; later rows begin later.
  func start(ofRow row: Int) -> Int {
    if row < rowsOfPlane { return offset + row * pitch }
    return offset + row / rowsOfPlane * planePitch + row % rowsOfPlane * pitch
  }
}

/// A memory cut into the largest pieces ("atoms") that no footprint and no stretch of `MemoryState` cuts through: each footprint
/// is a set of atoms.
///
/// A schedule uses few different footprints very often, and its tiles repeat: a footprint of hundreds of rows has a
/// handful of atoms, so that following every access of every instruction costs little. Bytes belong to the same atom if
/// the same footprints cover them and their state is the same. The set of those that cover a byte is known by the exclusive or of
/// random 64-bit keys, one for each footprint.
struct ByteAtoms {
  private(set) var count = 0
  /// A byte of each atom.
  private(set) var sample: [Int] = []
  /// The state of each atom's bytes.
  private(set) var origin: [Int32] = []
  /// Where pieces of the memory begin: rows of footprints, stretches, and first bytes behind them.
  private(set) var edges: [Int] = []
  /// The atom of the bytes from each edge to the next, −1 where there is none.
  private(set) var atomOf: [Int32] = []
  /// The state of the same bytes.
  private(set) var stateOf: [Int32] = []
  private var starts: [Int] = [0]
  private var members: [Int32] = []

  /// Rows of all footprints, and pieces of rows, up to which the work and the memory for it are bearable.
  private static let rowLimit = 1 << 21
  private static let pieceLimit = 1 << 25

  init() {}

  /// `nil` where the footprints have too many rows or cut each other into too many pieces.
  init?(_ footprints: [Footprint], over state: MemoryState) {
    var rows = 0
    for footprint in footprints {
      rows = saturatingSum(rows, footprint.rows)
      if rows > Self.rowLimit { return nil }
    }
    findEdges(footprints, rows, state)
    // For each row the indices of its first and last edge.
    var spans: [(Int32, Int32)] = []
    spans.reserveCapacity(rows)
    var cover = [UInt64](repeating: 0, count: edges.count)
    var key: UInt64 = 0x9E37_79B9_7F4A_7C15
    for footprint in footprints {
      key = Self.nextKey(after: key)
      var edge = 0
      for row in 0..<footprint.rows {
        let start = footprint.start(ofRow: row)
        let first = Self.index(of: start, in: edges, from: edge)
        edge = Self.index(of: start + footprint.rowBytes, in: edges, from: first)
        cover[first] ^= key
        cover[edge] ^= key
        spans.append((Int32(first), Int32(edge)))
      }
    }
    group(cover)
    if !collect(footprints, spans) { return nil }
  }

  /// The atoms of a footprint.
  func atoms(of footprint: Int) -> ArraySlice<Int32> { members[starts[footprint]..<starts[footprint + 1]] }

  /// Bytes of each atom.
  func sizes() -> [Int] {
    var sizes = [Int](repeating: 0, count: count)
    for edge in edges.indices.dropLast() where atomOf[edge] >= 0 {
      sizes[Int(atomOf[edge])] += edges[edge + 1] - edges[edge]
    }
    return sizes
  }

  /// First bytes of rows and first bytes behind them, and of stretches between, each once, in order.
  private mutating func findEdges(_ footprints: [Footprint], _ rows: Int, _ state: MemoryState) {
    var sorted: [Int] = []
    sorted.reserveCapacity(2 * rows)
    for footprint in footprints {
      for row in 0..<footprint.rows {
        let start = footprint.start(ofRow: row)
        sorted.append(start)
        sorted.append(start + footprint.rowBytes)
      }
    }
    sorted.sort()
    guard let first = sorted.first else { return }
    var stretch = state.stretch(of: first)
    for edge in sorted {
      while stretch + 1 < state.starts.count, state.starts[stretch + 1] < edge {
        stretch += 1
        append(state.starts[stretch], state.states[stretch])
      }
      if stretch + 1 < state.starts.count, state.starts[stretch + 1] == edge { stretch += 1 }
      append(edge, state.states[stretch])
    }
  }

  private mutating func append(_ edge: Int, _ state: Int32) {
    if edges.last == edge { return }
    edges.append(edge)
    stateOf.append(state)
  }

  private static func index(of edge: Int, in edges: [Int], from start: Int) -> Int {
    var low = start
    var high = edges.count
    // Rows of one footprint follow one another: look near the last one first.
    var step = 1
    while low + step < high {
      if edges[low + step] > edge {
        high = low + step
        break
      }
      low += step
      step *= 2
    }
    while high - low > 1 {
      let middle = (low + high) / 2
      if edges[middle] <= edge { low = middle } else { high = middle }
    }
    return low
  }

  /// SplitMix64.
  private static func nextKey(after key: UInt64) -> UInt64 {
    var z = key &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  private mutating func group(_ cover: [UInt64]) {
    atomOf = Array(repeating: -1, count: edges.count)
    // The keys are random already: a table that is probed at their low bits.
    var size = 16
    while size < 2 * edges.count { size *= 2 }
    var table = [(key: UInt64, atom: Int32)](repeating: (0, -1), count: size)
    var present: UInt64 = 0
    for edge in edges.indices {
      present ^= cover[edge]
      if present == 0 { continue }
      let key = present ^ Self.nextKey(after: UInt64(UInt32(bitPattern: stateOf[edge])))
      var place = Int(truncatingIfNeeded: key) & (size - 1)
      while table[place].atom >= 0, table[place].key != key { place = (place + 1) & (size - 1) }
      if table[place].atom < 0 {
        table[place] = (key, Int32(count))
        sample.append(edges[edge])
        origin.append(stateOf[edge])
        count += 1
      }
      atomOf[edge] = table[place].atom
    }
  }

  private mutating func collect(_ footprints: [Footprint], _ spans: [(Int32, Int32)]) -> Bool {
    var seen = [Int32](repeating: -1, count: count)
    var row = 0
    var pieces = 0
    for (index, footprint) in footprints.enumerated() {
      for (first, last) in spans[row..<row + footprint.rows] {
        pieces += Int(last - first)
        if pieces > Self.pieceLimit { return false }
        for edge in Int(first)..<Int(last) {
          let atom = Int(atomOf[edge])
          if seen[atom] == index { continue }
          seen[atom] = Int32(index)
          members.append(Int32(atom))
        }
      }
      row += footprint.rows
      starts.append(members.count)
    }
    return true
  }
}

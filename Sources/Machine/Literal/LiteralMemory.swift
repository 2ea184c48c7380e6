import Schedule

/// A rectangle of bytes somewhere in memory: byte e is (e / `rowBytes`)·`pitch` + e mod `rowBytes` behind `start`.
struct LiteralBytes {
  let start: UnsafeMutablePointer<UInt8>
  let rows: Int
  let rowBytes: Int
  let pitch: Int

  /// Whether the rows follow one another without gaps.
  var isContiguous: Bool { rows == 1 || pitch == rowBytes }

  /// Calls `body` with each stretch of the `count` bytes from byte `first` on, and where in them it begins.
  @inline(__always)
  func stretches(_ first: Int, _ count: Int, _ body: (UnsafeMutablePointer<UInt8>, _ at: Int, _ count: Int) -> Void) {
    var done = 0
    while done < count {
      let (row, column) = (first &+ done).quotientAndRemainder(dividingBy: rowBytes)
      let run = min(rowBytes &- column, count &- done)
      body(start + (row &* pitch &+ column), done, run)
      done &+= run
    }
  }

  func read(_ first: Int, _ count: Int, into target: UnsafeMutableRawPointer) {
    stretches(first, count) { (target + $1).copyMemory(from: $0, byteCount: $2) }
  }

  func write(_ first: Int, _ count: Int, from source: UnsafeRawPointer) {
    stretches(first, count) { UnsafeMutableRawPointer($0).copyMemory(from: source + $1, byteCount: $2) }
  }

  func array<T: BitwiseCopyable>(_ first: Int, _ count: Int, of type: T.Type) -> [T] {
    [T](unsafeUninitializedCapacity: count) { elements, filled in
      if let base = elements.baseAddress { read(first, count &* MemoryLayout<T>.stride, into: base) }
      filled = count
    }
  }
}

/// What the memories hold: every byte of every buffer, and of DRAM tensor by tensor.
///
/// The schedule and the image have been admitted: regions lie in their buffers, DRAM regions each in one tensor.
final class LiteralMemory {
  private let arena = LiteralArena()
  private let buffers: [UnsafeMutablePointer<UInt8>]
  private let tensors: [UnsafeMutablePointer<UInt8>]
  private let sizes: [Int]
  private let bufferSizes: [Int]
  /// Tensors in the order of their addresses.
  private let places: [(address: Int, tensor: Int)]

  init(_ schedule: Schedule, _ image: MemoryImage) {
    let arena = arena
    buffers = schedule.accelerator.buffers.map { arena.zeroed($0.bytes, of: UInt8.self) }
    sizes = schedule.tensors.map(\.bytes)
    bufferSizes = schedule.accelerator.buffers.map(\.bytes)
    tensors = sizes.map { arena.zeroed($0, of: UInt8.self) }
    places = schedule.tensors.enumerated().map { ($1.address, $0) }.sorted { $0.0 < $1.0 }
    for (tensor, bytes) in zip(tensors, image.tensors) {
      if let bytes { tensor.update(from: bytes, count: bytes.count) }
    }
    for (region, bytes) in zip(schedule.preloads, image.preloads) {
      if let bytes {
        bytes.withUnsafeBytes { if let base = $0.baseAddress { self[region].write(0, $0.count, from: base) } }
      }
    }
  }

  subscript(region: Region) -> LiteralBytes {
    LiteralBytes(
      start: buffers[region.buffer] + region.offset, rows: region.rows, rowBytes: region.rowBytes, pitch: region.pitch)
  }

  subscript(region: DRAMRegion) -> LiteralBytes {
    var (low, high) = (0, places.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if places[middle].address <= region.address { low = middle } else { high = middle }
    }
    return LiteralBytes(
      start: tensors[places[low].tensor] + (region.address - places[low].address), rows: region.rows,
      rowBytes: region.rowBytes, pitch: region.stride)
  }

  func bytes(ofBuffer index: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: buffers[index], count: bufferSizes[index]))
  }

  /// What DRAM holds now.
  var image: MemoryImage {
    MemoryImage(tensors: zip(tensors, sizes).map { Array(UnsafeBufferPointer(start: $0, count: $1)) })
  }
}

/// What operands are where nobody asks for values: bytes without a pattern, so that an array that mixes them up is found out.
final class LiteralNoise {
  static let mask = 0xFFFF
  private let arena = LiteralArena()
  let bytes: UnsafeMutablePointer<Int8>

  /// `longest`: of the stretches that are read at once.
  init(longest: Int) {
    bytes = arena.zeroed(Self.mask + 1 + longest, of: Int8.self)
    var state: UInt64 = 0x5EED
    for index in 0...Self.mask {
      state &+= 0x9E37_79B9_7F4A_7C15
      let mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      bytes[index] = Int8(truncatingIfNeeded: mixed >> 40)
    }
    for index in 0..<longest { bytes[Self.mask + 1 + index] = bytes[index & Self.mask] }
  }
}

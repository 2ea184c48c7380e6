import Hardware
import Schedule

/// A burst of a row: its beats, and which of their bytes belong to the row.
struct LiteralCut {
  var beats: Int
  /// Bytes of the first beats that come before the row's.
  var useless: Int
  var useful: Int
  /// Bytes of the row before them.
  var offset: Int
}

/// What is left to move of a burst.
struct LiteralPlace {
  /// Byte of the transfer, row by row.
  var first = 0
  var count = 0
  /// Of the next beat: the first of a burst may begin within one.
  var beat = 0

  /// Moves the bytes of one beat.
  @inline(__always)
  mutating func move(_ transfer: LiteralTransfer, _ beatBytes: Int) {
    guard let data = transfer.data else { return }
    // A block may begin with beats before its first byte, and end with beats behind its last.
    guard beat > 0, count > 0 else {
      beat += beatBytes
      return
    }
    let count = min(beat, count)
    data.pointee.move(first, count, isLoad: transfer.isLoad)
    first += count
    self.count -= count
    beat = beatBytes
  }
}

/// Cuts the DRAM side of a transfer into bursts (rule D1), row by row.
struct LiteralCutter {
  private let beatBytes: Int
  private let maxBeats: Int
  private let boundary: Int
  private let isAligned: Bool
  /// Where the next burst begins: a row and a byte within it.
  private var row = 0
  private var offset = 0
  /// Bursts that were cut.
  private(set) var count = 0

  init(_ spec: DMAChannelSpec) {
    beatBytes = spec.beatBytes
    maxBeats = spec.burstBeats
    boundary = spec.boundaryBytes
    isAligned = spec.bursts == .aligned
  }

  var isAtRow: Bool { offset == 0 }
  func isDone(_ transfer: LiteralTransfer) -> Bool { row == transfer.fetchedRows }
  mutating func rewind() { (row, offset, count) = (0, 0, 0) }

  /// The burst that begins at the present place, which moves to its end.
  mutating func next(_ region: DRAMRegion) -> (LiteralCut, LiteralPlace) {
    let rowStart = region.address + row * region.stride
    let start = rowStart + offset
    let firstBeat = start / beatBytes
    var end = min(rowStart + region.rowBytes, (start / boundary + 1) * boundary)
    var (block, beats) = (firstBeat, 1)
    if isAligned {
      let longest = maxBeats * beatBytes
      end = min(end, (start / longest + 1) * longest)
      while (block + beats) * beatBytes < end {
        beats *= 2
        block = firstBeat / beats * beats
      }
    } else {
      end = min(end, (firstBeat + maxBeats) * beatBytes)
      beats = (end + beatBytes - 1) / beatBytes - firstBeat
    }
    let place = LiteralPlace(
      first: row * region.rowBytes + offset, count: end - start, beat: (block + 1) * beatBytes - start)
    let cut = LiteralCut(beats: beats, useless: start - block * beatBytes, useful: end - start, offset: offset)
    count += 1
    offset = end - rowStart
    if offset == region.rowBytes {
      row += 1
      offset = 0
    }
    return (cut, place)
  }
}

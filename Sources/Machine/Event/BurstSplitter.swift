import Hardware
import Schedule

/// A burst that has been requested: when it reaches the DRAM, and what it carries.
struct Burst {
  var arrival = 0
  var cut = BurstCut()
}

/// One burst of a DRAM region's row.
struct BurstCut {
  var beats = 0
  /// Bytes of the first beats that don't belong to the row, and those that do, in all beats.
  var lead = 0
  var bytes = 0
  /// Byte of the row that comes first.
  var offset = 0
}

/// Cuts the rows of a DRAM region into bursts (rule D1).
struct BurstSplitter {
  private var rows = 0
  private var rowBytes = 0
  private var stride = 0
  private var rowStart = 0
  private var address = 0
  private var beatBytes = 1
  private var longest = 1
  private var boundary = 1
  private var isAligned = false

  init() {}

  /// - Parameter rows: How many rows are fetched or sent.
  init(_ region: DRAMRegion, rows: Int, spec: DMAChannelSpec) {
    self.rows = rows
    rowBytes = region.rowBytes
    stride = region.stride
    rowStart = region.address
    address = region.address
    beatBytes = spec.beatBytes
    longest = spec.burstBeats * spec.beatBytes
    boundary = spec.boundaryBytes
    isAligned = spec.bursts == .aligned
    // Aligned bursts are cut at multiples of the longest alone.
    if isAligned { boundary = min(boundary, longest) }
  }

  var isEmpty: Bool { rows == 0 }
  var isAtRow: Bool { address == rowStart }

  /// The next burst. There must be one.
  mutating func next() -> BurstCut {
    let firstBeat = address / beatBytes
    var aligned = firstBeat * beatBytes
    let end: Int
    let beats: Int
    if isAligned {
      end = min(rowStart + rowBytes, (address / boundary + 1) * boundary)
      // The highest bit in which the numbers of first and last beat differ is below the block's size.
      let differing = firstBeat ^ ((end - 1) / beatBytes)
      beats = 1 << (Int.bitWidth - differing.leadingZeroBitCount)
      aligned = firstBeat / beats * beats * beatBytes
    } else {
      end = min(rowStart + rowBytes, aligned + longest, (address / boundary + 1) * boundary)
      beats = (end - aligned + beatBytes - 1) / beatBytes
    }
    let cut = BurstCut(beats: beats, lead: address - aligned, bytes: end - address, offset: address - rowStart)
    address = end
    if end == rowStart + rowBytes {
      rows -= 1
      rowStart += stride
      address = rowStart
    }
    return cut
  }
}

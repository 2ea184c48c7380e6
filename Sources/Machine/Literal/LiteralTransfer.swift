import Hardware
import Schedule

/// A load or store as its channel sees it.
struct LiteralTransfer {
  var instruction: Int
  var isLoad: Bool
  var dram: DRAMRegion
  var buffer: Int
  var bytes: Int
  /// Cycles that the buffer's port needs for one beat.
  var beatInterval: Int
  /// Of the buffer.
  var wordBytes: Int
  /// Latency of the buffer that a store reads.
  var readLatency: Int
  /// Further cycles until what a load brought is there.
  var loadLatency: Int
  /// Where ports are granted word by word: the banks that each of its words takes a port of.
  var wordBanks: ClosedRange<Int>?
  /// Words of the buffer in a row of the DRAM's side.
  var rowWords: Int
  /// Its rows lie in one place of DRAM: they are fetched once, and written one after the other (rule D11).
  var repeats: Bool
  var fetchedRows: Int { repeats ? 1 : dram.rows }
  var claims: Range<Int>
  var waits: Range<Int>
  var posts: Range<Int>
  /// nil where nobody asks for values.
  var data: UnsafePointer<Data>?

  struct Data {
    var dram: LiteralBytes
    var buffer: LiteralBytes

    /// Moves `count` bytes of the transfer from byte `first` on.
    func move(_ first: Int, _ count: Int, isLoad: Bool) {
      let (from, to) = isLoad ? (dram, buffer) : (buffer, dram)
      from.stretches(first, count) { bytes, at, run in to.write(first + at, run, from: bytes) }
    }
  }
}

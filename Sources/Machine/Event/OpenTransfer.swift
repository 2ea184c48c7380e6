import Schedule

/// A transfer of a channel that has begun and not ended.
struct OpenTransfer {
  var instruction: Int
  var isWrite: Bool
  var dram: DRAMRegion
  var arrivals: [Arrival]
  var start: Int
  /// s + setup, for writes + lat(buffer): the first cycle of requests or beats.
  var first: Int
  var beatCycles: Int
  /// Of the buffer.
  var wordBytes: Int
  /// From the last beat, word or acknowledgement to the end.
  var ending: Int
  var buffer: Int
  /// Of the buffer.
  var loadLatency: Int
  var banks: ClosedRange<Int>
  /// Whether the ports of its banks are granted word by word; from a word put together to its write, of a load there.
  var isByWord: Bool
  /// A store whose words are read one by one (rule D9): words of a row, and rows; whether it lands with the last one (D10).
  var gathers = false
  var rowWords = 0
  var landsWhenRead = false
  var wordPath: Int?
  /// A load's rows in one place are fetched once, and written one after the other (rule D11).
  var repeats = false
  var fetchedRows: Int { repeats ? 1 : dram.rows }
  var bursts = 0
  var finished = 0
  var beats = 0
  /// Cycles in which a beat waits for words or rows to be put together.
  var assembling = 0
  /// The cycle after the last beat; of the last beat, word or acknowledgement.
  var movedUntil = 0
  var last = 0
  /// Its row is being written again; a load behind such a one has left flight before its end.
  var isRepeating = false
  var hasLanded = false
}

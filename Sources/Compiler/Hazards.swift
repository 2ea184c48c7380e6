import Schedule

/// An instruction that must have ended before operand `slot` of the consumer may be touched.
struct Dependence {
  var slot: TokenSlot
  var producer: Int
}

/// The dependences of all instructions, in one array.
struct Dependences {
  private var all: [Dependence] = []
  /// By instruction: the end of its own in `all`.
  private var ends: [Int] = []

  mutating func add(_ dependence: Dependence) { all.append(dependence) }
  /// What was added since the last time is all that the next instruction depends on.
  mutating func close() { ends.append(all.count) }

  subscript(instruction: Int) -> ArraySlice<Dependence> {
    all[(instruction == 0 ? 0 : ends[instruction - 1])..<ends[instruction]]
  }
}

/// Derives every dependence between instructions from what they read and write, in the order in which they are issued:
/// read after write, write after read, write after write.
///
/// Memory is known as *areas*: a tensor, a tile, an accumulator block. An area that is opened where others were
/// takes over their users: whoever writes it waits for them. Instructions of one *stream* end in order, so that the
/// latest of each stream stands for all before it.
struct Hazards {
  private struct Writer {
    var rect: Rect
    var instruction: Int
    var stream: Int
  }
  private struct Area {
    /// What is left of it for later areas to take over.
    var live: Range<Int>
    var writers: [Writer] = []
    /// Latest instruction of each stream that read the area, −1: none.
    var readers: [Int]
    /// Latest instruction of each stream that used what was here before.
    var before: [Int]
  }

  /// By area.
  private var areas: [Area] = []
  /// By buffer: areas that later ones may overlap, in no order.
  private var open: [[Int]]
  private let streams: Int
  /// Latest instruction of each stream that each slot of the present instruction depends on.
  private var pending: [Int]
  /// Of the instructions before.
  private(set) var dependences = Dependences()

  init(buffers: Int, streams: Int) {
    self.streams = streams
    open = Array(repeating: [], count: buffers)
    pending = Array(repeating: -1, count: streams * 4)
  }

  /// Opens an area of a buffer; what was there before may no longer be used.
  mutating func open(buffer: Int, _ range: Range<Int>) -> Int {
    var before = Array(repeating: -1, count: streams)
    open[buffer].removeAll { old in
      let live = areas[old].live
      guard live.overlaps(range) else { return false }
      for stream in 0..<streams {
        before[stream] = max(before[stream], areas[old].readers[stream], areas[old].before[stream])
      }
      for writer in areas[old].writers { before[writer.stream] = max(before[writer.stream], writer.instruction) }
      if live.lowerBound >= range.lowerBound {
        areas[old].live = min(range.upperBound, live.upperBound)..<live.upperBound
      } else if live.upperBound <= range.upperBound {
        areas[old].live = live.lowerBound..<range.lowerBound
      }
      return areas[old].live.isEmpty
    }
    areas.append(Area(live: range, readers: Array(repeating: -1, count: streams), before: before))
    open[buffer].append(areas.count - 1)
    return areas.count - 1
  }

  /// Opens an area of DRAM; addresses there are never used twice.
  mutating func openDRAM() -> Int {
    let none = Array(repeating: -1, count: streams)
    areas.append(Area(live: 0..<0, readers: none, before: none))
    return areas.count - 1
  }

  /// The present instruction, of stream `stream`, reads `rect` of an area for its operand `slot`.
  mutating func read(_ area: Int, _ rect: Rect, slot: TokenSlot, instruction: Int, stream: Int) {
    for writer in areas[area].writers where writer.rect.overlaps(rect) {
      depend(slot, writer.stream, writer.instruction)
    }
    areas[area].readers[stream] = instruction
  }

  /// The present instruction, of stream `stream`, writes `rect` of an area, gated by `slot`.
  mutating func write(_ area: Int, _ rect: Rect, slot: TokenSlot, instruction: Int, stream: Int) {
    for other in 0..<streams {
      let latest = max(areas[area].before[other], areas[area].readers[other])
      if latest >= 0 { depend(slot, other, latest) }
    }
    for writer in areas[area].writers where writer.rect.overlaps(rect) {
      depend(slot, writer.stream, writer.instruction)
    }
    // A later user of what is overwritten depends on this instruction, which depends on the earlier writer.
    areas[area].writers.removeAll { rect.contains($0.rect) }
    areas[area].writers.append(Writer(rect: rect, instruction: instruction, stream: stream))
  }

  @inline(__always) private mutating func depend(_ slot: TokenSlot, _ stream: Int, _ producer: Int) {
    let index = slot.index * streams + stream
    if pending[index] < producer { pending[index] = producer }
  }

  /// The present instruction has all its dependences; the next one starts without any.
  mutating func close(instruction: Int) {
    for (index, slot) in TokenSlot.allCases.enumerated() {
      for stream in 0..<streams {
        let producer = pending[index * streams + stream]
        guard producer >= 0 else { continue }
        pending[index * streams + stream] = -1
        if producer != instruction { dependences.add(Dependence(slot: slot, producer: producer)) }
      }
    }
    dependences.close()
  }
}

extension TokenSlot {
  /// Position in `allCases`.
  @inline(__always) var index: Int {
    switch self {
    case .start: 0
    case .a: 1
    case .b: 2
    case .out: 3
    }
  }
}

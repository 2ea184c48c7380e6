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

  /// Those of an area, in the order of their first rows: a tensor has hundreds.
  private struct Writers {
    private(set) var all: [Writer] = []
    /// Rows of the one with the most.
    private var tallest = 0

    /// Where those stand that may overlap `rows`.
    func near(_ rows: Range<Int>) -> Range<Int> {
      let first = place(of: rows.lowerBound - tallest + 1)
      return first..<max(first, place(of: rows.upperBound))
    }

    /// Those in `near` whose bytes `writer` writes anew give way to it.
    mutating func replace(_ near: Range<Int>, by writer: Writer) {
      if all[near].contains(where: { writer.rect.contains($0.rect) }) {
        all.replaceSubrange(near, with: all[near].filter { !writer.rect.contains($0.rect) })
      }
      all.insert(writer, at: place(of: writer.rect.rows.lowerBound))
      tallest = max(tallest, writer.rect.rows.count)
    }

    /// Of the first that begins in `row` or behind it.
    private func place(of row: Int) -> Int {
      var (low, high) = (0, all.count)
      while low < high {
        let middle = (low + high) / 2
        if all[middle].rect.rows.lowerBound < row { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  /// What is left of an area for later ones to take over.
  private struct Live {
    var area: Int
    var range: Range<Int>

    /// Leaves out what `taken` takes.
    mutating func remove(_ taken: Range<Int>) {
      if range.lowerBound >= taken.lowerBound {
        range = min(taken.upperBound, range.upperBound)..<range.upperBound
      } else if range.upperBound <= taken.upperBound {
        range = range.lowerBound..<taken.lowerBound
      }
    }
  }

  /// By area.
  private var writers: [Writers] = []
  /// By area and stream: the latest instruction that read the area, or used what was here before; −1: none.
  private var users: [Int] = []
  /// By buffer: areas that later ones may overlap, in no order.
  private var open: [[Live]]
  private let streams: Int
  /// Latest instruction of each stream that each slot of the present instruction depends on.
  private var pending: [Int]
  /// A bit for each slot of it that depends on any.
  private var pendingSlots = 0
  /// Of the instructions before.
  private(set) var dependences = Dependences()

  init(buffers: Int, streams: Int) {
    self.streams = streams
    open = Array(repeating: [], count: buffers)
    pending = Array(repeating: -1, count: streams * 4)
  }

  /// Opens an area of a buffer; what was there before may no longer be used.
  mutating func open(buffer: Int, _ range: Range<Int>) -> Int {
    let area = add()
    var kept = 0
    for index in open[buffer].indices {
      var live = open[buffer][index]
      if live.range.overlaps(range) {
        inherit(from: live.area, to: area)
        live.remove(range)
        if live.range.isEmpty { continue }
      }
      open[buffer][kept] = live
      kept += 1
    }
    open[buffer].removeLast(open[buffer].count - kept)
    open[buffer].append(Live(area: area, range: range))
    return area
  }

  private mutating func inherit(from old: Int, to area: Int) {
    for stream in 0..<streams {
      users[area * streams + stream] = max(users[area * streams + stream], users[old * streams + stream])
    }
    for writer in writers[old].all {
      let place = area * streams + writer.stream
      users[place] = max(users[place], writer.instruction)
    }
  }

  /// Opens an area of DRAM; addresses there are never used twice.
  mutating func openDRAM() -> Int { add() }

  private mutating func add() -> Int {
    writers.append(Writers())
    users.append(contentsOf: repeatElement(-1, count: streams))
    return writers.count - 1
  }

  /// The present instruction, of stream `stream`, reads `rect` of an area for its operand `slot`.
  mutating func read(_ area: Int, _ rect: Rect, slot: TokenSlot, instruction: Int, stream: Int) {
    _ = depend(slot, onWritersOf: area, rect)
    users[area * streams + stream] = instruction
  }

  /// The present instruction, of stream `stream`, writes `rect` of an area, gated by `slot`.
  mutating func write(_ area: Int, _ rect: Rect, slot: TokenSlot, instruction: Int, stream: Int) {
    for other in 0..<streams {
      let latest = users[area * streams + other]
      if latest >= 0 { depend(slot, other, latest) }
    }
    let near = depend(slot, onWritersOf: area, rect)
    // A later user of what is overwritten depends on this instruction, which depends on the earlier writer.
    writers[area].replace(near, by: Writer(rect: rect, instruction: instruction, stream: stream))
  }

  /// Returns where the writers stand that may have written bytes of `rect`.
  private mutating func depend(_ slot: TokenSlot, onWritersOf area: Int, _ rect: Rect) -> Range<Int> {
    let near = writers[area].near(rect.rows)
    for place in near where writers[area].all[place].rect.overlaps(rect) {
      depend(slot, writers[area].all[place].stream, writers[area].all[place].instruction)
    }
    return near
  }

  @inline(__always) private mutating func depend(_ slot: TokenSlot, _ stream: Int, _ producer: Int) {
    let index = slot.index * streams + stream
    if pending[index] < producer { pending[index] = producer }
    pendingSlots |= 1 << slot.index
  }

  /// The present instruction has all its dependences; the next one starts without any.
  mutating func close(instruction: Int) {
    for (index, slot) in TokenSlot.allCases.enumerated() where pendingSlots & 1 << index != 0 {
      for stream in 0..<streams {
        let producer = pending[index * streams + stream]
        guard producer >= 0 else { continue }
        pending[index * streams + stream] = -1
        if producer != instruction { dependences.add(Dependence(slot: slot, producer: producer)) }
      }
    }
    pendingSlots = 0
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

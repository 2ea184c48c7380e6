import Hardware

/// A matmul as its engine sees it: the operand that stays, the one that moves, and the results.
///
/// Weight-stationary: `columns` ↔ N, `steps` ↔ M. Input-stationary: `columns` ↔ M, `steps` ↔ N. Output-stationary:
/// `columns` ↔ N, `steps` ↔ M (the rows of the array); both operands move, A as `stream` and B as `stay`.
struct LiteralMatMul {
  struct Port {
    var buffer: Int
    var latency: Int
    var word: Int
  }

  var instruction: Int
  var columns: Int
  var steps: Int
  var k: Int
  var layout: LiteralLayout
  var accumulate: Bool
  /// Its stationary operand is that of the matmul before.
  var keeps: Bool
  var stay: Port
  var stream: Port
  var out: Port
  /// Rule B2, over the streamer's claims.
  var share: Int
  /// Of the bias, where there is one.
  var biasBytes: Int
  var biasWords: Int
  /// Banks of both operands.
  var streamBanks: ClosedRange<Int>
  var stayBanks: ClosedRange<Int>
  var outBanks: ClosedRange<Int>
  /// Operand A goes through the transposer, with the load.
  var readsAhead: Bool
  var loaderClaims: Range<Int>
  /// Streamed operands first, the results last.
  var streamerClaims: Range<Int>
  var loaderWaits: Range<Int>
  var streamerWaits: Range<Int>
  var posts: Range<Int>
  /// Those that are given when the operands have been read.
  var readPosts: Range<Int>
  /// Cycles that the stationary operand spends in a transposer.
  var transposeCycles: Int
  /// Of an engine in lock step: the streamer's claims and those of the load of the next tile, of this matmul and of the next.
  var claimsBeside: (own: Range<Int>, next: Range<Int>)
  var streamed: UnsafePointer<LiteralOperand>
  var stationary: UnsafePointer<LiteralOperand>
  /// nil where nobody asks for values.
  var data: UnsafePointer<Data>?

  struct Data {
    var results: LiteralResults
    var bias: LiteralBytes?
    /// Operands have a zero point.
    var isWide: Bool
  }
}

/// How a matmul lies in an output-stationary array.
struct LiteralLayout {
  /// Rows of the array: of PEs, or, depthwise, of multipliers that accumulate by themselves; and multipliers of each.
  var rows = 1
  var depth = 1
  var k = 1
  /// Kernel positions that a step may not mix.
  var taps = 1
  /// Depthwise: output pixels of a row of the image; else 0.
  var pixelsInRow = 0

  var isDepthwise: Bool { pixelsInRow > 0 }

  /// Groups of `rows` pixels that a row of output pixels takes.
  private var groupsInRow: Int { (pixelsInRow + rows - 1) / rows }

  /// Places in the array that `results` rows take, over all tiles.
  func places(_ results: Int) -> Int { isDepthwise ? results / pixelsInRow * groupsInRow * rows : results }

  /// The row of the results that is made in a place; nil where a group reaches beyond the image.
  @inline(__always)
  func result(at place: Int) -> Int? {
    if pixelsInRow == 0 { return place }
    let pixel = place / rows % groupsInRow * rows + place % rows
    return pixel < pixelsInRow ? place / rows / groupsInRow * pixelsInRow + pixel : nil
  }

  /// Steps of a tile.
  var steps: Int { taps * ((k / taps + depth - 1) / depth) }

  /// The element of K that multiplier `v` takes in a step; nil if there is none.
  @inline(__always)
  func element(_ step: Int, _ v: Int) -> Int? {
    let channels = k / taps
    let perTap = (channels + depth - 1) / depth
    let channel = step % perTap * depth + v
    // A tile may have more steps than its operands.
    return channel < channels && step / perTap < taps ? step / perTap * channels + channel : nil
  }
}

/// One tile: its shape, the counts that its sequencer loads into counters, and when it did what.
struct LiteralTile {
  var program = 0
  var number = 0
  var isFirst = true
  var isLast = false
  var accumulates = false
  /// It uses the stationary operand of the tile before.
  var isKept = false
  /// Number of its load, over all loads of the engine.
  var load = 0
  /// The last along K: its results pass the FIFO, if there is one.
  var isFinal = false
  /// The last of its pass; steps of it in a word of the streamed operand, and of the results (engines with `streams`).
  var endsPass = false
  var stepsPerWord = 1
  var resultsPerWord = 1
  /// First element of K (output-stationary: first row) and first column.
  var from = 0
  var column = 0
  /// First of what is streamed through the stationary operand, and how much of it.
  var first = 0
  var extent = 0
  /// Live elements of K (output-stationary: live rows over all replicas) and columns.
  var lanes = 0
  var width = 0
  /// Output-stationary: rows of the array, and results of a column of them.
  var arrayRows = 0
  var live = 0
  /// The same as the array drives them: all of it when edge tiles are full.
  var drivenRows = 0
  var drivenWidth = 0
  var steps = 0
  /// Cycles of a step's words, if their ports are theirs alone.
  var words = 1
  /// In which cycle of its interval a step enters, counted from 0.
  var phase = 0
  /// Cycles a step, a row of the stationary operand, and a row of results that is shifted out.
  var interval = 1
  var rowInterval = 1
  var outInterval = 1
  var loadRows = 0
  /// Cycles from the buffers' read ports to the edge of the array, and from it to the output buffer.
  var loadDelay = 0
  var streamDelay = 0
  var outDelay = 0

  // When, in cycles: Int.max stands for "not yet".
  /// The registers for its stationary operand are free: the loader may ask.
  var loadFrom = 0
  /// When it may be issued at all, and when its loader asked for its ports first.
  var issueFrom = 0
  var loadAsked = Int.max
  var loadIssued = Int.max
  /// At the array.
  var loadStart = Int.max
  var inPlace = Int.max
  var streamIssued = Int.max
  var streamStart = Int.max
  /// Look-ahead: when the last result will be in the output buffer. The tags must agree.
  var drainEnd = Int.max
  /// What tiles before it ask of its stream at the array: their last step's interval over, their results out of the way, their
  /// results accumulated.
  var paceBound = 0
  var drainBound = 0
  var flightBound = 0
  var turnBound = 0
  /// Registers from the entry of the last step (shifting paths: from the last shift at column 0) to the last result in the
  /// output buffer.
  var exit = 0
  /// Largest `drainEnd` of all tiles before.
  var drainedBefore = 0
  /// When the last step entered and, with a shifting output path, when the last shift was commanded at column 0.
  var lastStep = Int.max
  var lastShift = Int.max
  /// Of an elastic engine without overlap: when its registers may be loaded anew, but for its results.
  var reload = Int.max
  /// All results have left the FIFO and are in the output buffer.
  var hasLanded = false
  var ended = false
  /// Of all results: as they should be, and as they left the array.
  var expected: UInt32 = 0
  var sum: UInt32 = 0

  /// From the first word of the first step to the last word of the last.
  var streamCycles: Int { phase + (steps - 1) * interval + 1 }
  /// First cycle in which the next tile's words may reach the array.
  var streamEnd: Int { streamStart + steps * interval }
  /// Cycle in which step `j` enters.
  func entry(_ j: Int) -> Int { streamStart + phase + j * interval }

  /// Its steps' words and ports shared with others.
  mutating func pace(share: Int, stepInterval: Int) {
    phase = words * share - 1
    interval = max(words * share, stepInterval)
  }
}

/// Cuts matmuls into tiles (rules M1, M2, M4, M9, M10), in the order in which the engine works on them.
struct LiteralTiler {
  private let spec: MatrixEngineSpec
  let program: [LiteralMatMul]
  private var index = 0
  private var outer = 0
  private var inner = 0
  private var first = 0
  private var number = 0
  /// Tiles and loads of all matmuls so far.
  private var tiles = 0
  private var loads = 0

  init(_ spec: MatrixEngineSpec, _ program: [LiteralMatMul]) {
    self.spec = spec
    self.program = program
  }

  mutating func next() -> LiteralTile? {
    guard index < program.count else { return nil }
    let op = program[index]
    let isOutput = spec.dataflow == .outputStationary
    let extent = isOutput ? op.layout.places(op.steps) : op.k
    let span = isOutput ? op.layout.rows * spec.replicas : spec.rows * spec.macsPerPE
    var tile = LiteralTile()
    tile.program = index
    tile.number = number
    tile.isFirst = number == 0
    (tile.from, tile.column) = (inner, outer)
    tile.lanes = min(span, extent - inner)
    tile.width = min(spec.columns, op.columns - outer)
    tile.first = first
    tile.extent = isOutput ? op.k : min(blockExtent(op), op.steps - first)
    tile.isKept = first > 0 || (op.keeps && number == 0)
    if !tile.isKept { loads += 1 }
    tile.load = loads - 1
    tile.issueFrom = spec.issueLatency + tiles * spec.issueInterval
    tile.accumulates = op.accumulate || (!isOutput && inner > 0)
    tile.isFinal = inner + span >= extent
    tile.endsPass = spec.tileOrder == .columnsInner ? outer + spec.columns >= op.columns : tile.isFinal
    tile.outDelay = op.out.latency + spec.edgeRegisters
    if isOutput { shapeOutput(&tile, op) } else { shapeStationary(&tile, op) }
    number += 1
    tiles += 1
    first += tile.extent
    if !isOutput, first < op.steps { return tile }
    first = 0
    tile.isLast = !advance(span, extent, op.columns)
    if tile.isLast {
      (outer, inner, number) = (0, 0, 0)
      index += 1
    }
    return tile
  }

  /// What is streamed through one tile, at most.
  private func blockExtent(_ op: LiteralMatMul) -> Int {
    spec.tileSteps > 0 ? spec.tileSteps * spec.replicas : op.steps
  }

  /// Goes on to the next tile of the matmul with its own stationary operand; `false` if there is none.
  private mutating func advance(_ span: Int, _ extent: Int, _ columns: Int) -> Bool {
    if spec.tileOrder == .columnsInner {
      outer += spec.columns
      if outer < columns { return true }
      outer = 0
      inner += span
      return inner < extent
    }
    inner += span
    if inner < extent { return true }
    inner = 0
    outer += spec.columns
    return outer < columns
  }

  private func shapeStationary(_ tile: inout LiteralTile, _ op: LiteralMatMul) {
    let full = spec.edgeTiles == .full
    let lanes = full ? spec.rows * spec.macsPerPE : tile.lanes
    let width = full ? spec.columns : tile.width
    let replicas = full ? spec.replicas : min(spec.replicas, op.steps)
    tile.drivenRows = spec.rows
    tile.drivenWidth = width
    tile.steps = max(spec.minimumSteps, cycles(tile.extent, spec.replicas))
    tile.loadRows = cycles(lanes, spec.macsPerPE)
    tile.rowInterval = cycles(width * spec.macsPerPE, op.stay.word)
    tile.loadDelay = op.stay.latency + spec.edgeRegisters
    tile.streamDelay = op.stream.latency + spec.edgeRegisters
    tile.outInterval = cycles(replicas * width * 4, op.out.word)
    guard spec.streams != nil else {
      tile.words = max(cycles(replicas * lanes, op.stream.word), tile.outInterval)
      return tile.pace(share: op.share, stepInterval: spec.stepInterval)
    }
    // Words wait at the edge of the array until they are used.
    tile.loadDelay = spec.edgeRegisters
    tile.streamDelay = spec.edgeRegisters
    tile.stepsPerWord = max(1, op.stream.word / (replicas * lanes))
    tile.resultsPerWord = max(1, op.out.word / (4 * replicas * width))
    tile.words = 1
    tile.pace(share: 1, stepInterval: spec.stepInterval)
  }

  private func shapeOutput(_ tile: inout LiteralTile, _ op: LiteralMatMul) {
    let full = spec.edgeTiles == .full
    let layout = op.layout
    let rows = full ? layout.rows : min(layout.rows, layout.isDepthwise ? layout.pixelsInRow : tile.lanes)
    let width = full ? spec.columns : tile.width
    let replicas = full ? spec.replicas : cycles(tile.lanes, layout.rows)
    tile.drivenRows = rows
    tile.drivenWidth = width
    tile.arrayRows = layout.rows
    tile.live =
      layout.isDepthwise ? (tile.from..<tile.from + tile.lanes).count { layout.result(at: $0) != nil } : tile.lanes
    tile.steps = max(spec.minimumSteps, layout.steps)
    let (left, top) = (
      cycles(replicas * rows * layout.depth * (layout.isDepthwise ? width : 1), op.stream.word),
      cycles(width * layout.depth, op.stay.word)
    )
    if spec.lockStep {
      // A goes through the transposer a tile ahead, row by row.
      tile.loadRows = max(spec.rows, tile.steps)
      tile.rowInterval = left
      tile.loadDelay = op.stream.latency + spec.edgeRegisters
      tile.streamDelay = op.stay.latency + spec.edgeRegisters
      tile.words = top
    } else {
      tile.streamDelay = max(op.stream.latency, op.stay.latency) + spec.edgeRegisters
      tile.words = max(left, top)
    }
    tile.pace(share: op.share, stepInterval: spec.stepInterval)
    tile.outInterval = cycles(replicas * width * 4, op.out.word)
  }

  /// What `amount` takes at `rate` a cycle: at least one cycle.
  private func cycles(_ amount: Int, _ rate: Int) -> Int { max(1, (amount + rate - 1) / rate) }
}

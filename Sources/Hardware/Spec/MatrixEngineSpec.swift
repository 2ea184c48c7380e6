/// How operands reach the PEs of an array.
public enum Interconnect: String, Sendable, Hashable, CaseIterable {
  /// Neighbour to neighbour: inputs move right, the other operand or the partial sums move down, one hop a cycle.
  case systolic
  /// Every operand reaches its row or column in the same cycle; sums of a column meet in an adder tree.
  case broadcast
}

/// Which operand stays in the PEs while the others move.
public enum Dataflow: String, Sendable, Hashable, CaseIterable {
  /// PE rows ↔ K, PE columns ↔ N; rows of A (M) stream through.
  case weightStationary = "weight-stationary"
  /// PE rows ↔ M, PE columns ↔ N; K streams through.
  case outputStationary = "output-stationary"
  /// PE rows ↔ K, PE columns ↔ M; columns of B (N) stream through.
  case inputStationary = "input-stationary"
}

/// How the results of an output-stationary tile leave the array.
public enum OutputPath: String, Sendable, Hashable, CaseIterable {
  /// Each PE has a path of its own to the output buffer.
  case direct
  /// Results shift down through the accumulators of the PEs: the array can't compute meanwhile.
  case shift
  /// Results are copied to shift registers beside the accumulators and leave while the next tile computes.
  case shiftRegisters = "shift-registers"
}

/// What a tile smaller than the array pays for.
public enum EdgeTiles: String, Sendable, Hashable, CaseIterable {
  /// Loads and drains only the rows and columns that carry data.
  case trimmed
  /// Loads and drains the whole physical array, however little of it is used.
  case full
}

/// Which tiles of a matmul follow one another.
public enum TileOrder: String, Sendable, Hashable, CaseIterable {
  /// Along the PE rows first: of a stationary array all of K, so that partial sums stay in place.
  case rowsInner = "rows-inner"
  /// Along the PE columns first.
  case columnsInner = "columns-inner"
}

/// How a step of an output-stationary engine takes elements of windows.
public enum KernelTaps: String, Sendable, Hashable, CaseIterable {
  /// Consecutive elements of K, across kernel positions.
  case packed
  /// Channels of one kernel position.
  case separate
}

/// One matrix engine: `replicas` identical arrays of `rows` × `columns` PEs of `macsPerPE` multipliers.
///
/// Timing: rules M1–M29 of docs/timing.md.
public struct MatrixEngineSpec: Sendable, Hashable {
  public var name: String
  public var interconnect: Interconnect
  public var dataflow: Dataflow
  public var rows: Int
  public var columns: Int
  /// Dot-product width of one PE: consecutive elements of K it takes in a cycle.
  public var macsPerPE: Int
  /// Identical arrays that hold the same stationary operand and share the streamed dimension
  /// (weight-stationary: M; input-stationary: N; output-stationary: M).
  public var replicas: Int
  /// Stationary operand double-buffered inside the PEs: loads in the shadow of the running tile.
  public var shadowWeights: Bool
  /// Registers of a PE for the stationary operand that are loaded and used in turn.
  public var stationaryBuffers: Int
  /// Cycles from the last row of the stationary operand to the first step that may use it.
  public var swapCycles: Int
  /// Cycles from one step to the next, at least.
  public var stepInterval: Int
  /// Registers in the multiply-accumulate path of a PE, ≥ 1.
  public var peRegisters: Int
  /// Registers between a buffer's read port and the edge of the array.
  public var edgeRegisters: Int
  /// Registers per level of the adder tree (broadcast weight- and input-stationary engines).
  public var adderTreeRegisters: Int
  public var outputPath: OutputPath
  /// The next tile may enter while the present one drains.
  public var tileOverlap: Bool
  public var edgeTiles: EdgeTiles
  public var tileOrder: TileOrder
  /// What a step takes of an image's windows (output-stationary).
  public var kernelTaps: KernelTaps
  /// Each multiplier can accumulate by itself, a pixel and channel of a depthwise convolution (broadcast, output-stationary).
  public var depthwise: Bool
  /// Steps of a tile, at most: longer streams are cut into tiles that follow one another on one stationary operand. 0: any.
  public var tileSteps: Int
  /// Steps of a tile, at least: what is missing is zeros.
  public var minimumSteps: Int
  /// Tiles in the array at once, at most. 0: any.
  public var tilesInFlight: Int
  /// The next tile is loaded beside the stream of the one before, from its first step on, or after it.
  public var lockStep: Bool
  /// Operands are read row by row, each row when no word that a transfer writes takes its port (rules M27–M29).
  public var rowByRow: Bool
  /// Cycles more that a stationary operand takes to load which lies across the array's rows.
  public var transposeCycles: Int
  /// First cycle in which the first tile may be issued, and cycles from one tile to the next, at least.
  public var issueLatency: Int
  public var issueInterval: Int
  /// Steps of results that wait for the output buffer, at most; 0 for none, where the buffer takes results as they come.
  public var outputFIFO: Int
  /// When words of the streamed and of the stationary operand are offered, and when results are taken.
  public var streamDuty: Duty
  public var loadDuty: Duty
  public var resultDuty: Duty
  /// How it reaches its buffer's one port word by word; `nil` where buffers grant their ports for a tile.
  public var streams: StreamSpec?
  /// Indices into `Accelerator.buffers`: where operand A (activations) is read, operand B (weights) is read and
  /// results are written. B may also be read from `inputs` (attention multiplies activations by activations).
  public var inputs: Int
  public var weights: Int
  public var outputs: Int
  /// INT8 multiply-accumulates that one DSP block performs a cycle (2 with the usual packing on DSP48E2).
  public var macsPerDSP: Int

  public init(
    name: String, interconnect: Interconnect, dataflow: Dataflow, rows: Int, columns: Int, macsPerPE: Int = 1,
    replicas: Int = 1, shadowWeights: Bool = true, stationaryBuffers: Int = 1, swapCycles: Int = 0,
    stepInterval: Int = 1, peRegisters: Int = 1, edgeRegisters: Int = 0, adderTreeRegisters: Int = 1,
    outputPath: OutputPath = .shiftRegisters, tileOverlap: Bool = true, edgeTiles: EdgeTiles = .trimmed,
    tileOrder: TileOrder = .rowsInner, kernelTaps: KernelTaps = .packed, depthwise: Bool = false, tileSteps: Int = 0,
    minimumSteps: Int = 1, tilesInFlight: Int = 0, lockStep: Bool = false, rowByRow: Bool = false,
    transposeCycles: Int = 0,
    issueLatency: Int = 0, issueInterval: Int = 0, outputFIFO: Int = 0, streamDuty: Duty = .always,
    loadDuty: Duty = .always,
    resultDuty: Duty = .always, streams: StreamSpec? = nil, inputs: Int, weights: Int, outputs: Int, macsPerDSP: Int = 1
  ) {
    self.name = name
    self.interconnect = interconnect
    self.dataflow = dataflow
    self.rows = rows
    self.columns = columns
    self.macsPerPE = macsPerPE
    self.replicas = replicas
    self.shadowWeights = shadowWeights
    self.stationaryBuffers = stationaryBuffers
    self.swapCycles = swapCycles
    self.stepInterval = stepInterval
    self.peRegisters = peRegisters
    self.edgeRegisters = edgeRegisters
    self.adderTreeRegisters = adderTreeRegisters
    self.outputPath = outputPath
    self.tileOverlap = tileOverlap
    self.edgeTiles = edgeTiles
    self.tileOrder = tileOrder
    self.kernelTaps = kernelTaps
    self.depthwise = depthwise
    self.tileSteps = tileSteps
    self.minimumSteps = minimumSteps
    self.tilesInFlight = tilesInFlight
    self.lockStep = lockStep
    self.rowByRow = rowByRow
    self.transposeCycles = transposeCycles
    self.issueLatency = issueLatency
    self.issueInterval = issueInterval
    self.outputFIFO = outputFIFO
    self.streamDuty = streamDuty
    self.loadDuty = loadDuty
    self.resultDuty = resultDuty
    self.streams = streams
    self.inputs = inputs
    self.weights = weights
    self.outputs = outputs
    self.macsPerDSP = macsPerDSP
  }

  /// Its steps come when they can, not at a fixed pace (rules M14–M16).
  public var isElastic: Bool {
    dataflow != .outputStationary
      && (outputFIFO > 0 || !streamDuty.isAlways || !loadDuty.isAlways || !resultDuty.isAlways)
  }

  /// Its buffers, if their ports are granted word by word.
  var wordBuffers: [Int] { rowByRow ? [inputs, weights, outputs] : [] }

  /// It has a loader: an operand is in the array, or in its transposer, before a tile's first step.
  public var hasLoader: Bool { dataflow != .outputStationary || lockStep }

  /// Results leave through the array when there is nothing else to do (rule M25).
  public var flushes: Bool { dataflow == .outputStationary && lockStep }

  /// Tiles whose stationary operand may be loaded and not yet streamed.
  public var tilesAhead: Int { shadowWeights ? 1 : stationaryBuffers }

  /// Multipliers in the engine.
  public var macsPerCycle: Int { rows * columns * macsPerPE * replicas }
}

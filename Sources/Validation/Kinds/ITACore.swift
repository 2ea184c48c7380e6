import Hardware
import Machine
import Schedule

/// A job of ITA's core as its test bench runs it: phases of matrix products in M×M tiles, whose streams the bench supplies.
struct ITACoreJob: Hashable, Sendable {
  /// `rows` × `columns` tiles of results, one after the other, each a sum over `depth` tiles.
  struct Phase: Hashable, Sendable {
    let number: Int
    let rows, depth, columns: Int
  }

  /// Dot-product units and multipliers in each.
  var units = 16
  var width = 64
  var phases: [Phase]
  /// Both weight buffers are filled before the start.
  let isWarm: Bool
  /// `stream-duty`, `load-duty` and `result-duty`; empty where nothing stalls.
  var duties: [String] = []

  /// - Parameters:
  ///   - mode: The table's word for what is computed.
  ///   - sequence, embedding, projection, hidden: Sizes in tiles.
  init?(mode: String, sequence s: Int, embedding e: Int, projection p: Int, hidden f: Int, isWarm: Bool) {
    // A block of rows of Q·Kᵀ, and of the same rows of A·V, after the other.
    let attention = (0..<s).flatMap { _ in
      [Phase(number: 4, rows: 1, depth: p, columns: s), Phase(number: 5, rows: 1, depth: s, columns: p)]
    }
    let (first, second) = (
      Phase(number: 7, rows: s, depth: e, columns: f), Phase(number: 8, rows: s, depth: f, columns: e)
    )
    switch mode {
    case "linq": phases = [Phase(number: 1, rows: s, depth: e, columns: p)]
    case "linff": phases = [first]
    case "ff": phases = [first, second]
    case "single": phases = attention
    case "attention":
      // V is computed transposed.
      phases =
        [
          Phase(number: 1, rows: s, depth: e, columns: p), Phase(number: 2, rows: s, depth: e, columns: p),
          Phase(number: 3, rows: p, depth: e, columns: s),
        ] + attention + [Phase(number: 6, rows: s, depth: p, columns: e)]
    default: return nil
    }
    self.isWarm = isWarm
  }

  /// One product of the stall and scaling tables.
  init(units: Int, width: Int, rows: Int, depth: Int, columns: Int, isWarm: Bool, duties: [String] = []) {
    (self.units, self.width, self.isWarm, self.duties) = (units, width, isWarm, duties)
    phases = [Phase(number: 0, rows: rows, depth: depth, columns: columns)]
  }

  /// Cycles of the run and of each phase, in their order.
  struct Result: Sendable {
    struct Phase: Sendable {
      /// Cycles of the first input and the last output; of the first weight, −1 if none is loaded.
      var firstIn = Int.max
      var lastOut = -1
      var firstWeight = -1
    }
    var cycles: Int
    /// Cycles of the first and the last input.
    var firstIn: Int
    var lastIn: Int
    var phases: [Phase]
  }

  func run(on bench: Bench) throws -> Result {
    let accelerator = try bench.design("designs/ita-core.yaml", settings)
    let (schedule, owner) = schedule(on: accelerator)
    let run = try Simulator.run(schedule, options: RunOptions(trace: true, timelines: true))
    var result = Result(
      cycles: run.cycles, firstIn: run.timelines.first?.first { $0.part == .busy }?.start ?? -1, lastIn: run.lastStep,
      phases: phases.map { _ in Result.Phase() })
    for event in run.trace {
      let phase = owner[event.instruction]
      switch event.kind {
      case .stream: result.phases[phase].firstIn = min(result.phases[phase].firstIn, event.cycle)
      case .drained: result.phases[phase].lastOut = max(result.phases[phase].lastOut, event.cycle - 1)
      case .load where result.phases[phase].firstWeight < 0: result.phases[phase].firstWeight = event.cycle
      default: break
      }
    }
    return result
  }

  private var settings: [String] {
    [
      "engines.array.columns=\(units)", "engines.array.macs-per-pe=\(width)", "buffers.inputs.word-width=\(width)B",
      "buffers.weights.word-width=\(units)B", "buffers.outputs.word-width=\(4 * units)B",
    ] + zip(["stream-duty", "load-duty", "result-duty"], duties).map { "engines.array.\($0)=\($1)" }
  }

  /// The products, and the phase of each.
  private func schedule(on accelerator: Accelerator) -> (Schedule, owner: [Int]) {
    let engine = accelerator.engines[0]
    var instructions: [Instruction] = []
    var owner: [Int] = []
    for (index, phase) in phases.enumerated() {
      let k = phase.depth * width
      let product = MatMul(
        m: width, k: k, n: width, a: Region(buffer: engine.inputs, offset: 0, rows: width, rowBytes: k),
        b: Region(buffer: engine.weights, offset: 0, rows: k, rowBytes: width),
        out: Region(buffer: engine.outputs, offset: 0, rows: width, rowBytes: 4 * width), op: 0)
      for _ in 0..<phase.rows * phase.columns {
        instructions.append(Instruction(queue: 0, layer: 0, operation: .matmul(product)))
        owner.append(index)
      }
    }
    // A job may have fewer than there are weight buffers.
    let tiles = phases.reduce(0) { $0 + $1.rows * $1.depth * $1.columns } * ((width + units - 1) / units)
    let schedule = Schedule(
      accelerator: accelerator, model: ModelReference(name: "core", image: 0, batch: 1),
      operators: [OperatorInfo(name: "product", kind: .matmul, macs: 0, elements: 0)],
      layers: [Layer(name: "products", operators: [0])], tensors: [],
      loaded: isWarm ? [LoadedTiles(engine: 0, tiles: min(engine.tilesAhead, tiles))] : [], instructions: instructions)
    return (schedule, owner)
  }
}

import Hardware
import Machine
import Schedule

/// Jobs of ITA behind its memory wrapper as the bench runs them: an attention block and the two layers after it, a job for each
/// tile of a product and each tile along its depth.
struct ITAWrapperRun: Hashable, Sendable {
  /// Sizes in tiles: sequence, embedding, projection, hidden layer.
  let sequence, embedding, projection, hidden: Int
  /// Jobs are queued ahead; else each is triggered when the one before has ended.
  let isQueued: Bool

  /// One job as the wrapper's software sets it up.
  struct Job: Hashable, Sendable {
    var step: Int
    /// Fetches its own first weights, and the first of the next job.
    var loadsOwn = false
    var loadsNext = true
    var hasBias: Bool
    /// V is computed transposed: the bias runs along the rows.
    var isTransposed: Bool
    var hasOutput: Bool

    /// The software's code for it.
    var code: Int {
      (loadsOwn ? 1 : 0) + (loadsNext ? 2 : 0) + (hasBias ? 0 : 4) + (isTransposed ? 8 : 0) + (hasOutput ? 0 : 16)
    }
  }

  struct Result: Sendable {
    var cycles: Int
    /// When each job starts, and when the wrapper is first seen idle after it.
    var starts: [Int] = []
    var ends: [Int] = []
    /// Words over the port.
    var reads: Int
    var writes: Int
  }

  /// From the write that triggers a job to the first cycle of work: the write is taken, then the job's state is loaded.
  private static let trigger = 2
  private static let side = 64

  /// The products in their order.
  private var phases: [ITACoreJob.Phase] {
    let attention = ITACoreJob(
      mode: "attention", sequence: sequence, embedding: embedding, projection: projection, hidden: hidden, isWarm: false
    )
    let layers = ITACoreJob(
      mode: "ff", sequence: sequence, embedding: embedding, projection: projection, hidden: hidden, isWarm: false)
    return (attention?.phases ?? []) + (layers?.phases ?? [])
  }

  /// Whether a step begins without weights that were fetched ahead: the first, and the first of the layers after the block.
  private static func isFresh(_ step: Int, after before: Int?) -> Bool { before == nil || step == 7 && before != 7 }

  var jobs: [Job] {
    var jobs: [Job] = []
    for phase in phases {
      for _ in 0..<phase.rows * phase.columns {
        for inner in 0..<phase.depth {
          let isFresh = Self.isFresh(phase.number, after: jobs.last?.step)
          if isFresh, !jobs.isEmpty { jobs[jobs.count - 1].loadsNext = false }
          jobs.append(
            Job(
              step: phase.number, loadsOwn: isFresh, hasBias: ![4, 5].contains(phase.number),
              isTransposed: phase.number == 3, hasOutput: inner == phase.depth - 1))
        }
      }
    }
    if !jobs.isEmpty { jobs[jobs.count - 1].loadsNext = false }
    return jobs
  }

  /// Jobs up to the end of the attention block.
  var attentionJobs: Int { jobs.count { $0.step <= 6 } }

  func run(on bench: Bench) throws -> Result {
    let gap = isQueued ? 1 : 2
    let accelerator = try bench.design("designs/ita-hwpe.yaml", ["engines.array.streams.restart=\(gap)"])
    let run = try Simulator.run(schedule(on: accelerator), options: RunOptions(trace: true))
    let word = accelerator.buffers[0].wordBytes
    var result = Result(
      cycles: Self.trigger + run.cycles, reads: run.traffic.bufferRead[0] / word,
      writes: run.traffic.bufferWritten[0] / word)
    for event in run.trace where event.kind == .pass {
      if !result.starts.isEmpty { result.ends.append(Self.trigger + event.cycle - gap) }
      result.starts.append(Self.trigger + event.cycle)
    }
    result.ends.append(result.cycles)
    return result
  }

  /// One product for all jobs along its depth. Where weights aren't fetched ahead, they wait for the product before.
  private func schedule(on accelerator: Accelerator) -> Schedule {
    let engine = accelerator.engines[0]
    let side = Self.side
    var instructions: [Instruction] = []
    var before: Int?
    for phase in phases {
      let k = phase.depth * side
      let hasBias = ![4, 5].contains(phase.number)
      let product = MatMul(
        m: side, k: k, n: side, a: Region(buffer: engine.inputs, offset: 0, rows: side, rowBytes: k),
        b: Region(buffer: engine.weights, offset: 0, rows: k, rowBytes: side),
        out: Region(buffer: engine.outputs, offset: 0, rows: side, rowBytes: 4 * side), op: 0,
        bias: hasBias ? Region(buffer: engine.weights, offset: 0, rows: 1, rowBytes: 4 * side) : nil)
      for _ in 0..<phase.rows * phase.columns {
        var instruction = Instruction(queue: 0, layer: 0, operation: .matmul(product))
        if Self.isFresh(phase.number, after: before), !instructions.isEmpty {
          instructions[instructions.count - 1].posts = [TokenPost(to: 0, slot: .b, count: 1)]
          instruction.waits = [TokenWait(from: 0, slot: .b, count: 1)]
        }
        before = phase.number
        instructions.append(instruction)
      }
    }
    return Schedule(
      accelerator: accelerator, model: ModelReference(name: "wrapper", image: 0, batch: 1),
      operators: [OperatorInfo(name: "product", kind: .matmul, macs: 0, elements: 0)],
      layers: [Layer(name: "products", operators: [0])], tensors: [], instructions: instructions)
  }
}

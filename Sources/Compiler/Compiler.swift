import Hardware
import Model
import Schedule

/// Turns models into schedules.
///
/// ```swift
/// let graph = try Zoo.graph("deit-tiny")
/// let schedule = try Compiler.compile(graph, for: accelerator)
/// ```
///
/// The same graph and accelerator always give the same schedule.
public enum Compiler {
  /// Compiles a model: groups of operators, tilings, residency, instructions, tokens.
  ///
  /// - Throws: `CompileError`, which names the layer and the buffer that can't hold it.
  public static func compile(_ graph: Graph, for accelerator: Accelerator) throws(CompileError) -> Schedule {
    let (emission, _, instructions) = try emit(try Plan(graph), for: accelerator)
    return schedule(emission, instructions)
  }

  /// Compiles a model with numbers: the same schedule, with what every stage computes, and what memory holds.
  ///
  /// - Throws: `CompileError`; `.invalidModel` where a tensor's numbers or a constant don't fit its use.
  public static func compile(
    _ model: QuantizedModel, for accelerator: Accelerator
  ) throws(CompileError) -> Compilation {
    let graph = model.graph
    do { try model.validate() } catch { throw .invalidModel(error) }
    let plan = try Plan(graph, Numbers(model, for: accelerator.vector))
    let (emission, order, instructions) = try emit(plan, for: accelerator)
    func tensor(_ role: TensorRole) throws(CompileError) -> Int {
      guard let value = plan.values.firstIndex(where: { graph[$0.tensor].role == role }),
        let index = emission.tensorIndex(value)
      else { throw .unsupported(layer: graph.name, reason: "the model needs an input and an output") }
      return index
    }
    return Compilation(
      schedule: schedule(emission, instructions), image: MemoryImage(tensors: emission.contents),
      input: try tensor(.input), output: try tensor(.output), placements: order.map { emission.emitter.placements[$0] })
  }

  /// Instructions with tokens, and the order in which they stand.
  private static func emit(
    _ plan: Plan, for accelerator: Accelerator
  ) throws(CompileError) -> (Emission, order: [Int], [Instruction]) {
    let target = try Target(accelerator, parameterBytes: plan.parameterBytes)
    let allocation = try Allocation.best(plan, target)
    try allocation.checkLength(plan)
    var emission = try Emission(plan, target, allocation)
    try emission.run()

    let queues = accelerator.queues.count
    let (drafts, dependences) = (emission.emitter.instructions, emission.emitter.dependences)
    let issued = target.overlapsLayers ? Interleaving.order(emission.emitter, target) : Array(drafts.indices)
    let order = Lowering.hoistLoads(drafts, dependences, issued: issued, queues: queues)
    let instructions = Lowering.lower(drafts, dependences, order: order, queues: queues)
    return (emission, order, instructions)
  }

  private static func schedule(_ emission: Emission, _ instructions: [Instruction]) -> Schedule {
    let plan = emission.plan
    return Schedule(
      accelerator: emission.target.accelerator,
      model: ModelReference(name: plan.graph.name, image: plan.graph.image, batch: plan.graph.batch),
      operators: plan.operators, layers: plan.groups.map { Layer(name: $0.name, operators: $0.operators) },
      tensors: emission.tensors, instructions: instructions, arithmetic: plan.numbers?.arithmetic ?? [])
  }

  /// The work that any schedule of `graph` has to do: what its table of operators must say.
  ///
  /// - Throws: `CompileError` for an operator without a lowering.
  public static func operators(of graph: Graph) throws(CompileError) -> [OperatorInfo] { try Plan(graph).operators }

  /// One matrix product, `m` × `k` times `k` × `n`.
  ///
  /// - Parameter operandsOnChip: operands are in the buffers at the start and the INT32 results stay in the output
  ///   buffer: one instruction on the first matrix engine, the array without its memory. Otherwise the product is
  ///   compiled like a linear layer whose input and output are in DRAM.
  /// - Throws: `CompileError.badSize`, or what `compile` throws.
  public static func gemm(
    m: Int, k: Int, n: Int, on accelerator: Accelerator, operandsOnChip: Bool
  ) throws(CompileError) -> Schedule {
    let name = "gemm"
    let macs = try product(m, k, n, name: name)
    let sizes = (
      a: try product(m, k, name: name), b: try product(k, n, name: name), out: try product(m, n, 4, name: name)
    )
    let model = ModelReference(name: "gemm-\(m)x\(k)x\(n)", image: 0, batch: 1)
    guard operandsOnChip else {
      let graph = Graph(
        name: model.name, image: 0, batch: 1,
        tensors: [
          Tensor(name: "a", shape: [m, k], role: .input), Tensor(name: "b", shape: [k, n], role: .parameter),
          Tensor(name: "bias", shape: [n], role: .parameter), Tensor(name: "out", shape: [m, n], role: .output),
        ],
        operators: [GraphOperator(name: name, operation: .linear, inputs: [0, 1, 2], output: 3)])
      return try compile(graph, for: accelerator)
    }

    guard let engine = accelerator.engines.first else { throw .noEngine }
    var room = Room(accelerator, layer: name)
    let a = try room.place("operand A", engine.inputs, rows: m, rowBytes: sizes.a / m)
    let b = try room.place("operand B", engine.weights, rows: k, rowBytes: sizes.b / k)
    let out = try room.place("the results", engine.outputs, rows: m, rowBytes: sizes.out / m)
    let matmul = MatMul(m: m, k: k, n: n, a: a, b: b, out: out, op: 0)
    return Schedule(
      accelerator: accelerator, model: model,
      operators: [OperatorInfo(name: name, kind: .matmul, macs: macs, elements: 0)],
      layers: [Layer(name: name, operators: [0])], tensors: [], preloads: [a, b],
      instructions: [Instruction(queue: 0, layer: 0, operation: .matmul(matmul))])
  }
}

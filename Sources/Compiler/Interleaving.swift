import Hardware
import Schedule

/// The order of instructions where layers overlap: the vector unit takes what is ready first, whatever its layer.
///
/// Engines and channels keep the order of emission. The vector instructions of a few layers are queues of their own, each in order,
/// which share the unit; what they wait for, and for how long, is estimated.
enum Interleaving {
  /// Instructions that stand in order to one another.
  private struct Stream {
    let instructions: [Int]
    private var next = 0
    /// The first that is left, and its queue.
    private(set) var head: Int
    private(set) var queue: Int
    /// When all that it depends on has ended; infinite while that isn't known.
    private(set) var ready = Double.infinity
    /// One of those whose end isn't known.
    private var awaited: Int?

    init?(_ instructions: [Int], of all: [Instruction]) {
      guard let first = instructions.first else { return nil }
      (self.instructions, head, queue) = (instructions, first, all[first].queue)
    }

    /// Goes on to the next instruction, if there is one.
    mutating func advance(in all: [Instruction]) -> Bool {
      next += 1
      guard next < instructions.count else { return false }
      head = instructions[next]
      queue = all[head].queue
      (ready, awaited) = (.infinity, nil)
      return true
    }

    /// Finds `ready` if it can be known.
    mutating func update(_ dependences: Dependences, _ ends: [Double]) {
      if let awaited, ends[awaited] == .infinity { return }
      awaited = dependences[head].first { ends[$0.producer] == .infinity }?.producer
      if awaited == nil { ready = dependences[head].reduce(0) { max($0, ends[$1.producer]) } }
    }
  }

  /// All instructions of `emitter`, each behind those that it depends on.
  static func order(_ emitter: Emitter, _ target: Target) -> [Int] {
    let (instructions, dependences) = (emitter.instructions, emitter.dependences)
    var lists = Array(repeating: [Int](), count: (emitter.streams.max() ?? -1) + 1)
    for (index, stream) in emitter.streams.enumerated() { lists[stream].append(index) }
    var streams = lists.compactMap { Stream($0, of: instructions) }
    var free = Array(repeating: 0.0, count: target.queueCount)
    var ends = Array(repeating: Double.infinity, count: instructions.count)
    var order: [Int] = []
    order.reserveCapacity(instructions.count)
    while !streams.isEmpty {
      var (best, start) = (-1, Double.infinity)
      for stream in streams.indices {
        if streams[stream].ready == .infinity { streams[stream].update(dependences, ends) }
        let time = max(free[streams[stream].queue], streams[stream].ready)
        let isSooner = time < start || best >= 0 && time == start && streams[stream].head < streams[best].head
        if isSooner { (best, start) = (stream, time) }
      }
      // The first instruction that is left depends only on earlier ones, so there is always one.
      guard best >= 0 else { break }
      let head = streams[best].head
      let (cycles, latency) = target.estimate(instructions[head].operation)
      free[streams[best].queue] = start + cycles
      ends[head] = start + cycles + latency
      order.append(head)
      if !streams[best].advance(in: instructions) { streams.remove(at: best) }
    }
    return order
  }
}

extension Target {
  /// For how long an instruction occupies its unit, and how much later its results are there.
  fileprivate func estimate(_ operation: Operation) -> (cycles: Double, latency: Double) {
    switch operation {
    case .matmul(let matmul): (cycles(matmul), 16)
    case .vector(let vector):
      (vectorCycles(vector.stages.map(\.operation), rows: vector.rows, columns: vector.columns), 0)
    case .load(let transfer), .store(let transfer):
      (Double(transfer.region.bytes) / dramBytesPerCycle, Double(accelerator.dram.latency))
    }
  }

  private func cycles(_ matmul: MatMul) -> Double {
    guard let site = sites.first(where: { $0.spec.outputs == matmul.out.buffer }) else { return 0 }
    if matmul.isDepthwise, let windows = matmul.windows {
      let capable = sites.first { $0.spec.depthwise } ?? site
      return capable.depthwiseCycles(
        rows: matmul.m / windows.outputColumns, pixels: windows.outputColumns, taps: matmul.k, channels: matmul.n)
    }
    return site.cycles(m: matmul.m, k: matmul.k, n: matmul.n, taps: matmul.windows?.taps ?? 1)
  }
}

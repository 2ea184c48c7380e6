import Hardware
import Schedule

/// The order of instructions where layers overlap: the vector unit takes what is ready first, whatever its layer.
///
/// Engines and channels keep the order of emission. The vector instructions of a few layers are queues of their own, each in order,
/// which share the unit; what they wait for, and for how long, is estimated.
enum Interleaving {
  /// All instructions of `emitter`, each behind those that it depends on.
  static func order(_ emitter: Emitter, _ target: Target) -> [Int] {
    let instructions = emitter.instructions
    var lists: [Int: [Int]] = [:]
    for (index, stream) in emitter.streams.enumerated() { lists[stream, default: []].append(index) }
    var queues = lists.sorted { $0.key < $1.key }.map { (list: $0.value, next: 0) }
    var free = Array(repeating: 0.0, count: target.accelerator.queues.count)
    var ends = Array(repeating: -1.0, count: instructions.count)
    var order: [Int] = []
    order.reserveCapacity(instructions.count)
    while order.count < instructions.count {
      var best: (start: Double, index: Int, queue: Int)?
      for queue in queues.indices where queues[queue].next < queues[queue].list.count {
        let index = queues[queue].list[queues[queue].next]
        var start = free[instructions[index].queue]
        for dependence in emitter.dependences[index] {
          let end = ends[dependence.producer]
          start = end < 0 ? .infinity : max(start, end)
        }
        guard start < .infinity else { continue }
        if best.map({ (start, index) < ($0.start, $0.index) }) ?? true { best = (start, index, queue) }
      }
      // The first instruction that is left depends only on earlier ones, so there is always one.
      guard let best else { break }
      let (cycles, latency) = target.estimate(instructions[best.index].operation)
      free[instructions[best.index].queue] = best.start + cycles
      ends[best.index] = best.start + cycles + latency
      queues[best.queue].next += 1
      order.append(best.index)
    }
    return order
  }

  /// Instructions and dependences in another order.
  static func permuted(
    _ instructions: [Instruction], _ dependences: [[Dependence]], _ order: [Int]
  ) -> ([Instruction], [[Dependence]]) {
    var place = Array(repeating: 0, count: order.count)
    for (index, old) in order.enumerated() { place[old] = index }
    return (
      order.map { instructions[$0] },
      order.map { old in dependences[old].map { Dependence(slot: $0.slot, producer: place[$0.producer]) } }
    )
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

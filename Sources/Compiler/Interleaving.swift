import Hardware
import Schedule

/// The order of instructions where layers overlap: the vector unit takes what is ready first, whatever its layer.
///
/// Engines and channels keep the order of emission. The vector instructions of a few layers are queues of their own, each in order,
/// which share the unit; what they wait for, and for how long, is estimated.
enum Interleaving {
  /// Instructions that stand in order to one another.
  private struct Stream {
    var instructions: [Int] = []
    var next = 0
    /// When all that the next one depends on has ended; infinite while that isn't known.
    var ready = Double.infinity
  }

  /// All instructions of `emitter`, each behind those that it depends on.
  static func order(_ emitter: Emitter, _ target: Target) -> [Int] {
    let (instructions, dependences) = (emitter.instructions, emitter.dependences)
    var streams = Array(repeating: Stream(), count: (emitter.streams.max() ?? -1) + 1)
    for (index, stream) in emitter.streams.enumerated() { streams[stream].instructions.append(index) }
    var free = Array(repeating: 0.0, count: target.accelerator.queues.count)
    var ends = Array(repeating: Double.infinity, count: instructions.count)
    var order: [Int] = []
    order.reserveCapacity(instructions.count)
    while order.count < instructions.count {
      var best: (start: Double, index: Int, stream: Int)?
      for stream in streams.indices where streams[stream].next < streams[stream].instructions.count {
        let index = streams[stream].instructions[streams[stream].next]
        if streams[stream].ready == .infinity {
          streams[stream].ready = dependences[index].reduce(0) { max($0, ends[$1.producer]) }
        }
        let start = max(free[instructions[index].queue], streams[stream].ready)
        guard start < .infinity else { continue }
        if best.map({ (start, index) < ($0.start, $0.index) }) ?? true { best = (start, index, stream) }
      }
      // The first instruction that is left depends only on earlier ones, so there is always one.
      guard let best else { break }
      let (cycles, latency) = target.estimate(instructions[best.index].operation)
      free[instructions[best.index].queue] = best.start + cycles
      ends[best.index] = best.start + cycles + latency
      streams[best.stream].next += 1
      streams[best.stream].ready = .infinity
      order.append(best.index)
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

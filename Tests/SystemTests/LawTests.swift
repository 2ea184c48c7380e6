import Compiler
import Hardware
import Machine
import Model
import Schedule
import TestSupport
import Testing

/// What must hold of every run, whatever the accelerator and the work: tried on random ones.
@Suite struct LawTests {
  static func check(_ schedule: Schedule, macs: Int) throws {
    let run = try Simulator.run(schedule, options: RunOptions(trace: true))
    let accelerator = schedule.accelerator

    // The work is done, all of it.
    #expect(run.macs.reduce(0, +) == macs)

    // No faster than the multipliers and the memory.
    #expect(run.cycles * accelerator.peakMACsPerCycle >= macs)
    let dramBytes = run.traffic.dramRead.reduce(0, +) + run.traffic.dramWritten.reduce(0, +)
    if case .bandwidth(let bytesPerSecond, _) = accelerator.dram {
      #expect(
        run.cycles.multipliedFullWidth(by: bytesPerSecond) >= dramBytes.multipliedFullWidth(by: accelerator.clock))
    }
    for (index, channel) in accelerator.channels.enumerated() {
      #expect(run.cycles * channel.beatBytes >= run.traffic.dramRead[index] + run.traffic.dramWritten[index])
    }

    // Every cycle of every unit has a name.
    for unit in run.units { #expect(unit.total == run.cycles) }
    for stack in run.stacks { #expect(stack.cycles.allSatisfy { $0 >= 0 }) }

    firstFillAndLastDrain(schedule, run)
    causality(schedule, run)

    // The same run twice gives the same bytes.
    #expect(try Simulator.run(schedule, options: RunOptions(trace: true)) == run)
  }

  /// Nothing streams before its weights are in, and the last step's results take the depth of the array to come out.
  static func firstFillAndLastDrain(_ schedule: Schedule, _ run: Run) {
    for (engine, spec) in schedule.accelerator.engines.enumerated() {
      let events = run.trace.filter { $0.unit == engine }
      guard let stream = events.first(where: { $0.kind == .stream }),
        let last = events.last(where: { $0.kind == .drained })
      else { continue }
      if spec.dataflow != .outputStationary,
        case .matmul(let first) = schedule.instructions[stream.instruction].operation
      {
        let rows = min(spec.rows, (first.k + spec.macsPerPE - 1) / spec.macsPerPE)
        let inputLatency = schedule.accelerator.buffers[first.a.buffer].latency + spec.edgeRegisters
        #expect(stream.cycle + inputLatency >= rows)
      }
      let depth =
        spec.interconnect == .systolic && spec.dataflow != .outputStationary ? spec.rows * spec.peRegisters : 1
      if let lastStream = events.last(where: { $0.kind == .stream }) {
        #expect(last.cycle >= lastStream.cycle + depth)
      }
    }
  }

  /// Nothing begins before the instructions whose tokens it takes have ended.
  static func causality(_ schedule: Schedule, _ run: Run) {
    struct Link: Hashable {
      var from: Int
      var to: Int
      var slot: TokenSlot
    }
    var posted: [Link: [Int]] = [:]
    for (index, instruction) in schedule.instructions.enumerated() {
      for post in instruction.posts {
        posted[Link(from: instruction.queue, to: post.to, slot: post.slot), default: []] += Array(
          repeating: run.timings[index].end, count: post.count)
      }
    }
    var firstStream: [Int: Int] = [:]
    for event in run.trace where event.kind == .stream && event.detail == 0 {
      firstStream[event.instruction] = event.cycle
    }
    var taken: [Link: Int] = [:]
    for (index, instruction) in schedule.instructions.enumerated() {
      #expect(run.timings[index].end > run.timings[index].start)
      for wait in instruction.waits {
        let link = Link(from: wait.from, to: instruction.queue, slot: wait.slot)
        taken[link, default: 0] += wait.count
        guard let times = posted[link], let position = taken[link], position <= times.count, wait.count > 0 else {
          Issue.record("token of \(link) never posted")
          return
        }
        let stationary =
          schedule.accelerator.engines.indices.contains(instruction.queue)
          && wait.slot == (schedule.accelerator.engines[instruction.queue].dataflow == .inputStationary ? .a : .b)
        let begins = stationary ? run.timings[index].start : firstStream[index] ?? run.timings[index].start
        #expect(begins >= times[position - 1])
      }
    }
  }

  @Test(arguments: 0..<60) func gemm(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let accelerator = Accelerator.random(&random)
    let (m, k, n) = (random.pick([1, 7, 16, 65, 197]), random.pick([1, 13, 64, 192]), random.pick([1, 11, 64, 150]))
    let schedule = try Compiler.gemm(m: m, k: k, n: n, on: accelerator, operandsOnChip: false)
    #expect(Lint.check(schedule).isEmpty)
    try Self.check(schedule, macs: m * k * n)
  }

  @Test(arguments: 0..<4) func network(seed: Int) throws {
    var random = SplitMix64(seed: 1000 + UInt64(seed))
    var accelerator = Accelerator.random(&random)
    for buffer in accelerator.buffers.indices { accelerator.buffers[buffer].bytes = 1 << 19 }
    let graph = try Zoo.graph("deit-tiny", image: 32 + 16 * seed, batch: 1 + seed % 2)
    let schedule = try Compiler.compile(graph, for: accelerator)
    #expect(Lint.check(schedule).isEmpty)
    try Self.check(schedule, macs: graph.macs)
  }

  /// An operand that fits is read from DRAM once.
  @Test(arguments: 0..<20) func operandsAreReadOnce(seed: Int) throws {
    var random = SplitMix64(seed: 2000 + UInt64(seed))
    var accelerator = Accelerator.random(&random)
    for buffer in accelerator.buffers.indices { accelerator.buffers[buffer].bytes = 1 << 20 }
    let (m, k, n) = (random.int(1...200), random.int(1...200), random.int(1...200))
    let schedule = try Compiler.gemm(m: m, k: k, n: n, on: accelerator, operandsOnChip: false)
    var read: [Int: Int] = [:]
    for instruction in schedule.instructions {
      guard case .load(let transfer) = instruction.operation else { continue }
      let tensor = schedule.tensors.firstIndex {
        $0.address <= transfer.dram.address && transfer.dram.end <= $0.address + $0.bytes
      }
      read[try #require(tensor), default: 0] += transfer.dram.bytes
    }
    for (index, tensor) in schedule.tensors.enumerated() where tensor.kind != .output {
      #expect(read[index] == tensor.bytes, "\(tensor.name)")
    }
  }
}

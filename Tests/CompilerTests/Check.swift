import Hardware
import Schedule
import Testing

/// Work found in the instructions of a schedule, by operator.
struct Work {
  var macs: [Int]
  var elements: [Int]
  var moved: [Int]

  init(_ schedule: Schedule) {
    macs = Array(repeating: 0, count: schedule.operators.count)
    elements = macs
    moved = macs
    for instruction in schedule.instructions {
      switch instruction.operation {
      case .load(let transfer): moved[transfer.op] += transfer.region.bytes
      case .store: break
      case .matmul(let matmul): macs[matmul.op] += matmul.macs
      case .vector(let vector): for stage in vector.stages { elements[stage.op] += vector.elements }
      }
    }
  }
}

/// Bytes loaded from and stored to each tensor.
func traffic(_ schedule: Schedule) -> (loaded: [String: Int], stored: [String: Int]) {
  var loaded: [String: Int] = [:]
  var stored: [String: Int] = [:]
  func tensor(_ region: DRAMRegion) -> DRAMTensor? {
    schedule.tensors.last { $0.address <= region.address && region.end <= $0.address + $0.bytes }
  }
  for instruction in schedule.instructions {
    switch instruction.operation {
    case .load(let transfer): loaded[tensor(transfer.dram)?.name ?? "nowhere", default: 0] += transfer.dram.bytes
    case .store(let transfer): stored[tensor(transfer.dram)?.name ?? "nowhere", default: 0] += transfer.dram.bytes
    default: break
    }
  }
  return (loaded, stored)
}

/// What every schedule must obey: all work is there, regions lie in their buffers, tokens are taken one for one and in
/// an order in which they come.
func check(_ schedule: Schedule, _ source: SourceLocation = #_sourceLocation) {
  let work = Work(schedule)
  for (index, info) in schedule.operators.enumerated() {
    #expect(work.macs[index] == info.macs, "\(info.name)", sourceLocation: source)
    let done = info.kind == .move ? work.moved[index] : work.elements[index]
    #expect(done == info.elements, "\(info.name)", sourceLocation: source)
  }
  var tokens: [String: Int] = [:]
  for instruction in schedule.instructions {
    for region in instruction.regions {
      let bytes = schedule.accelerator.buffers[region.buffer].bytes
      if region.offset < 0 || region.end > bytes || region.bytes <= 0 {
        Issue.record("\(region) isn't in \(bytes) bytes", sourceLocation: source)
      }
    }
    if !instruction.sizesAgree { Issue.record("\(instruction)", sourceLocation: source) }
    // Instructions stand in an order in which every producer precedes its consumers.
    for wait in instruction.waits {
      let key = "\(wait.from) \(instruction.queue) \(wait.slot)"
      tokens[key, default: 0] -= wait.count
      if tokens[key, default: 0] < 0 { Issue.record("token \(key) before it is posted", sourceLocation: source) }
    }
    for post in instruction.posts { tokens["\(instruction.queue) \(post.to) \(post.slot)", default: 0] += post.count }
  }
  #expect(tokens.values.allSatisfy { $0 == 0 }, "tokens are left over", sourceLocation: source)
  let (loaded, stored) = traffic(schedule)
  #expect(loaded["nowhere"] == nil && stored["nowhere"] == nil, sourceLocation: source)
  for tensor in schedule.tensors where tensor.kind == .output {
    #expect(stored[tensor.name] == tensor.bytes, "\(tensor.name)", sourceLocation: source)
  }
  for tensor in schedule.tensors where tensor.kind == .weight {
    #expect(loaded[tensor.name, default: 0] >= tensor.bytes, "\(tensor.name)", sourceLocation: source)
  }
}

extension Instruction {
  var regions: [Region] {
    switch operation {
    case .load(let transfer), .store(let transfer): [transfer.region]
    case .matmul(let matmul): [matmul.a, matmul.b, matmul.out]
    case .vector(let vector): [vector.source, vector.destination] + (vector.operand.map { [$0] } ?? [])
    }
  }

  /// Regions hold as many bytes as the shape says.
  var sizesAgree: Bool {
    switch operation {
    case .load(let transfer), .store(let transfer): transfer.region.bytes == transfer.dram.bytes
    case .matmul(let matmul):
      matmul.a.bytes == matmul.m * matmul.k && matmul.b.bytes == matmul.k * matmul.n
        && matmul.out.bytes == 4 * matmul.m * matmul.n
    case .vector(let vector):
      vector.destination.bytes == vector.elements
        && (vector.source.bytes == vector.elements || vector.source.bytes == 4 * vector.elements)
    }
  }
}

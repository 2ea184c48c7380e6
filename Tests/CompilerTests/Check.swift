import Hardware
import Model
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
      case .vector(let vector):
        for stage in vector.stages {
          switch stage.operation {
          case .average: elements[stage.op] += vector.columns
          case .divide: elements[stage.op] += vector.rows * (vector.columns - 1)
          default: elements[stage.op] += vector.elements
          }
        }
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

/// What every schedule must obey: lint finds nothing, all work is there once, every producer of a token stands before its
/// consumer, outputs are stored once and whole, parameters are loaded.
func check(_ schedule: Schedule, _ graph: Graph? = nil, _ source: SourceLocation = #_sourceLocation) {
  let findings = Lint.check(schedule)
  #expect(findings.isEmpty, "\(findings.prefix(3))", sourceLocation: source)
  let work = Work(schedule)
  for (index, info) in schedule.operators.enumerated() {
    #expect(work.macs[index] == info.macs, "\(info.name)", sourceLocation: source)
    let done = info.kind == .move ? work.moved[index] : work.elements[index]
    #expect(done == info.elements, "\(info.name)", sourceLocation: source)
  }
  if let graph {
    let operators = graph.operators.filter { if case .selectToken = $0.operation { false } else { true } }
    #expect(schedule.operators.map(\.name) == operators.map(\.name), sourceLocation: source)
    #expect(schedule.operators.map(\.macs) == operators.map(graph.macs(of:)), sourceLocation: source)
  }
  var tokens: [[Int]: Int] = [:]
  for instruction in schedule.instructions {
    for wait in instruction.waits {
      let key = [wait.from, instruction.queue, TokenSlot.allCases.firstIndex(of: wait.slot) ?? 0]
      tokens[key, default: 0] -= wait.count
      if tokens[key, default: 0] < 0 { Issue.record("token \(key) before it is posted", sourceLocation: source) }
    }
    for post in instruction.posts {
      tokens[[instruction.queue, post.to, TokenSlot.allCases.firstIndex(of: post.slot) ?? 0], default: 0] += post.count
    }
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

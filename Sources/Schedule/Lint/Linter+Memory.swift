import Hardware

/// Reads of what was never written, races, and outputs that aren't stored.
///
/// The instructions are followed in one order that their tokens allow. Each atom of memory remembers its last writer
/// and, for each queue, the last reader since; an access must come after those it conflicts with by tokens alone,
/// whatever the order that is followed. Memories are the on-chip buffers and, in DRAM, each output and each spill.
extension Linter {
  mutating func checkMemory(_ order: TokenOrder) {
    let map = AccessMap(schedule)
    var memories: [Memory] = []
    for space in map.footprints.indices {
      guard let atoms = ByteAtoms(map.footprints[space]) else {
        return add(
          .unproved, nil,
          "the \(map.footprints[space].count) different regions in \(map.name(of: space)) are too many to follow; "
            + "use wider rows")
      }
      memories.append(Memory(atoms, queues: queues.count))
    }
    for (space, footprint) in map.preloads {
      for atom in memories[space].atoms.atoms(of: footprint) { memories[space].writers[Int(atom)] = Memory.preloaded }
    }
    for index in order.order {
      if isFull { return }
      for access in map.accesses(of: index) { follow(access, index, map, order, &memories[access.space]) }
    }
    for output in map.outputs { check(output, memories[output.space]) }
  }

  private mutating func follow(
    _ access: MemoryAccess, _ index: Int, _ map: AccessMap, _ order: TokenOrder, _ memory: inout Memory
  ) {
    let queue = schedule.instructions[index].queue
    let position = order.positions[index]
    // One finding of a sort is enough for an access; the state goes on as if there were none, so that the findings
    // that follow aren't its echo.
    var isRace = false
    var isMistaken = false
    for atom in memory.atoms.atoms(of: access.footprint) {
      let atom = Int(atom)
      if !isRace { isRace = checkOrder(access, index, atom, map, order, memory) }
      if !isMistaken { isMistaken = checkResults(access, index, atom, map, memory) }
      let readers = atom * queues.count
      if access.writes {
        for other in queues.indices { memory.readers[readers + other] = 0 }
        memory.writers[atom] = Int32(index)
      } else {
        memory.readers[readers + queue] = max(memory.readers[readers + queue], position + 1)
      }
    }
  }

  /// Whether the access to `atom` comes at a wrong moment.
  private mutating func checkOrder(
    _ access: MemoryAccess, _ index: Int, _ atom: Int, _ map: AccessMap, _ order: TokenOrder, _ memory: Memory
  ) -> Bool {
    let queue = schedule.instructions[index].queue
    let clock = order.clock(index, access.part)
    let base = clock.startIndex
    let writer = Int(memory.writers[atom])
    if writer >= 0 {
      let other = schedule.instructions[writer].queue
      if order.positions[writer] >= clock[base + other] {
        race(index, access, "write", by: writer, memory, atom)
        return true
      }
    } else if access.reads, writer == Memory.unwritten {
      add(
        .unwritten, index,
        "\(name(ofQueue: queue)) reads \(access.role) = \(text(access, of: index)), but nothing has written byte "
          + "\(hex(memory.atoms.sample[atom])): load it first, or let an instruction write it")
      return true
    }
    if !access.writes { return false }
    for other in queues.indices {
      let reader = memory.readers[atom * queues.count + other] - 1
      if reader < clock[base + other] { continue }
      let isOwn = other == queue && reader == order.positions[index]
      if isOwn, isInPlace(access, map.accesses(of: index), atom, memory) { continue }
      race(index, access, "read", by: order.members[other][Int(reader)], memory, atom)
      return true
    }
    return false
  }

  /// Whether the access finds in `atom` another operator's results than it needs, or overwrites results too early.
  private mutating func checkResults(
    _ access: MemoryAccess, _ index: Int, _ atom: Int, _ map: AccessMap, _ memory: Memory
  ) -> Bool {
    let writer = Int(memory.writers[atom])
    guard writer >= 0 else { return false }
    let found = map.product[writer]
    if access.needs >= 0, found != access.needs {
      let name =
        schedule.operators.indices.contains(Int(access.needs)) ? schedule.operators[Int(access.needs)].name : ""
      add(
        .results, index,
        "\(access.role) = \(text(access, of: index)) should hold results of \(name), but instruction \(writer) has "
          + "written byte \(hex(memory.atoms.sample[atom])) last: give them a place of their own")
      return true
    }
    let readers = atom * queues.count
    if found >= 0, access.writes, !access.reads,
      memory.readers[readers..<readers + queues.count].allSatisfy({ $0 == 0 })
    {
      add(
        .results, index,
        "\(access.role) = \(text(access, of: index)) overwrites byte \(hex(memory.atoms.sample[atom])), a result of "
          + "instruction \(writer) that nothing has read: read it first, or accumulate")
      return true
    }
    return false
  }

  /// Whether a vector instruction that writes `atom` reads it at the same elements only: then each element is read
  /// before it is written.
  private func isInPlace(
    _ write: MemoryAccess, _ accesses: ArraySlice<MemoryAccess>, _ atom: Int, _ memory: Memory
  ) -> Bool {
    write.role == .destination
      && accesses.allSatisfy { read in
        !read.reads || read.space != write.space || read.footprint == write.footprint
          || !memory.atoms.atoms(of: read.footprint).contains(Int32(atom))
      }
  }

  private mutating func race(
    _ index: Int, _ access: MemoryAccess, _ verb: String, by other: Int, _ memory: Memory, _ atom: Int
  ) {
    let own = name(ofQueue: schedule.instructions[index].queue)
    let byte = hex(memory.atoms.sample[atom])
    let what = "\(own) \(access.writes ? "writes" : "reads") \(access.role) = \(text(access, of: index))"
    if other == index {
      return add(.race, index, "\(what), whose byte \(byte) it also reads: use regions that don't overlap")
    }
    let others = name(ofQueue: schedule.instructions[other].queue)
    add(
      .race, index,
      "\(what), but no tokens make it wait for the \(verb) of byte \(byte) by instruction \(other) (\(others)): "
        + "post a token from there and wait for it here")
  }

  private mutating func check(_ output: AccessMap.Output, _ memory: Memory) {
    let missing = memory.atoms.atoms(of: output.footprint).filter { memory.writers[Int($0)] == Memory.unwritten }
    guard let first = missing.map({ memory.atoms.sample[Int($0)] }).min() else { return }
    let tensor = output.tensor
    add(.output, nil, "output \(tensor.name): byte \(first - tensor.address) of \(tensor.bytes) is never stored")
  }

  private func text(_ access: MemoryAccess, of index: Int) -> String {
    switch schedule.instructions[index].operation {
    case .load(let transfer): access.writes ? text(transfer.region) : text(transfer.dram)
    case .store(let transfer): access.writes ? text(transfer.dram) : text(transfer.region)
    case .matmul(let matmul):
      switch access.role {
      case .a: text(matmul.a)
      case .b: text(matmul.b)
      default: text(matmul.out)
      }
    case .vector(let vector):
      switch access.role {
      case .source: text(vector.source)
      case .operand: vector.operand.map { text($0) } ?? ""
      default: text(vector.destination)
      }
    }
  }

  private func hex(_ address: Int) -> String { "0x" + String(address, radix: 16) }
}

/// What is known of one memory at a point of the execution.
private struct Memory {
  static let unwritten: Int32 = -1
  static let preloaded: Int32 = -2

  let atoms: ByteAtoms
  /// By atom: the last instruction that wrote it.
  var writers: [Int32]
  /// By atom and queue: the position after the last instruction that has read it since.
  var readers: [Int32]

  init(_ atoms: ByteAtoms, queues: Int) {
    self.atoms = atoms
    writers = Array(repeating: Self.unwritten, count: atoms.count)
    readers = Array(repeating: 0, count: atoms.count * queues)
  }
}

/// One operand of one instruction.
struct MemoryAccess {
  enum Role: String {
    case a, b, out, source, operand, destination, transfer
  }
  /// Index of the memory in `AccessMap`.
  var space: Int
  var footprint: Int
  var role: Role
  /// Which of the instruction's clocks it obeys.
  var part: TokenOrder.Access
  var reads: Bool
  var writes: Bool
  /// The operator whose matrix products must be found there; −1 for anything else.
  var needs: Int32 = -1
}

/// All accesses of a schedule, with each different footprint once.
struct AccessMap {
  /// An output tensor as a whole.
  struct Output {
    var tensor: DRAMTensor
    var space: Int
    var footprint: Int
  }

  /// By memory: the buffers, then the outputs and spills in DRAM.
  private(set) var footprints: [[Footprint]]
  private(set) var preloads: [(space: Int, footprint: Int)] = []
  private(set) var outputs: [Output] = []
  /// By instruction: the operator whose matrix products it writes, −1 if it isn't a matmul.
  private(set) var product: [Int32] = []
  private let buffers: [BufferSpec]
  /// Outputs and spills by address. Weights and inputs are there from the start and never written.
  private let tensors: [DRAMTensor]
  private var numbers: [[Footprint: Int]]
  private var list: [MemoryAccess] = []
  private var starts: [Int] = [0]

  init(_ schedule: Schedule) {
    buffers = schedule.accelerator.buffers
    tensors = schedule.tensors.filter { $0.kind == .output || $0.kind == .spill }.sorted { $0.address < $1.address }
    footprints = Array(repeating: [], count: buffers.count + tensors.count)
    numbers = Array(repeating: [:], count: footprints.count)
    for region in schedule.preloads { preloads.append((region.buffer, number(region))) }
    for (index, tensor) in tensors.enumerated() where tensor.kind == .output {
      let space = buffers.count + index
      let whole = Footprint(offset: tensor.address, rows: 1, rowBytes: tensor.bytes, pitch: 0)
      outputs.append(Output(tensor: tensor, space: space, footprint: number(whole, in: space)))
    }
    for instruction in schedule.instructions {
      add(instruction.operation)
      starts.append(list.count)
      if case .matmul(let matmul) = instruction.operation {
        product.append(Int32(truncatingIfNeeded: matmul.op))
      } else {
        product.append(-1)
      }
    }
  }

  func name(of space: Int) -> String {
    space < buffers.count ? buffers[space].name : tensors[space - buffers.count].name
  }

  /// In the order in which they happen within the instruction.
  func accesses(of instruction: Int) -> ArraySlice<MemoryAccess> {
    list[starts[instruction]..<starts[instruction + 1]]
  }

  private mutating func add(_ operation: Operation) {
    switch operation {
    case .load(let transfer):
      add(transfer.dram, writes: false)
      add(transfer.region, .transfer, writes: true)
    case .store(let transfer):
      add(transfer.region, .transfer)
      add(transfer.dram, writes: true)
    case .matmul(let matmul):
      add(matmul.a, .a)
      add(matmul.b, .b, part: .b)
      add(
        matmul.out, .out, part: .out, reads: matmul.accumulate, writes: true, needs: matmul.accumulate ? matmul.op : -1)
    case .vector(let vector):
      // Requantization is counted for an operator: it must be that operator's results that it reads.
      add(vector.source, .source, needs: vector.stages.first { $0.operation == .requantize }?.op ?? -1)
      if let operand = vector.operand { add(operand, .operand) }
      add(vector.destination, .destination, writes: true)
    }
  }

  private mutating func add(
    _ region: Region, _ role: MemoryAccess.Role, part: TokenOrder.Access = .start, reads: Bool? = nil,
    writes: Bool = false, needs: Int = -1
  ) {
    list.append(
      MemoryAccess(
        space: region.buffer, footprint: number(region), role: role, part: part, reads: reads ?? !writes,
        writes: writes, needs: Int32(truncatingIfNeeded: needs)))
  }

  private mutating func add(_ region: DRAMRegion, writes: Bool) {
    guard let tensor = tensors.lastIndex(startingAtOrBefore: region.address),
      region.address < tensors[tensor].address + tensors[tensor].bytes
    else { return }
    let space = buffers.count + tensor
    let footprint = Footprint(
      offset: region.address, rows: region.rows, rowBytes: region.rowBytes, pitch: region.stride)
    list.append(
      MemoryAccess(
        space: space, footprint: number(footprint, in: space), role: .transfer, part: .start, reads: !writes,
        writes: writes))
  }

  private mutating func number(_ region: Region) -> Int {
    number(
      Footprint(offset: region.offset, rows: region.rows, rowBytes: region.rowBytes, pitch: region.pitch),
      in: region.buffer)
  }

  private mutating func number(_ footprint: Footprint, in space: Int) -> Int {
    if let known = numbers[space][footprint] { return known }
    let number = footprints[space].count
    numbers[space][footprint] = number
    footprints[space].append(footprint)
    return number
  }
}

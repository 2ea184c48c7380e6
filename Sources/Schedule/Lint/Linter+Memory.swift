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
    if schedule.dividesAccumulators { compareResults() }
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
    var divided: Int32?
    for atom in memory.atoms.atoms(of: access.footprint) {
      let atom = Int(atom)
      if !isRace { isRace = checkOrder(access, index, atom, map, order, memory) }
      if !isMistaken { isMistaken = checkResults(access, index, atom, map, memory, &divided) }
      let readers = atom * queues.count
      if access.writes {
        for other in queues.indices { memory.readers[readers + other] = 0 }
        memory.writers[atom] = Int32(index)
      } else {
        memory.readers[readers + queue] = max(memory.readers[readers + queue], position + 1)
      }
    }
    if let divided { countDivision(index, of: Int(divided)) }
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
    _ access: MemoryAccess, _ index: Int, _ atom: Int, _ map: AccessMap, _ memory: Memory, _ divided: inout Int32?
  ) -> Bool {
    let writer = Int(memory.writers[atom])
    guard writer >= 0 else { return false }
    let found = map.product[writer]
    if access.needs == MemoryAccess.anyProduct, divided == nil { divided = found }
    let needs = access.needs == MemoryAccess.anyProduct ? divided ?? -1 : access.needs
    if access.needs != MemoryAccess.anything, needs < 0 || found != needs {
      let name = schedule.operators.indices.contains(Int(needs)) ? schedule.operators[Int(needs)].name : "a matmul"
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
      case .bias: matmul.bias.map { text($0) } ?? ""
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

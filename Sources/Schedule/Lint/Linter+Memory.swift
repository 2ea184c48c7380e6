import Hardware

/// Reads of what was never written, races, and outputs that aren't stored.
///
/// The instructions are followed in one order that their tokens allow, a window at a time. Each atom of memory remembers its last writer
/// and, for each queue, the last reader since; an access must come after those it conflicts with by tokens alone,
/// whatever the order that is followed. Memories are the on-chip buffers and, in DRAM, each output and each spill.
extension Linter {
  mutating func checkMemory(_ order: TokenOrder) {
    let map = AccessMap(schedule)
    var memories = map.footprints.indices.map {
      FollowedMemory(footprints: map.footprints[$0].count, queues: queues.count)
    }
    for (space, footprint) in map.preloads { memories[space].enter(footprint) }
    if !open(&memories, map) { return }
    for (space, footprint) in map.preloads { memories[space].preload(footprint) }
    var start = 0
    while start < order.order.count {
      for space in memories.indices { memories[space].close() }
      let end = memories.enterWindow(from: start, order.order, map, rows: windowRows)
      if !open(&memories, map) { return }
      for index in order.order[start..<end] {
        if isFull { return }
        for access in map.accesses(of: index) { follow(access, index, map, order, &memories[access.space]) }
      }
      start = end
    }
    for space in memories.indices { memories[space].close() }
    for output in map.outputs { check(output, memories[output.space]) }
    if schedule.dividesAccumulators { compareResults() }
  }

  /// - Returns: false if the window is too large to follow.
  private mutating func open(_ memories: inout [FollowedMemory], _ map: AccessMap) -> Bool {
    if let space = memories.open(map) {
      add(
        .unproved, nil,
        "the \(memories[space].entered.count) different regions in \(map.name(of: space)) are too many to follow; "
          + "use wider rows")
      return false
    }
    return true
  }

  private mutating func follow(
    _ access: MemoryAccess, _ index: Int, _ map: AccessMap, _ order: TokenOrder, _ memory: inout FollowedMemory
  ) {
    let queue = schedule.instructions[index].queue
    let position = order.positions[index]
    // One finding of a sort is enough for an access; the state goes on as if there were none, so that the findings
    // that follow aren't its echo.
    var isRace = false
    var isMistaken = false
    var divided: Int32?
    let clock = order.clock(index, access.part)
    for atom in memory.atoms(of: access.footprint) {
      let atom = Int(atom)
      if !isRace { isRace = checkOrder(access, index, atom, map, order, clock, memory) }
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
    _ access: MemoryAccess, _ index: Int, _ atom: Int, _ map: AccessMap, _ order: TokenOrder,
    _ clock: ArraySlice<Int32>, _ memory: FollowedMemory
  ) -> Bool {
    let queue = schedule.instructions[index].queue
    let base = clock.startIndex
    let writer = Int(memory.writers[atom])
    if writer >= 0 {
      let other = schedule.instructions[writer].queue
      if order.positions[writer] >= clock[base + other] {
        race(index, access, "write", by: writer, memory, atom)
        return true
      }
    } else if access.reads, writer == MemoryState.unwritten {
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
    _ access: MemoryAccess, _ index: Int, _ atom: Int, _ map: AccessMap, _ memory: FollowedMemory,
    _ divided: inout Int32?
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
    _ write: MemoryAccess, _ accesses: ArraySlice<MemoryAccess>, _ atom: Int, _ memory: FollowedMemory
  ) -> Bool {
    write.role == .destination
      && accesses.allSatisfy { read in
        !read.reads || read.space != write.space || read.footprint == write.footprint
          || !memory.atoms(of: read.footprint).contains(Int32(atom))
      }
  }

  private mutating func race(
    _ index: Int, _ access: MemoryAccess, _ verb: String, by other: Int, _ memory: FollowedMemory, _ atom: Int
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

  private mutating func check(_ output: AccessMap.Output, _ memory: FollowedMemory) {
    let tensor = output.tensor
    guard let first = memory.state.firstUnwritten(tensor.address..<tensor.address + tensor.bytes) else { return }
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

// What a store does on the way from the buffer to memory (rules D5, D7 to D10, D12).
extension LiteralChannel {
  func gathers(_ transfer: LiteralTransfer) -> Bool {
    assembles && !transfer.isLoad && transfer.wordBanks != nil
  }

  func landsWhenRead(_ transfer: LiteralTransfer) -> Bool { readCompletion > 0 && gathers(transfer) }

  /// Reads a word of a store whose words are read one by one, if nothing takes its port.
  mutating func readWord(_ bus: inout LiteralBus) {
    while gather.transfer < next, !gathers(program[gather.transfer]) { gather.skip() }
    let index = gather.transfer
    guard index < next, bus.now > began[index], gather.mayRead, let banks = program[index].wordBanks,
      bus.results.isFree(banks)
    else { return }
    let transfer = program[index]
    let isLast = gather.readWord(
      of: transfer.rowWords * transfer.dram.rows, arriving: bus.now + max(0, setup + transfer.readLatency - 1))
    guard isLast, landsWhenRead(transfer) else { return }
    landedWhenRead[index] = bus.now + readCompletion
    bus.ledger.read(transfer.instruction, at: bus.now + readCompletion)
    bus.post(transfer.posts, at: bus.now + readCompletion)
  }

  /// Whether the row that a store sends next has been gathered, which takes a word a cycle.
  mutating func isGathered(_ now: Int) -> Bool {
    guard assembles, !program[issuing].isLoad, cutter.isAtRow else { return true }
    if gathers(program[issuing]) { return gather.gatherWord(of: program[issuing].rowWords, now) }
    if toGather < 0 {
      toGather = (program[issuing].dram.rowBytes + program[issuing].wordBytes - 1) / program[issuing].wordBytes - 1
    }
    if toGather == 0 { return true }
    toGather -= 1
    gathers = !usesPath
    return false
  }

  /// A further beat of a burst may need a place among the outstanding ones of which the burst itself holds one.
  var mayGoOn: Bool { !beatCredit || sendLeft == sending || slots < max(2, outstanding) }

  /// The last beat of a written burst has left.
  mutating func send(_ bus: inout LiteralBus) {
    pushWrite(beats: sending, bus.now)
    if cutter.isDone(program[issuing]) {
      issuedAll()
      owner += 1
    }
  }

  mutating func pushWrite(beats: Int, _ now: Int) {
    let cycle = now + 1 + (isInOrder ? acknowledgement ?? latency : 0)
    requests.push(Request(cycle: cycle, beats: beats, isRead: false))
  }

  /// Whether a beat leaves the path.
  mutating func leavePath(_ bus: inout LiteralBus) -> Bool {
    guard let beat = path.leave(bus.now) else { return false }
    if beat.isLast { pushWrite(beats: beat.beats, bus.now) }
    if beat.endsTransfer { leftLast = true }
    return true
  }

  /// A beat leaves the row buffer, if one can and the path has room.
  mutating func enterPath(_ bus: inout LiteralBus) {
    if leftLast {
      owner += 1
      leftLast = false
    }
    guard path.hasRoom, mayEnter || sendLeft > 0 && mayGoOn else { return }
    if mayEnter { begin(&bus) }
    let isLast = sendLeft == 1
    let endsTransfer = isLast && cutter.isDone(program[issuing])
    path.enter(
      LiteralSendPath.Beat(
        entered: bus.now, transfer: issuing, burst: cutter.count - 1, beats: sending,
        isLast: isLast, endsTransfer: endsTransfer))
    sendLeft -= 1
    sendPlace.move(program[issuing], beatBytes)
    if endsTransfer { issuedAll() }
  }
}

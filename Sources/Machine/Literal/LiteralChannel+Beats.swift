// The buffer side of a channel: beats, words and ends (rules D4, D6, D11).
extension LiteralChannel {
  /// Moves one beat, sees one acknowledgement, and books the cycle.
  @inline(__always)
  mutating func move(_ bus: inout LiteralBus) {
    if starvation.lasts(bus.tokens.epoch) {
      bus.ledger.charge(starvation.instruction, starvation.part)
    } else if owner == program.count, ended == owner {
      bus.ledger.idle(unit)
    } else {
      moveBeat(&bus)
    }
  }

  mutating func moveBeat(_ bus: inout LiteralBus) {
    if assembles {
      let last = assembler.write()
      if let repeated = assembler.repeated { write(repeated, isLast: last.repeated, &bus) }
      if let carried = assembler.carried { write(carried, isLast: last.carried, &bus) }
    }
    var moved: Part?
    var sent = false
    if beatLeft == 0, arrived > 0 {
      if takes(bus.now) {
        arrived -= 1
        beatLeft = assembles ? 1 : program[bursts.first.transfer].beatInterval
      } else {
        moved = .narrow
      }
    } else if beatLeft == 0, sendLeft > 0, mayGoOn, !usesPath {
      beatLeft = assembles ? 1 : program[issuing].beatInterval
    }
    if beatLeft > 0 {
      beatLeft -= 1
      moved = beatLeft == 0 ? .busy : .narrow
      if beatLeft == 0 {
        if sendLeft > 0 {
          sendLeft -= 1
          sent = sendLeft == 0
          sendPlace.move(program[issuing], beatBytes)
        } else {
          let transfer = program[bursts.first.transfer]
          bursts.first.beatsLeft -= 1
          bursts.first.place.move(transfer, beatBytes)
        }
      }
    }
    assembler.close()
    if usesPath, leavePath(&bus) { moved = .busy }
    book(moved ?? (gathers ? .narrow : nil), &bus)
    if usesPath { enterPath(&bus) }
    if sent { send(&bus) }
    if moved == .busy, !bursts.isEmpty, bursts.first.beatsLeft == 0 { done(&bus) }
    while !acknowledgements.isEmpty, acknowledgements.first <= bus.now {
      acknowledgements.pop()
      done(&bus)
    }
    while !endings.isEmpty, endings.first.cycle <= bus.now { finish(endings.pop().transfer, &bus) }
  }

  /// A word of a transfer is complete.
  mutating func write(_ transfer: Int, isLast: Bool, _ bus: inout LiteralBus) {
    if let banks = program[transfer].wordBanks {
      bus.words.write(banks, at: bus.now + 1 + writePath + program[transfer].loadLatency)
    }
    if isLast { complete(transfer, bus.now) }
  }

  /// Whether a beat that has arrived is taken; it must be of the oldest burst.
  mutating func takes(_ now: Int) -> Bool {
    guard assembles else { return true }
    let transfer = bursts.first.transfer
    let isTaken = assembler.take(
      bursts.first.cut, of: program[transfer], number: transfer, isLast: bursts.first.isLast,
      repeats: repeats(program[transfer], bursts.first.cut))
    if isTaken, assembler.beatEnds { complete(transfer, now) }
    return isTaken
  }

  /// Words that repeat those of a burst behind its last, which are bytes of the transfer too.
  func repeats(_ transfer: LiteralTransfer, _ cut: LiteralCut) -> Int {
    guard transfer.repeats, cut.offset + cut.useful == transfer.dram.rowBytes else { return 0 }
    let further = transfer.dram.rows - 1
    transfer.data?.pointee.move(transfer.dram.rowBytes, further * transfer.dram.rowBytes, isLoad: true)
    return further * ((transfer.dram.rowBytes + transfer.wordBytes - 1) / transfer.wordBytes)
  }

  /// The oldest burst is in the buffer (read) or acknowledged (write).
  mutating func done(_ bus: inout LiteralBus) {
    let burst = bursts.pop()
    let transfer = program[burst.transfer]
    bus.ledger.note(bus.now, .burst, transfer.instruction, burst.number)
    returns.push(bus.now + slotReturn)
    if transfer.isLoad { burstsRead += 1 }
    guard burst.isLast else { return }
    if transfer.isLoad { owner += 1 }
    if assembles, transfer.isLoad { return }
    complete(burst.transfer, bus.now)
  }

  /// The last beat, word or acknowledgement of a transfer is there.
  mutating func complete(_ transfer: Int, _ now: Int) {
    let latency = program[transfer].isLoad ? program[transfer].loadLatency : 0
    let ending = Ending(transfer: transfer, cycle: now + completion - 1 + latency)
    // Transfers end in order: not before one whose rows are still written again (rule D11).
    if let repeater = assembler.repeater, repeater != transfer {
      behind.append(ending)
      lastLanding = max(lastLanding, ending.cycle)
      endsBehind[transfer] = lastLanding
    } else {
      endings.push(ending)
      lastLanding = max(lastLanding, ending.cycle)
      while !behind.isEmpty { endings.push(behind.removeFirst()) }
    }
  }

  mutating func finish(_ index: Int, _ bus: inout LiteralBus) {
    let transfer = program[index]
    ended += 1
    bus.underway -= 1
    bus.finish(
      transfer.instruction, posts: landsWhenRead(transfer) ? 0..<0 : transfer.posts, agent: agent,
      claims: transfer.claims)
  }
}

import Hardware

// An engine with `streams`: passes, one after the other, whose words share the one port.
extension LiteralMatrix {
  /// The engine's cycle: a pass begins if it may, the port is granted, words and steps are taken.
  mutating func runStreams(_ bus: inout LiteralBus) {
    guard var streams else { return }
    defer { self.streams = streams }
    streams.commit()
    if !streams.isRunning { streams.part = begin(&streams, &bus) }
    guard streams.isRunning else { return }
    let op = program[streams.program]
    grant(&streams, op, &bus)
    streams.streamed.arrive(bus.now)
    streams.stationary.arrive(bus.now)
    takeLoadWord(&streams, &bus)
    streams.part = takeStreamedStep(&streams, op, &bus)
    finish(&streams, op, &bus)
  }

  // MARK: Passes

  /// Begins the next pass if everything is there; else why it doesn't.
  private mutating func begin(_ streams: inout LiteralStreams, _ bus: inout LiteralBus) -> Part {
    guard hasNext else { return .idle }
    if bus.now < streams.free { return .setup }
    let first = tiles[streamNext &- firstTile]
    let op = program[first.program]
    if first.isFirst {
      if !streams.hasLoaderTokens, let part = bus.tokens.missing(op.loaderWaits) { return part }
      if let part = bus.tokens.missing(op.streamerWaits) { return part }
    }
    guard bus.ports.grant(streamer, op.streamerClaims) else { return .waitPort }
    if first.isFirst {
      if !streams.hasLoaderTokens { bus.tokens.take(op.loaderWaits) }
      bus.tokens.take(op.streamerWaits)
      streams.hasLoaderTokens = false
      bus.ledger.start(op.instruction, at: bus.now)
    }
    bus.acted = true
    bus.underway += 1
    bus.ledger.note(bus.now, .pass, op.instruction, first.number)
    bus.ledger.traffic.bufferRead[op.stay.buffer] += op.biasBytes
    streams.program = first.program
    count(&streams, op, &bus)
    return .idle
  }

  /// Sets the counters of the pass that begins with tile `streamNext`.
  private mutating func count(_ streams: inout LiteralStreams, _ op: LiteralMatMul, _ bus: inout LiteralBus) {
    var (streamed, stationary, results, next) = (0, 0, 0, 0)
    var number = streamNext
    while true {
      fetch(upTo: number + 2)
      let tile = tiles[number &- firstTile]
      streamed += (tile.steps + tile.stepsPerWord - 1) / tile.stepsPerWord
      if number >= loadNext { stationary += tile.loadRows * tile.rowInterval }
      if tile.isFinal { results += (tile.steps + tile.resultsPerWord - 1) / tile.resultsPerWord }
      number += 1
      if tile.endsPass { break }
    }
    streams.endTile = number
    if number < fetched, loadNext <= number {
      let tile = tiles[number &- firstTile]
      let waits = program[tile.program].loaderWaits
      if !tile.isFirst || bus.tokens.met(waits) {
        if tile.isFirst {
          bus.tokens.take(waits)
          streams.hasLoaderTokens = true
        }
        next = tile.loadRows * tile.rowInterval
      }
    }
    streams.requestTile = max(loadNext, streamNext)
    streams.begin(
      bus.now, streamed: streamed, stationary: stationary, next: next, bias: op.biasWords, results: results)
  }

  /// Ends the pass in the cycle before E.
  private mutating func finish(_ streams: inout LiteralStreams, _ op: LiteralMatMul, _ bus: inout LiteralBus) {
    if streams.end == .max, streams.isDone(steps: streams.doneTiles == streams.endTile) {
      streams.end = max(bus.now + streams.spec.finish, streams.lastResult)
    }
    guard streams.end == bus.now + 1 else { return }
    streams.isRunning = false
    streams.free = streams.end + streams.spec.restart
    bus.underway -= 1
    bus.acted = true
    let isLast = streams.endTile == fetched || tiles[streams.endTile &- firstTile].isFirst
    if isLast {
      ended += 1
      bus.finish(op.instruction, posts: op.posts, agent: streamer, claims: op.streamerClaims)
    } else {
      bus.release(streamer, op.streamerClaims)
    }
  }

  // MARK: Words and steps

  private mutating func grant(_ streams: inout LiteralStreams, _ op: LiteralMatMul, _ bus: inout LiteralBus) {
    let registers = streams.spec.registers
    switch streams.grant(bus.now) {
    case 0: streams.streamed.request(arriving: bus.now + op.stream.latency + registers)
    case 1:
      let tile = tiles[streams.requestTile &- firstTile]
      let owner = program[tile.program]
      if streams.requestWords == 0 {
        bus.ledger.note(bus.now, .load, owner.instruction, tile.number)
        bus.ledger.traffic.bufferRead[owner.stay.buffer] += tile.lanes * tile.width
      }
      streams.requestWords += 1
      if streams.requestWords == tile.loadRows * tile.rowInterval {
        streams.requestTile += 1
        streams.requestWords = 0
      }
      streams.requestStationary(arriving: bus.now + op.stay.latency + registers)
    case 2:
      streams.bias.wanted -= 1
      if streams.bias.wanted == 0 { streams.biasReady = bus.now + op.stream.latency + registers + 1 }
    case 3:
      // What is written in a cycle can be read from the next on at the soonest.
      streams.lastResult = bus.now + max(1, op.out.latency)
      for _ in 0..<streams.popWord().rows { elastic?.land(streams.popRow(), at: streams.lastResult) }
    default: break
    }
  }

  /// A word of the stationary operand goes into registers that no step needs any more.
  private mutating func takeLoadWord(_ streams: inout LiteralStreams, _ bus: inout LiteralBus) {
    guard streams.stationary.waiting > 0 else { return }
    if streams.loadWords == 0 {
      guard loadNext < streams.doneTiles + spec.tilesAhead else { return }
      let tile = tiles[loadNext &- firstTile]
      elastic?.beginLoad(words: tile.loadRows * tile.rowInterval, rowInterval: tile.rowInterval)
      bus.underway += 1
      loadNext += 1
    }
    let tile = tiles[loadNext &- 1 &- firstTile]
    elastic?.present(word: true)
    let isLast = elastic?.takeWord(bus.now, delay: tile.loadDelay) == true
    streams.loadWords = isLast ? 0 : streams.loadWords + 1
    streams.useStationary()
  }

  /// Takes the next step if everything is there; what the cycle is spent on.
  private mutating func takeStreamedStep(
    _ streams: inout LiteralStreams, _ op: LiteralMatMul, _ bus: inout LiteralBus
  ) -> Part {
    if streams.doneTiles == streams.endTile { return .drain }
    guard let elastic, bus.now >= elastic.nextTake else { return .narrow }
    if streams.doneTiles == streamNext {
      let place = streamNext &- firstTile
      guard loadNext > streamNext, tiles[place].inPlace <= bus.now - spec.swapCycles else { return .load }
      bus.underway += 1
      bus.ledger.note(bus.now, .stream, op.instruction, tiles[place].number)
      issue(place, op, &bus)
    }
    let tile = tiles[streamNext &- 1 &- firstTile]
    self.elastic?.present(step: streams.streamed.waiting > 0 && streams.biasReady <= bus.now)
    let follows = tile.accumulates ? op.out.latency : nil
    if let part = self.elastic?.obstacle(bus.now, tile, follows: follows, delay: tile.streamDelay) { return part }
    _ = self.elastic?.accept(bus.now, tile, delay: tile.streamDelay)
    streams.stepsOfWord += 1
    let isLast = self.elastic?.takenSteps == tile.steps
    if isLast || streams.stepsOfWord == tile.stepsPerWord {
      streams.stepsOfWord = 0
      streams.useStreamed()
    }
    if isLast { streams.doneTiles += 1 }
    return .busy
  }

  /// Results that are complete and have room leave the FIFO for the words that wait for the port.
  mutating func sendToStreams(_ now: Int) {
    guard let hasRoom = streams?.hasRoom, let row = elastic?.leave(next: now + 1, hasRoom: hasRoom) else { return }
    streams?.pack(row, perWord: tiles[row.tile &- firstTile].resultsPerWord, at: now + 1)
  }

  /// Books the present cycle.
  mutating func bookStreams(_ bus: inout LiteralBus) {
    let part = streams?.part ?? .idle
    let isAhead = streams?.isRunning == false && part != .busy && part != .drain
    if part == .idle || program.isEmpty {
      bus.ledger.idle(unit)
    } else {
      let owner = isAhead ? tiles[streamNext &- firstTile].program : streams?.program ?? 0
      bus.ledger.charge(program[owner].instruction, part)
    }
    if bus.ledger.drawing { bus.ledger.draw(unit, bus.now, part) }
  }
}

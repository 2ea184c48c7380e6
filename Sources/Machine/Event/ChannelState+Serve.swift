import Hardware

// Bursts that the DRAM serves, and the ends of transfers (rules D4 to D6, D11, R2 to R4).
extension ChannelState {
  /// The DRAM serves the oldest burst (rules D4, D5, R2–R4), or a word of a row is written again (D11), in cycle `now`.
  ///
  /// - Parameter sent: The cycle after the last beat of a burst that has been waiting for this one's place; else unchanged.
  mutating func serve(
    at now: Int, bus: inout Bus, channel: Int, words: inout WordTable, sent: inout Int, recorder: inout Recorder
  ) {
    if let time = rowRepeat?.next, time <= now { return writeAgain(&words) }
    let burst = bursts[served % spec.outstanding]
    let beats = burst.cut.beats
    let finished: Int
    if open[serving].isWrite {
      let passed = bus.serve(arrival: burst.arrival, beats: beats, beatBytes: spec.beatBytes).last
      finished = bus.isInOrder ? passed : passed + (spec.acknowledgement ?? bus.latency)
      recorder.traffic.dramWritten[channel] += beats * spec.beatBytes
    } else {
      if spec.assembly { assemble(burst, bus: bus, words: &words) }
      let passed = bus.serve(arrival: burst.arrival, beats: beats, beatBytes: spec.beatBytes)
      if !spec.assembly {
        // Beats come at the pace of the slower of bus and channel: then only the last or the first beat can bind.
        let cycles = open[serving].beatCycles
        let paced =
          !bus.isIdeal && bus.paces(beatBytes: spec.beatBytes, beatCycles: cycles)
          ? passed.last + cycles - 1 : passed.first + beats * cycles - 1
        lastBeat = max(lastBeat + beats * cycles, paced)
        lastWord = lastBeat
      }
      finished = lastBeat
      recorder.traffic.dramRead[channel] += beats * spec.beatBytes
    }
    if bus.isInOrder { bus.respond(until: finished) }
    recorder.event(.burst, open[serving].instruction, at: finished, detail: open[serving].finished)
    done[served % spec.outstanding] = finished
    served += 1
    if let until = send() { sent = until }
    open[serving].finished += 1
    guard open[serving].finished == open[serving].bursts, requesting > serving else { return }
    if !open[serving].isWrite { open[serving].movedUntil = lastBeat + 1 }
    open[serving].last = open[serving].isWrite ? finished : max(lastBeat, lastWord)
    if serving > 0, !open[serving].isWrite, !open[serving].isRepeating {
      let transfer = open[serving]
      flight.land(transfer.instruction, at: transfer.last + transfer.ending, last: transfer.last)
      open[serving].hasLanded = true
    }
    serving += 1
  }

  /// The next transfer whose end has become known.
  mutating func nextEnd(recorder: inout Recorder) -> (OpenTransfer, end: Int)? {
    guard serving > 0, !open[0].isRepeating else { return nil }
    let ended = open.removeFirst()
    requesting -= 1
    serving -= 1
    let end = max(previousEnd, ended.last + ended.ending)
    if !ended.isWrite, !ended.hasLanded { flight.land(ended.instruction, at: end, last: ended.last) }
    attribute(ended, end: end, recorder: &recorder)
    return (ended, end)
  }

  /// A word of the row that is written again.
  mutating func writeAgain(_ words: inout WordTable) {
    guard let (isWritten, cycle) = rowRepeat?.step(&words), isWritten, rowRepeat?.left == 0 else { return }
    open[0].last = max(open[0].last, cycle)
    open[0].isRepeating = false
    rowRepeat = nil
  }

  /// Puts a burst's bytes together to words of the buffer, rule D6: finds `lastBeat` and `lastWord`.
  mutating func assemble(_ burst: Burst, bus: Bus, words: inout WordTable) {
    let word = open[serving].wordBytes
    let endsRow = burst.cut.offset + burst.cut.bytes == open[serving].dram.rowBytes
    let repeats = endsRow && open[serving].repeats && open[serving].dram.rows > 1
    if let row = rowRepeat, repeats || row.buffer == open[serving].buffer {
      // Its words come behind those of the row.
      while rowRepeat != nil {
        lastWord = max(lastWord, rowRepeat?.next ?? 0)
        writeAgain(&words)
      }
    }
    let first = bus.passing(arrival: burst.arrival, beat: 0, beatBytes: spec.beatBytes)
    let ready = max(first, lastBeat + 1)
    lastBeat = max(ready, assemblerFree)
    open[serving].assembling += lastBeat - ready
    var written = 0
    for beat in 0..<burst.cut.beats {
      if beat > 0 {
        lastBeat = max(
          lastBeat + 1, bus.passing(arrival: burst.arrival, beat: beat, beatBytes: spec.beatBytes))
      }
      let here = min(burst.cut.bytes, (beat + 1) * spec.beatBytes - burst.cut.lead)
      // The end of the next word, which may have begun in an earlier burst of the row.
      while written < here {
        let offset = burst.cut.offset + written
        let end = min(burst.cut.bytes, written + word - offset % word)
        if end > here { break }
        written = end
        lastWord = max(lastWord, lastBeat) + 1
        if let path = open[serving].wordPath { words.write(open[serving].banks, at: lastWord + path) }
      }
    }
    assemblerFree = lastWord > lastBeat ? lastWord : lastWord == lastBeat ? lastBeat + 2 : lastBeat + 1
    if endsRow { rowRepeat?.yield(behind: lastWord, loadLatency: open[serving].loadLatency) }
    guard repeats else { return }
    rowRepeat = RowRepeat(open[serving], from: lastWord + 1)
    open[serving].isRepeating = true
  }

  /// "Where the cycles go", DMA channel.
  mutating func attribute(_ transfer: OpenTransfer, end: Int, recorder: inout Recorder) {
    let index = transfer.instruction
    let until = transfer.movedUntil
    var cursor = mark
    recorder.spend(until: min(previousEnd, transfer.start), on: .drain, by: index, cursor: &cursor)
    recorder.spend(until: spec.dispatch, on: .setup, by: index, cursor: &cursor)
    recorder.wait(for: transfer.arrivals, by: index, cursor: &cursor)
    recorder.spend(until: transfer.start, on: .waitPort, by: index, cursor: &cursor)
    recorder.spend(until: transfer.first, on: .setup, by: index, cursor: &cursor)
    let narrow = transfer.beats * (transfer.beatCycles - 1) + transfer.assembling
    recorder.spend(transfer.beats, on: .busy, by: index)
    recorder.spend(narrow, on: .narrow, by: index)
    recorder.spend(until - cursor - transfer.beats - narrow, on: .waitDRAM, by: index)
    mark = until
    previousEnd = end
  }

  /// Acknowledgements still to come after the last beat: `drain` of the last transfer.
  func drain(unit: Int, into recorder: inout Recorder) {
    guard let last = program.last, previousEnd > mark else { return }
    recorder.spend(previousEnd - mark, on: .drain, by: last)
  }
}

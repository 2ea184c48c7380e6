// Where an array's cycles and bytes go.
extension ArrayState {
  /// "Where the cycles go", matrix engine: the gap before the tile, condition by condition, and its stream.
  mutating func attribute(
    _ job: ArrayJob, start: Int, tile: TileBefore, steps: [ElasticStream.Step], recorder: inout Recorder
  ) {
    let index = job.instruction
    func spend(_ time: Int, _ part: Part, _ cursor: inout Int, _ recorder: inout Recorder) {
      recorder.spend(until: time, on: part, by: index, cursor: &cursor, engine: engine)
    }
    spend(before?.next ?? 0, .narrow, &cursor, &recorder)
    spend(separation, .drain, &cursor, &recorder)
    spend(issue(streaming), .waitIssue, &cursor, &recorder)
    if let loaded = loaded.first {
      recorder.wait(for: loaded.arrivals, by: index, cursor: &cursor, engine: engine)
      spend(loaded.ready, .load, &cursor, &recorder)
      spend(loaded.start, .waitPort, &cursor, &recorder)
      spend(loaded.inPlace, .load, &cursor, &recorder)
    }
    spend(flight.bound, .drain, &cursor, &recorder)
    spend(turnaround, .turnaround, &cursor, &recorder)
    spend(min(retired, tile.entry), .drain, &cursor, &recorder)
    recorder.wait(for: streamerArrivals, by: index, cursor: &cursor, engine: engine)
    spend(start, .waitPort, &cursor, &recorder)
    spend(tile.entry, .fill, &cursor, &recorder)
    if isElastic { return attribute(steps, words: tile.pace.phase + 1, by: index, recorder: &recorder) }
    recorder.spend(tile.steps, on: .busy, by: index)
    recorder.spend(tile.end - tile.entry - tile.steps, on: .narrow, by: index)
    recorder.draw(
      .busy, engine: engine, from: tile.entry, to: tile.end, interval: tile.pace.interval, phase: tile.pace.phase)
    cursor = tile.end
  }

  /// The same of an elastic engine's steps.
  private mutating func attribute(
    _ steps: [ElasticStream.Step], words: Int, by index: Int, recorder: inout Recorder
  ) {
    for step in steps {
      recorder.spend(until: step.pace, on: .narrow, by: index, cursor: &cursor, engine: engine)
      recorder.spend(until: step.turnaround, on: .turnaround, by: index, cursor: &cursor, engine: engine)
      recorder.spend(until: step.results, on: .waitResults, by: index, cursor: &cursor, engine: engine)
      recorder.spend(until: step.offer, on: .waitOffer, by: index, cursor: &cursor, engine: engine)
      recorder.spend(1, on: .busy, by: index)
      recorder.spend(words - 1, on: .narrow, by: index)
      recorder.draw(.busy, engine: engine, from: cursor, to: step.entry + 1, interval: words)
      cursor = step.entry + 1
    }
  }

  /// Work and bytes of one tile.
  @inline(__always) func count(_ job: ArrayJob, rows: Int, columns: Int, recorder: inout Recorder) {
    let streamed = streaming.streamed(of: job)
    recorder.macs[engine] += rows * columns * streamed
    recorder.traffic.bufferRead[job.streamedBuffer] += rows * streamed * (job.pixelsInRow > 0 ? columns : 1)
    if job.outputStationary { recorder.traffic.bufferRead[job.stationaryBuffer] += streamed * columns }
    let results = 4 * columns * (job.outputStationary ? rows : streamed)
    recorder.traffic.bufferWritten[job.outputBuffer] += results
    if job.accumulate || (!job.outputStationary && streaming.inner > 0) {
      recorder.traffic.bufferRead[job.outputBuffer] += results
    }
  }

  /// The last results leave: `drain` of the last instruction.
  func drain(into recorder: inout Recorder) {
    guard let last = jobs.last, constants.spec.streams == nil else { return }
    var cursor = cursor
    recorder.spend(until: retired, on: .drain, by: last.instruction, cursor: &cursor, engine: engine)
  }
}

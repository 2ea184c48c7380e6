// An engine that loads and streams in lock step (rules M24 and M25).
extension ArrayState {
  /// Rule M25: the first cycle from `time` on in which the results of an output-stationary engine in lock step aren't being
  /// flushed out of its array.
  func unflushed(_ time: Int) -> Int {
    guard flushes, let before else { return time }
    var free = before.read
    while free < time, free < retired {
      free = max(free + constants.spec.edgeRegisters, before.end) + constants.spec.rows
    }
    return max(free, time)
  }

  /// The claims of the stream that starts in cycle `now` and of the next tile's load, if that goes beside it as far as all but
  /// ports are concerned: rule M24.
  func claimsBeside(at now: Int, tokens: TokenTable) -> Claims? {
    var next = streaming
    next.advance(over: jobs[streaming.job])
    guard loading.job < jobs.count, next.number == loading.number, issue(loading) <= now else { return nil }
    let job = jobs[loading.job]
    guard now + job.loadDepth >= loadBefore.end else { return nil }
    if loading.tile == 0 {
      let arrivals = tokens.visible(job.instruction, slots: loaderSlots)
      guard let arrivals, arrivals.latest <= now else { return nil }
    }
    var claims = jobs[streaming.job].streamer
    claims.add(job.loader.banks(0), role: job.besideRole)
    return claims
  }

  /// Whether the first row of a load that starts with the stream in cycle `now` comes no sooner than the swap of the tile that
  /// streams: rules M3 and M24.
  func mayLoadBeside(share: Int) -> Bool {
    let (job, next) = (jobs[streaming.job], jobs[loading.job])
    if job.outputStationary { return true }
    let pace = pace(job, streaming, share: share)
    return next.loadDepth + loadShape(next).interval * share - 1 >= job.inputDepth + pace.phase + overtake
  }
}

// What the engine does when an array's ports are granted.
extension EventEngine {
  mutating func startLoad(_ engine: Int) {
    let agent = agents.loader(engine)
    let claims = arrays[engine].loaderClaims
    let release = arrays[engine].load(at: now, ready: ready[agent], tokens: &tokens, recorder: &recorder)
    ports.claim(agent: agent, role: claims.role.0, banks: claims.banks(0), until: release)
    acted(agent)
    arm(agents.streamer(engine))
    if accelerator.engines[engine].tilesAhead > 1 { arm(agent) }
  }

  /// A cycle of an engine that reads row by row.
  mutating func readRow(_ engine: Int) {
    let agent = agents.streamer(engine)
    let ended = arrays[engine].readRow(
      at: now, words: &ports.words, results: &ports.results, tokens: &tokens, recorder: &recorder)
    acted(agent)
    if let ended {
      recorder.read(ended.instruction, at: now + 1)
      post(of: ended.instruction, at: now + 1, whenRead: true)
      finish(ended.instruction, end: ended.at)
    }
    arm(agent)
  }

  mutating func startStream(_ engine: Int) {
    let agent = agents.streamer(engine)
    var beside: (claims: Claims, share: Int)?
    if accelerator.engines[engine].lockStep, let claims = arrays[engine].claimsBeside(at: now, tokens: tokens),
      ports.retry(agent: agent, claims: claims, at: now) <= now
    {
      let share = ports.map.share(claims)
      if arrays[engine].mayLoadBeside(share: share) { beside = (claims, share) }
    }
    let stream = arrays[engine].stream(at: now, beside: beside?.share, tokens: &tokens, recorder: &recorder)
    let results = stream.claims.count - 1
    for index in 0..<stream.claims.count {
      ports.claim(
        agent: agent, role: stream.claims.role(index), banks: stream.claims.banks(index),
        until: index == results ? stream.resultsUntil : stream.operandsUntil)
    }
    if let beside {
      let release = arrays[engine].load(
        at: now, ready: now, beside: beside.share, tokens: &tokens, recorder: &recorder)
      let last = beside.claims.count - 1
      ports.claim(
        agent: agent, role: beside.claims.role(last), banks: beside.claims.banks(last), until: release)
    }
    acted(agent)
    if let ended = stream.ended { finish(ended.instruction, end: ended.at) }
    arm(agents.loader(engine))
    arm(agent)
  }
}

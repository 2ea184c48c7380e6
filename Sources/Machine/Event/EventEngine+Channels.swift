import Hardware
import Schedule

extension Operation {
  fileprivate var transfer: (transfer: Transfer, isWrite: Bool)? {
    switch self {
    case .load(let transfer): (transfer, false)
    case .store(let transfer): (transfer, true)
    case .matmul, .vector: nil
    }
  }
}

extension EventEngine {
  /// Rule D2 but for the port.
  mutating func channelReady(_ channel: Int) -> Int? {
    guard let head = channels[channel].head, let (_, isWrite) = schedule.instructions[head].operation.transfer,
      let free = channels[channel].free(forWrite: isWrite),
      let arrivals = tokens.visible(head, slots: .start)
    else { return nil }
    channels[channel].arrivals = arrivals
    return max(free, arrivals.latest)
  }

  func channelClaims(_ channel: Int) -> Claims {
    var claims = Claims()
    if let head = channels[channel].head, let (transfer, _) = schedule.instructions[head].operation.transfer,
      !ports.isByWord[transfer.region.buffer]
    {
      claims.add(ports.map.banks(of: transfer.region), role: 0)
    }
    return claims
  }

  mutating func startTransfer(_ channel: Int) {
    guard let head = channels[channel].head, let (transfer, isWrite) = schedule.instructions[head].operation.transfer
    else { return }
    let buffer = accelerator.buffers[transfer.region.buffer]
    let spec = accelerator.channels[channel]
    let banks = ports.map.banks(of: transfer.region)
    let agent = agents.channel(channel)
    tokens.take(head, slots: .start)
    recorder.start(head, at: now)
    if isWrite {
      recorder.traffic.bufferRead[transfer.region.buffer] += transfer.region.bytes
    } else {
      recorder.traffic.bufferWritten[transfer.region.buffer] += transfer.region.bytes
    }
    let isByWord = ports.isByWord[transfer.region.buffer]
    if !isByWord { ports.claim(agent: agent, role: 0, banks: banks, until: .max) }
    channels[channel].begin(
      OpenTransfer(
        instruction: head, isWrite: isWrite, dram: transfer.dram, arrivals: channels[channel].arrivals, start: now,
        first: now + spec.setup + (isWrite ? buffer.latency : 0),
        beatCycles: spec.assembly ? 1 : max(1, ceil(spec.beatBytes, buffer.wordBytes)), wordBytes: buffer.wordBytes,
        ending: spec.completion + (isWrite ? 0 : buffer.loadLatency), buffer: transfer.region.buffer,
        loadLatency: buffer.loadLatency, banks: banks,
        isByWord: isByWord, gathers: isByWord && isWrite && spec.assembly,
        rowWords: ceil(transfer.dram.rowBytes * spec.narrowing, buffer.wordBytes),
        landsWhenRead: isByWord && isWrite && spec.assembly && spec.readCompletion > 0,
        wordPath: isByWord && !isWrite ? 1 + spec.writePath + buffer.loadLatency : nil,
        repeats: !isWrite && spec.assembly && transfer.dram.stride == 0))
    acted(agent)
    request(channel)
  }

  /// Requests what the channel may request, or finds when it may ask for the shared way (rule R6).
  private mutating func request(_ channel: Int) {
    if let free = channels[channel].advance(acknowledging: acknowledging(channel)) { requestsFree = free }
    while !accelerator.dram.sharesRequests, let time = channels[channel].nextRequest {
      request(channel, at: time)
    }
    if accelerator.dram.sharesRequests { requests[channel] = channels[channel].nextRequest ?? .max }
    gathers[channel] = channels[channel].gather.next(accelerator.channels[channel]) ?? .max
    arrivals[channel] = channels[channel].nextArrival ?? .max
    arm(agents.channel(channel))
  }

  private mutating func request(_ channel: Int, at time: Int) {
    requestsFree = channels[channel].request(
      at: time, latency: bus.latency, acknowledging: acknowledging(channel), recorder: &recorder)
  }

  private func acknowledging(_ channel: Int) -> Int {
    bus.isInOrder ? accelerator.channels[channel].acknowledgement ?? bus.latency : 0
  }

  /// Rule R6: the channel whose request is next on the shared way, and when.
  func nextRequest() -> (channel: Int, time: Int) {
    var next = (channel: -1, time: Int.max)
    for offset in 1...channels.count {
      let channel = (lastRequest + offset) % channels.count
      let time = max(requests[channel], requestsFree)
      if requests[channel] < .max, time < next.time { next = (channel, time) }
    }
    return next
  }

  mutating func grantRequest(of channel: Int) {
    lastRequest = channel
    request(channel, at: now)
    request(channel)
  }

  /// A word of a store may be read (rule D9).
  mutating func gatherWord(of channel: Int) {
    let spec = accelerator.channels[channel]
    let (isRead, ended) = channels[channel].gather.read(at: now, results: &ports.results, spec: spec)
    guard isRead else {
      gathers[channel] = now + 1
      return
    }
    if let ended {
      channels[channel].land(ended, at: now + spec.readCompletion)
      recorder.read(ended, at: now + spec.readCompletion)
      post(of: ended, at: now + spec.readCompletion, whenRead: false)
    }
    request(channel)
  }

  mutating func serveBurst(of channel: Int) {
    channels[channel].serve(
      at: now, bus: &bus, channel: channel, words: &ports.words, sent: &requestsFree, recorder: &recorder)
    while let (transfer, end) = channels[channel].nextEnd(recorder: &recorder) {
      let agent = agents.channel(channel)
      let isByWord = transfer.isByWord
      for bank in transfer.banks where !isByWord && !channels[channel].open.contains(where: { $0.banks.contains(bank) })
      {
        ports.settle(agent: agent, role: 0, banks: bank...bank, until: end)
      }
      released(at: end)
      finish(transfer.instruction, end: end, posts: !transfer.landsWhenRead)
    }
    request(channel)
  }
}
